#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device edu --device e1000e --device nvme --device igb --smp 1 --memory 2000 --timeout 800
# lab: --allow 'DMAR: DRHD: handling fault status' --allow 'DMAR: \[DMA (Read|Write) .*\[(0000:)?00:09.0\] fault addr 0x1[01]0000 '
# Each backend of libuldf does what the ops table guarantees, behind an IOMMU. No RAM above 4 GiB: firmware
# would have BARs there too, where QEMU's virtual functions do not answer. edu is told to do DMA where mappings
# were ended: the IOMMU tells.
# shellcheck source=tests/lab/conform.sh
. "$LAB_FILES/conform.sh"

step 'what to do is said when no backend has the device'
expect_fail 'uldf.ko is not loaded: modprobe uldf' lab-conform iommu all "kmod:$LAB_EDU"
expect_fail 'not bound to vfio-pci' lab-conform iommu all "vfio:$LAB_EDU"
expect_fail 'not bound to uio_pci_generic' lab-conform iommu all "uio:$LAB_EDU"
conform_load kmod
expect_fail "device $LAB_EDU: not claimed: uldfctl claim $LAB_EDU" lab-conform iommu all "kmod:$LAB_EDU"

all() { # BACKEND
	lab-conform iommu all "$1:$LAB_EDU" "$1:$LAB_NVME"
	lab-conform iommu all "$1:$LAB_E1000E"
	lab-conform iommu all "$1:$LAB_NVME" "$1:$LAB_E1000E"
	conform_limited lab-conform iommu limit "$1:$LAB_EDU"
}
for backend in kmod vfio uio; do
	conform_behind_iommu "$backend" all "$LAB_EDU" "$LAB_E1000E" "$LAB_NVME"
done

step 'vfio: a group that the host uses'
sata=0000:00:1f.2 smbus=0000:00:1f.3
modprobe i2c_i801
wait_for test -e "/sys/bus/pci/devices/$smbus/driver"
conform_bind vfio "$sata"
expect_fail "device $sata: its IOMMU group [0-9]+ is used by $smbus \(i801_smbus\): unbind that" \
	lab-conform iommu all "vfio:$sata"
modprobe -r i2c_i801
expect_fail 'FAIL the device is known' lab-conform iommu all "vfio:$sata"
conform_unbind vfio "$sata"
