#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device e1000e --device edu --iommu none --timeout 400
# Drivers in processes where no IOMMU stands between device and memory: off unless the module allows it.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/net.sh
. "$LAB_FILES/net.sh"

uldf=$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko
modprobe tun
ip netns add far

step 'not allowed'
insmod "$uldf"
uldfctl claim "$LAB_E1000E" "$LAB_EDU"
expect_status 5 'cannot open it: .*allow_bare' uldf-net -d "$LAB_E1000E"
expect_fail 'allow_bare' uldf-edu "$LAB_EDU"
uldfctl release "$LAB_E1000E" "$LAB_EDU"
rmmod uldf

step 'allowed'
insmod "$uldf" allow_bare=1
uldfctl claim "$LAB_E1000E" "$LAB_EDU"
expect_equal 'what uldf-edu says' $'10! = 3628800\nby DMA, there and back' "$(uldf-edu "$LAB_EDU")"
net_start "$LAB_E1000E"
ping -q -c 20 -i 0.01 192.0.2.2
transfer
transfer --reverse
net_stop
expect_equal 'its status' 0 "$status"
is_quiet "$LAB_E1000E"

step 'killed under traffic'
net_start "$LAB_E1000E"
ping -q -f -w 10 192.0.2.2 >/dev/null 2>&1 &
flood=$!
sleep 0.5
kill -KILL "$net"
net_wait
kill "$flood" 2>/dev/null || :
is_quiet "$LAB_E1000E"
net_start "$LAB_E1000E"
ping -q -c 20 -i 0.01 192.0.2.2
net_stop
uldfctl release "$LAB_E1000E" "$LAB_EDU"
