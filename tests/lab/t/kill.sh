#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --device e1000e --append hugepages=110 --pass KILLS --timeout 4000
# A VMM killed while its guest does disk and network I/O leaves nothing behind, so many times (KILLS).
# shellcheck source=tests/lab/kill.sh
. "$LAB_FILES/kill.sh"

# shellcheck disable=SC2034 # kill.sh reads it; only memory in a file can be looked at when its VMM is gone
guest_options=(--hugepages)
kill_prepare
kill_guests
rmmod uldf
