#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --timeout 900
# A guest drives the compatibility-mode IDE controller by bus-master DMA: it reads and writes its disk, and
# the host finds on it what the guest wrote.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
# shellcheck source=tests/lab/disk.sh
. "$LAB_FILES/disk.sh"

disk_guest /dev/sda '^ *14:' <<'END'
mode=$(cat /sys/class/ata_device/dev1.0/dma_mode)
echo "guest: uses $mode"
case $mode in *DMA*) ;; *) false ;; esac
END
modprobe_kvm
modprobe ata_piix
load_uldf
disk_in_guests "$LAB_IDE"
rmmod uldf
