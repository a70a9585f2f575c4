# SPDX-License-Identifier: MIT
TESTS += unit-acpi-tables
unit-acpi-tables.sources := $(addprefix tests/unit/acpi-tables/,fixture.c buffer.c aml.c aml-data.c \
	resource.c table.c check.c check-segment.c check-viommu.c overlap.c rsdp.c xsdt.c fadt.c facs.c madt.c mcfg.c \
	viot.c dsdt.c dsdt-pci.c dsdt-osc.c dsdt-isa.c link.c)
unit-acpi-tables.private := acpi-tables/src
unit-acpi-tables.uses := acpi-tables
unit-acpi-tables.packages := criterion
