#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --device e1000e --device nvme --device edu
# lab: --allow 'DMAR: .*fault' --timeout 1500
# A stock guest with uldf_guest.ko drives an IDE disk, an NVMe disk and a network card at once, and each of them reaches
# what the guest's drivers map; lists of pages are mapped by one call. A device that writes to a page that its driver has
# unmapped finds nothing. A host that demands strict gets it. A device that the IOMMU refuses to move stays where it is.
# Functions that a driver holds already go behind the IOMMU when they are told to.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
# shellcheck source=tests/lab/disk.sh
. "$LAB_FILES/disk.sh"
# shellcheck source=tests/lab/at-once.sh
. "$LAB_FILES/at-once.sh"

release=${LAB_KERNEL##*/vmlinuz-}
module=$LAB_BUILD/guest-kmod/$release/uldf_guest.ko
first=(--first virtio_pci_modern_dev --first "$module")
# shellcheck disable=SC2034 # guest.sh reads it
guest_options=(--dma viommu)

# Says which functions the guest maps for.
cat >/run/served.sh <<'END'
for device in /sys/bus/pci/devices/*; do
	[ ! -e $device/iommu_group ] || echo "guest: ${device##*/} is mapped for as $(cat $device/iommu_group/type)"
done
lazy=/sys/module/uldf_guest/parameters/lazy
[ ! -e $lazy ] || echo "guest: lazy is $(cat $lazy)"
dmesg | grep -E 'uldf_guest|lab_stray|lab_moves' | sed 's/^/guest: /' || :
END

faults() {
	dmesg | grep -c 'DMAR:.*fault addr' || :
}

served() { # GUEST NUMBER
	expect_equal "devices that the guest '$1' maps for" "$2" "$(grep -c $'is mapped for as DMA\r$' "$LAB_OUT/guest-$1.log")"
}

modprobe_kvm
load_uldf
at_once_guest "${first[@]}" </run/served.sh
at_once_claim
uldfctl claim "$LAB_EDU"

for policy in strict lazy; do
	[[ $policy == strict ]] && cpus=2 append='' || cpus=1 append=uldf_guest.lazy=1
	step "A guest with $cpus processors that unmaps by the policy $policy"
	at_once_works "$policy" "$append" --cpus "$cpus" --stats "/run/$policy.json"
	served "$policy" 3
done
python3 - <<'END'
import json
for policy in "strict", "lazy":
    stats = json.load(open(f"/run/{policy}.json"))
    print("  ", policy, stats)
    viommu = stats["viommu"]
    assert viommu["maps"] > viommu["map_calls"] + 200, "lists are not mapped by one call"
    assert viommu["unmaps"] > 1000
    assert not viommu["refused"] and not viommu["dead"]
    if policy == "lazy":
        assert viommu["unmaps"] > 2 * viommu["unmap_calls"], "unmaps that wait are not ended together"
        assert viommu["doorbells"] < viommu["map_calls"] + viommu["unmaps"] / 2, "unmaps do not wait"
END
expect_equal 'accesses that the IOMMU refused' 0 "$(faults)"

step 'A device that writes to a page that is unmapped'
{
	# The host's kernel tells uldf-vmm of the access, and that the guest.
	cat <<-'END'
		[ ! -d /sys/module/uldf_guest ] || await eval 'dmesg | grep -q "lab_stray): write at .* refused"'
	END
	cat /run/served.sh
} >/run/stray.sh
"$LAB_FILES/guest-initrd" --bare "${first[@]}" --module "$LAB_BUILD/lab-kmod/$release/lab_stray.ko" \
	--script /run/stray.sh /run/stray.img
