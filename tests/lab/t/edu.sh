#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device edu --timeout 300
# The tutorial's driver, compiled from the page that explains it, drives the edu device.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
PATH=$LAB_BUILD/bin:$LAB_BUILD/tests:$PATH

insmod "$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko"

works() { # PROGRAM [DECORATOR]
	local said
	said=$("$1" "${2-}$LAB_EDU")
	printf '%s\n' "$said"
	expect_equal "what $1 says" $'10! = 3628800\nby DMA, there and back' "$said"
	wait_for grep -qx 0 /sys/class/uldf/pinned_bytes
}

step 'what a newcomer meets first'
expect_fail "open \(-19\): device $LAB_EDU: not claimed: uldfctl claim $LAB_EDU" lab-tutorial "$LAB_EDU"
uldfctl claim "$LAB_EDU"

step 'the code on the page'
works lab-tutorial
step 'the program of the same source'
works uldf-edu
works uldf-edu

step 'the commands on the page'
libuldf/drivers/edu/extract libuldf/drivers/edu/README.md >/run/edu.c
build=$(sed -n 's/^    \(gcc -g edu.c -Ilibuldf.*\)/\1/p' libuldf/drivers/edu/README.md)
build=${build//build\//$LAB_BUILD/}
(eval "${build/edu.c//run/edu.c} -o /run/edu")
works /run/edu

step 'a run that ended badly leaves nothing that the next one minds'
# With this seed the second interrupt is lost, whose cause is not that of the next run's first.
expect_fail 'no interrupt: CAUSE is 0x100' uldf-edu "fault=2,lost=500:$LAB_EDU"
works uldf-edu

step 'its mistakes'
works uldf-edu check=/run/findings:
[[ ! -s /run/findings ]] || fail "found: $(cat /run/findings)"

step 'recorded, and played back without a device'
works uldf-edu record=/run/edu.trace:
uldfctl release "$LAB_EDU"
rmmod uldf
expect_equal 'what it says' $'10! = 3628800\nby DMA, there and back' "$(uldf-edu replay:/run/edu.trace)"
