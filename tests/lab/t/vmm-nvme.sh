#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device nvme --timeout 240
# A guest drives an NVMe disk by MSI-X, and the host finds on it what the guest wrote.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"

cat >/run/nvme.sh <<'END'
set -eu
i=0
until [ -b /dev/nvme0n1 ]; do
	i=$((i + 1))
	[ $i -lt 200 ]
	usleep 100000
done
mount -t ext4 /dev/nvme0n1 /mnt
cd /mnt
sha256sum -c SHA256SUMS
echo 3 >/proc/sys/vm/drop_caches
sha256sum -c SHA256SUMS
dd if=/dev/urandom of=written bs=64k count=48 conv=fsync 2>/dev/null
sha256sum written >written.sum
echo "guest: wrote $(cut -c 1-64 written.sum)"
cd /
umount /mnt
grep nvme0q /proc/interrupts
# The admin queue and one for each processor.
[ "$(grep -c 'PCI-MSI.*nvme0q' /proc/interrupts)" -gt "$(nproc)" ]
echo 'guest: used MSI-X'
END
"$LAB_FILES/guest-initrd" --script /run/nvme.sh /run/nvme.img

modprobe_kvm
modprobe nvme
load_uldf
wait_for 10 disk_of "$LAB_NVME"
for cpus in 1 2; do
	step "An NVMe disk in a guest with $cpus processors"
	uldfctl claim --unbind "$LAB_NVME"
	guest_works "nvme$cpus" /run/nvme.img '' --cpus "$cpus" --device "$LAB_NVME,slot=9"
	guest_said "nvme$cpus" 'guest: used MSI-X'
	nothing_is_pinned
	uldfctl release "$LAB_NVME"
	wait_for 20 disk_of "$LAB_NVME"
	disk=$(disk_of "$LAB_NVME")
	e2fsck -fn "$disk" >/dev/null || fail 'the file system is not clean'
	mount "$disk" /mnt
	(cd /mnt && sha256sum -c SHA256SUMS written.sum)
	guest_said "nvme$cpus" "guest: wrote $(sha256sum </mnt/written | head -c 64)"
	umount /mnt
done
rmmod uldf
