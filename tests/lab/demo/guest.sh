#!/bin/sh
# SPDX-License-Identifier: MIT
# What the guest does in the demo. Each line that begins with 'guest: ' is a step it has verified.
set -eu
address=192.0.2.2
host=192.0.2.1

echo "$(uname -sr), $(nproc) CPUs, $(sed -n 's/^MemTotal: *//p' /proc/meminfo)"
lspci -k 2>/dev/null
lspci -n | grep -q '0101: 8086:7010'
lspci -n | grep -q '0200: 8086:10d3'
echo 'guest: lists the IDE controller and the NIC on its PCI bus'

await [ -b /dev/sda ]
mode=$(cat /sys/class/ata_device/dev1.0/xfer_mode)
echo "transfer mode $mode"
case $mode in *DMA*) ;; *) exit 1 ;; esac
mount -t ext4 /dev/sda /mnt
echo 'guest: reads its disk by DMA'

cd /mnt
sed 's/^/the disk says: /' hello.txt
sha256sum -c SHA256SUMS
echo 'guest: found the file with the right checksum'

ip link set eth0 up
ip addr add $address/24 dev eth0
await grep -q 1 /sys/class/net/eth0/carrier
ip -o link show eth0
ping -c 3 -i 0.2 $host
echo 'guest: pings the host over the wire'

wget -q -O letter http://$host/letter
echo "written by $(uname -sr) in a guest" >from-the-guest.txt
sync
echo "guest: fetched a letter from the host and wrote it to the disk"
grep -E 'ata_piix|eth0' /proc/interrupts
cd /
umount /mnt
echo 'guest: powers off'
