# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154,SC2054
# The devices a lab host can be given: each adds its QEMU arguments to the array 'qemu', makes its disk
# image in the current folder, and leaves its address in a variable for the script by lab_export.
#
#   name            address         variable            driver
#   ide             0000:00:06.0    LAB_IDE             ata_piix, compatibility mode, one disk
#   e1000e          0000:00:07.0    LAB_E1000E          e1000e; a wire leads to LAB_WIRE
#   (its wire)      0000:00:04.0    LAB_WIRE=wire0      virtio_net, loaded, 192.0.2.1/24, stays with the host; its
#                                                       line, without MSI-X, is none on which firmware leaves an interrupt
#   nvme            0000:00:08.0    LAB_NVME            nvme, one disk
#   edu             0000:00:09.0    LAB_EDU             none
#   ahci            0000:00:0b.0    LAB_AHCI            ahci, by MSI, one disk
#   xhci            0000:00:17.0    LAB_XHCI            xhci_pci, by MSI-X; a USB stick (usb_storage)
#   lsi             0000:00:18.0    LAB_LSI             sym53c8xx, one disk; fetches its scripts from its own BAR 2 by DMA
#   bigbar          0000:00:19.0    LAB_BIGBAR          none: memory of 1 GiB as BAR 2
#   chipset         0000:00:0c.0-3  LAB_CHIPSET         virtio-pci: four functions of classes that chipsets have
#   am53c974        0000:00:0e.0    LAB_AM53C974        am53c974, no disk
#   rtl8139         0000:00:0f.0    LAB_RTL8139         8139cp; on the wire and on the interrupt line of e1000e
#   nvme-hotplug    behind 00:10.0  LAB_NVME_HOTPLUG    nvme; QEMU id nvme-hotplug, its slot slot-nvme
#   edu-hotplug     behind 00:11.0  LAB_EDU_HOTPLUG     none; QEMU id edu-hotplug, its slot slot-edu
#   igb             behind 00:12.0  LAB_IGB             none (igb: SR-IOV, 7 virtual functions); a wire of its own
#   pair            behind 00:13.0  LAB_PAIR            e1000, on a conventional bus, so in one IOMMU group with
#                                   LAB_PAIR_MATE       none: an edu
#   e1000e-hotplug  behind 00:14.0  LAB_E1000E_HOTPLUG  e1000e, on the same wire as e1000e; QEMU id
#                                                       e1000e-hotplug, slot-e1000e, netdev wire-hotplug
#   rng             behind 00:15.0  LAB_RNG             virtio-pci; reports errors (AER), QEMU id rng
#   rng-lost        behind 00:16.0  LAB_RNG_LOST        the same, but its link does not come back after a reset
lab_devices='ide e1000e nvme edu ahci xhci lsi bigbar chipset am53c974 rtl8139 nvme-hotplug edu-hotplug igb pair e1000e-hotplug rng rng-lost'

# A small ext4 disk with known content: hello.txt, data.bin (8 MiB) and their SHA256SUMS. The image is sparse,
# 96 MiB large or as the device's property size=MIB says, which is not QEMU's.
disk_image() { # NAME
	local tree=$1.tree
	mkdir "$tree"
	echo "hello from the lab's $1 disk" >"$tree/hello.txt"
	truncate -s "${size}M" "$1.img"
	# seq may die of the pipe that head closes.
	{ seq -f "$1 %.0f" 2000000 2>/dev/null || :; } | head -c 8M >"$tree/data.bin"
	(cd "$tree" && sha256sum hello.txt data.bin >SHA256SUMS)
	mke2fs -q -F -t ext4 -L "lab-$1" -E root_owner=0:0 -d "$tree" "$1.img"
	rm -r "$tree"
	qemu+=(-drive "if=none,id=$1-disk,format=raw,cache=unsafe,file=$1.img")
}

