#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device edu --device edu-hotplug --smp 2 --append preempt=full --timeout 300
# A device whose interrupt is pending disturbs nobody on its line while it is claimed: each interrupt has a handler.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"

# How often a handler of the line said that an interrupt was its own.
handled() { # LINE
	grep -c "irq_handler_exit: irq=$1 ret=handled" /sys/kernel/tracing/trace || :
}

load_uldf
mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
handlers=/sys/kernel/tracing/events/irq/irq_handler_exit
echo 'ret == 1' >"$handlers/filter"
echo 1 >"$handlers/enable"
"$LAB_BUILD/tests/lab-ioctl" line "$LAB_EDU" | tee /run/said
line=$(sed -nE 's/^line ([0-9]+): .*/\1/p' /run/said)
came=$(sed -nE 's/^line .* ([0-9]+) interrupts$/\1/p' /run/said) taken=$(handled "$line")
step "line $line: $came interrupts came, $taken were handled"
# A kernel that looks for its own mistakes claims a few times only.
claims=$(sed -nE 's/^line .*: ([0-9]+) claims, .*/\1/p' /run/said)
((came || claims < 50)) || fail 'none came'
expect_equal 'interrupts that nobody handled' 0 $((came - taken))
rmmod uldf
