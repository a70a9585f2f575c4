#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device nvme --timeout 400
# Regions: files that can map several parts of one.
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

load_uldf
suite areas "$LAB_NVME"
rmmod uldf
