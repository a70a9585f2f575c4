#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device bigbar,membar=64G,membar-backed=off --timeout 500
# A guest gets a BAR of 64 GiB; where its addresses do not suffice uldf-vmm names the device and the BAR.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"

cat >/run/bars.sh <<'END'
set -eu
sed -n '3s/^/guest: BAR 2 is at /p' /sys/bus/pci/devices/0000:00:07.0/resource
END
"$LAB_FILES/guest-initrd" --bare --script /run/bars.sh /run/bars.img

modprobe_kvm
load_uldf
uldfctl claim "$LAB_BIGBAR"
step 'a BAR of 64 GiB'
guest_works bars /run/bars.img '' --device "$LAB_BIGBAR,slot=7"
grep -a 'guest: BAR' "$LAB_OUT/guest-bars.log"
guest_said bars 'guest: BAR 2 is at 0x0000001000000000 0x0000001fffffffff'

step 'one that does not fit'
bits=$(sed -n '/^address sizes/ { s/.*: \([0-9]*\) bits physical.*/\1/p; q; }' /proc/cpuinfo)
uldf-vmm --kernel "$guest_kernel" --initrd /run/bars.img --memory "$(((1 << (bits - 30)) - 63))G" --device "$LAB_BIGBAR" \
	</dev/null >"$LAB_OUT/refused" 2>&1 && fail 'it fits'
cat "$LAB_OUT/refused"
grep -qx "uldf-vmm: device $LAB_BIGBAR: BAR 2 takes 65536 MiB, and a guest here has $bits bits of addresses, not enough .*" \
	"$LAB_OUT/refused"
nothing_is_pinned
uldfctl release "$LAB_BIGBAR"
rmmod uldf
