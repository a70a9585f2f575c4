#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device nvme-hotplug --timeout 400
# An NVMe disk is pulled while uldf-blk serves it: uldf-blk says so and ends, and so do the host's requests.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/blk.sh
. "$LAB_FILES/blk.sh"

ended() { ! kill -0 "$blk" 2>/dev/null; }
step 'pulled under load'
blk_prepare "$LAB_NVME_HOTPLUG"
blk_start "$LAB_NVME_HOTPLUG"
while dd if="$blk_nbd" of=/dev/null bs=64k iflag=direct; do :; done >/dev/null 2>&1 &
reader=$!
sleep 0.5
lab-monitor 'device_del nvme-hotplug'
wait_for ended
status=0
wait "$blk" || status=$?
sed 's/^/   /' /run/blk.out
expect_equal 'status of uldf-blk' 1 "$status"
grep -qE 'No such device|is gone' /run/blk.out || fail 'uldf-blk does not say why it ended'
wait "$reader" || :
wait_for blk_unpinned
