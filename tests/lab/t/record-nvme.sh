#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device nvme --pass REPLAYS --timeout 800
# The NVMe driver's sessions on hardware, by uldf.ko and by vfio-pci, recorded, give the same data again and again on a host
# without the device, under load and valgrind, too; the driver makes no mistakes.
# shellcheck source=tests/lab/conform.sh
. "$LAB_FILES/conform.sh"
# shellcheck source=tests/lab/session.sh
. "$LAB_FILES/session.sh"

for backend in kmod vfio; do
	conform_load "$backend"
	conform_bind "$backend" "$LAB_NVME"
	for way in interrupt -p; do
		session_disk record "$backend:$LAB_NVME" "$way"
	done
	cmp /run/session.interrupt /run/session.-p
	conform_pinned_nothing
	conform_unbind "$backend" "$LAB_NVME"
	for way in interrupt -p; do
		session_disk replay "$way"
	done
done

step 'what was read is what the disk holds'
modprobe nvme
echo "$LAB_NVME" >/sys/bus/pci/drivers_probe
wait_for disk_of "$LAB_NVME"
session_expect "$(disk_of "$LAB_NVME")" /run/session.interrupt
