#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab: --device nvme --timeout 900
# A guest drives an NVMe disk by MSI-X, of which KVM knows, and the host finds on it what the guest wrote. It does so
# by vfio-pci, too, while uldf-vmm, in its sandbox, checks what it does.
# shellcheck source=tests/lab/lib.sh
. "$LAB_FILES/lib.sh"
# shellcheck source=tests/lab/guest.sh
. "$LAB_FILES/guest.sh"
# shellcheck source=tests/lab/disk.sh
. "$LAB_FILES/disk.sh"
# shellcheck source=tests/lab/conform.sh
. "$LAB_FILES/conform.sh"

disk_guest /dev/nvme0n1 'PCI-MSI.*nvme0q' <<'END'
# The admin queue and one for each processor.
[ "$(grep -c 'PCI-MSI.*nvme0q' /proc/interrupts)" -gt "$(nproc)" ]
lspci -vv -d ::0108 | grep 'MSI-X: Enable+'
END
modprobe_kvm
modprobe nvme
load_uldf
calls_noted kvm_arch_{start,end}_assignment irq_bypass_{register,unregister}_producer \
	kvm_arch_irq_bypass_{add,del}_producer
disk_in_guests "$LAB_NVME" slot=9
kvm_knew_of_devices 2
step 'KVM was told which vectors signal its eventfds'
registered=$(calls_of irq_bypass_register_producer)
added=$(calls_of kvm_arch_irq_bypass_add_producer)
echo "   $registered vectors registered, KVM took $added"
((registered >= 4)) || fail 'not those of the admin queue and of one other for each guest'
expect_equal 'vectors registered no more' "$registered" "$(calls_of irq_bypass_unregister_producer)"
expect_equal 'vectors that KVM forgot' "$added" "$(calls_of kvm_arch_irq_bypass_del_producer)"
rmmod uldf

step 'A guest drives it by vfio-pci, checked'
driver_unbind "$LAB_NVME"
conform_load vfio
conform_bind vfio "$LAB_NVME"
guest_works vfio /run/disk.img '' --device "check=/run/mistakes:vfio:$LAB_NVME,slot=9"
# The guest's RAM goes with its space.
expect_equal 'mistakes' '' "$(grep '^device' /run/mistakes | grep -v ' are \(mapped\|registered\) when ')"
conform_unbind vfio "$LAB_NVME"
echo "$LAB_NVME" >/sys/bus/pci/drivers_probe
disk_is_as_written "$LAB_NVME" vfio
