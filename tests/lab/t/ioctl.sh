#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --device e1000e --device edu --device edu-hotplug --device pair --device igb --smp 2 --memory 2000 --timeout 800
# uldf.ko through bare system calls: every field's bad values, and what each call promises. No RAM
# above 4 GiB: firmware would have BARs there too, where QEMU's virtual functions do not answer.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
program=$LAB_BUILD/tests/lab-ioctl
log=$LAB_OUT/ioctl.log

suite() { # NAME ADDRESS
	step "$1 on $2"
	if ! "$program" "$1" "$2" >"$log" 2>&1; then
		cat "$log"
		fail "$1 on $2"
	fi
	printf '   %d checks\n' "$(grep -c '^ok' "$log")"
	wait_for grep -qx 0 /sys/class/uldf/pinned_bytes
}

load_uldf
expect_equal 'the mode of the control node' 600 "$(stat -c %a /dev/uldf/control)"

suite claim "$LAB_EDU"
suite opening "$LAB_EDU"
suite arguments "$LAB_EDU"
modprobe pci-stub
suite group "$LAB_PAIR"
suite region "$LAB_EDU"
suite config "$LAB_EDU"
suite config "$LAB_E1000E"
suite config "$LAB_IDE"
suite vector "$LAB_E1000E"

# Frames that nobody answers keep coming to the card.
ip neigh replace 192.0.2.2 lladdr 52:54:00:00:00:02 dev "$LAB_WIRE"
ping -q -f -s 1000 192.0.2.2 >/dev/null 2>&1 &
flood=$!
suite receive "$LAB_E1000E"
kill "$flood"

suite space "$LAB_EDU"
suite rows "$LAB_EDU"
suite memory "$LAB_EDU"
suite bounds "$LAB_EDU"
suite range "$LAB_EDU"
suite answer "$LAB_EDU"
suite share "$LAB_EDU"
suite peer "$LAB_EDU"
suite move "$LAB_PAIR_MATE"
suite charge "$LAB_EDU"
suite shared-space "$LAB_EDU"
suite edu "$LAB_EDU"
suite stats "$LAB_EDU"
suite hand "$LAB_EDU"
modprobe -a igbvf uio_pci_generic pci-pf-stub
suite functions "$LAB_IGB"
suite kill "$LAB_EDU"

step "unplugging $LAB_EDU_HOTPLUG while it is used"
"$program" unplug "$LAB_EDU_HOTPLUG" >"$log" 2>&1 &
wait_for grep -q ready "$log"
lab-monitor 'device_del edu-hotplug'
wait $! || { cat "$log"; fail 'unplug'; }
printf '   %d checks\n' "$(grep -c '^ok' "$log")"

step 'tracing a claim'
mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
echo 1 >/sys/kernel/tracing/events/uldf/enable
suite stats "$LAB_EDU"
echo 0 >/sys/kernel/tracing/events/uldf/enable
trace=$(grep -o 'uldf_.*' /sys/kernel/tracing/trace)
for line in "claim: $LAB_EDU 0" "open: $LAB_EDU 1" "vector: $LAB_EDU 0" 'map: space .* 1 of 1, 0' \
	'map: space .* 0 of 1, -17' 'unmap: space .* 1 of 1, 0' "reset: $LAB_EDU none" \
	"release: $LAB_EDU none"; do
	grep -qx "uldf_$line" <<<"$trace" || fail "not traced: $line in $trace"
done
expect_equal 'the steps of the claim and of the teardown' \
	'drained,stopped or reset,gate closed,vectors masked,bus mastering off,drained,stopped or reset,vectors freed,detached' \
	"$(sed -n "s/^uldf_step: $LAB_EDU //p" <<<"$trace" | head -n 9 | paste -sd ,)"

step 'the module goes'
rmmod uldf
[[ ! -e /dev/uldf/control ]] || fail 'the control node is still there'
