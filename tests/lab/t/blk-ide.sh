#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide,size=400 --pass BLK_MIB --timeout 900
# uldf-blk serves an IDE disk to the host: a file system on it, a kill under load, a clean end; by bus master
# and by processor, by interrupt and polled.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/blk.sh
. "$LAB_FILES/blk.sh"

step 'what is refused'
blk_prepare "$LAB_IDE"
expect_fail 'no disk is unit 1' uldf-blk --device "$LAB_IDE" --unit 1
expect_fail 'no disk is unit 2' uldf-blk --device "$LAB_IDE" --unit 2
expect_fail 'units 0 to 3, no 4' uldf-blk --device "$LAB_IDE" --unit 4
blk_expect_quiet "$LAB_IDE"

step 'the disk as it was made, by processor'
blk_start "$LAB_IDE" --pio
blk_expect_lab_content
blk_stop

step 'polled'
blk_start "$LAB_IDE" --polled
blk_expect_lab_content
blk_stop

step "${BLK_MIB:-48} MiB on a file system of its own"
blk_start "$LAB_IDE"
blk_expect_lab_content
blk_filesystem "${BLK_MIB:-48}"

step 'killed under load'
blk_killed_under_load "$LAB_IDE"

# By processor the driver is so slow that the host's requests fill the socket.
step 'killed while the host cannot send'
blk_stop
blk_start "$LAB_IDE" --pio
blk_killed_under_load "$LAB_IDE" --pio

step 'a clean end'
blk_stop
blk_expect_quiet "$LAB_IDE"

step 'the host has its disk back'
uldfctl release "$LAB_IDE"
modprobe ata_piix
wait_for disk_of "$LAB_IDE"
wait_for e2fsck -fn "$(disk_of "$LAB_IDE")"
