#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device nvme --timeout 900
# A guest drives an NVMe disk by MSI-X, and the host finds on it what the guest wrote.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
# shellcheck source=tests/lab/disk.sh
. "$LAB_FILES/disk.sh"

disk_guest /dev/nvme0n1 'PCI-MSI.*nvme0q' <<'END'
# The admin queue and one for each processor.
[ "$(grep -c 'PCI-MSI.*nvme0q' /proc/interrupts)" -gt "$(nproc)" ]
lspci -vv -d ::0108 | grep 'MSI-X: Enable+'
END
modprobe_kvm
modprobe nvme
load_uldf
disk_in_guests "$LAB_NVME" slot=9
rmmod uldf
