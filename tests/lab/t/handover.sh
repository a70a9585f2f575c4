#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device edu --device nvme --device e1000e --device ide --device am53c974 --device rtl8139
# lab: --iommu intel-unsafe --timeout 400
# A device goes from the host to a stranger and back. Who may open it, where its IOMMU does not isolate
# interrupts; the claim resets or stops what the host left running; and the release leaves a device that
# was not reset unable to pull its interrupt line, which another device of the host shares.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
PATH=$LAB_BUILD/bin:$PATH
program=$LAB_BUILD/tests/lab-ioctl
log=$LAB_OUT/ioctl.log
failed=()

# All of them are run, so that one failure does not hide another.
suite() { # NAME ADDRESS
	step "$1 on $2"
	if "$program" "$1" "$2" >"$log" 2>&1; then
		printf '   %d checks\n' "$(grep -c '^ok' "$log")"
	else
		cat "$log"
		failed+=("$1 on $2")
	fi
}

intx_disabled() { # ADDRESS
	(($(setpci -s "$1" COMMAND | sed 's/^/0x/') & 0x400))
}

# In a namespace of its own, so that the host reaches it over the wire only.
far_start() { # ADDRESS NAME IP-ADDRESS
	wait_for interface_of "$1"
	ip netns add "$2"
	ip link set "$(interface_of "$1")" name "$2" netns "$2"
	ip netns exec "$2" ip addr add "$3/24" dev "$2"
	ip netns exec "$2" ip link set "$2" up
}

interrupts_of() { # INTERFACE: print how many came on the line that it shares
	awk -v name="$1" '$0 ~ name "(,|$)" { sum += $2 } END { print sum + 0 }' /proc/interrupts
}

step 'the module was not told to trust devices with interrupts'
load_uldf
suite opening-unsafe "$LAB_EDU"
uldfctl claim "$LAB_EDU"
expect_fail 'unsafe_interrupts' uldf-edu "$LAB_EDU"
uldfctl release "$LAB_EDU"
rmmod uldf

step 'it was'
insmod "$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko" unsafe_interrupts=1
suite opening-unsafe "$LAB_EDU"

for address in "$LAB_EDU" "$LAB_NVME" "$LAB_E1000E" "$LAB_IDE" "$LAB_AM53C974"; do
	suite first "$address"
done

step "the host's driver has $LAB_AM53C974 afterwards"
modprobe am53c974
wait_for eval "[[ -e \$(echo /sys/bus/pci/devices/$LAB_AM53C974/host*) ]]"

step "$LAB_RTL8139 is released with its receiver and its interrupts on"
ip link set "$LAB_WIRE" down
suite leave "$LAB_RTL8139"
wait_for eval "[[ ! \$(driver_of $LAB_RTL8139) ]]"

step 'another device asks for interrupts on the same line, and frames come'
modprobe e1000e IntMode=0
far_start "$LAB_E1000E" sharer0 192.0.2.2
ip link set "$LAB_WIRE" up
ping -q -c 50 -i 0.05 -w 60 192.0.2.2 || failed+=('the other device receives nothing')
before=$(interrupts_of sharer0)
ping -q -c 20 -i 0.05 -w 60 192.0.2.2 || failed+=('the other device receives nothing more')
after=$(interrupts_of sharer0)
((after - before >= 20)) || failed+=("the other device had $((after - before)) interrupts, of 20 at least")
intx_disabled "$LAB_RTL8139" || failed+=("INTx of $LAB_RTL8139 is not disabled")

step 'it is claimed again: its interrupt, which is pending, stays off the line all the while'
line=$(awk -v name=sharer0 '$0 ~ name "(,|$)" { sub(":", ""); print $1 }' /proc/interrupts)
unhandled() {
	awk '$1 == "unhandled" { print $2 }' "/proc/irq/$line/spurious"
}
pending=$(setpci -s "$LAB_RTL8139" STATUS)
((0x$pending & 8)) || failed+=("no interrupt of $LAB_RTL8139 is pending: $pending")
before=$(unhandled)
for _ in 1 2 3; do
	uldfctl claim "$LAB_RTL8139"
	uldfctl release "$LAB_RTL8139"
done
after=$(unhandled)
((after - before < 100)) || failed+=("the claims let $((after - before)) interrupts through that nobody handled")

step "the next driver of $LAB_RTL8139 enables its interrupt"
modprobe 8139cp
far_start "$LAB_RTL8139" card0 192.0.2.3
grep -Eq 'sharer0, card0|card0, sharer0' /proc/interrupts || failed+=('the two share no line')
intx_disabled "$LAB_RTL8139" && failed+=("INTx of $LAB_RTL8139 is still disabled")
before=$(interrupts_of card0)
ping -q -c 20 -i 0.05 -w 60 192.0.2.3 || failed+=("$LAB_RTL8139 receives nothing")
after=$(interrupts_of card0)
((after - before >= 20)) || failed+=("$LAB_RTL8139 had $((after - before)) interrupts, of 20 at least")

for what in "${failed[@]}"; do
	printf 'FAIL: %s\n' "$what"
done
((${#failed[@]} == 0))
