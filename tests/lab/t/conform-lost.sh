#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device edu-hotplug --device rng --timeout 400
# lab: --allow 'AER: .*error message received' --allow 'PCIe Bus Error: ' --allow 'AER: can.t recover'
# lab: --allow 'unlocked secondary bus reset via'
# Whoever holds a device by a backend of libuldf is told when it is pulled, or when the bus reports an error of
# it, and none of the calls that follow hangs. (Newer kernels' vfio-pci resets a bus without locking its bridge.)
# shellcheck source=tests/lab/conform.sh
. "$LAB_FILES/conform.sh"
log=$LAB_OUT/conform.log

present() { [[ -e /sys/bus/pci/devices/$1 ]]; }
absent() { ! present "$1"; }

loses() { # removed|error BACKEND ADDRESS MONITOR-COMMAND
	lab-conform iommu "$1" "$2:$3" >"$log" 2>&1 &
	wait_for grep -q ready "$log"
	lab-monitor "$4"
	wait $! || { cat "$log"; fail "$1 by $2"; }
	cat "$log"
}

driver_unbind "$LAB_RNG"
for backend in kmod vfio uio; do
	step "$backend: pulled"
	conform_load "$backend"
	conform_bind "$backend" "$LAB_EDU_HOTPLUG"
	loses removed "$backend" "$LAB_EDU_HOTPLUG" 'device_del edu-hotplug'
	wait_for absent "$LAB_EDU_HOTPLUG"
	lab-monitor 'device_add edu,id=edu-hotplug,bus=slot-edu'
	wait_for present "$LAB_EDU_HOTPLUG"
done

# uio_pci_generic hears of no errors.
for backend in kmod vfio; do
	for error in COMP_TIME MALF_TLP; do
		step "$backend: $error"
		conform_bind "$backend" "$LAB_RNG"
		loses error "$backend" "$LAB_RNG" "pcie_aer_inject_error rng $error"
		conform_unbind "$backend" "$LAB_RNG"
	done
done
conform_pinned_nothing
