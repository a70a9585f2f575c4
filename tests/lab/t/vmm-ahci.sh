#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ahci --timeout 240
# A guest drives a SATA disk by MSI, and the host finds on it what the guest wrote.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"

cat >/run/ahci.sh <<'END'
set -eu
i=0
until [ -b /dev/sda ]; do
	i=$((i + 1))
	[ $i -lt 200 ]
	usleep 100000
done
interrupts() { grep 'PCI-MSI.*ahci' /proc/interrupts | awk '{ print $2 + $3 }'; }
before=$(interrupts)
mount -t ext4 /dev/sda /mnt
cd /mnt
sha256sum -c SHA256SUMS
echo 3 >/proc/sys/vm/drop_caches
sha256sum -c SHA256SUMS
dd if=/dev/urandom of=written bs=64k count=48 conv=fsync 2>/dev/null
sha256sum written >written.sum
echo "guest: wrote $(cut -c 1-64 written.sum)"
cd /
umount /mnt
after=$(interrupts)
grep ahci /proc/interrupts
echo "guest: took $((after - before)) messages"
[ $((after - before)) -gt 20 ]
lspci -vv -d ::0106 | grep -q 'MSI: Enable+'
echo 'guest: used MSI'
END
"$LAB_FILES/guest-initrd" --module ahci --script /run/ahci.sh /run/ahci.img

modprobe_kvm
modprobe -a sd_mod ahci
load_uldf
wait_for 10 disk_of "$LAB_AHCI"
for cpus in 1 2; do
	step "A SATA disk in a guest with $cpus processors"
	uldfctl claim --unbind "$LAB_AHCI"
	guest_works "ahci$cpus" /run/ahci.img '' --cpus "$cpus" --device "$LAB_AHCI"
	guest_said "ahci$cpus" 'guest: used MSI'
	grep '^guest: took' "$LAB_OUT/guest-ahci$cpus.log"
	nothing_is_pinned
	uldfctl release "$LAB_AHCI"
	wait_for 20 disk_of "$LAB_AHCI"
	disk=$(disk_of "$LAB_AHCI")
	e2fsck -fn "$disk" >/dev/null || fail 'the file system is not clean'
	mount "$disk" /mnt
	(cd /mnt && sha256sum -c SHA256SUMS written.sum)
	guest_said "ahci$cpus" "guest: wrote $(sha256sum </mnt/written | head -c 64)"
	umount /mnt
done
rmmod uldf
