# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# Functions for the scripts of guests, which run with them (guest-init).

seconds_up() {
	cut -d . -f 1 /proc/uptime
}

# Until the command succeeds, for 200 s of the guest's time.
await() { # COMMAND [ARGUMENT]...
	awaited=$(($(seconds_up) + 200))
	until "$@"; do
		if [ "$(seconds_up)" -ge "$awaited" ]; then
			echo "guest: waited in vain: $*"
			return 1
		fi
		usleep 100000
	done
}

# Reads a disk's files twice, from the disk and not from memory the second time, and writes one.
use_disk() { # DISK
	mount -t ext4 "$1" /mnt
	cd /mnt || return
	sha256sum -c SHA256SUMS
	echo 3 >/proc/sys/vm/drop_caches
	sha256sum -c SHA256SUMS
	dd if=/dev/urandom of=written bs=64k count=48 conv=fsync 2>/dev/null
	sha256sum written >written.sum
	echo "guest: wrote $(cut -c 1-64 written.sum)"
	cd / || return
	umount /mnt
}

# An IDE disk's transfers are DMA.
ide_by_dma() {
	mode=$(cat /sys/class/ata_device/dev*/dma_mode)
	echo "guest: uses $mode"
	case $mode in *DMA*) ;; *) false ;; esac
}
