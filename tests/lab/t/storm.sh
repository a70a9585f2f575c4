#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device edu --device e1000e --device nvme --device ide --device edu-hotplug --device igb --device pair
# lab: --smp 2 --memory 2000 --append preempt=full --timeout 900 --pass STORM_SECONDS --pass STORM_SEED
# lab: --allow 'DMAR: DRHD: handling fault status' --allow 'DMAR: \[DMA .* Request device \[(0000:)?(00:09|01:00|03:0[0-2])\.0\]'
# Random calls on all of uldf.ko's files from many threads and processes, which are killed meanwhile, leave
# the kernel whole and nothing behind. edu devices are told to do DMA where nothing is mapped: the IOMMU tells.
# STORM_SECONDS is how long it lasts; STORM_SEED repeats a run.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"

load_uldf
modprobe_kvm
modprobe -a pci-stub pci-pf-stub igbvf
mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
step "a storm of ${STORM_SECONDS:-120} s"
"$LAB_BUILD/tests/lab-storm" --seconds "${STORM_SECONDS:-120}" ${STORM_SEED:+--seed "$STORM_SEED"} \
	--plug "$LAB_EDU_HOTPLUG edu,id=edu-hotplug,bus=slot-edu" \
	"$LAB_EDU" "$LAB_E1000E" "$LAB_NVME" "$LAB_IDE" "$LAB_EDU_HOTPLUG" "$LAB_IGB" "$LAB_PAIR" "$LAB_PAIR_MATE"

step 'the module goes'
rmmod uldf
