// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include "holder.h"
#include "show.h"

static void print_region(const char *name, const struct facts_region *region, FILE *to)
{
	bool whole = region->size % 1024 == 0;

	fprintf(to, "  %s: %" PRIu64 " %s of %s at 0x%" PRIx64 "%s%s%s\n", name,
		whole ? region->size / 1024 : region->size, whole ? "KiB" : "bytes",
		region->ports ? "ports" : "memory", region->address, region->wide ? ", 64-bit" : "",
		region->prefetchable ? ", prefetchable" : "", region->fixed ? ", fixed there" : "");
}

static void print_regions(const struct facts *facts, FILE *to)
{
	char name[8];

	for (unsigned int i = 0; i < FACTS_BARS; i++) {
		snprintf(name, sizeof(name), "BAR%u", i);
		if (facts->bars[i].size)
			print_region(name, &facts->bars[i], to);
	}
	if (facts->rom.size)
		print_region("ROM", &facts->rom, to);
	if (facts->config)
		fprintf(to, "  config: %u bytes\n", facts->config);
}

static void print_vectors(const struct vectors *vectors, FILE *to)
{
	fprintf(to, "  vectors: ");
	if (vectors->pin)
		fprintf(to, "INT%c", vectors->pin);
	else
		fprintf(to, "no INTx");
	if (vectors->known)
		fprintf(to, ", MSI %u, MSI-X %u\n", vectors->msi, vectors->msix);
	else
		fprintf(to, "; of MSI and MSI-X root is told\n");
}

static void print_group(const struct shown *shown, FILE *to)
{
	char text[ULDF_ADDRESS_TEXT];

	if (shown->seen.group < 0) {
		fprintf(to, "  no IOMMU: nothing confines its DMA\n");
		return;
	}
	fprintf(to, "  IOMMU group: %d%s", shown->seen.group,
		shown->mate_count ? ", with" : ", alone");
	for (size_t i = 0; i < shown->mate_count; i++) {
		const struct uldf_host_device *mate = &shown->mates[i];

		uldf_address_format(&mate->address, text);
		fprintf(to, "%s %s (%s%s)", i ? "," : "", text, mate->bridge ? "bridge, " : "",
			mate->driver[0] ? mate->driver : "no driver");
	}
	fputc('\n', to);
}

static void print_functions(const struct facts *facts, FILE *to)
{
	if (facts->functions_most)
		fprintf(to, "  SR-IOV: %u of %u virtual functions\n", facts->functions,
			facts->functions_most);
	if (facts->physical[0])
		fprintf(to, "  virtual function of %s\n", facts->physical);
}

static void print_holders(const struct shown *shown, FILE *to)
{
	bool unknown = holder_unknown(shown->findings, shown->finding_count), told = false;

	for (size_t i = 0; i < shown->finding_count; i++) {
		const struct uldf_finding *finding = &shown->findings[i];

		if (!holder_is(finding))
			continue;
		fprintf(to, "  %s\n", finding->what);
		told = true;
	}
	if (!told)
		fprintf(to, "  %s\n",
			unknown ? "who has it open is not known: root sees all processes"
				: "open in no process that can be seen");
	if (shown->pinned_known)
		fprintf(to, "  pinned by that user, for all devices: %" PRIu64 " KiB\n",
			shown->pinned / 1024);
}

void show_print(const struct shown *shown, FILE *to)
{
	const struct uldf_host_device *seen = &shown->seen;
	const struct facts *facts = &shown->facts;
	char text[ULDF_ADDRESS_TEXT], standing[400];

	uldf_address_format(&seen->address, text);
	standing_text(shown->standing, seen, shown->mate, shown->use, standing, sizeof(standing));
	fprintf(to, "%s  %s: %s %s\n", text, shown->names.class_name, shown->names.vendor,
		shown->names.device);
	fprintf(to, "  %04x:%04x, subsystem %04x:%04x, class %06x, revision %02x\n", seen->vendor,
		seen->device, seen->subvendor, seen->subdevice, seen->class_code, seen->revision);
	fprintf(to, "  %s\n  driver: %s%s%s\n", standing, seen->driver[0] ? seen->driver : "none",
		facts->override[0] ? ", by driver_override only " : "", facts->override);
	print_group(shown, to);
	if (facts->numa >= 0)
		fprintf(to, "  NUMA node: %d\n", facts->numa);
	print_regions(facts, to);
	print_vectors(&facts->vectors, to);
	fprintf(to, "  reset: %s\n", facts->resets[0] ? facts->resets : "none");
	print_functions(facts, to);
	if (facts->power[0])
		fprintf(to, "  power: %s\n", facts->power);
	print_holders(shown, to);
	if (shown->counters.known)
		fprintf(to, "  ");
	counters_print(&shown->counters, to);
}
