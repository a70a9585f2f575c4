# SPDX-License-Identifier: MIT
TESTS += unit-vmm
unit-vmm.sources := $(addprefix tests/unit/vmm/,boot.c console.c control.c cpuid.c entry.c hugepages.c io.c iomem.c layout.c meminfo.c memory.c options.c \
	output.c peer.c platform.c pm.c ports.c requests.c reset.c routes.c rtc.c runs.c sandbox.c serial.c stats.c stop.c) \
	$(addprefix vmm-integration/kvm/,boot.c console.c control.c cpuid.c dump.c entry.c hugepages.c io.c iomem.c layout.c meminfo.c memory.c options.c \
	output.c peer.c platform.c pm.c ports.c reason.c requests.c reset.c routes.c rtc.c runs.c serial.c stats.c stop.c thread.c vm.c \
	sandbox.c landlock.c filter.c) \
	tests/unit/libuldf/fake.c
unit-vmm.private := vmm-integration/kvm libuldf/src tests/unit/libuldf kmod/include/uapi
unit-vmm.uses := vpci uldf acpi-tables
unit-vmm.packages := criterion libevent jansson libseccomp libcap-ng
