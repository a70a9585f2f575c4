#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ahci --device e1000e --device igb --device edu --device xhci --timeout 900
# lab: --qemu -device --qemu usb-kbd,bus=xhci.0 --qemu -device --qemu VGA,bus=pcie.0,addr=5.0,romfile=
# What the host uses is refused, in words that name the use; once the use has ended, the device can be had.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
PATH=$LAB_BUILD/bin:$PATH

refused() { # ADDRESS REGEX: in a dry run and in earnest, and the driver stays
	local driver output status mode
	driver=$(driver_of "$1")
	for mode in --dry-run --unbind; do
		status=0
		output=$(uldfctl claim "$mode" --unbind "$1" 2>&1 >/dev/null) || status=$?
		expect_equal "exit status ($output)" 4 "$status"
		[[ $output =~ $2 ]] || fail "said '$output', not '$2'"
	done
	expect_equal 'driver' "$driver" "$(driver_of "$1")"
	why no 4 "$1"
	printf '   refused: %s\n' "$output"
}

free() { # ADDRESS
	uldfctl claim --unbind --dry-run "$1" || fail "$1 should be free"
	why yes 0 "$1"
}

why() { # ANSWER STATUS ADDRESS
	local answer status=0
	answer=$(uldfctl why "$3") || status=$?
	expect_equal "exit status of why ($answer)" "$2" "$status"
	[[ $answer == *"to a program: $1, to a guest: $1"* ]] || fail "why said: $answer"
	answers=$((answers + 1))
	uldfctl why --json "$3" >"/run/why.$answers.json" || :
}

vga=0000:00:05.0
answers=0
load_uldf
modprobe_kvm
step 'a device without a driver'
free "$LAB_EDU"
modprobe -a sd_mod ahci
wait_for disk_of "$LAB_AHCI"
disk=$(disk_of "$LAB_AHCI")
free "$LAB_AHCI"

step 'a disk'
mkdir /run/disk
mount "$disk" /run/disk
refused "$LAB_AHCI" "$disk mounted on /run/disk: umount /run/disk"
umount /run/disk
unshare --mount bash -c "mount $disk /run/disk; touch /run/hidden; while [[ -e /run/hidden ]]; do sleep 0.1; done" &
wait_for test -e /run/hidden
refused "$LAB_AHCI" "$disk in use"
rm /run/hidden
wait
free "$LAB_AHCI"
sleep 1000 <>"$disk" &
refused "$LAB_AHCI" "$disk open in sleep $(process_regex $!): end process $!"
kill $!
wait $! || :
free "$LAB_AHCI"
modprobe loop
loop=$(losetup --show -f "$disk")
mount "$loop" /run/disk
refused "$LAB_AHCI" "$loop mounted on /run/disk, $loop lies over $disk: umount /run/disk; losetup -d $loop"
umount /run/disk
losetup -d "$loop"
free "$LAB_AHCI"
modprobe -a dm-mod dm-crypt dm-multipath dm-round-robin
while read -r uuid words stop table; do
	dmsetup create --noudevsync --uuid "$uuid" uses --table "0 2048 ${table//DISK/$disk}"
	refused "$LAB_AHCI" "$disk part of ${words//_/ } uses: ${stop//_/ }"
	dmsetup remove --noudevsync uses
	free "$LAB_AHCI"
done <<'END'
LVM-1 LVM_volume lvchange_-an_/dev/mapper/uses linear DISK 0
CRYPT-PLAIN-uses dm-crypt_volume cryptsetup_close_uses crypt cipher_null-ecb-null - 0 DISK 0
mpath-1 multipath_disk multipath_-f_uses multipath 0 0 1 1 round-robin 0 1 1 DISK 1
other device-mapper_table dmsetup_remove_uses linear DISK 0
END
modprobe md-mod
echo md_uses >/sys/module/md_mod/parameters/new_array
echo none >/sys/block/md_uses/md/metadata_version
cat "/sys/block/${disk##*/}/dev" >/sys/block/md_uses/md/new_dev
refused "$LAB_AHCI" "$disk part of RAID set /dev/md_uses: mdadm --stop /dev/md_uses"
echo clear >/sys/block/md_uses/md/array_state
free "$LAB_AHCI"
mkswap -q "$disk"
swapon "$disk"
refused "$LAB_AHCI" "$disk used as swap: swapoff $disk"
swapoff "$disk"
free "$LAB_AHCI"

