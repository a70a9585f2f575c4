#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device e1000e --timeout 400
# The card follows what the host sets at its interface: address, promiscuity, MTU.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/net.sh
. "$LAB_FILES/net.sh"

load_uldf
modprobe tun
ip netns add far
uldfctl claim "$LAB_E1000E"

says() { # REGEX: uldf-net said it
	grep -qxE "uldf-net: $1" "$LAB_OUT/net.log"
}

counter() { # NAME: of the interface
	far cat "/sys/class/net/uldf0/statistics/$1"
}

# The host sends to the address MAC for a while; answers how many frames the interface received.
frames_for() { # MAC
	local before
	ip neigh replace 192.0.2.2 lladdr "$1" dev "$LAB_WIRE" nud permanent
	before=$(counter rx_packets)
	ping -q -c 20 -i 0.01 -W 1 192.0.2.2 >/dev/null || :
	ip neigh del 192.0.2.2 dev "$LAB_WIRE"
	echo $(($(counter rx_packets) - before))
}

own=52:54:00:00:00:02 other=02:00:00:00:00:55
net_start "$LAB_E1000E"
ping -q -c 5 -i 0.01 192.0.2.2

step 'another address'
(($(frames_for "$other") < 10)) || fail "frames for $other come before it is set"
far ip link set dev uldf0 address "$other"
wait_for says "uldf0: address $other"
ip neigh flush dev "$LAB_WIRE"
ping -q -c 20 -i 0.01 192.0.2.2
(($(frames_for "$other") >= 20)) || fail "frames for $other are lost"
(($(frames_for "$own") < 10)) || fail "frames for $own still come"

step 'promiscuous, and no more'
far ip link set dev uldf0 promisc on
comes() { (($(frames_for "$own") >= 20)); }
wait_for comes
far ip link set dev uldf0 promisc off
comes_no_more() { (($(frames_for "$own") < 10)); }
wait_for comes_no_more

step 'jumbo frames'
ip link set dev "$LAB_WIRE" mtu 9212
far ip link set dev uldf0 mtu 9212
wait_for says 'uldf0: MTU 9212'
ping -q -c 20 -i 0.01 -s 9184 -M 'do' 192.0.2.2
far ping -q -c 20 -i 0.01 -s 9184 -M 'do' 192.0.2.1

net_stop
expect_equal 'its status' 0 "$status"
is_quiet "$LAB_E1000E"
uldfctl release "$LAB_E1000E"
