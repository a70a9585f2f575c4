#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device e1000e --pass REPLAYS --timeout 500
# The network card's session on hardware, recorded, gives the same frames again and again on a host without the
# device, under load and valgrind, too; the driver makes no mistakes.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/session.sh
. "$LAB_FILES/session.sh"

insmod "$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko"
uldfctl claim "$LAB_E1000E"
session_record "$LAB_E1000E" wire lab-wire DEVICE "$LAB_WIRE_ADDRESS"
expect_equal 'bytes of the answers' $((3 * 42)) "$(stat -c %s /run/session.wire)"
expect_equal 'pinned bytes' 0 "$(cat /sys/class/uldf/pinned_bytes)"
uldfctl release "$LAB_E1000E"
rmmod uldf
session_replay wire lab-wire DEVICE "$LAB_WIRE_ADDRESS"
