#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --timeout 60
# The IDE driver's session on hardware, recorded, gives the same data on a host without the device; the driver makes no
# mistakes.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
PATH=$LAB_BUILD/bin:$LAB_BUILD/tests:$PATH

insmod "$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko"
uldfctl claim "$LAB_IDE"

step 'on hardware, recorded and checked'
lab-session "record=/run/ide.trace:check=/run/mistakes:$LAB_IDE" >/run/hardware
cp /run/ide.trace "$LAB_OUT/"
expect_equal 'bytes read' $((194 * 512)) "$(stat -c %s /run/hardware)"
expect_equal 'mistakes' '' "$(cat /run/mistakes)"
expect_equal 'pinned bytes' 0 "$(cat /sys/class/uldf/pinned_bytes)"

step 'what was read is what the disk holds'
uldfctl release "$LAB_IDE"
rmmod uldf
modprobe ata_piix
wait_for 10 disk_of "$LAB_IDE"
disk=$(disk_of "$LAB_IDE")
{
	dd if="$disk" bs=512 count=128
	dd if="$disk" bs=512 skip=1000 count=1
	dd if="$disk" bs=512 skip=2048 count=64
	dd if="$disk" bs=512 skip=$(($(blockdev --getsz "$disk") - 1)) count=1
} 2>/dev/null | cmp - /run/hardware

step 'replayed by nobody, without the device'
chmod 644 /run/ide.trace
setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \
	"$(command -v lab-session)" replay:/run/ide.trace >/run/replayed
cmp /run/hardware /run/replayed
uldfctl trace /run/ide.trace | tail -n 40
