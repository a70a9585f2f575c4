#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device edu,dma_mask=0xffffffffff --device chipset --iommu none --timeout 400
# Devices and bare spaces on a host without an IOMMU: refused unless the module allows them and the caller
# may, real bus addresses, the device's mask, coherent buffers and who pays for them, and the end of a
# process during DMA. Besides, what functions of a chipset keep from their holders.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
program=$LAB_BUILD/tests/lab-ioctl

suite() { # NAME [ADDRESS]
	local address=${2-$LAB_EDU}
	step "$1 on $address"
	if ! "$program" "$1" "$address" >"$LAB_OUT/ioctl.log" 2>&1; then
		cat "$LAB_OUT/ioctl.log"
		fail "$1"
	fi
	printf '   %d checks\n' "$(grep -c '^ok' "$LAB_OUT/ioctl.log")"
	wait_for grep -qx 0 /sys/class/uldf/pinned_bytes
}

insmod "$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko"
suite bare-refused
# TAINT_USER
(($(cat /proc/sys/kernel/tainted) & 64)) && fail 'a refusal taints the kernel'
suite opening-bare
echo Y >/sys/module/uldf/parameters/allow_bare
suite bare
(($(cat /proc/sys/kernel/tainted) & 64)) || fail 'a bare space does not taint the kernel'
suite charge-bare
for address in $LAB_CHIPSET; do
	driver_unbind "$address"
	suite vendor-area "$address"
done
suite vendor-area
MAKER=${LAB_CHIPSET%% *} suite bare-heir

step 'the kernel is locked down'
mount -t securityfs securityfs /sys/kernel/security
echo integrity >/sys/kernel/security/lockdown
suite opening-locked
rmmod uldf
