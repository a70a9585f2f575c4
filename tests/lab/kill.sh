# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the tests kill*.sh, which kill VMMs whose guests do disk and network I/O. The host has ide and e1000e.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
log=$LAB_OUT/guest.log

# What guest-initrd is told besides.
initrd_options=()

# Keeps the disk and the card busy both ways until it is killed.
cat >/run/busy.sh <<'END'
set -eu
await [ -b /dev/sda ]
mount -t ext4 /dev/sda /mnt
ip link set eth0 up
ip addr add 192.0.2.2/24 dev eth0
await grep -q 1 /sys/class/net/eth0/carrier
await timeout 20 wget -q -O /dev/null http://192.0.2.1/letter
while :; do wget -q -O /dev/null http://192.0.2.1/letter; done &
while :; do dd if=/dev/zero of=/mnt/scratch bs=64k count=64 conv=fsync 2>/dev/null; done &
while :; do dd if=/dev/sda of=/dev/null bs=64k count=256 iflag=direct 2>/dev/null; done &
sleep 0.3
echo 'guest: busy'
wait
END

# Loads the modules and claims the devices, with frames coming in on the wire.
kill_prepare() {
	step 'Claiming the devices, with frames coming in on the wire'
	modprobe_kvm
	load_uldf
	[[ $LAB_IOMMU != none ]] || echo Y >/sys/module/uldf/parameters/allow_bare
	modprobe -a ata_piix e1000e
	wait_for disk_of "$LAB_IDE"
	wait_for interface_of "$LAB_E1000E"
	"$LAB_FILES/guest-initrd" "${initrd_options[@]}" --script /run/busy.sh /run/initrd
	mkdir -p /run/web
	head -c 1M /dev/urandom >/run/web/letter
	busybox httpd -p "$LAB_WIRE_ADDRESS:80" -h /run/web
	ip neigh replace 192.0.2.2 lladdr 52:54:00:00:00:02 dev "$LAB_WIRE"
	# Frames come in past the guest's end: a card left running would write them to its memory. No more than a slow
	# guest can take beside its work.
	ping -q -i "0.$(printf %02d "$LAB_SLOW")" -s 1000 192.0.2.2 >/dev/null 2>&1 &
	flood=$!
	trap 'kill "$flood" 2>/dev/null || :' EXIT
	uldfctl claim --unbind "$LAB_IDE" "$LAB_E1000E"
}

# Of a guest that hangs: its console, where the threads of its VMM are, and what it has cost, twice within a second.
show_guest() {
	local task
	cat "$log"
	for task in "/proc/$vmm/task"/*; do
		printf '%s: %s\n' "$(<"$task/comm")" "$(<"$task/wchan")"
		cat "$task/stack"
	done
	python3 - <<-'END'
		import socket, time
		control = socket.socket(socket.AF_UNIX)
		control.settimeout(20)
		control.connect("/run/control")
		for _ in range(2):
		    control.send(b'{"command": "stats"}\n')
		    print(control.recv(65536).decode())
		    time.sleep(0.5)
	END
}

# The VMM leads a process group of its own.
start_guest() {
	local deadline=$((SECONDS + 300 * LAB_SLOW))
	rm -f /run/control
	setsid uldf-vmm --kernel "$guest_kernel" --initrd /run/initrd --append "$guest_append" --control /run/control \
		--memory 192M "${guest_options[@]}" --device "$LAB_IDE" --device "$LAB_E1000E" </dev/null >"$log" 2>&1 &
	vmm=$!
	until grep -q '^guest: busy' "$log"; do
		kill -0 "$vmm" || fail "the guest has ended by itself: $(cat "$log")"
		((SECONDS < deadline)) || fail "the guest is not busy yet: $(show_guest 2>&1)"
		sleep 0.3
	done
}

# Holding the guest's memory open keeps its pages from being freed when the VMM dies.
hold_memory() {
	local fd
	for fd in /proc/"$vmm"/fd/*; do
		if [[ $(readlink "$fd") == /memfd:* ]]; then
			exec 9<"$fd"
			return
		fi
	done
	fail "the VMM has no memfd: $(tail -n 40 "$log")"
}

memory_rests() {
	cp /proc/self/fd/9 /run/before
	sleep 0.3
	cmp /run/before /proc/self/fd/9 || fail 'memory that was the guest'\''s is still written'
	exec 9<&-
	rm /run/before
}

# The host's next owner of the pages, who has them as soon as they are free, finds only what it wrote there. Those that
# were freed last are given first.
pages_rest() { # HUGE-PAGES
	python3 - "$1" "$((60 * LAB_SLOW))" <<-'END'
		import mmap, sys, time
		size = int(sys.argv[1]) << 21
		used = min(size, 256 << 20)
		deadline = time.monotonic() + int(sys.argv[2])
		while True:
		    try:
		        pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000) # MAP_HUGETLB
		        break
		    except OSError:
		        if time.monotonic() > deadline:
		            raise
		pattern = b"\xa5" * (1 << 20)
		for at in range(0, used, 1 << 20):
		    pages[at:at + (1 << 20)] = pattern
		time.sleep(0.3)
		for at in range(0, used, 1 << 20):
		    if pages[at:at + (1 << 20)] != pattern:
		        sys.exit("written at %#x" % at)
	END
}

bus_master_is_off() { # ADDRESS
	local command
	command=$(od -An -tu2 -j4 -N2 "/sys/bus/pci/devices/$1/config")
	((!(command & 4)))
}

give_back_and_take_again() {
	local disk
	uldfctl release "$LAB_IDE" "$LAB_E1000E"
	expect_equal "the disk's driver" ata_piix "$(driver_of "$LAB_IDE")"
	expect_equal "the card's driver" e1000e "$(driver_of "$LAB_E1000E")"
	wait_for disk_of "$LAB_IDE"
	disk=$(disk_of "$LAB_IDE")
	mount "$disk" /mnt
	(cd /mnt && sha256sum --quiet -c SHA256SUMS)
	umount /mnt
	uldfctl claim --unbind "$LAB_IDE" "$LAB_E1000E"
}

# Kills the VMM of a busy guest whose RAM is in huge pages, its process alone and its whole process group in turn, so many
# times (KILLS); nothing may stay behind.
kill_guests() {
	local i hugepages kills=${KILLS:-2}
	hugepages=$(free_hugepages)
	for ((i = 1; i <= kills; i++)); do
		start_guest
		sleep "0.$((RANDOM % 10))"
		if ((i % 2)); then
			step "Kill $i: the process"
			hold_memory
			kill -KILL "$vmm"
		else
			step "Kill $i: the process group, whose memory another one gets at once"
			kill -KILL -- "-$vmm"
			pages_rest "$hugepages" || fail 'memory that was the guest'\''s is still written'
		fi
		wait "$vmm" 2>/dev/null && fail 'a killed VMM ended well'
		nothing_is_pinned
		bus_master_is_off "$LAB_IDE" || fail 'the IDE controller is still a bus master'
		bus_master_is_off "$LAB_E1000E" || fail 'the card is still a bus master'
		((i % 2 == 0)) || memory_rests
		((i % 5 && i < kills)) || give_back_and_take_again
	done
	uldfctl release "$LAB_IDE" "$LAB_E1000E"
	kill "$flood"
}
