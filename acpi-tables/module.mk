# SPDX-License-Identifier: MIT
LIBRARIES += acpi-tables
acpi-tables.sources := $(addprefix acpi-tables/src/,buffer.c aml.c aml-data.c resource.c table.c \
	check.c check-segment.c check-viommu.c overlap.c rsdp.c xsdt.c fadt.c facs.c madt.c mcfg.c viot.c \
	dsdt.c dsdt-pci.c dsdt-osc.c dsdt-isa.c link.c)
acpi-tables.include := acpi-tables/include
