// SPDX-License-Identifier: MIT
#include <linux/virtio_iommu.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "viommu_report.h"

#define REPORT_STATUSES (VIRTIO_IOMMU_S_NOMEM + 1)

__attribute__((format(printf, 2, 3))) static void report(
	const struct vpci_viommu_reporter *reporter, const char *format, ...)
{
	char text[256];
	va_list list;
	int length;

	length = snprintf(text, sizeof(text), "virtio-iommu %02x.%x: ", reporter->devfn >> 3 & 0x1f,
			  reporter->devfn & 7u);
	va_start(list, format);
	vsnprintf(text + length, sizeof(text) - (size_t)length, format, list);
	va_end(list);
	reporter->host->ops->report(reporter->host->host, text);
}

static void report_trouble(const struct vpci_viommu_reporter *reporter,
			   const struct vpci_viommu *viommu, enum vpci_viommu_cause cause)
{
	const struct vpci_viommu_trouble *trouble = &viommu->troubles[cause];

	switch (cause) {
	case VPCI_VIOMMU_CAUSE_QUOTA:
		report(reporter,
		       "the guest has %zu mappings, the most that it may have, and wants more: let "
		       "it have more",
		       viommu->most_mappings);
		return;
	case VPCI_VIOMMU_CAUSE_UNMAP:
		report(reporter,
		       "domain %u could not be unmapped: %s: its devices reach nothing until the "
		       "guest attaches them anew: remove and rescan them there, or restart the "
		       "guest",
		       trouble->subject, strerror(-trouble->err));
		return;
	case VPCI_VIOMMU_CAUSE_MOVE:
		report(reporter,
		       "endpoint 0x%x could not be moved: %s: it reaches nothing until a later "
		       "move succeeds: reset the guest if it does not recover",
		       trouble->subject, strerror(-trouble->err));
		return;
	case VPCI_VIOMMU_CAUSES:
		return;
	}
}

void vpci_viommu_report_troubles(const struct vpci_viommu_reporter *reporter,
				 struct vpci_viommu *viommu)
{
	for (unsigned int i = 0; i < VPCI_VIOMMU_CAUSES; i++) {
		struct vpci_viommu_trouble *trouble = &viommu->troubles[i];

		if (!trouble->seen || trouble->told)
			continue;
		trouble->told = true;
		report_trouble(reporter, viommu, i);
	}
}

void vpci_viommu_report_refusal(struct vpci_viommu_reporter *reporter, uint8_t type, int err)
{
	static const char *const names[] = {
		[VIRTIO_IOMMU_T_ATTACH] = "ATTACH", [VIRTIO_IOMMU_T_DETACH] = "DETACH",
		[VIRTIO_IOMMU_T_MAP] = "MAP",	    [VIRTIO_IOMMU_T_UNMAP] = "UNMAP",
		[VIRTIO_IOMMU_T_PROBE] = "PROBE",
	};
	unsigned int known = type < sizeof(names) / sizeof(names[0]) ? type : 0;
	uint64_t bit = 1ull << (known * REPORT_STATUSES + vpci_viommu_status(err));

	if (reporter->refusals & bit)
		return;
	reporter->refusals |= bit;
	report(reporter, "a request of the guest failed, %s: %s",
	       known ? names[known] : "of an unknown type", strerror(-err));
}
