#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device bigbar --device nvme --timeout 400
# Regions: a BAR of 1 GiB is seen after few faults, and region files have several parts.
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
rmmod uldf
