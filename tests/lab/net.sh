# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2317
# For scripts that run uldf-net in the lab host; source it after lib.sh. Its interface goes to the
# namespace 'far', which the script makes, so that the host reaches it over the wire only.
PATH=$LAB_BUILD/bin:$PATH

far() { # COMMAND...
	ip netns exec far "$@"
}

# The command must end with this status and say what REGEX matches.
expect_status() { # STATUS REGEX COMMAND [ARGUMENT]...
	local wanted=$1 regex=$2 output found=0
	shift 2
	output=$("$@" 2>&1) || found=$?
	[[ $output =~ $regex ]] || fail "said '$output', not '$regex': $*"
	expect_equal "the status of $*" "$wanted" "$found"
	printf '   refused: %s\n' "$output"
}

# Starts it, its words in net.log; leaves its process in 'net', with its interface up at 192.0.2.2.
net_start() { # ADDRESS [OPTION]...
	local address=$1
	shift
	uldf-net --device "$address" --tap uldf0 "$@" >"$LAB_OUT/net.log" 2>&1 &
	net=$!
	net_started() { grep -q 'link at' "$LAB_OUT/net.log" || ! kill -0 "$net"; }
	wait_for net_started
	ip link set uldf0 netns far || fail "uldf-net did not start: $(cat "$LAB_OUT/net.log")"
	far ip addr add 192.0.2.2/24 dev uldf0
	far ip link set uldf0 up
	# The host may remember another card's address.
	ip neigh flush dev "$LAB_WIRE"
}

net_wait() { # until it has ended; leaves its status in 'status'
	status=0
	wait "$net" || status=$?
}

net_stop() {
	kill "$net"
	net_wait
	sed 's/^/   /' "$LAB_OUT/net.log"
}

# iperf3 from the host to the namespace, or with --reverse back, however long it takes; figures on stdout. The window bounds
# what is under way when the sender is done, and does not count.
transfer() { # [OPTION]...
	local server result
	far iperf3 --server --one-off >"$LAB_OUT/iperf3-server.log" 2>&1 &
	server=$!
	listens() { far ss -Hltn 'sport = 5201' | grep -q LISTEN; }
	wait_for listens
	result=$(iperf3 --client 192.0.2.2 --bytes "$((8192 / LAB_SLOW))K" --window 64K --json "$@") || fail "iperf3 $*: $result"
	wait "$server" || fail "iperf3's server: $(cat "$LAB_OUT/iperf3-server.log")"
	printf '   iperf3 %s: %s\n' "$*" "$(jq -r '.end.sum_received |
		"\(.bits_per_second / 1e6 | floor) Mb/s, \(.bytes) bytes"' <<<"$result")"
	jq -e ".end.sum_received.bytes > $((4000000 / LAB_SLOW))" <<<"$result" >/dev/null || fail "too little: $result"
}

# A card that nobody drives masters no bus, and nothing of anybody's is pinned.
is_quiet() { # ADDRESS
	local command
	command=$(setpci -s "$1" COMMAND)
	(((0x$command & 4) == 0)) || fail "device $1 masters the bus: COMMAND is $command"
	wait_for grep -qx 0 /sys/class/uldf/pinned_bytes
}
