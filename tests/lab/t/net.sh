#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device e1000e --device e1000e-hotplug --device edu --timeout 600
# The host pings and runs iperf3 through a network card that a process drives. The interface stands in a
# namespace of its own, so that all of it crosses the wire.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/net.sh
. "$LAB_FILES/net.sh"

insmod "$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko"
modprobe tun
ip netns add far

step 'what is refused, and why'
expect_status 64 'say which card' uldf-net
expect_status 64 'not a name for an interface' uldf-net --device "$LAB_E1000E" --tap a/b
expect_status 3 "device $LAB_E1000E: not claimed: uldfctl claim $LAB_E1000E" uldf-net -d "$LAB_E1000E"
uldfctl claim "$LAB_E1000E" "$LAB_E1000E_HOTPLUG" "$LAB_EDU"
expect_status 1 'no network card of the Intel 82574 family' uldf-net -d "$LAB_EDU"
expect_status 4 "interface $LAB_WIRE: .*busy" uldf-net -d "$LAB_E1000E" --tap "$LAB_WIRE"

step 'by MSI'
net_start "$LAB_E1000E"
expect_equal 'the address' 52:54:00:00:00:02 "$(far cat /sys/class/net/uldf0/address)"
grep -x 'uldf-net: uldf0: link at 1000 Mb/s' "$LAB_OUT/net.log"
expect_status 4 'open already' uldf-net -d "$LAB_E1000E"
ping -q -c 20 -i 0.01 192.0.2.2
far ping -q -c 5 -i 0.01 -s 1472 -M 'do' 192.0.2.1
transfer
transfer --reverse
expect_fail 'Message too long|local error' ping -c 1 -W 1 -s 1473 -M 'do' 192.0.2.2

step 'ended by SIGTERM'
net_stop
expect_equal 'its status' 0 "$status"
grep -xE 'uldf-net: sent [0-9]{3,} frames, received [0-9]{3,}; missed [0-9]+, damaged 0, dropped [0-9]+ \(refused by the interface [0-9]+, of unfit size 0, in 0 resets 0\)' "$LAB_OUT/net.log"
expect_fail '' far ip link show uldf0
is_quiet "$LAB_E1000E"

for how in --intx --poll; do
	step "with $how"
	net_start "$LAB_E1000E" "$how"
	ping -q -c 20 -i 0.01 192.0.2.2
	transfer
	net_stop
	expect_equal 'its status' 0 "$status"
	is_quiet "$LAB_E1000E"
done

step 'killed under traffic, and started again'
for round in 1 2 3; do
	net_start "$LAB_E1000E"
	far iperf3 --server --one-off >/dev/null 2>&1 &
	server=$!
	iperf3 --client 192.0.2.2 --time 10 >/dev/null 2>&1 &
	client=$!
	far ping -q -f -w 10 192.0.2.1 >/dev/null 2>&1 &
	flood=$!
	sleep "0.$((round * 3))"
	kill -KILL "$net"
	net_wait
	expect_equal 'its status' 137 "$status"
	is_quiet "$LAB_E1000E"
	kill "$server" "$client" "$flood" 2>/dev/null || :
	wait "$server" "$client" "$flood" || :
done
net_start "$LAB_E1000E"
ping -q -c 20 -i 0.01 192.0.2.2
net_stop

step 'the interface is deleted under it'
net_start "$LAB_E1000E"
far ip link del uldf0
net_wait
expect_equal 'its status' 1 "$status"
grep -x 'uldf-net: the interface was deleted' "$LAB_OUT/net.log"

ended() { ! kill -0 "$net"; }

step 'pulled under traffic'
net_start "$LAB_E1000E_HOTPLUG"
ping -q -c 5 -i 0.01 192.0.2.2
ping -q -f -w 10 192.0.2.2 >/dev/null 2>&1 &
flood=$!
lab-monitor 'device_del e1000e-hotplug'
wait_for ended
net_wait
kill "$flood" 2>/dev/null || :
expect_equal 'its status' 3 "$status"
grep -x "uldf-net: device $LAB_E1000E_HOTPLUG was removed" "$LAB_OUT/net.log"
expect_equal 'pinned bytes' 0 "$(cat /sys/class/uldf/pinned_bytes)"

step 'put back and claimed, it works again'
lab-monitor 'device_add e1000e,id=e1000e-hotplug,bus=slot-e1000e,netdev=wire-hotplug,mac=52:54:00:00:00:04,romfile='
claims() { uldfctl claim "$LAB_E1000E_HOTPLUG"; }
wait_for claims
net_start "$LAB_E1000E_HOTPLUG"
ping -q -c 20 -i 0.01 192.0.2.2

net_stop
uldfctl release "$LAB_E1000E_HOTPLUG" "$LAB_E1000E"
