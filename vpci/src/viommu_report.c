// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <linux/virtio_iommu.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "viommu_report.h"

#define REPORT_STATUSES (VIRTIO_IOMMU_S_NOMEM + 1)

#define REQUEST_TEXT 128

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

/* Says in at most REQUEST_TEXT bytes what was asked for. */
static void request_text(const struct vpci_viommu_request *request, char *out)
{
	switch (request->type) {
	case VIRTIO_IOMMU_T_ATTACH:
		snprintf(out, REQUEST_TEXT, "ATTACH of endpoint 0x%" PRIx32 " to domain %" PRIu32,
			 request->endpoint, request->domain);
		return;
	case VIRTIO_IOMMU_T_DETACH:
		snprintf(out, REQUEST_TEXT, "DETACH of endpoint 0x%" PRIx32 " from domain %" PRIu32,
			 request->endpoint, request->domain);
		return;
	case VIRTIO_IOMMU_T_MAP:
		snprintf(out, REQUEST_TEXT,
			 "MAP of 0x%" PRIx64 "..0x%" PRIx64 " to 0x%" PRIx64 " in domain %" PRIu32,
			 request->first, request->last, request->target, request->domain);
		return;
	case VIRTIO_IOMMU_T_UNMAP:
		snprintf(out, REQUEST_TEXT,
			 "UNMAP of 0x%" PRIx64 "..0x%" PRIx64 " in domain %" PRIu32, request->first,
			 request->last, request->domain);
		return;
	case VIRTIO_IOMMU_T_PROBE:
		snprintf(out, REQUEST_TEXT, "PROBE of endpoint 0x%" PRIx32, request->endpoint);
		return;
	}
	snprintf(out, REQUEST_TEXT, "of an unknown type");
}

void vpci_viommu_report_refusal(struct vpci_viommu_reporter *reporter,
				const struct vpci_viommu_request *request, int err)
{
	unsigned int known = request->type <= VIRTIO_IOMMU_T_PROBE ? request->type : 0;
	uint64_t bit = 1ull << (known * REPORT_STATUSES + vpci_viommu_status(err));
	char text[REQUEST_TEXT];

	if (reporter->refusals & bit)
		return;
	reporter->refusals |= bit;
	request_text(request, text);
	report(reporter, "a request of the guest failed, %s: %s", text, strerror(-err));
}
