// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <time.h>
#include "holder.h"
#include "output.h"

static bool holder_told(const struct uldf_finding *finding)
{
	return !strcmp(finding->detector, "process");
}

bool holder_is(const struct uldf_finding *finding)
{
	return holder_told(finding) && finding->verdict == ULDF_USED;
}

const struct uldf_finding *holder_first(const struct uldf_usage *usage, size_t index)
{
	const struct uldf_finding *list;
	size_t count = uldf_usage_findings(usage, index, &list);

	for (size_t i = 0; i < count; i++)
		if (holder_is(&list[i]))
			return &list[i];
	return NULL;
}

bool holder_unknown(const struct uldf_finding *list, size_t count)
{
	bool unknown = false;

	for (size_t i = 0; i < count; i++) {
		if (holder_is(&list[i]))
			return false;
		unknown = unknown || holder_told(&list[i]);
	}
	return unknown;
}

/* RFC 3339, in UTC. */
static json_t *time_json(int64_t seconds)
{
	time_t time = seconds;
	char text[32];
	struct tm tm;

	if (!time || !gmtime_r(&time, &tm))
		return json_null();
	strftime(text, sizeof(text), "%FT%TZ", &tm);
	return json_string(text);
}

json_t *holder_json(const struct uldf_finding *list, size_t count)
{
	json_t *rows;

	if (holder_unknown(list, count))
		return json_null();
	rows = json_array();
	for (size_t i = 0; i < count; i++) {
		const struct uldf_opener *opener = &list[i].opener;

		if (!holder_is(&list[i]) || !opener->pid)
			continue;
		if (json_array_append_new(
			    rows,
			    json_pack("{si, so, so, so, so}", "pid", opener->pid, "program",
				      output_text(opener->program), "user",
				      opener->user < 0 ? json_null() : json_integer(opener->user),
				      "started", time_json(opener->started), "what",
				      output_text(list[i].what)))) {
			json_decref(rows);
			return NULL;
		}
	}
	return rows;
}

int holder_refuse(struct uldf_ctx *ctx, const struct uldf_address *address, const char *otherwise)
{
	const struct uldf_finding *finding;
	char text[ULDF_ADDRESS_TEXT];
	struct uldf_usage *usage;
	int err = uldf_usage_create(ctx, address, 1, false, &usage);

	if (err)
		return output_reason(ctx, err);
	uldf_address_format(address, text);
	finding = holder_first(usage, 0);
	if (finding)
		output_error("device %s: is open: %s: %s%s%s", text, finding->what, finding->next,
			     otherwise ? ", or " : "", otherwise ? otherwise : "");
	uldf_usage_destroy(usage);
	return finding ? OUTPUT_BUSY : OUTPUT_DONE;
}
