#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --device e1000e --guest-kernel bookworm-backports --append hugepages=110 --pass KILLS --timeout 4000
# The same where the guest has an IOMMU, which its drivers map and unmap all the time.
# shellcheck source=tests/lab/kill.sh
. "$LAB_FILES/kill.sh"

# shellcheck disable=SC2034 # kill.sh reads them
guest_options=(--dma viommu --hugepages) initrd_options=(--viommu)
kill_prepare
kill_guests
rmmod uldf
