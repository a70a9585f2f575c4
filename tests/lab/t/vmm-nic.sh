#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device e1000e --timeout 1200
# A guest drives the network card by MSI-X, by MSI and by INTx: it pings the host over the wire and
# exchanges files with it.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"

cat >/run/nic.sh <<'END'
set -eu
# Frames come in from the start on if the link need not be negotiated.
ethtool -s eth0 autoneg off speed 100 duplex full
ip link set eth0 up
ip addr add 192.0.2.2/24 dev eth0
await grep -q 1 /sys/class/net/eth0/carrier
ping -c 3 -i 0.2 192.0.2.1
wget -q -O letter http://192.0.2.1/letter
echo "guest: received $(sha256sum <letter | cut -c 1-64)"
mkdir /srv
head -c 524288 /dev/urandom >/srv/answer.part
mv /srv/answer.part /srv/answer
httpd -h /srv
echo "guest: offers $(sha256sum </srv/answer | cut -c 1-64)"
until wget -q -O /dev/null http://192.0.2.1/received; do usleep 200000; done
grep eth0 /proc/interrupts
grep eth0 /proc/interrupts | while read -r irq counts; do echo "guest: interrupts by $counts"; done
grep eth0 /proc/net/dev
END
"$LAB_FILES/guest-initrd" --script /run/nic.sh /run/nic.img

modprobe_kvm
modprobe e1000e
load_uldf
wait_for interface_of "$LAB_E1000E"
# The driver tests MSI when its interface goes up: it raises the cause RXSEQ and waits 100 ms for a message.
# QEMU's card does not deliver that cause, but shows it when another one is: frames keep coming in.
ip neigh replace 192.0.2.2 lladdr 52:54:00:00:00:02 dev "$LAB_WIRE"
ping -q -i 0.02 192.0.2.2 >/dev/null 2>&1 &
traffic=$!
trap 'kill "$traffic" 2>/dev/null || :' EXIT
mkdir -p /run/web
head -c 1M /dev/urandom >/run/web/letter
busybox httpd -p "$LAB_WIRE_ADDRESS:80" -h /run/web
uldfctl claim --unbind "$LAB_E1000E"

# The guest stays until it hears that its answer has come.
fetch_answer() { # GUEST
	until guest_says "$1" 'guest: offers' 2>/dev/null; do sleep 0.2; done
	until timeout "$((20 * LAB_SLOW))" busybox wget -q -O /run/answer http://192.0.2.2/answer 2>/dev/null; do
		sleep 0.5
	done
	echo thanks >/run/web/received
}

exchange() { # NAME INTMODE CPUS KIND-OF-INTERRUPT
	step "The network card by $1, $3 processors"
	rm -f /run/web/received
	fetch_answer "$1" &
	fetch=$!
	guest_works "$1" /run/nic.img "e1000e.IntMode=$2" --cpus "$3" --device "$LAB_E1000E"
	wait "$fetch"
	guest_said "$1" "guest: received $(sha256sum </run/web/letter | head -c 64)"
	guest_said "$1" "guest: offers $(sha256sum </run/answer | head -c 64)"
	grep -qE "^guest: interrupts by .*$4" "$LAB_OUT/guest-$1.log" ||
		fail "the guest did not use $1: $(grep 'interrupts by' "$LAB_OUT/guest-$1.log")"
	grep 'interrupts by' "$LAB_OUT/guest-$1.log"
	nothing_is_pinned
}
exchange MSI-X 2 2 'PCI-MSI.*eth0-rx-0'
exchange MSI 1 2 'PCI-MSI.*eth0[[:space:]]*$'
exchange INTx 0 2 'IO-APIC.*fasteoi.*eth0'
kill "$traffic"
uldfctl release "$LAB_E1000E"
expect_equal "the card's driver" e1000e "$(driver_of "$LAB_E1000E")"
rmmod uldf
