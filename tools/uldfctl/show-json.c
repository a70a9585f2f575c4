// SPDX-License-Identifier: GPL-2.0-or-later
#include "holder.h"
#include "identity.h"
#include "output.h"
#include "show.h"

static int region_add(json_t *rows, const char *name, const char *kind,
		      const struct facts_region *region)
{
	char address[32];

	snprintf(address, sizeof(address), "%llx", (unsigned long long)region->address);
	return json_array_append_new(rows,
				     json_pack("{ss, ss, sI, so, sb, sb, sb}", "name", name, "kind",
					       kind, "size", (json_int_t)region->size, "address",
					       region->address ? json_string(address) : json_null(),
					       "prefetchable", region->prefetchable, "wide",
					       region->wide, "fixed", region->fixed));
}

static json_t *regions_json(const struct facts *facts)
{
	const struct facts_region config = {.size = facts->config};
	json_t *rows = json_array();
	char name[8];
	int bad = 0;

	for (unsigned int i = 0; i < FACTS_BARS; i++) {
		const struct facts_region *bar = &facts->bars[i];

		snprintf(name, sizeof(name), "bar%u", i);
		if (bar->size)
			bad |= region_add(rows, name, bar->ports ? "ports" : "memory", bar);
	}
	if (facts->rom.size)
		bad |= region_add(rows, "rom", "memory", &facts->rom);
	if (config.size)
		bad |= region_add(rows, "config", "config", &config);
	if (!bad)
		return rows;
	json_decref(rows);
	return NULL;
}

static json_t *vectors_json(const struct vectors *vectors)
{
	const char pin[2] = {vectors->pin};

	return json_pack("{so, so, so}", "intx", output_text(pin), "msi",
			 vectors->known ? json_integer(vectors->msi) : json_null(), "msix",
			 vectors->known ? json_integer(vectors->msix) : json_null());
}

static json_t *mates_json(const struct shown *shown)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < shown->mate_count; i++) {
		const struct uldf_host_device *mate = &shown->mates[i];

		if (json_array_append_new(rows, json_pack("{so, so, sb}", "address",
							  output_address(&mate->address), "driver",
							  output_text(mate->driver), "bridge",
							  mate->bridge))) {
			json_decref(rows);
			return NULL;
		}
	}
	return rows;
}

static json_t *sriov_json(const struct facts *facts)
{
	if (!facts->functions_most)
		return json_null();
	return json_pack("{sI, sI}", "functions", (json_int_t)facts->functions, "most",
			 (json_int_t)facts->functions_most);
}

json_t *show_json(const struct shown *shown)
{
	const struct facts *facts = &shown->facts;
	json_t *standing, *place;

	standing = json_pack(
		"{ss, so, so, so, so, so, so}", "standing", standing_word(shown->standing), "usage",
		output_text(shown->use), "group_holder",
		shown->mate ? output_address(&shown->mate->address) : json_null(), "holders",
		holder_json(shown->findings, shown->finding_count), "pinned",
		shown->pinned_known ? json_integer((json_int_t)shown->pinned) : json_null(),
		"counters", counters_json(&shown->counters), "mates", mates_json(shown));
	place = json_pack(
		"{so, so, so, so, so, so, so, so}", "driver_override", output_text(facts->override),
		"numa_node", facts->numa < 0 ? json_null() : json_integer(facts->numa), "regions",
		regions_json(facts), "vectors", vectors_json(&facts->vectors), "resets",
		output_text(facts->resets), "sriov", sriov_json(facts), "physical_function",
		output_text(facts->physical), "power", output_text(facts->power));
	return output_join(output_join(identity_json(&shown->seen, &shown->names), standing),
			   place);
}
