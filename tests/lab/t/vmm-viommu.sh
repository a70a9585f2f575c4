#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --device e1000e --device nvme --device edu --device pair --guest-kernel trixie-backports
# lab: --allow 'DMAR: .*fault' --timeout 1200
# A stock guest that has an IOMMU drives an IDE disk, an NVMe disk and a network card at once, and each of them reaches what
# the guest's drivers map. A device that is told to write elsewhere does not.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
# shellcheck source=tests/lab/disk.sh
. "$LAB_FILES/disk.sh"
# shellcheck source=tests/lab/at-once.sh
. "$LAB_FILES/at-once.sh"

at_once_guest --viommu <<'END'
for device in /sys/bus/pci/devices/*; do
	[ ! -e $device/iommu_group ] || echo "guest: ${device##*/} is mapped for as $(cat $device/iommu_group/type)"
done
END

# Tells the card to write four zeros to RAM that the guest's kernel leaves alone, and looks what is there then.
cat >/run/stray.sh <<'END'
set -eu
for device in /sys/bus/pci/devices/*; do
	[ "$(cat $device/vendor):$(cat $device/device)" != 0x1234:0x11e8 ] || edu=$device
done
echo 1 >$edu/enable
printf '\006' | dd of=$edu/config bs=1 seek=4 conv=notrunc 2>/dev/null
read -r bar rest <$edu/resource
write() {
	devmem $((bar + $1)) 32 $2
}
devmem 0x8000000 32 0x12345678
write 0x80 0x40000
write 0x84 0
write 0x88 0x8000000
write 0x8c 0
write 0x90 4
write 0x98 3
while [ $(($(devmem $((bar + 0x98)) 32) & 1)) = 1 ]; do usleep 10000; done
echo "guest: after the write there is $(devmem 0x8000000 32)"
END
"$LAB_FILES/guest-initrd" --bare --viommu --script /run/stray.sh /run/stray.img

faults() {
	dmesg | grep -c 'DMAR:.*fault addr' || :
}

modprobe_kvm
load_uldf
at_once_claim
uldfctl claim "$LAB_EDU"

step 'What cannot be kept apart'
uldfctl claim --group --unbind "$LAB_PAIR"
expect_fail '^uldf-vmm: device .*: another one is in its IOMMU group, and --dma viommu cannot keep the two apart' \
	uldf-vmm --kernel "$LAB_KERNEL" --dma viommu --device "$LAB_PAIR" --device "$LAB_PAIR_MATE"
nothing_is_pinned

# shellcheck disable=SC2034 # guest.sh reads it
guest_options=(--dma viommu)
for policy in lazy strict; do
	[[ $policy == lazy ]] && cpus=1 type=DMA-FQ append='' || cpus=2 type=DMA append=iommu.strict=1
	step "A guest with $cpus processors that unmaps by the policy $policy"
	at_once_works "$policy" "$append" --cpus "$cpus" --stats /run/stats.json
	expect_equal 'devices that the guest maps for' 3 "$(grep -c "is mapped for as $type" "$LAB_OUT/guest-$policy.log")"
	python3 - /run/stats.json <<-'END'
		import json, sys
		viommu = json.load(open(sys.argv[1]))["viommu"]
		print("  ", viommu)
		assert viommu["maps"] > 1000 and viommu["unmaps"] > 1000
		assert not viommu["quota"] and not viommu["dead"]
	END
done
expect_equal 'accesses that the IOMMU refused' 0 "$(faults)"

step 'A device that writes where nothing is mapped'
for policy in direct viommu; do
	# shellcheck disable=SC2016 # the dollar is for the kernel's command line
	guest_works "stray-$policy" /run/stray.img 'memmap=1M$0x8000000' --dma "$policy" --device "$LAB_EDU"
	grep -a '^guest:' "$LAB_OUT/guest-stray-$policy.log"
	nothing_is_pinned
	[[ $policy == viommu ]] || expect_equal 'accesses that the IOMMU refused' 0 "$(faults)"
done
guest_said stray-direct 'guest: after the write there is 0x00000000'
guest_said stray-viommu 'guest: after the write there is 0x12345678'
(($(faults) > 0)) || fail 'the IOMMU did not refuse the write'
dmesg | grep 'DMAR:.*fault addr 0x8000000' | tail -n 1
rmmod uldf
