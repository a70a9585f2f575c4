// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "check.h"
#include "dsdt.h"

#define APIC_SIZE	0x1000
#define ECAM_PER_BUS	(UINT64_C(1) << 20)
#define RTC_PORT	0x70
#define MAX_PER_SEGMENT (1 + 2 * ACPI_MAX_WINDOWS) /* memory of one segment */
#define MAX_FIXED	4			   /* two APICs, RSDP, tables */
#define MAX_ISA_PORTS	(5 + ACPI_MAX_SERIAL)

struct range {
	uint64_t first;
	uint64_t last;
};

static size_t add(struct range *r, size_t n, uint64_t base, uint64_t size)
{
	r[n] = (struct range){base, base + size - 1};
	return n + 1;
}

static size_t add_windows(struct range *r, size_t n, const struct acpi_window *w, size_t n_windows)
{
	for (size_t i = 0; i < n_windows; i++)
		n = add(r, n, w[i].base, w[i].size);
	return n;
}

static int by_first(const void *left, const void *right)
{
	const struct range *l = left, *r = right;

	return l->first < r->first ? -1 : l->first > r->first;
}

static bool are_disjoint(struct range *r, size_t n)
{
	qsort(r, n, sizeof(*r), by_first);
	for (size_t i = 1; i < n; i++) {
		if (r[i].first <= r[i - 1].last)
			return false;
	}
	return true;
}

static size_t add_memory(struct range *r, const struct acpi_platform *p)
{
	size_t n = 0;

	n = add(r, n, p->lapic_base, APIC_SIZE);
	n = add(r, n, p->ioapic.base, APIC_SIZE);
	n = add(r, n, p->rsdp_address, ACPI_RSDP_LENGTH);
	n = add(r, n, p->tables_base, p->tables_size);
	for (size_t i = 0; i < p->n_segments; i++) {
		const struct acpi_pci_segment *s = &p->segments[i];

		n = add(r, n, s->ecam_base + s->bus_first * ECAM_PER_BUS,
			((uint64_t)s->bus_last - s->bus_first + 1) * ECAM_PER_BUS);
		n = add_windows(r, n, s->mmio32, s->n_mmio32);
		n = add_windows(r, n, s->mmio64, s->n_mmio64);
	}
	return n;
}

static size_t add_io_windows(struct range *r, const struct acpi_platform *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_segments; i++)
		n = add_windows(r, n, p->segments[i].io, p->segments[i].n_io);
	return n;
}

static size_t add_isa_ports(struct range *r, const struct acpi_platform *p)
{
	size_t n = 0;

	n = add(r, n, ACPI_PCI_CONFIG_PORT, ACPI_PCI_CONFIG_N_PORTS);
	n = add(r, n, p->pm.event_port, 4);
	n = add(r, n, p->pm.control_port, 2);
	if (p->pm.timer_port)
		n = add(r, n, p->pm.timer_port, 4);
	if (p->rtc)
		n = add(r, n, RTC_PORT, 2);
	for (size_t i = 0; i < p->n_serial; i++)
		n = add(r, n, p->serial[i].port, 8);
	return n;
}

int acpi_check_overlaps(const struct acpi_platform *p, const char **reason)
{
	struct range ports[MAX_ISA_PORTS], *r;
	int err = 0;

	if (!are_disjoint(ports, add_isa_ports(ports, p)))
		return acpi_refuse(reason, -EINVAL, "two devices have one I/O port");

	r = calloc(MAX_FIXED + p->n_segments * MAX_PER_SEGMENT, sizeof(*r));
	if (!r)
		return acpi_refuse(reason, -ENOMEM, "out of memory");
	if (!are_disjoint(r, add_memory(r, p)))
		err = acpi_refuse(reason, -EINVAL,
				  "windows, ECAM, APICs or tables overlap in memory");
	else if (!are_disjoint(r, add_io_windows(r, p)))
		err = acpi_refuse(reason, -EINVAL, "I/O windows overlap");
	free(r);
	return err;
}
