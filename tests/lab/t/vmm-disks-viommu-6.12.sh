#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ahci --device xhci --guest-kernel bookworm-backports --timeout 900
# A stock guest that has an IOMMU drives a SATA disk and a USB stick.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
# shellcheck source=tests/lab/disks.sh
. "$LAB_FILES/disks.sh"

disks_behind_iommu
