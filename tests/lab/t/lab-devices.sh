#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --device e1000e --device nvme --device edu
# Every device of the lab works under the host's own drivers, behind the IOMMU: what tests of uldf build on.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"

check_disk() { # ADDRESS DRIVER
	modprobe "$2"
	wait_for disk_of "$1"
	expect_equal "driver of $1" "$2" "$(driver_of "$1")"
	mount "$(disk_of "$1")" /mnt
	(cd /mnt && sha256sum -c SHA256SUMS)
	date >/mnt/written
	umount /mnt
}

step "the IDE disk, by bus-master DMA"
check_disk "$LAB_IDE" ata_piix
dma_modes=$(cat "/sys/bus/pci/devices/$LAB_IDE"/ata*/link*/dev*.0/ata_device/dev*.0/dma_mode)
[[ $dma_modes == *DMA* ]] || fail "the disk is used by $dma_modes"

step "the NVMe disk"
check_disk "$LAB_NVME" nvme

step "the network card reaches the host over the wire"
modprobe e1000e
wait_for interface_of "$LAB_E1000E"
ip netns add far
ip link set "$(interface_of "$LAB_E1000E")" netns far name far0
ip -n far address add 192.0.2.2/24 dev far0
ip -n far link set far0 up
wait_for ip netns exec far ping -c 1 -W 1 "$LAB_WIRE_ADDRESS"

step "edu is there, and nobody's"
expect_equal "vendor of edu" 0x1234 "$(cat "/sys/bus/pci/devices/$LAB_EDU/vendor")"
expect_equal "driver of edu" "" "$(driver_of "$LAB_EDU")"

step "each device is behind the IOMMU"
for device in "$LAB_IDE" "$LAB_E1000E" "$LAB_NVME" "$LAB_EDU"; do
	[[ -e /sys/bus/pci/devices/$device/iommu_group ]] || fail "$device has no IOMMU group"
done

step "KVM is there for guests"
modprobe_kvm
