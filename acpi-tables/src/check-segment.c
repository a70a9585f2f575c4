// SPDX-License-Identifier: MIT
#include "check.h"

#define N_DEVICES 32
#define N_PINS	  4
#define MIB	  (UINT64_C(1) << 20) /* of ECAM for each bus */
#define FOUR_GIB  (UINT64_C(1) << 32)
#define N_PORTS	  0x10000

/* PCIe 5.0 §7.2.2: the base is aligned to the power of two that holds the whole bus range. */
static int check_ecam(const struct acpi_pci_segment *s, const char **reason)
{
	uint64_t size = MIB, end;

	while (size < ((uint64_t)s->bus_last + 1) * MIB)
		size <<= 1;
	if (!s->ecam_base || s->ecam_base % size)
		return acpi_refuse(reason, -EINVAL, "an ECAM base is missing or misaligned");
	if (__builtin_add_overflow(s->ecam_base, size, &end))
		return acpi_refuse(reason, -EINVAL, "an ECAM goes beyond the address space");
	return 0;
}

/* All windows lie in [@low, @high); @high = 0 is 2^64. */
static int check_windows(const struct acpi_window *w, size_t n, uint64_t low, uint64_t high,
			 const char **reason)
{
	int err = acpi_check_count(w, n, ACPI_MAX_WINDOWS);

	if (err)
		return acpi_refuse(reason, err, "there can be up to 16 windows of a kind");
	for (size_t i = 0; i < n; i++) {
		uint64_t last;

		if (!w[i].size || __builtin_add_overflow(w[i].base, w[i].size - 1, &last))
			return acpi_refuse(reason, -EINVAL, "a window is empty or too long");
		if (w[i].base < low || last > high - 1)
			return acpi_refuse(reason, -EINVAL, "a window is out of its range");
	}
	return 0;
}

static int check_routes(const struct acpi_pci_segment *s, const char **reason)
{
	bool seen[N_DEVICES][N_PINS] = {{false}};
	int err = acpi_check_count(s->routes, s->n_routes, ACPI_MAX_ROUTES);

	if (err)
		return acpi_refuse(reason, err, "there can be up to 128 interrupt routes");
	for (size_t i = 0; i < s->n_routes; i++) {
		const struct acpi_pci_route *r = &s->routes[i];

		if (r->device >= N_DEVICES || r->pin >= N_PINS)
			return acpi_refuse(reason, -EINVAL, "a route is of no device or pin");
		if (seen[r->device][r->pin])
			return acpi_refuse(reason, -EINVAL, "two routes are of one pin");
		seen[r->device][r->pin] = true;
	}
	return 0;
}

static int check_segment(const struct acpi_pci_segment *s, const char **reason)
{
	const uint32_t known = ACPI_PCI_NATIVE_HOTPLUG | ACPI_PCI_PME | ACPI_PCI_AER;
	int err;

	if (s->bus_first > s->bus_last)
		return acpi_refuse(reason, -EINVAL, "a bus range is empty");
	if (s->osc_control & ~known)
		return acpi_refuse(reason, -EINVAL, "osc_control has an unknown bit");
	err = check_ecam(s, reason);
	if (!err)
		err = check_windows(s->io, s->n_io, 0, N_PORTS, reason);
	if (!err)
		err = check_windows(s->mmio32, s->n_mmio32, 0, FOUR_GIB, reason);
	if (!err)
		err = check_windows(s->mmio64, s->n_mmio64, FOUR_GIB, 0, reason);
	if (!err)
		err = check_routes(s, reason);
	return err;
}

int acpi_check_segments(const struct acpi_platform *p, const char **reason)
{
	int err = acpi_check_count(p->segments, p->n_segments, ACPI_MAX_SEGMENTS);

	if (err || !p->n_segments)
		return acpi_refuse(reason, err ? err : -EINVAL,
				   "there must be 1 to 16 PCI segments");
	for (size_t i = 0; i < p->n_segments; i++) {
		if (i ? p->segments[i].segment <= p->segments[i - 1].segment
		      : p->segments[i].segment != 0)
			return acpi_refuse(reason, -EINVAL,
					   "PCI segments must start at 0 and ascend");
		err = check_segment(&p->segments[i], reason);
		if (err)
			return err;
	}
	return 0;
}
