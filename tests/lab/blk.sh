# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For scripts that serve disks by uldf-blk; source it after lib.sh.
PATH=$LAB_BUILD/bin:$PATH

blk_nbd=/dev/nbd0
blk_mount=/run/blk-disk

blk_prepare() { # ADDRESS: as far as uldf-blk itself expects it
	insmod "$LAB_BUILD/kmod/$LAB_RELEASE/uldf.ko"
	modprobe nbd max_part=0
	uldfctl claim "$1"
	mkdir -p "$blk_mount"
}

# Starts uldf-blk, whose process id is left in 'blk', and waits until the disk can be used.
blk_start() { # ADDRESS [OPTION]...
	local address=$1
	shift
	: >/run/blk.out
	uldf-blk --device "$address" --nbd-device "$blk_nbd" "$@" >/run/blk.out 2>&1 &
	blk=$!
	for ((tries = 0; tries < 1000; tries++)); do
		grep -q "^$blk_nbd: .* blocks of " /run/blk.out && break
		kill -0 "$blk" 2>/dev/null || fail "uldf-blk ended by itself: $(cat /run/blk.out)"
		sleep 0.1
	done
	sed 's/^/   /' /run/blk.out
	((tries < 1000)) || fail 'uldf-blk does not begin to serve'
}

# Ends it by SIGTERM, which must be a good end.
blk_stop() {
	local status=0
	kill "$blk"
	wait "$blk" || status=$?
	expect_equal "status of uldf-blk ($(cat /run/blk.out))" 0 "$status"
}

# Has it killed, whatever it is at.
blk_kill() {
	kill -KILL "$blk"
	wait "$blk" 2>/dev/null || :
}

# Nobody drives the device: it masters no bus, and none of its memory is pinned.
blk_expect_quiet() { # ADDRESS
	local command
	command=$(setpci -s "$1" COMMAND)
	((!(0x$command & 4))) || fail "device $1 masters the bus: command register 0x$command"
	wait_for blk_unpinned
}

blk_unpinned() {
	[[ $(cat /sys/class/uldf/pinned_bytes) == 0 ]]
}

# Files of about 8 MiB each, no block of which is in two of them at the same place.
blk_make_files() { # DIR MIB
	local i
	mkdir -p "$1"
	head -c 9M /dev/urandom >/run/seed
	for ((i = 0; i < $2 / 8; i++)); do
		tail -c "+$((i * 7919 + 1))" /run/seed >"$1/$i"
	done
}

blk_drop_caches() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

blk_expect_files() { # NAME...: in the file system that is mounted, as they are in /run/files
	local name
	blk_drop_caches
	for name; do
		cmp "/run/files/$name" "$blk_mount/files/$name" || fail 'the disk does not hold what was written'
	done
}

# The content that the lab gives its disks.
blk_expect_lab_content() {
	mount -o ro "$blk_nbd" "$blk_mount"
	(cd "$blk_mount" && sha256sum --quiet -c SHA256SUMS) || fail 'the disk does not hold what it was made with'
	umount "$blk_mount"
}

# A file system made, filled, emptied out of every cache, read again and checked.
blk_filesystem() { # MIB
	mkfs.ext4 -q -F -E nodiscard "$blk_nbd"
	mount "$blk_nbd" "$blk_mount"
	blk_make_files /run/files "$1"
	cp -r /run/files "$blk_mount/"
	umount "$blk_mount"
	mount "$blk_nbd" "$blk_mount"
	(cd /run/files && blk_expect_files ./*)
	umount "$blk_mount"
	e2fsck -fn "$blk_nbd" >/run/fsck 2>&1 || fail "e2fsck: $(cat /run/fsck)"
}

# Killed while the host writes and reads; then served again, with nothing lost that was there before.
blk_killed_under_load() { # ADDRESS [OPTION]...
	local writer reader
	mount "$blk_nbd" "$blk_mount"
	while :; do dd if=/dev/zero of="$blk_mount/scratch" bs=64k count=64 conv=fsync || :; done >/dev/null 2>&1 &
	writer=$!
	while :; do dd if="$blk_nbd" of=/dev/null bs=256k count=64 iflag=direct || :; done >/dev/null 2>&1 &
	reader=$!
	sleep 1
	blk_kill
	blk_expect_quiet "$1"
	kill "$writer" "$reader"
	wait "$writer" "$reader" 2>/dev/null || :
	# who wrote to it may still be coming to its end
	wait_for umount "$blk_mount"
	blk_start "$@"
	e2fsck -fy "$blk_nbd" >/run/fsck 2>&1 || (($? == 1)) || fail "e2fsck: $(cat /run/fsck)"
	mount "$blk_nbd" "$blk_mount"
	blk_expect_files 0 1
	umount "$blk_mount"
}
