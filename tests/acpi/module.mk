# SPDX-License-Identifier: MIT
LABPROGS += acpi-machines
acpi-machines.sources := $(addprefix tests/acpi/,main.c machine.c) $(addprefix vmm-integration/kvm/,dump.c reason.c)
acpi-machines.private := vmm-integration/kvm
acpi-machines.uses := acpi-tables