# Firmware numbers buses in the order of the bridges' device numbers.
bus_behind() { # NAME: print the number of the bus that the device of this name is on
	local name bus=1
	for name in nvme-hotplug edu-hotplug igb pair e1000e-hotplug rng rng-lost; do
		[[ $name != "$1" ]] || break
		[[ ! " ${devices[*]} " =~ " $name"[\ ,] ]] || bus=$((bus + 1))
	done
	printf '%02x' "$bus"
}

# A root port, so that what is behind it can be unplugged.
root_port() { # SLOT-NAME DEVICE-NUMBER CHASSIS [PROPERTIES]
	qemu+=(-device "pcie-root-port,id=$1,bus=pcie.0,addr=$2.0,chassis=$3,slot=$3${4-}")
}

# The wire's end at the host, once, whichever cards are on it.
wire_to_host() {
	[[ " ${qemu[*]} " != *id=wire-host,* ]] || return 0
	qemu+=(-netdev hubport,id=wire-host,hubid=0
		-device virtio-net-pci,bus=pcie.0,addr=4.0,netdev=wire-host,mac=52:54:00:00:00:01,romfile=)
	lab_export LAB_WIRE wire0
	lab_export LAB_WIRE_DEVICE 0000:00:04.0
	lab_export LAB_WIRE_ADDRESS 192.0.2.1
}

# System peripheral, signal processing, memory and SMBus controller, by what they say of themselves. They have
# no capability, so that all of their configuration space is their vendor's.
chipset_add() {
	local class function=0
	for class in 0x0880 0x1180 0x0580 0x0c05; do
		qemu+=(-blockdev "null-co,node-name=chipset-$function,read-zeroes=on"
			-device "virtio-blk-pci,bus=pcie.0,addr=c.$function,multifunction=on,class=$class,drive=chipset-$function,vectors=0,disable-modern=on")
		function=$((function + 1))
	done
	lab_export LAB_CHIPSET '0000:00:0c.0 0000:00:0c.1 0000:00:0c.2 0000:00:0c.3'
}

