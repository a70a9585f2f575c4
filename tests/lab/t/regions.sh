#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device bigbar --device nvme --device e1000e --timeout 400
# Regions: a BAR of 1 GiB is seen after few faults, and region files have several parts; what a holder has of
# configuration space by way of the kernel.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
program=$LAB_BUILD/tests/lab-ioctl
log=$LAB_OUT/ioctl.log

suite() { # NAME ADDRESS
	step "$1 on $2"
	if ! "$program" "$1" "$2" >"$log" 2>&1; then
		cat "$log"
		fail "$1 on $2"
	fi
	printf '   %d checks\n' "$(grep -c '^ok' "$log")"
	grep faults "$log" || :
}

load_uldf
suite bigbar "$LAB_BIGBAR"
suite areas "$LAB_NVME"

step 'what no device of QEMU has'
rmmod uldf
insmod "$LAB_BUILD/lab-kmod/$LAB_RELEASE/lab_config.ko" "address=$LAB_E1000E"
echo 1 >"/sys/bus/pci/devices/$LAB_E1000E/remove"
echo 1 >/sys/bus/pci/rescan
wait_for test -e "/sys/bus/pci/devices/$LAB_E1000E/vpd"
load_uldf
suite vpd "$LAB_E1000E"
suite requests "$LAB_E1000E"
rmmod uldf
rmmod lab_config
