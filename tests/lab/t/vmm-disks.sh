#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device xhci --device lsi --timeout 900
# A guest drives a USB stick and a SCSI disk at once. The SCSI controller fetches its program by DMA from its own BAR, at the
# address that the guest gave it.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
# shellcheck source=tests/lab/disks.sh
. "$LAB_FILES/disks.sh"

disks_guest 'xhci lsi' --module xhci_pci --module usb_storage --module sym53c8xx <<'END'
lspci -vv -d ::0c03 | grep 'MSI-X: Enable+'
END

modprobe_kvm
load_uldf
step 'All of RAM and the BARs mapped'
disks_work direct 'xhci lsi' --cpus 2
step 'The same while the guest has an IOMMU without a driver'
disks_work bypass 'xhci lsi' --dma viommu
rmmod uldf
