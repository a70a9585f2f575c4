#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --iommu amd --device e1000e --device nvme --device igb --smp 1 --memory 2000 --timeout 800
# The backends that confine a device do what the ops table guarantees behind AMD's IOMMU, too: its addresses have no
# end, and its tables are another driver's. RAM is as in conform-iommu.sh. No device here makes DMA where nothing is
# mapped: QEMU 11.1 does not clear the bits of the status register that Linux clears after an event, and Linux
# then does so for ever.
# shellcheck source=tests/lab/conform.sh
. "$LAB_FILES/conform.sh"

all() { # BACKEND
	lab-conform iommu all "$1:$LAB_NVME" "$1:$LAB_E1000E"
	lab-conform iommu all "$1:$LAB_E1000E"
	conform_limited lab-conform iommu limit "$1:$LAB_NVME"
}
# Linux 7.3 does not find the I/O APIC that QEMU's table has, and switches interrupt remapping off.
if dmesg | grep -F 'AMD-Vi: Disabling interrupt remapping'; then
	insmod "$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko" unsafe_interrupts=1
	modprobe vfio_iommu_type1 allow_unsafe_interrupts=1
fi
for backend in kmod vfio; do
	conform_behind_iommu "$backend" all "$LAB_E1000E" "$LAB_NVME"
done
