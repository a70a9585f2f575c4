// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include "counters.h"

static const char *const names[COUNTERS] = {
	[COUNTER_OPENS] = "opens",	     [COUNTER_RESETS] = "resets",
	[COUNTER_INTERRUPTS] = "interrupts", [COUNTER_MAPPINGS] = "space_mappings",
	[COUNTER_MAPPED] = "space_mapped",   [COUNTER_UNMAPPED] = "space_unmapped",
};

static bool counter_read(const char *path, uint64_t *out)
{
	FILE *file = fopen(path, "re");
	bool found;

	if (!file)
		return false;
	found = fscanf(file, "%" SCNu64, out) == 1;
	fclose(file);
	return found;
}

void counters_read(const char *sysfs, const struct uldf_address *address, struct counters *out)
{
	char text[ULDF_ADDRESS_TEXT], path[512];

	*out = (struct counters){.known = true};
	uldf_address_format(address, text);
	for (unsigned int i = 0; i < COUNTERS && out->known; i++) {
		snprintf(path, sizeof(path), "%s/class/uldf/%s/%s", sysfs, text, names[i]);
		out->known = counter_read(path, &out->values[i]);
	}
}

void counters_print(const struct counters *counters, FILE *to)
{
	const uint64_t *values = counters->values;

	if (counters->known)
		fprintf(to,
			"since the claim: opened %" PRIu64 ", reset %" PRIu64 " times; %" PRIu64
			" interrupts; %" PRIu64 " mappings now, %" PRIu64 " made and %" PRIu64
			" ended in its space\n",
			values[COUNTER_OPENS], values[COUNTER_RESETS], values[COUNTER_INTERRUPTS],
			values[COUNTER_MAPPINGS], values[COUNTER_MAPPED], values[COUNTER_UNMAPPED]);
}

json_t *counters_json(const struct counters *counters)
{
	json_t *object;

	if (!counters->known)
		return json_null();
	object = json_object();
	for (unsigned int i = 0; i < COUNTERS; i++)
		if (json_object_set_new(object, names[i],
					json_integer((json_int_t)counters->values[i]))) {
			json_decref(object);
			return NULL;
		}
	return object;
}
