# SPDX-License-Identifier: MIT
PROGRAMS += uldf-vmm
uldf-vmm.sources := $(addprefix vmm-integration/kvm/,main.c options.c loop.c control.c requests.c machine-requests.c console.c machine.c \
	layout.c memory.c runs.c identity.c hugepages.c meminfo.c iomem.c vm.c vcpu.c cpuid.c entry.c boot.c load.c platform.c dump.c \
	thread.c output.c io.c ports.c serial.c rtc.c pm.c reset.c irqchip.c routes.c assign.c peer.c viommu.c faults.c watch.c stats.c host-ops.c stop.c reason.c \
	sandbox.c landlock.c filter.c)
uldf-vmm.uses := vpci uldf acpi-tables
uldf-vmm.private := kmod/include/uapi
uldf-vmm.packages := libevent jansson libseccomp libcap-ng
