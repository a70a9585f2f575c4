// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "verbs.h"

#define CHECKSUM_AT 9

static const struct {
	const char *signature;
	const char *purpose;
} explained[] = {
	{"FACS", "memory shared with the guest: global lock, waking vector"},
	{"DSDT", "the machine as a tree: host bridges, ISA devices, processors, power-off (AML)"},
	{"FACP", "FADT: power management ports, reset register, where FACS and DSDT are"},
	{"APIC", "MADT: local APICs, IOAPIC, how ISA interrupts are wired"},
	{"MCFG", "where each PCI segment's configuration space is in memory (ECAM)"},
	{"VIOT", "which PCI functions stand behind the virtio-iommu"},
	{"XSDT", "where the FADT, MADT, MCFG and VIOT are"},
};

static const char *purpose(const char *signature)
{
	for (size_t i = 0; i < sizeof(explained) / sizeof(explained[0]); i++) {
		if (!strcmp(explained[i].signature, signature))
			return explained[i].purpose;
	}
	return "";
}

static uint8_t sum(const uint8_t *bytes, size_t n)
{
	uint8_t total = 0;

	for (size_t i = 0; i < n; i++)
		total = (uint8_t)(total + bytes[i]);
	return total;
}

static void print_line(const char *signature, uint64_t address, size_t length, const char *checksum,
		       const char *what)
{
	printf("%-9s  0x%08" PRIx64 "  %6zu  %-8s  %s\n", signature, address, length, checksum,
	       what);
}

static void print_table(const struct acpi_tables *tables, const struct acpi_table *t)
{
	const uint8_t *bytes = tables->bytes + t->offset;
	char checksum[16];

	if (!strcmp(t->signature, "FACS")) /* has none */
		snprintf(checksum, sizeof(checksum), "-");
	else
		snprintf(checksum, sizeof(checksum), "%02x %s", bytes[CHECKSUM_AT],
			 sum(bytes, t->length) ? "bad" : "good");
	print_line(t->signature, tables->address + t->offset, t->length, checksum,
		   purpose(t->signature));
}

int verb_list(const struct acpi_tables *tables)
{
	char checksum[16];

	printf("%-9s  %-10s  %6s  %-8s  %s\n", "SIGNATURE", "ADDRESS", "LENGTH", "CHECKSUM",
	       "PURPOSE");
	snprintf(checksum, sizeof(checksum), "%02x %s", tables->rsdp[8],
		 sum(tables->rsdp, sizeof(tables->rsdp)) ? "bad" : "good");
	print_line("RSD PTR", tables->rsdp_address, sizeof(tables->rsdp), checksum,
		   "RSDP: where the XSDT is; the guest starts here");
	for (size_t i = 0; i < tables->n_tables; i++)
		print_table(tables, &tables->index[i]);
	return fflush(stdout) ? -errno : 0;
}
