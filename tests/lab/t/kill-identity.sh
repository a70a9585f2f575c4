#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --device e1000e --iommu none --append hugepages=1200 --pass KILLS --timeout 4000
# The same where no IOMMU stands between the devices and the host's memory.
# shellcheck source=tests/lab/kill.sh
. "$LAB_FILES/kill.sh"

# shellcheck disable=SC2034 # kill.sh reads it
guest_options=(--dma identity)
kill_prepare
kill_guests
expect_equal 'huge pages that are free' 1200 "$(free_hugepages)"
rmmod uldf
