#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device nvme-hotplug --device edu-hotplug
# A device behind a root port is pulled and put back through QEMU's monitor, from inside the host.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"

present() { [[ -e /sys/bus/pci/devices/$1 ]]; }
absent() { ! present "$1"; }

for device in "$LAB_NVME_HOTPLUG" "$LAB_EDU_HOTPLUG"; do
	present "$device" || fail "$device is not there"
done

step "edu is pulled and put back"
lab-monitor 'device_del edu-hotplug'
wait_for absent "$LAB_EDU_HOTPLUG"
lab-monitor 'device_add edu,id=edu-hotplug,bus=slot-edu'
wait_for present "$LAB_EDU_HOTPLUG"

step "an NVMe disk is pulled while its driver holds it"
modprobe nvme
wait_for disk_of "$LAB_NVME_HOTPLUG"
lab-monitor 'device_del nvme-hotplug'
wait_for absent "$LAB_NVME_HOTPLUG"

step "the monitor's errors reach the caller"
expect_fail "not found" lab-monitor 'device_del nonesuch'
