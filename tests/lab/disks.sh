# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For scripts that give a guest the disks of several controllers; source it after guest.sh. A controller is named as
# in devices.sh.

# Makes /run/disks.img, the initramfs of a guest that uses each disk (guest-lib.sh); it ends with the shell commands of
# standard input.
disks_guest() { # 'CONTROLLER...' [OPTION-OF-GUEST-INITRD]...
	local names=$1
	shift
	{
		printf 'set -eu\nnames=%q\n' "$names"
		cat <<-'END'
			for name in $names; do
				echo "guest: awaits the disk lab-$name"
				await findfs LABEL=lab-$name
				disk=$(findfs LABEL=lab-$name)
				echo "guest: $name: $disk"
				use_disk $disk
			done
		END
		cat
	} >/run/disks.sh
	"$LAB_FILES/guest-initrd" "$@" --script /run/disks.sh /run/disks.img
}

# Runs the guest with the controllers, which no driver of the host ever has. Their images are in the folder of the run, where
# the host reads what the guest wrote.
disks_work() { # NAME 'CONTROLLER...' [OPTION]...
	local name=$1 names options=() disk address
	read -ra names <<<"$2"
	shift 2
	for disk in "${names[@]}"; do
		address=LAB_${disk^^}
		uldfctl claim "${!address}"
		options+=(--device "${!address}")
	done
	guest_works "$name" /run/disks.img '' "${options[@]}" "$@"
	grep -a '^guest:\|^uldf-vmm:' "$LAB_OUT/guest-$name.log"
	nothing_is_pinned
	for disk in "${names[@]}"; do
		address=LAB_${disk^^}
		uldfctl release "${!address}"
		e2fsck -fn "$LAB_OUT/$disk.img" >/dev/null 2>&1 || fail "the file system of $disk is not clean"
		guest_said "$name" "guest: wrote $(debugfs -R 'cat written' "$LAB_OUT/$disk.img" 2>/dev/null | sha256sum | cut -c 1-64)"
	done
}

# A stock guest that has an IOMMU drives a SATA disk and a USB stick, whose controllers reach what its drivers map and
# nothing else. The host has ahci and xhci.
disks_behind_iommu() {
	disks_guest 'ahci xhci' --viommu --module ahci --module xhci_pci --module usb_storage <<-'END'
		uname -r
		for device in /sys/bus/pci/devices/*; do
			[ ! -e $device/iommu_group ] || echo "guest: ${device##*/} is mapped for as $(cat $device/iommu_group/type)"
		done
	END
	modprobe_kvm
	load_uldf
	disks_work viommu 'ahci xhci' --dma viommu --stats /run/stats.json
	expect_equal 'devices that the guest maps for' 2 "$(grep -c 'is mapped for as DMA-FQ' "$LAB_OUT/guest-viommu.log")"
	python3 - /run/stats.json <<-'END'
		import json, sys
		viommu = json.load(open(sys.argv[1]))["viommu"]
		print("  ", viommu)
		assert viommu["maps"] > 100 and viommu["unmaps"] > 100
		assert not viommu["quota"] and not viommu["dead"]
	END
	rmmod uldf
}
