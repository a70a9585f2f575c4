#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device edu --timeout 120
# A program drives the edu device through libuldf: regions, interrupts, DMA, and what is refused.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
PATH=$LAB_BUILD/bin:$LAB_BUILD/tests:$PATH

step 'without the module'
expect_fail 'uldf.ko is not loaded: modprobe uldf' lab-libuldf all "$LAB_EDU"
load_uldf

step 'before the claim'
expect_fail "device $LAB_EDU: not claimed: uldfctl claim $LAB_EDU" lab-libuldf all "$LAB_EDU"
uldfctl claim "$LAB_EDU"

lab-libuldf all "$LAB_EDU"
setpriv --inh-caps=-ipc_lock --bounding-set=-ipc_lock lab-libuldf limit "$LAB_EDU"

step 'after all of it'
nothing_is_pinned
uldfctl release "$LAB_EDU"
