#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ahci --timeout 900
# A guest drives a SATA disk by MSI, and the host finds on it what the guest wrote.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
# shellcheck source=tests/lab/disk.sh
. "$LAB_FILES/disk.sh"

disk_guest /dev/sda 'PCI-MSI.*ahci' --module ahci <<'END'
lspci -vv -d ::0106 | grep 'MSI: Enable+'
END
modprobe_kvm
modprobe -a sd_mod ahci
load_uldf
disk_in_guests "$LAB_AHCI"
rmmod uldf