# The name may carry QEMU properties, as in edu,dma_mask=0xffffffff; and size=MIB for the image of a disk.
device_add() { # NAME[,PROPERTY=VALUE]...
	local name=${1%%,*} properties= size=96
	[[ $1 == *,* ]] && properties=,${1#*,}
	if [[ $properties =~ ,size=([0-9]+) ]]; then
		size=${BASH_REMATCH[1]}
		properties=${properties/"${BASH_REMATCH[0]}"/}
	fi
	case $name in
	ide)
		disk_image ide
		qemu+=(-device "piix3-ide,id=ide,bus=pcie.0,addr=6.0$properties"
			-device "ide-hd,bus=ide.0,drive=ide-disk,serial=lab-ide")
		lab_export LAB_IDE 0000:00:06.0
		;;
	e1000e)
		qemu+=(-netdev hubport,id=wire-device,hubid=0
			-device "e1000e,id=e1000e,bus=pcie.0,addr=7.0,netdev=wire-device,mac=52:54:00:00:00:02,romfile=$properties")
		wire_to_host
		lab_export LAB_E1000E 0000:00:07.0
		;;
	nvme)
		disk_image nvme
		qemu+=(-device "nvme,id=nvme,bus=pcie.0,addr=8.0,drive=nvme-disk,serial=lab-nvme$properties")
		lab_export LAB_NVME 0000:00:08.0
		;;
	edu)
		qemu+=(-device "edu,id=edu,bus=pcie.0,addr=9.0$properties")
		lab_export LAB_EDU 0000:00:09.0
		;;
	ahci)
		disk_image ahci
		qemu+=(-device "ahci,id=ahci,bus=pcie.0,addr=b.0$properties"
			-device "ide-hd,bus=ahci.0,drive=ahci-disk,serial=lab-ahci")
		lab_export LAB_AHCI 0000:00:0b.0
		;;
	xhci)
		disk_image xhci
		qemu+=(-device "qemu-xhci,id=xhci,bus=pcie.0,addr=17.0$properties"
			-device "usb-storage,bus=xhci.0,drive=xhci-disk,serial=lab-xhci")
		lab_export LAB_XHCI 0000:00:17.0
		;;
	lsi)
		disk_image lsi
		qemu+=(-device "lsi53c895a,id=lsi,bus=pcie.0,addr=18.0$properties"
			-device "scsi-hd,bus=lsi.0,drive=lsi-disk,serial=lab-lsi")
		lab_export LAB_LSI 0000:00:18.0
		;;
	bigbar)
		qemu+=(-device "pci-testdev,id=bigbar,bus=pcie.0,addr=19.0,membar=1G,membar-backed=on$properties")
		lab_export LAB_BIGBAR 0000:00:19.0
		;;
	chipset)
		chipset_add
		;;
	am53c974)
		qemu+=(-device "am53c974,id=am53c974,bus=pcie.0,addr=e.0$properties")
		lab_export LAB_AM53C974 0000:00:0e.0
		;;
	rtl8139)
		qemu+=(-netdev hubport,id=wire-rtl8139,hubid=0
			-device "rtl8139,id=rtl8139,bus=pcie.0,addr=f.0,netdev=wire-rtl8139,mac=52:54:00:00:00:05,romfile=$properties")
		wire_to_host
		lab_export LAB_RTL8139 0000:00:0f.0
		;;
	nvme-hotplug)
		disk_image nvme-hotplug
		root_port slot-nvme 10 1
		qemu+=(-device "nvme,id=nvme-hotplug,bus=slot-nvme,drive=nvme-hotplug-disk,serial=lab-hotplug$properties")
		lab_export LAB_NVME_HOTPLUG "0000:$(bus_behind nvme-hotplug):00.0"
		;;
	edu-hotplug)
		root_port slot-edu 11 2
		qemu+=(-device "edu,id=edu-hotplug,bus=slot-edu$properties")
		lab_export LAB_EDU_HOTPLUG "0000:$(bus_behind edu-hotplug):00.0"
		;;
	igb)
		root_port slot-igb 12 3
		qemu+=(-netdev hubport,id=wire-igb,hubid=1
			-device "igb,id=igb,bus=slot-igb,netdev=wire-igb,mac=52:54:00:00:00:03,romfile=$properties")
		lab_export LAB_IGB "0000:$(bus_behind igb):00.0"
		;;
	pair)
		qemu+=(-device "pcie-pci-bridge,id=pair,bus=pcie.0,addr=13.0"
			-device "e1000,id=pair-1,bus=pair,addr=1.0,romfile=$properties"
			-device edu,id=pair-2,bus=pair,addr=2.0)
		lab_export LAB_PAIR "0000:$(bus_behind pair):01.0"
		lab_export LAB_PAIR_MATE "0000:$(bus_behind pair):02.0"
		;;
	e1000e-hotplug)
		root_port slot-e1000e 14 4
		qemu+=(-netdev hubport,id=wire-hotplug,hubid=0
			-device "e1000e,id=e1000e-hotplug,bus=slot-e1000e,netdev=wire-hotplug,mac=52:54:00:00:00:04,romfile=$properties")
		wire_to_host
		lab_export LAB_E1000E_HOTPLUG "0000:$(bus_behind e1000e-hotplug):00.0"
		;;
	rng)
		# of a port at most this fast the kernel does not ask whether the link is up, which QEMU's never says
		root_port slot-rng 15 5 ,x-speed=5
		qemu+=(-device "virtio-rng-pci,id=rng,bus=slot-rng,aer=on,disable-legacy=on$properties")
		lab_export LAB_RNG "0000:$(bus_behind rng):00.0"
		;;
	rng-lost)
		root_port slot-rng-lost 16 6
		qemu+=(-device "virtio-rng-pci,id=rng-lost,bus=slot-rng-lost,aer=on,disable-legacy=on$properties")
		lab_export LAB_RNG_LOST "0000:$(bus_behind rng-lost):00.0"
		;;
	*)
		die "no device $name: there are $lab_devices"
		;;
	esac
}
