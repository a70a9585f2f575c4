#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --iommu none --device edu --device e1000e --device nvme --smp 1 --timeout 500
# Each backend of libuldf does what the ops table guarantees, on a host without an IOMMU. Debian's
# kernels have no VFIO there.
# shellcheck source=tests/lab/conform.sh
. "$LAB_FILES/conform.sh"
devices=("$LAB_EDU" "$LAB_E1000E" "$LAB_NVME")

step uio
conform_load uio
conform_bind uio "${devices[@]}"
for device in "${devices[@]}"; do
	lab-conform none all "uio:$device"
done
conform_pinned_nothing
conform_unbind uio "${devices[@]}"

step 'kmod, where bare spaces are not allowed'
conform_load kmod
conform_bind kmod "${devices[@]}"
for device in "${devices[@]}"; do
	expect_fail 'FAIL open: .*allow_bare' lab-conform none all "kmod:$device"
done
conform_unbind kmod "${devices[@]}"

step 'kmod, where bare spaces are allowed'
echo Y >/sys/module/uldf/parameters/allow_bare
conform_bind kmod "${devices[@]}"
for device in "${devices[@]}"; do
	lab-conform bare all "kmod:$device"
done
conform_pinned_nothing
conform_unbind kmod "${devices[@]}"

step vfio
modprobe vfio-pci
expect_fail 'stands behind no IOMMU' lab-conform none all "vfio:$LAB_EDU"
