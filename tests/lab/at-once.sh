# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For scripts that give a guest an IDE disk, an NVMe disk and a network card at once; source it after guest.sh and disk.sh.
# The host has ide, e1000e and nvme.

# Makes /run/devices.img, the initramfs of a guest that uses both disks (guest-lib.sh) while it receives over the network;
# it ends with the shell commands of standard input.
at_once_guest() { # [OPTION-OF-GUEST-INITRD]...
	{
		cat <<-'END'
			set -eu
			ip link set eth0 up
			ip addr add 192.0.2.2/24 dev eth0
			await wget -q -O letter http://192.0.2.1/letter
			echo "guest: received $(sha256sum <letter | cut -c 1-64)"
			: >/letters
			while :; do
				wget -q -O again http://192.0.2.1/letter
				cmp letter again || echo 'guest: received something else'
				echo again >>/letters
			done &
			for disk in /dev/sda /dev/nvme0n1; do
				await [ -b $disk ]
				before=$(wc -l </letters)
				use_disk $disk
				await eval '[ $(wc -l </letters) -gt $before ]'
			done
			kill $! || { echo 'guest: nothing is received any more'; exit 1; }
			# Linux from 6.15 on resets a virtio-iommu before the card when it powers off: a frame that comes then has
			# the IOMMU's driver wait for ever.
			ip link set eth0 down
			echo "guest: received it $(wc -l </letters) times more"
			ide_by_dma
		END
		cat
	} >/run/devices.sh
	"$LAB_FILES/guest-initrd" "$@" --script /run/devices.sh /run/devices.img
}

# Claims the devices, with a letter for the guest to fetch; uldf.ko is loaded.
at_once_claim() {
	modprobe -a ata_piix e1000e nvme
	wait_for disk_of "$LAB_IDE"
	wait_for disk_of "$LAB_NVME"
	wait_for interface_of "$LAB_E1000E"
	mkdir -p /run/web
	head -c 1M /dev/urandom >/run/web/letter
	busybox httpd -p "$LAB_WIRE_ADDRESS:80" -h /run/web
	ip neigh replace 192.0.2.2 lladdr 52:54:00:00:00:02 dev "$LAB_WIRE"
	uldfctl claim --unbind "$LAB_IDE" "$LAB_E1000E" "$LAB_NVME"
}

# Runs the guest with the three devices, and looks at what it leaves behind.
at_once_works() { # NAME APPEND [OPTION]...
	local name=$1
	guest_works "$name" /run/devices.img "$2" --device "$LAB_IDE" --device "$LAB_E1000E" --device "$LAB_NVME" "${@:3}"
	grep -a '^guest:\|^uldf-vmm:' "$LAB_OUT/guest-$name.log"
	guest_said "$name" "guest: received $(sha256sum </run/web/letter | head -c 64)"
	! guest_says "$name" 'guest: received something else' || fail 'what the guest received is not what was sent'
	nothing_is_pinned
	uldfctl release "$LAB_IDE" "$LAB_E1000E" "$LAB_NVME"
	disk_is_as_written "$LAB_IDE" "$name"
	disk_is_as_written "$LAB_NVME" "$name"
	wait_for interface_of "$LAB_E1000E"
	uldfctl claim --unbind "$LAB_IDE" "$LAB_E1000E" "$LAB_NVME"
}
