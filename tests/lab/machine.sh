# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154,SC2054
# The lab host as QEMU arguments, in the array 'qemu': processor, IOMMU, the folders it shares with the
# machine around it, its log, the script's output and the way to QEMU's monitor.

# Who runs this machine may hold it for longer than its kernel takes for a hang, or for a timer that does not
# tick. What does hang, a lab ends by its time limit.
patience='rcupdate.rcu_cpu_stall_timeout=200 watchdog_thresh=60 no_timer_check'

# KVM only where the processor's virtualisation nests: /dev/kvm alone may belong to a hypervisor that
# cannot run an unmodified kernel, and the lab needs /dev/kvm inside as well.
kvm_nests() {
	local parameter
	[[ -w /dev/kvm ]] || return
	for parameter in /sys/module/kvm_{intel,amd}/parameters/nested; do
		[[ -r $parameter && $(<"$parameter") == [1Y] ]] && return
	done
	return 1
}

machine_processor() {
	local processor=max
	[[ $accel != auto ]] || { kvm_nests && accel=kvm || accel=tcg; }
	case $accel${icount:+-icount} in
	kvm)
		qemu+=(-accel kvm -M "q35,kernel-irqchip=split" -cpu host -smp "$smp")
		;;
	tcg)
		# One thread for all vCPUs: with a thread for each, hosts and guests hang once in a while. Under
		# a hypervisor, kernels take spin locks out of turn: of vCPUs that take turns, the one that holds
		# a lock whenever its turn ends would keep it for long.
		((smp == 1)) || processor+=,-hypervisor
		qemu+=(-accel tcg,thread=single -M q35,kernel-irqchip=off -cpu "$processor" -smp "$smp")
		;;
	tcg-icount)
		# More than one vCPU hangs in the firmware when instructions are counted.
		qemu+=(-accel tcg,thread=single -M q35,kernel-irqchip=off -cpu max -smp 1 -icount shift=0)
		;;
	*)
		die "--accel is kvm, tcg or auto, and --icount needs tcg"
		;;
	esac
}

machine_iommu() {
	case $iommu in
	intel)
		qemu+=(-device "intel-iommu,intremap=on,caching-mode=on")
		append+=(intel_iommu=on)
		;;
	intel-unsafe)
		qemu+=(-device "intel-iommu,intremap=off,caching-mode=on")
		append+=(intel_iommu=on)
		;;
	amd) qemu+=(-device "amd-iommu,intremap=on,dma-remap=on") ;;
	none) ;;
	*) die "--iommu is intel, intel-unsafe, amd or none" ;;
	esac
}

machine_share() { # TAG PATH SLOT [OPTIONS]
	qemu+=(-fsdev "local,id=$1,path=${2//,/,,},security_model=none,multidevs=remap${4-}"
		-device "virtio-9p-pci,bus=pcie.0,addr=$3.0,fsdev=$1,mount_tag=$1")
}

# The monitor listens on a socket of which the port's other end is the client: both ends are in this
# QEMU, which serves them in turn. A second monitor is for this side, two pipes. Paths are relative to the run's folder, a socket's path being short.
machine_ports() {
	local output=stdio,id=output,signal=off
	if [[ $shell ]]; then
		output=file,id=output,path=output.log
		qemu+=(-chardev stdio,id=shell,signal=off)
	fi
	qemu+=(-serial file:host-kernel.log
		-device virtio-serial-pci,bus=pcie.0,addr=1b.0
		-chardev "$output"
		-device virtserialport,chardev=output,name=lab.output
		-chardev socket,id=qmp,path=qmp.sock,server=on,wait=off
		-mon chardev=qmp,mode=control
		-chardev socket,id=monitor,path=qmp.sock
		-device virtserialport,chardev=monitor,name=lab.monitor
		-chardev pipe,id=outside,path=monitor
		-mon chardev=outside,mode=readline)
	[[ ! $shell ]] || qemu+=(-device virtconsole,chardev=shell)
}

# QEMU is of another release, and so are the libraries it runs with, their loader included.
machine_program() {
	local root
	root=$("$here/qemu") || exit 125
	qemu=(env "QEMU_MODULE_DIR=$root/usr/lib/x86_64-linux-gnu/qemu"
		"$root/lib64/ld-linux-x86-64.so.2" --library-path "$root/usr/lib/x86_64-linux-gnu"
		--preload "$root/usr/lib/qemu-vmrun.so"
		"$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios")
}

# One without a PVH entry, which a note of Xen's type 18 names, unpacks itself.
machine_kernel() {
	if [[ $(readelf -nW "$vmlinux" 2>/dev/null) == *Xen*'(0x00000012)'* ]]; then
		qemu+=(-kernel "$vmlinux")
	else
		qemu+=(-kernel "$kernel_dir/boot/vmlinuz-$release")
	fi
}

machine() { # fills 'qemu'; the current folder is the run's
	local i device
	machine_program
	qemu+=(-name "lab-$name" -nodefaults -no-user-config -display none -no-reboot)
	machine_processor
	qemu+=(-m "$memory")
	machine_iommu
	machine_share host / 1d ,readonly=on
	machine_share out . 1c
	for i in "${!shares[@]}"; do
		machine_share "share$i" "${shares[i]}" "$((12 + i))"
	done
	machine_ports
	for device in "${devices[@]}"; do
		device_add "$device"
	done
	machine_kernel
	qemu+=(-initrd "$initrd"
		-append "console=ttyS0 rdinit=/init panic=-1 oops=panic loglevel=7 $patience ${append[*]}")
	qemu+=("${extra[@]}")
}