for policy in direct strict lazy; do
	before=$(faults) dma=viommu append=''
	[[ $policy != direct ]] || dma=direct
	[[ $policy != lazy ]] || append=uldf_guest.lazy=1
	guest_works "stray-$policy" /run/stray.img "$append" --dma "$dma" --device "$LAB_EDU"
	grep -a '^guest:' "$LAB_OUT/guest-stray-$policy.log"
	nothing_is_pinned
	guest_said "stray-$policy" 'lab_stray: mapped, the page holds 0x0'
	if [[ $policy == direct ]]; then
		guest_said stray-direct 'lab_stray: unmapped, the page holds 0x0'
		expect_equal 'accesses that the IOMMU refused' "$before" "$(faults)"
	else
		guest_said "stray-$policy" 'lab_stray: unmapped, the page holds 0x12345678'
		(($(faults) > before)) || fail 'the IOMMU did not refuse the write'
		grep -qa "uldf-vmm: device $LAB_EDU: the host's IOMMU refused its write to address" "$LAB_OUT/guest-stray-$policy.log" ||
			fail 'uldf-vmm does not tell of the write'
		guest_said "stray-$policy" '(lab_stray): write at 0x'
	fi
done
dmesg | grep 'DMAR:.*fault addr' | tail -n 1

step 'A host that demands strict'
guest_works demanded /run/stray.img uldf_guest.lazy=1 --dma viommu,strict --device "$LAB_EDU" --stats /run/demanded.json
guest_said demanded 'uldf_guest: unmaps are strict, as the host demands'
guest_said demanded 'guest: lazy is N'
guest_said stray-lazy 'uldf_guest: unmaps are lazy, by lazy=1'
guest_said stray-lazy 'guest: lazy is Y'
guest_said stray-strict 'uldf_guest: unmaps are strict, by default'
python3 -c 'import json; assert json.load(open("/run/demanded.json"))["viommu"]["strict"] is True'

# Its domain of its own maps what ends behind RAM ('padded'), as Linux pads lists, or what the IOMMU refuses ('beyond'), or
# the host has no space for it ('faulty'): with this seed that is the sixth thing that uldf-vmm allocates, after two spaces,
# the RAM, and space and RAM of the guest's first domain.
step 'A device that the IOMMU refuses to move'
"$LAB_FILES/guest-initrd" --bare "${first[@]}" --module "$LAB_BUILD/lab-kmod/$release/lab_moves.ko" \
	--script /run/served.sh /run/moves.img
for way in moved padded beyond faulty; do
	before=$(faults) append='' device=$LAB_EDU
	# shellcheck disable=SC2016 # the dollar is for the kernel's command line
	[[ $way != padded ]] || append='memmap=4K$0xffff000 lab_moves.last=0xffff000'
	[[ $way != beyond ]] || append=lab_moves.beyond=1
	[[ $way != faulty ]] || device=fault=88,alloc=200:$LAB_EDU
	guest_works "$way" /run/moves.img "$append" --device "$device"
	grep -a '^guest:\|^uldf-vmm:' "$LAB_OUT/guest-$way.log"
	nothing_is_pinned
	guest_said "$way" 'lab_moves: before, the page holds 0x0'
	guest_said "$way" 'lab_moves: back, the page holds 0x0'
	if [[ $way == moved || $way == padded ]]; then
		guest_said "$way" 'lab_moves: the move is answered with 0'
		guest_said "$way" 'lab_moves: moved, the page holds 0x0'
		[[ $way == moved ]] || guest_said padded 'lab_moves: behind RAM, the page holds 0x12345678'
		guest_said "$way" 'lab_moves: unmapped, the page holds 0x12345678'
		(($(faults) > before)) || fail 'the IOMMU did not refuse the write'
	else
		guest_said "$way" 'lab_moves: the move is answered with an error'
		expect_equal 'accesses that the IOMMU refused' "$before" "$(faults)"
	fi
done

step 'A function that a driver holds'
{
	cat <<-'END'
		set -e
		await [ -b /dev/nvme0n1 ]
		dd if=/dev/nvme0n1 of=/dev/null bs=128k count=16 2>/dev/null
	END
	cat /run/served.sh
} >/run/held.sh
"$LAB_FILES/guest-initrd" --module virtio_pci --module "$module" --script /run/held.sh /run/held.img
guest_works held /run/held.img '' --device "$LAB_NVME"
served held 0
guest_said held 'reaches all memory, because nvme holds it'
guest_works rebound /run/held.img uldf_guest.rebind=1 --device "$LAB_NVME"
served rebound 1
rmmod uldf
