#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device edu --smp 1 --timeout 300
# lab: --allow 'DMAR: DRHD: handling fault status' --allow 'DMAR: \[DMA Write .*\[(0000:)?00:09.0\] fault addr 0x(3000000|4000000|5000000) '
# An edu device is made to write what is mapped for reading only, and what is mapped no more: it reaches neither,
# and the IOMMU reports both. A process hears of such accesses, and of the mapping that each one missed.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"

load_uldf
step "fault on $LAB_EDU"
"$LAB_BUILD/tests/lab-ioctl" fault "$LAB_EDU" >"$LAB_OUT/ioctl.log" 2>&1 || { cat "$LAB_OUT/ioctl.log"; fail fault; }
printf '   %d checks\n' "$(grep -c '^ok' "$LAB_OUT/ioctl.log")"
expect_equal 'faults reported' 2 "$(dmesg | grep -c 'fault addr 0x3000000')"
step "What was refused is told"
"$LAB_BUILD/bin/uldfctl" claim "$LAB_EDU"
sleep 6 # the kernel tells three faults in five seconds
"$LAB_BUILD/tests/lab-refused" "$LAB_EDU" | tee "$LAB_OUT/refused.log"
expect_equal 'accesses told' 3 "$(grep -c '^told: ' "$LAB_OUT/refused.log")"
"$LAB_BUILD/bin/uldfctl" release "$LAB_EDU"
rmmod uldf
