#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --device e1000e --device nvme --device edu --timeout 300
# The main job, as the host's admin sees it: give a guest the IDE disk and the NIC, and take them back.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
here=$LAB_FILES/demo
disk=/mnt/disk
web=/run/web

verified() { # TEXT: a step that was checked, for the summary
	echo "$*" >>"$LAB_OUT/summary"
	printf '   ok: %s\n' "$*"
}

host_begins() {
	step "The host: $(uname -sr), its IDE disk mounted, its network card on a wire"
	modprobe ata_piix
	wait_for disk_of "$LAB_IDE"
	mkdir -p "$disk" "$web"
	mount "$(disk_of "$LAB_IDE")" "$disk"
	sed 's/^/   the disk says: /' "$disk/hello.txt"
	modprobe e1000e
	wait_for interface_of "$LAB_E1000E"
	load_uldf
	step 'What could be given away'
	uldfctl list | sed 's/^/   /'
}

claim_is_refused() {
	step 'Claiming the IDE controller while ata_piix holds its mounted disk'
	expect_fail 'held by ata_piix.* mounted on /mnt/disk' uldfctl claim "$LAB_IDE"
	expect_fail 'mounted on /mnt/disk' uldfctl claim --unbind "$LAB_IDE"
	expect_equal "the IDE controller's driver" ata_piix "$(driver_of "$LAB_IDE")"
	grep -q hello "$disk/hello.txt"
	verified 'a claim of the mounted disk was refused, naming ata_piix and the mount'
}

claim() {
	step 'Unmounting the disk, then claiming the IDE controller and the NIC from their drivers'
	umount "$disk"
	uldfctl claim --unbind "$LAB_IDE" "$LAB_E1000E" | sed 's/^/   /'
	expect_equal "the IDE controller's driver" uldf "$(driver_of "$LAB_IDE")"
	expect_equal "the NIC's driver" uldf "$(driver_of "$LAB_E1000E")"
	verified 'the IDE controller and the NIC were claimed'
}

serve() {
	head -c 3M /dev/urandom >"$web/letter"
	busybox httpd -p "$LAB_WIRE_ADDRESS:80" -h "$web"
}

run_guest() {
	step "Starting uldf-vmm with the host's stock kernel and two claimed devices"
	modprobe_kvm
	"$LAB_FILES/guest-initrd" --script "$here/guest.sh" /run/initrd
	tail -q -n +1 -F "$LAB_OUT/guest-demo.log" 2>/dev/null \
		> >(sed -u 's/\r$//; /^<[0-9]>/d; s/^/   guest| /') &
	narrator=$!
	guest_run demo /run/initrd '' --memory 512M --cpus 2 --device "$LAB_IDE" --device "$LAB_E1000E"
	sleep 1
	kill "$narrator"
	guest_did 'lists the IDE controller and the NIC on its PCI bus'
	guest_did 'reads its disk by DMA'
	guest_did 'found the file with the right checksum'
	guest_did 'pings the host over the wire'
	guest_did 'fetched a letter from the host and wrote it to the disk'
	guest_did 'powers off'
}

guest_did() { # TEXT
	guest_said demo "guest: $1"
	verified "the guest $1"
}

take_back() {
	step 'Taking the devices back'
	uldfctl release "$LAB_IDE" "$LAB_E1000E" | sed 's/^/   /'
	expect_equal "the IDE controller's driver" ata_piix "$(driver_of "$LAB_IDE")"
	expect_equal "the NIC's driver" e1000e "$(driver_of "$LAB_E1000E")"
	nothing_is_pinned
	verified "the host's drivers have the devices back, and no memory stayed pinned"
	wait_for disk_of "$LAB_IDE"
	mount "$(disk_of "$LAB_IDE")" "$disk"
	sed 's/^/   the guest left on the disk: /' "$disk/from-the-guest.txt"
	(cd "$disk" && sha256sum --quiet -c SHA256SUMS)
	cmp "$web/letter" "$disk/letter"
	verified "what the guest wrote is on the disk, byte for byte ($(sha256sum <"$disk/letter" | head -c 16)...)"
	umount "$disk"
	e2fsck -fn "$(disk_of "$LAB_IDE")" >/dev/null 2>&1
	verified 'the file system is clean'
	rmmod uldf
	verified 'uldf.ko unloaded'
}

host_begins
claim_is_refused
claim
serve
run_guest
take_back
