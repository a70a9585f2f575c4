# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For scripts that give a guest a disk to read, to write and to give back; source it after guest.sh.

# Makes /run/disk.img, the initramfs of a guest that uses the disk (guest-lib.sh), counts the interrupts that lines
# matching REGEX in /proc/interrupts tell of, and ends with the shell commands of standard input, which prove how it did that.
disk_guest() { # DISK REGEX [OPTION-OF-GUEST-INITRD]...
	local disk=$1 regex=$2
	shift 2
	{
		printf 'set -eu\ndisk=%q\nregex=%q\n' "$disk" "$regex"
		cat <<-'END'
			await [ -b "$disk" ]
			interrupts() {
				grep "$regex" /proc/interrupts |
					awk -v cpus="$(nproc)" '{ for (i = 2; i < 2 + cpus; i++) n += $i } END { print n + 0 }'
			}
			before=$(interrupts)
			use_disk "$disk"
			grep "$regex" /proc/interrupts
			taken=$(($(interrupts) - before))
			echo "guest: took $taken interrupts"
			[ "$taken" -gt 20 ]
		END
		cat
	} >/run/disk.sh
	"$LAB_FILES/guest-initrd" "$@" --script /run/disk.sh /run/disk.img
}

disk_is_as_written() { # ADDRESS GUEST
	local disk
	wait_for disk_of "$1"
	disk=$(disk_of "$1")
	e2fsck -fn "$disk" >/dev/null || fail 'the file system is not clean'
	mount "$disk" /mnt
	(cd /mnt && sha256sum -c SHA256SUMS written.sum)
	guest_said "$2" "guest: wrote $(sha256sum </mnt/written | head -c 64)"
	rm /mnt/written /mnt/written.sum
	umount /mnt
}

# The same by a guest with one processor and one with two, and each time the host looks at the disk.
disk_in_guests() { # ADDRESS [OPTION-OF-DEVICE]
	local cpus
	wait_for disk_of "$1"
	for cpus in 1 2; do
		step "The disk in a guest with $cpus processors"
		uldfctl claim --unbind "$1"
		guest_works "cpus$cpus" /run/disk.img '' --cpus "$cpus" --device "$1${2:+,$2}"
		grep '^guest:' "$LAB_OUT/guest-cpus$cpus.log"
		nothing_is_pinned
		uldfctl release "$1"
		disk_is_as_written "$1" "cpus$cpus"
	done
}
