#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device rng,iommu_platform=on --timeout 900
# lab: --allow 'AER: .*error message received' --allow 'PCIe Bus Error: '
# A device of a guest that has an error is opened anew, and works for a guest that scans for it again; one that
# is unplugged is told of. The guest goes on.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"

cat >/run/lost.sh <<'END'
set -eu
device=/sys/bus/pci/devices/0000:00:07.0
word() { # OFFSET
	od -An -tx2 -j "$1" -N 2 $device/config
}
[ "$(word 0)" = ' 1af4' ]
command=$(word 4)
echo "guest: its device has $command in its command register"
while [ "$(word 4)" = "$command" ]; do usleep 10000; done
echo 'guest: its device is lost'
until [ "$(word 0)" = ' 1af4' ]; do usleep 10000; done
echo 1 >$device/remove
echo 1 >/sys/bus/pci/rescan
for module in virtio_pci virtio-rng; do
	while read -r file; do insmod "$file" 2>/dev/null || :; done <"/modules.d/$module"
done
echo "guest: its device gives $(head -c 16 /dev/hwrng | wc -c) bytes"
# Its driver would wait for ever for a device to be reset that is gone.
echo virtio0 >/sys/bus/virtio/drivers/virtio_rng/unbind
echo 0000:00:07.0 >/sys/bus/pci/drivers/virtio-pci/unbind
echo 'guest: its device may go'
while [ "$(word 0)" != ' ffff' ]; do usleep 10000; done
echo 'guest: its device is gone'
END
"$LAB_FILES/guest-initrd" --bare --script /run/lost.sh /run/lost.img

modprobe_kvm
load_uldf
driver_unbind "$LAB_RNG"
uldfctl claim "$LAB_RNG"
step 'a guest with a device'
guest_works lost /run/lost.img '' --cpus 2 --device "$LAB_RNG,slot=7" &
guest=$!
wait_for guest_says lost 'guest: its device has'

step 'an error'
lab-monitor 'pcie_aer_inject_error rng COMP_TIME'
wait_for guest_says lost "device $LAB_RNG: works again, as after a reset"
guest_said lost "device $LAB_RNG: its bus reported an error"
wait_for guest_says lost 'guest: its device may go'
guest_said lost 'guest: its device gives 16 bytes'

step 'it is unplugged'
lab-monitor 'device_del rng'
wait "$guest"
guest_said lost "device $LAB_RNG: is gone from the host"
guest_said lost 'guest: its device is gone'
grep -a 'guest: \|uldf-vmm:' "$LAB_OUT/guest-lost.log"
nothing_is_pinned
rmmod uldf