step 'a network card'
modprobe e1000e
wait_for interface_of "$LAB_E1000E"
card=$(interface_of "$LAB_E1000E")
free "$LAB_E1000E"
ip link set "$card" up
refused "$LAB_E1000E" "$card is up: ip link set $card down"
ip addr add 198.51.100.2/24 dev "$card"
ip route add default via 198.51.100.1 dev "$card"
refused "$LAB_E1000E" "$card is up and has the default route"
ip link set "$card" down
free "$LAB_E1000E"
modprobe bridge
ip link add br0 type bridge
ip link set "$card" master br0
refused "$LAB_E1000E" "$card is part of br0: ip link set $card nomaster"
ip link del br0
modprobe bonding
ip link add bond7 type bond
ip link set "$card" master bond7
refused "$LAB_E1000E" "$card is part of bond7, $card is up: ip link set $card nomaster; ip link set $card down"
ip link del bond7
ip link set "$card" down
free "$LAB_E1000E"
ip netns add blue
ip link set "$card" netns blue
refused "$LAB_E1000E" "$card is there in the network namespace of blue: ip netns exec blue ip link set $card netns 1"
ip netns exec blue ip link set "$card" up
refused "$LAB_E1000E" "$card is up in the network namespace of blue"
ip netns exec blue ip link set "$card" netns 1
free "$LAB_E1000E"

step 'virtual functions'
modprobe igb
wait_for interface_of "$LAB_IGB"
free "$LAB_IGB"
echo 2 >"/sys/bus/pci/devices/$LAB_IGB/sriov_numvfs"
refused "$LAB_IGB" "it has 2 virtual functions: echo 0 >/sys/bus/pci/devices/$LAB_IGB/sriov_numvfs"
echo 0 >"/sys/bus/pci/devices/$LAB_IGB/sriov_numvfs"
free "$LAB_IGB"

step 'a device that a program drives by vfio'
modprobe vfio-pci
driver_unbind "$LAB_E1000E"
echo vfio-pci >"/sys/bus/pci/devices/$LAB_E1000E/driver_override"
echo "$LAB_E1000E" >/sys/bus/pci/drivers_probe
group=$(basename "$(readlink "/sys/bus/pci/devices/$LAB_E1000E/iommu_group")")
free "$LAB_E1000E"
sleep 1000 <>"/dev/vfio/$group" &
refused "$LAB_E1000E" "a guest or a program drives it \(/dev/vfio/$group is open\), /dev/vfio/$group open in sleep $(process_regex $!)"
kill $!
wait $! || :
uldfctl claim --unbind "$LAB_E1000E"
uldfctl release --no-reprobe "$LAB_E1000E"

step 'a device that a program drives by uio'
modprobe uio_pci_generic
echo uio_pci_generic >"/sys/bus/pci/devices/$LAB_EDU/driver_override"
echo "$LAB_EDU" >/sys/bus/pci/drivers_probe
free "$LAB_EDU"
sleep 1000 <>/dev/uio0 &
refused "$LAB_EDU" "/dev/uio0 open in sleep $(process_regex $!): end process $!"
kill $!
wait $! || :
free "$LAB_EDU"

step 'the screen, the keyboard'
modprobe bochs
wait_for grep -q 'frame buffer' /sys/class/vtconsole/vtcon1/name
refused "$vga" 'the text console is on fb0: echo 0 >/sys/class/vtconsole/vtcon1/bind'
echo 0 >/sys/class/vtconsole/vtcon1/bind
free "$vga"
modprobe -a xhci_pci usb_storage usbhid hid_generic
wait_for disk_of "$LAB_XHCI"
wait_for compgen -G '/sys/class/input/input*/name'
refused "$LAB_XHCI" 'input device QEMU QEMU USB Keyboard \(input[0-9]*\) is on it: unplug it, or plug it into another controller'

step 'by force'
sleep 1000 <>"$disk" &
status=0
said=$(uldfctl claim --unbind --force "$LAB_AHCI" 2>&1 >/dev/null) || status=$?
expect_equal "exit status ($said)" 0 "$status"
[[ $said =~ "taken by force: $disk open in sleep "$(process_regex $!)': lost is ' ]] || fail "said '$said'"
expect_equal 'driver of the disk controller' uldf "$(driver_of "$LAB_AHCI")"
kill $!
wait $! || :
uldfctl release "$LAB_AHCI"
json_is why /run/why.*.json
