#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device igb --append iommu=pt --smp 2 --memory 2000 --timeout 400
# Virtual functions on a host whose IOMMU lets devices pass: nobody but their claims has their DMA, from birth on.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
program=$LAB_BUILD/tests/lab-ioctl
log=$LAB_OUT/ioctl.log

load_uldf
modprobe -a igbvf uio_pci_generic pci-pf-stub
expect_equal 'the default domain of the card' identity \
	"$(cat "/sys/bus/pci/devices/$LAB_IGB/iommu_group/type")"
suite() { # NAME
	step "$1 on $LAB_IGB"
	"$program" "$1" "$LAB_IGB" >"$log" 2>&1 || { cat "$log"; fail "$1"; }
	printf '   %d checks\n' "$(grep -c '^ok' "$log")"
}

suite functions
# Holds up who takes a reference to an IOMMU group, so that the group's last device goes meanwhile.
insmod "$LAB_BUILD/lab-kmod/$LAB_RELEASE/lab_delay.ko"
suite going
held_up=$(cat /sys/module/lab_delay/parameters/count)
((held_up >= 8)) || fail "lab_delay held up $held_up references"
rmmod lab_delay uldf
