#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --pass REPLAYS --timeout 800
# The IDE driver's sessions on hardware, recorded, give the same data again and again on a host without the
# device, under load and valgrind, too; the driver makes no mistakes.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/session.sh
. "$LAB_FILES/session.sh"

insmod "$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko"
uldfctl claim "$LAB_IDE"
for way in interrupt -p -c; do
	session_disk record "$LAB_IDE" "$way"
done
for way in -p -c; do
	cmp /run/session.interrupt "/run/session.$way" || fail "by interrupt and $way differ"
done
expect_equal 'pinned bytes' 0 "$(cat /sys/class/uldf/pinned_bytes)"

step 'what was read is what the disk holds'
uldfctl release "$LAB_IDE"
rmmod uldf
modprobe ata_piix
wait_for disk_of "$LAB_IDE"
session_expect "$(disk_of "$LAB_IDE")" /run/session.interrupt

for way in interrupt -p -c; do
	session_disk replay "$way"
done
