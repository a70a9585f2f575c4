#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device ide --device e1000e --device nvme --iommu none --append hugepages=1200 --timeout 1200
# On a host without an IOMMU a stock guest drives an IDE disk, an NVMe disk and a network card at once, by DMA to RAM that
# it has at its bus addresses, below and above 4 GiB. What is missing for that is said.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
# shellcheck source=tests/lab/disk.sh
. "$LAB_FILES/disk.sh"

cat >/run/devices.sh <<'END'
set -eu
await() {
	i=0
	until "$@"; do
		i=$((i + 1))
		[ $i -lt 1000 ]
		usleep 100000
	done
}
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
	mount -t ext4 $disk /mnt
	cd /mnt
	sha256sum -c SHA256SUMS
	echo 3 >/proc/sys/vm/drop_caches
	sha256sum -c SHA256SUMS
	dd if=/dev/urandom of=written bs=64k count=48 conv=fsync 2>/dev/null
	before=$(wc -l </letters)
	await eval '[ $(wc -l </letters) -gt $before ]'
	sha256sum written >written.sum
	echo "guest: wrote $(cut -c 1-64 written.sum)"
	cd /
	umount /mnt
done
kill $! || { echo 'guest: nothing is received any more'; exit 1; }
echo "guest: received it $(wc -l </letters) times more"
mode=$(cat /sys/class/ata_device/dev1.0/dma_mode)
echo "guest: uses $mode"
case $mode in *DMA*) ;; *) false ;; esac
sed -n 's/^\([^ ]*\)-.* : System RAM/\1/p' /proc/iomem | while read -r start; do
	if [ $((0x$start)) -ge $((1 << 32)) ]; then
		echo 'guest: RAM above 4 GiB'
	elif [ $((0x$start)) -ge $((1 << 20)) ]; then
		echo 'guest: RAM below 4 GiB'
	fi
done
END
"$LAB_FILES/guest-initrd" --script /run/devices.sh /run/devices.img

refuses() { # REGEX [OPTION]...: uldf-vmm fails with one line that matches
	expect_fail "^uldf-vmm: $1\$" uldf-vmm --kernel "$LAB_KERNEL" --initrd /run/devices.img "${@:2}" --device "$LAB_NVME"
	nothing_is_pinned
}

modprobe_kvm
modprobe -a ata_piix e1000e nvme
load_uldf
wait_for disk_of "$LAB_IDE"
wait_for disk_of "$LAB_NVME"
wait_for interface_of "$LAB_E1000E"
mkdir -p /run/web
head -c 3M /dev/urandom >/run/web/letter
busybox httpd -p "$LAB_WIRE_ADDRESS:80" -h /run/web
ip neigh replace 192.0.2.2 lladdr 52:54:00:00:00:02 dev "$LAB_WIRE"
uldfctl claim --unbind "$LAB_IDE" "$LAB_E1000E" "$LAB_NVME"

step 'What is missing'
refuses '.*allow_bare.*' --dma identity
echo Y >/sys/module/uldf/parameters/allow_bare
refuses '.*stands behind no IOMMU.*; for a host without an IOMMU there is --dma identity'
refuses '--memory: by --dma identity at least 32M, and a multiple of the huge page size, 2 MiB' --dma identity --memory 257M
refuses 'guest RAM: it takes 1536 huge pages of 2 MiB, and 1200 of 1200 are free: reserve more .*' --dma identity --memory 3G
expect_equal 'huge pages that are free' 1200 "$(free_hugepages)"
# the text in its header that tells the kernel's version
LC_ALL=C sed 's/[5-9]\(\.[0-9][0-9.]*[^ ]* (\)/4\1/' "$LAB_KERNEL" >/run/old-kernel
expect_fail '^uldf-vmm: kernel /run/old-kernel: --dma identity takes a guest with Linux 5.13 or newer$' \
	uldf-vmm --kernel /run/old-kernel --dma identity --device "$LAB_NVME"

# shellcheck disable=SC2034 # guest.sh reads it
guest_options=(--dma identity --memory 1600M --device "$LAB_IDE" --device "$LAB_E1000E" --device "$LAB_NVME")
for cpus in 1 2; do
	step "A guest with $cpus processors"
	guest_works "cpus$cpus" /run/devices.img '' --cpus "$cpus"
	grep -a '^guest:\|^uldf-vmm:' "$LAB_OUT/guest-cpus$cpus.log"
	guest_said "cpus$cpus" "nothing confines the guest's devices"
	guest_said "cpus$cpus" "guest: received $(sha256sum </run/web/letter | head -c 64)"
	! guest_says "cpus$cpus" 'guest: received something else' || fail 'what the guest received is not what was sent'
	guest_said "cpus$cpus" 'guest: RAM below 4 GiB'
	guest_said "cpus$cpus" 'guest: RAM above 4 GiB'
	nothing_is_pinned
	expect_equal 'huge pages that are free' 1200 "$(free_hugepages)"
	uldfctl release "$LAB_IDE" "$LAB_E1000E" "$LAB_NVME"
	disk_is_as_written "$LAB_IDE" "cpus$cpus"
	disk_is_as_written "$LAB_NVME" "cpus$cpus"
	wait_for interface_of "$LAB_E1000E"
	uldfctl claim --unbind "$LAB_IDE" "$LAB_E1000E" "$LAB_NVME"
done
step 'RAM above 4 GiB alone'
uldfctl release "$LAB_IDE" "$LAB_E1000E"
# pages that a running kernel reserves lie there as long as it has memory there
echo 0 >/proc/sys/vm/nr_hugepages
echo 200 >/proc/sys/vm/nr_hugepages
disk_guest /dev/nvme0n1 'PCI-MSI.*nvme0q' </dev/null
guest_options=(--dma identity)
guest_works above /run/disk.img '' --device "$LAB_NVME"
grep -a '^guest:\|^uldf-vmm:' "$LAB_OUT/guest-above.log"
guest_said above '0 MiB of the guest'\''s RAM lie below 4 GiB: its devices that master only 32 bits of addresses will not work'
nothing_is_pinned
expect_equal 'huge pages that are free' 200 "$(free_hugepages)"
uldfctl release "$LAB_NVME"
disk_is_as_written "$LAB_NVME" above
rmmod uldf
