#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device e1000e --timeout 400
# The host leaves checksums and the cutting of TCP to the card; what crosses the wire is what was sent.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/net.sh
. "$LAB_FILES/net.sh"

load_uldf
modprobe tun
ip netns add far
uldfctl claim "$LAB_E1000E"
ip addr add 2001:db8::1/64 dev "$LAB_WIRE" nodad
head -c 4M /dev/urandom >"$LAB_OUT/sent"

feature_is() { # NAME STATE
	far ethtool -k uldf0 | grep -q "^$1: $2" || fail "$1 is not $2: $(far ethtool -k uldf0)"
}

counter() { # NAME: of the interface
	far cat "/sys/class/net/uldf0/statistics/$1"
}

# A file goes to the namespace by TCP and comes back, then a datagram the same way: a wrong checksum stops either.
# Leaves in 'average' how many bytes a frame from the namespace has.
echo_file() { # ADDRESS
	local server bytes frames
	far python3 - "$1" <<-'END' &
		import socket, sys
		family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
		udp = socket.socket(family, socket.SOCK_DGRAM)
		udp.bind((sys.argv[1], 5000))
		with socket.create_server((sys.argv[1], 5000), family=family) as listener:
		    peer = listener.accept()[0]
		data = b"".join(iter(lambda: peer.recv(1 << 20), b""))
		peer.sendall(data)
		peer.close()
		udp.settimeout(60)
		udp.sendto(*udp.recvfrom(2000))
	END
	server=$!
	listens() { far ss -Hltn 'sport = 5000' | grep -q LISTEN; }
	wait_for listens
	bytes=$(counter tx_bytes) frames=$(counter tx_packets)
	python3 - "$1" "$LAB_OUT" <<-'END'
		import socket, sys
		family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
		sent = open(sys.argv[2] + "/sent", "rb").read()
		tcp = socket.create_connection((sys.argv[1], 5000), timeout=120)
		tcp.sendall(sent)
		tcp.shutdown(socket.SHUT_WR)
		came = b"".join(iter(lambda: tcp.recv(1 << 20), b""))
		assert came == sent, "%d bytes came back, and not those that were sent" % len(came)
		udp = socket.socket(family, socket.SOCK_DGRAM)
		udp.settimeout(60)
		udp.connect((sys.argv[1], 5000))
		udp.send(sent[:1301])
		assert udp.recv(2000) == sent[:1301], "another datagram came back"
	END
	wait "$server"
	bytes=$(($(counter tx_bytes) - bytes)) frames=$(($(counter tx_packets) - frames))
	average=$((bytes / frames))
	printf '   %s: %d bytes in %d frames of the namespace, %d each\n' "$1" "$bytes" "$frames" "$average"
}

start() { # [OPTION]...
	net_start "$LAB_E1000E" "$@"
	far ip addr add 2001:db8::2/64 dev uldf0 nodad
}

step 'with offload'
start
feature_is tx-checksumming on
feature_is tcp-segmentation-offload on
for address in 192.0.2.2 2001:db8::2; do
	echo_file "$address"
	((average > 1600)) || fail "the host cut TCP itself"
done
transfer
transfer --reverse

step 'with jumbo frames'
ip link set dev "$LAB_WIRE" mtu 9000
far ip link set dev uldf0 mtu 9000
echo_file 192.0.2.2
echo_file 2001:db8::2
ip link set dev "$LAB_WIRE" mtu 1500
net_stop
grep -E 'damaged 0, dropped [0-9]+ \(.* of unfit size 0,' "$LAB_OUT/net.log"

step 'without offload'
start --no-offload
feature_is tx-checksumming off
feature_is tcp-segmentation-offload off
for address in 192.0.2.2 2001:db8::2; do
	echo_file "$address"
	((average <= 1514)) || fail "the host did not cut TCP"
done
net_stop
expect_equal 'its status' 0 "$status"
is_quiet "$LAB_E1000E"
uldfctl release "$LAB_E1000E"
