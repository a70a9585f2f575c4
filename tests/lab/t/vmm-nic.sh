#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device e1000e --timeout 240
# A guest drives the network card by MSI-X, by INTx, and in the driver's MSI mode by what the host gets in
# that mode: it pings the host over the wire and exchanges files with it.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"

cat >/run/nic.sh <<'END'
set -eu
ip link set eth0 up
ip addr add 192.0.2.2/24 dev eth0
i=0
until [ "$(cat /sys/class/net/eth0/carrier)" = 1 ]; do
	i=$((i + 1))
	[ $i -lt 100 ]
	usleep 100000
done
ping -c 3 -i 0.2 192.0.2.1
wget -q -O letter http://192.0.2.1/letter
echo "guest: received $(sha256sum <letter | cut -c 1-64)"
mkdir /srv
head -c 2097152 /dev/urandom >/srv/answer.part
mv /srv/answer.part /srv/answer
echo "guest: offers $(sha256sum </srv/answer | cut -c 1-64)"
httpd -h /srv
until wget -q -O /dev/null http://192.0.2.1/received; do usleep 200000; done
grep eth0 /proc/interrupts
grep eth0 /proc/interrupts | while read -r irq counts; do echo "guest: interrupts by $counts"; done
grep eth0 /proc/net/dev
END
"$LAB_FILES/guest-initrd" --script /run/nic.sh /run/nic.img

modprobe_kvm
modprobe e1000e IntMode=1
load_uldf
wait_for 10 interface_of "$LAB_E1000E"
# The driver tests MSI when the interface goes up, and keeps to INTx where the test fails. QEMU 7.2's
# model of the card fails it.
interface=$(interface_of "$LAB_E1000E")
ip link set "$interface" up
sleep 2
msi='IO-APIC.*fasteoi.*eth0'
grep -q "PCI-MSI.*$interface" /proc/interrupts && msi='PCI-MSI.*eth0'
echo "   the host's own driver in MSI mode: $(grep "$interface" /proc/interrupts)"
ip link set "$interface" down
mkdir -p /run/web
head -c 3M /dev/urandom >/run/web/letter
busybox httpd -p "$LAB_WIRE_ADDRESS:80" -h /run/web
uldfctl claim --unbind "$LAB_E1000E"

# The guest stays until it hears that its answer has come.
fetch_answer() {
	until timeout 20 busybox wget -q -O /run/answer http://192.0.2.2/answer 2>/dev/null; do
		sleep 0.5
	done
	echo thanks >/run/web/received
}

exchange() { # NAME INTMODE CPUS KIND-OF-INTERRUPT
	step "The network card by $1, $3 processors"
	rm -f /run/web/received
	fetch_answer &
	guest_works "$1" /run/nic.img "e1000e.IntMode=$2" --cpus "$3" --device "$LAB_E1000E"
	wait "$!"
	guest_said "$1" "guest: received $(sha256sum </run/web/letter | head -c 64)"
	guest_said "$1" "guest: offers $(sha256sum </run/answer | head -c 64)"
	grep -qE "^guest: interrupts by .*$4" "$LAB_OUT/guest-$1.log" ||
		fail "the guest did not use $1: $(grep 'interrupts by' "$LAB_OUT/guest-$1.log")"
	grep 'interrupts by' "$LAB_OUT/guest-$1.log"
	nothing_is_pinned
}
exchange MSI-X 2 2 'PCI-MSI.*eth0-rx-0'
exchange MSI-mode 1 1 "$msi"
exchange INTx 0 2 'IO-APIC.*fasteoi.*eth0'
uldfctl release "$LAB_E1000E"
expect_equal "the card's driver" e1000e "$(driver_of "$LAB_E1000E")"
rmmod uldf
