// SPDX-License-Identifier: MIT
#include "check.h"

static const struct acpi_pci_segment *find_segment(const struct acpi_platform *p, uint16_t number)
{
	for (size_t i = 0; i < p->n_segments; i++)
		if (p->segments[i].segment == number)
			return &p->segments[i];
	return NULL;
}

static bool is_on(const struct acpi_pci_segment *s, uint16_t address)
{
	return address >> 8 >= s->bus_first && address >> 8 <= s->bus_last;
}

static int check_ranges(const struct acpi_viommu *v, const struct acpi_pci_segment *s,
			const char **reason)
{
	for (size_t i = 0; i < v->n_ranges; i++) {
		const struct acpi_endpoints *r = &v->ranges[i];

		if (r->first > r->last)
			return acpi_refuse(reason, -EINVAL, "a range of endpoints is empty");
		if (!is_on(s, r->first) || !is_on(s, r->last))
			return acpi_refuse(reason, -EINVAL,
					   "a range of endpoints goes beyond the segment's buses");
		for (size_t j = 0; j < i; j++)
			if (r->first <= v->ranges[j].last && v->ranges[j].first <= r->last)
				return acpi_refuse(reason, -EINVAL,
						   "two ranges of endpoints overlap");
	}
	return 0;
}

int acpi_check_viommu(const struct acpi_platform *p, const char **reason)
{
	const struct acpi_viommu *v = p->viommu;
	const struct acpi_pci_segment *s;
	int err;

	if (!v)
		return 0;
	err = acpi_check_count(v->ranges, v->n_ranges, ACPI_MAX_RANGES);
	if (err || !v->n_ranges)
		return acpi_refuse(reason, err ? err : -EINVAL,
				   "there must be 1 to 64 ranges of endpoints");
	s = find_segment(p, v->segment);
	if (!s || !is_on(s, v->address))
		return acpi_refuse(reason, -EINVAL, "the virtio-iommu is on no bus");
	return check_ranges(v, s, reason);
}
