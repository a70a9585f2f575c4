#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device nvme,size=400 --pass BLK_MIB --timeout 900
# uldf-blk serves an NVMe disk to the host: a file system on it, a kill under load, a clean end.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/blk.sh
. "$LAB_FILES/blk.sh"

step 'what is refused'
expect_fail 'uldf.ko is not loaded' uldf-blk --device "$LAB_NVME"
blk_prepare "$LAB_NVME"
expect_fail 'which disk' uldf-blk
expect_fail 'namespace 8 has no blocks' uldf-blk --device "$LAB_NVME" --unit 7
expect_fail '/dev/nbd99: No such file.*modprobe nbd' uldf-blk --device "$LAB_NVME" --nbd-device /dev/nbd99
expect_fail 'not a block device' uldf-blk --device "$LAB_NVME" --nbd-device /dev/null
blk_expect_quiet "$LAB_NVME"

step 'the disk as it was made'
blk_start "$LAB_NVME"
blk_expect_lab_content
expect_fail 'open already' uldf-blk --device "$LAB_NVME" --nbd-device /dev/nbd1

step 'discards, and writes that last at once'
expect_equal 'force unit access' 1 "$(cat /sys/block/nbd0/queue/fua)"
blkdiscard -f -o 100M -l 50M "$blk_nbd"

step "${BLK_MIB:-48} MiB on a file system of its own"
blk_filesystem "${BLK_MIB:-48}"

step 'killed under load'
blk_killed_under_load "$LAB_NVME"

step 'a clean end'
blk_stop
blk_expect_quiet "$LAB_NVME"

step 'polled, and without mapped registers'
blk_start "$LAB_NVME" --polled --unmapped --depth 4 --read-only
expect_equal 'read-only' 1 "$(cat /sys/block/nbd0/ro)"
mount -o ro "$blk_nbd" "$blk_mount"
blk_expect_files 4 5
umount "$blk_mount"
blk_stop

step 'the host has its disk back'
uldfctl release "$LAB_NVME"
modprobe nvme
wait_for disk_of "$LAB_NVME"
wait_for e2fsck -fn "$(disk_of "$LAB_NVME")"
