#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --device e1000e --append hugepages=110 --pass KILLS --timeout 4000
# A VMM killed while its guest does disk and network I/O leaves nothing behind, so many times (KILLS).
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
# shellcheck source=tests/lab/kill.sh
. "$LAB_FILES/kill.sh"

step 'Claiming the devices, with frames coming in on the wire'
modprobe_kvm
load_uldf
# shellcheck disable=SC2034 # kill.sh reads it; only memory in a file can be looked at when its VMM is gone
guest_options=(--hugepages)
kill_prepare
kill_guests "${KILLS:-6}"
rmmod uldf
