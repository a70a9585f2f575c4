#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device nvme,msix_qsize=2048 --device e1000e --device edu --device edu-hotplug --timeout 400
# What a driver does with a claimed device, through bare system calls: batches, counts, more vectors than the
# host has, events, power states.
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
}

# Runs a suite that says when it is ready for the command of the monitor.
suite_with() { # NAME ADDRESS COMMAND
	step "$1 on $2: $3"
	"$program" "$1" "$2" >"$log" 2>&1 &
	wait_for grep -q ready "$log"
	lab-monitor "$3"
	wait $! || { cat "$log"; fail "$1 on $2"; }
	printf '   %d checks\n' "$(grep -c '^ok' "$log")"
}

insmod "$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko"
suite io "$LAB_EDU"
suite shared "$LAB_EDU"
suite messages "$LAB_NVME"
suite events "$LAB_EDU"
suite power "$LAB_E1000E"

suite_with unplug "$LAB_EDU_HOTPLUG" 'device_del edu-hotplug'
rmmod uldf
