#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --device edu --icount --timeout 120
# What the paths a driver takes all the time cost, in instructions: no more than was promised.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
PATH=$LAB_BUILD/bin:$LAB_BUILD/tests:$PATH

insmod "$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko"
uldfctl claim "$LAB_IDE" "$LAB_EDU"
lab-cost "$LAB_IDE" "$LAB_EDU" | tee "$LAB_OUT/cost"

cost() { # NAME
	awk -v name="$1" '$1 == name { print $2; found = 1 } END { exit !found }' "$LAB_OUT/cost"
}

at_most() { # LIMIT NAME
	local found
	found=$(cost "$2") || fail "no figure for $2"
	((found <= $1)) || fail "$2 takes $found instructions, $1 were promised"
}

at_most 900 config-pread
at_most $(($(cost ide-issue) / 4)) ide-issue-batch
at_most 1500 raise-eventfd
at_most 700 raise-shared
uldfctl release "$LAB_IDE" "$LAB_EDU"
