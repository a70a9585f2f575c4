#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --timeout 900
# A guest drives the compatibility-mode IDE controller by bus-master DMA: it reads and writes its disk, and
# the host finds on it what the guest wrote. Removed and found anew, with BARs where the guest puts them, it works on.
# KVM knows of it, although it has no vectors.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
# shellcheck source=tests/lab/disk.sh
. "$LAB_FILES/disk.sh"

disk_guest /dev/sda '^ *14:' <<'END'
ide_by_dma

echo 'guest: removes the controller, and finds it again'
slot=$(lspci -n | sed -n 's/ 0101: .*//p')
echo 1 >"/sys/bus/pci/devices/0000:$slot/remove"
! [ -b "$disk" ]
echo 1 >/sys/bus/pci/rescan
await [ -b "$disk" ]
lspci -v -s "$slot"
ide_by_dma
mount -t ext4 "$disk" /mnt
cd /mnt
sha256sum -c SHA256SUMS
cd /
umount /mnt
END
modprobe_kvm
load_uldf
calls_noted kvm_arch_{start,end}_assignment
step 'Machines of KVM, and what is none'
"$LAB_BUILD/tests/lab-ioctl" guest "$LAB_IDE"
modprobe ata_piix
disk_in_guests "$LAB_IDE"
# the program begins six
kvm_knew_of_devices 8
rmmod uldf
