#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --timeout 240
# A guest drives the compatibility-mode IDE controller by bus-master DMA: it reads and writes its disk, and
# the host finds on it what the guest wrote.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"

cat >/run/ide.sh <<'END'
set -eu
i=0
until [ -b /dev/sda ]; do
	i=$((i + 1))
	[ $i -lt 200 ]
	usleep 100000
done
dmesg | grep -E ' ata1[.:]'
mode=$(cat /sys/class/ata_device/dev1.0/dma_mode)
echo "guest: uses $mode"
case $mode in *DMA*) ;; *) false ;; esac
interrupts() { grep -w 14: /proc/interrupts | awk '{ print $2 + $3 }'; }
before=$(interrupts)
mount -t ext4 /dev/sda /mnt
cd /mnt
sha256sum -c SHA256SUMS
# Once more, from the disk and not from memory.
echo 3 >/proc/sys/vm/drop_caches
sha256sum -c SHA256SUMS
dd if=/dev/urandom of=written bs=64k count=48 conv=fsync 2>/dev/null
sha256sum written >written.sum
echo "guest: wrote $(cut -c 1-64 written.sum)"
cd /
umount /mnt
after=$(interrupts)
grep ata_piix /proc/interrupts
echo "guest: took $((after - before)) interrupts"
[ $((after - before)) -gt 20 ]
END
"$LAB_FILES/guest-initrd" --script /run/ide.sh /run/ide.img

check_disk() { # NAME
	local disk
	wait_for 20 disk_of "$LAB_IDE"
	disk=$(disk_of "$LAB_IDE")
	e2fsck -fn "$disk" >/dev/null || fail 'the file system is not clean'
	mount "$disk" /mnt
	(cd /mnt && sha256sum -c SHA256SUMS written.sum)
	guest_said "$1" "guest: wrote $(sha256sum </mnt/written | head -c 64)"
	rm /mnt/written /mnt/written.sum
	umount /mnt
}

modprobe_kvm
modprobe ata_piix
load_uldf
wait_for 10 disk_of "$LAB_IDE"
for cpus in 1 2; do
	step "An IDE disk in a guest with $cpus processors"
	uldfctl claim --unbind "$LAB_IDE"
	guest_works "ide$cpus" /run/ide.img '' --cpus "$cpus" --device "$LAB_IDE"
	grep '^guest:' "$LAB_OUT/guest-ide$cpus.log"
	nothing_is_pinned
	uldfctl release "$LAB_IDE"
	check_disk "ide$cpus"
done
rmmod uldf
