#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --device e1000e --device nvme --iommu none --append hugepages=1200 --timeout 1200
# On a host without an IOMMU a stock guest drives an IDE disk, an NVMe disk and a network card at once, by DMA to RAM that
# it has at its bus addresses, below and above 4 GiB. What is missing for that is said.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
# shellcheck source=tests/lab/disk.sh
. "$LAB_FILES/disk.sh"
# shellcheck source=tests/lab/at-once.sh
. "$LAB_FILES/at-once.sh"

# shellcheck disable=SC2119 # it takes no options
at_once_guest <<'END'
sed -n 's/^\([^ ]*\)-.* : System RAM/\1/p' /proc/iomem | while read -r start; do
	if [ $((0x$start)) -ge $((1 << 32)) ]; then
		echo 'guest: RAM above 4 GiB'
	elif [ $((0x$start)) -ge $((1 << 20)) ]; then
		echo 'guest: RAM below 4 GiB'
	fi
done
END

refuses() { # REGEX [OPTION]...: uldf-vmm fails with one line that matches
	expect_fail "^uldf-vmm: $1\$" uldf-vmm --kernel "$LAB_KERNEL" --initrd /run/devices.img "${@:2}" --device "$LAB_NVME"
	nothing_is_pinned
}

modprobe_kvm
load_uldf
at_once_claim

step 'What is missing'
refuses '.*allow_bare.*' --dma identity
echo Y >/sys/module/uldf/parameters/allow_bare
refuses '.*stands behind no IOMMU.*; for a host without an IOMMU there is --dma identity'
refuses '--memory: by --dma identity at least 32M, and a multiple of the huge page size, 2 MiB' --dma identity --memory 257M
refuses 'guest RAM: it takes 1536 huge pages of 2 MiB, and 1200 of 1200 are free: reserve more .*' --dma identity --memory 3G
expect_equal 'huge pages that are free' 1200 "$(free_hugepages)"
# the text in its header that tells the kernel's version
LC_ALL=C sed 's/[5-9]\(\.[0-9][0-9.]*[^ ]* (\)/4\1/' "$LAB_KERNEL" >/run/old-kernel
expect_fail '^uldf-vmm: kernel /run/old-kernel: --dma identity takes a guest with Linux 5.13 or newer$' \
	uldf-vmm --kernel /run/old-kernel --dma identity --device "$LAB_NVME"

# shellcheck disable=SC2034 # guest.sh reads it
guest_options=(--dma identity --memory 1600M)
for cpus in 1 2; do
	step "A guest with $cpus processors"
	at_once_works "cpus$cpus" '' --cpus "$cpus"
	guest_said "cpus$cpus" "nothing confines the guest's devices"
	guest_said "cpus$cpus" 'guest: RAM below 4 GiB'
	guest_said "cpus$cpus" 'guest: RAM above 4 GiB'
	expect_equal 'huge pages that are free' 1200 "$(free_hugepages)"
done
step 'RAM above 4 GiB alone'
uldfctl release "$LAB_IDE" "$LAB_E1000E"
# pages that a running kernel reserves lie there as long as it has memory there
echo 0 >/proc/sys/vm/nr_hugepages
echo 200 >/proc/sys/vm/nr_hugepages
disk_guest /dev/nvme0n1 'PCI-MSI.*nvme0q' </dev/null
# shellcheck disable=SC2034 # guest.sh reads both; the kernel unpacks itself there
guest_options=(--dma identity) guest_kernel=$LAB_KERNEL
guest_works above /run/disk.img '' --device "$LAB_NVME"
grep -a '^guest:\|^uldf-vmm:' "$LAB_OUT/guest-above.log"
guest_said above '0 MiB of the guest'\''s RAM lie below 4 GiB: its devices that master only 32 bits of addresses will not work'
nothing_is_pinned
expect_equal 'huge pages that are free' 200 "$(free_hugepages)"
uldfctl release "$LAB_NVME"
disk_is_as_written "$LAB_NVME" above
rmmod uldf
