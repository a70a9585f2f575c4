// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include "facts.h"
#include "judge.h"
#include "names.h"
#include "output.h"
#include "verbs.h"

#define MIB 1048576

/* One device that was asked about, with all that is said of it. */
struct answer {
	struct uldf_host_device device;
	struct names names;
	struct facts facts;
	struct judgement judgement;
};

static uint64_t why_lockable(void)
{
	struct rlimit limit;

	if (!geteuid() || getrlimit(RLIMIT_MEMLOCK, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return UINT64_MAX;
	return limit.rlim_cur;
}

/* A parameter of uldf.ko that is on. */
static bool why_parameter(const char *name)
{
	char path[128];
	FILE *file;
	int value;

	snprintf(path, sizeof(path), "/sys/module/uldf/parameters/%s", name);
	file = fopen(path, "re");
	value = file ? getc(file) : EOF;
	if (file)
		fclose(file);
	return value == 'Y' || value == '1';
}

/* Looks at the device, then at those of its IOMMU group that a claim would have to take as well. */
static int answer_judge(struct uldf_ctx *ctx, const struct uldf_host_device *all, size_t count,
			const struct judge_host *host, struct answer *out)
{
	struct uldf_address *addresses = calloc(count + 1, sizeof(*addresses));
	struct judge_device *list = calloc(count + 1, sizeof(*list));
	struct uldf_usage *usage = NULL;
	size_t filled = 1;
	int err = addresses && list ? 0 : -ENOMEM;

	if (err)
		goto out;
	list[0].seen = &out->device;
	addresses[0] = out->device.address;
	for (size_t i = 0; i < count && out->device.group >= 0 && !out->device.bridge; i++)
		if (all[i].group == out->device.group && !all[i].bridge && !all[i].claimed &&
		    !address_equal(&all[i].address, &out->device.address)) {
			list[filled].seen = &all[i];
			addresses[filled++] = all[i].address;
		}
	err = uldf_usage_create(ctx, addresses, filled, false, &usage);
	for (size_t i = 0; i < filled && !err; i++)
		list[i].count = uldf_usage_findings(usage, i, &list[i].findings);
	if (!err)
		err = judge(list, filled, host, &out->judgement);
	uldf_usage_destroy(usage);
out:
	free(addresses);
	free(list);
	return err;
}

static void answer_print_facts(const struct facts *facts)
{
	printf("  reset: %s\n",
	       facts->resets[0] ? facts->resets
				: "none: who has it next finds what the last one left in it");
	for (unsigned int i = 0; i < FACTS_BARS; i++)
		if (facts->bars[i].size)
			printf("  BAR%u: %llu %s\n", i,
			       (unsigned long long)facts->bars[i].size >>
				       (facts->bars[i].size % 1024 ? 0 : 10),
			       facts->bars[i].ports	    ? "bytes of ports"
			       : facts->bars[i].size % 1024 ? "bytes"
							    : "KiB");
}

static void answer_print(const struct answer *answer)
{
	const struct judgement *judgement = &answer->judgement;
	char text[ULDF_ADDRESS_TEXT];

	uldf_address_format(&answer->device.address, text);
	printf("%s  %s: %s %s\n  to a program: %s, to a guest: %s\n", text,
	       answer->names.class_name, answer->names.vendor, answer->names.device,
	       judgement->program ? "yes" : "no", judgement->guest ? "yes" : "no");
	for (size_t i = 0; i < judgement->count; i++)
		printf("  - %s%s: %s\n", judgement->obstacles[i].guest_only ? "for a guest: " : "",
		       judgement->obstacles[i].what, judgement->obstacles[i].next);
	if (judgement->step[0])
		printf("  %s: %s\n", judgement->count ? "then" : "next", judgement->step);
	else if (answer->device.claimed)
		printf("  claimed: it can be opened as %s, or uldf-vmm --device %s\n", text, text);
	answer_print_facts(&answer->facts);
}

static json_t *obstacles_json(const struct judgement *judgement)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < judgement->count; i++) {
		const struct obstacle *obstacle = &judgement->obstacles[i];

		if (json_array_append_new(rows, json_pack("{so, so, sb}", "what",
							  output_text(obstacle->what), "next",
							  output_text(obstacle->next), "guest_only",
							  obstacle->guest_only))) {
			json_decref(rows);
			return NULL;
		}
	}
	return rows;
}

static json_t *bars_json(const struct facts *facts)
{
	json_t *rows = json_array();

	for (unsigned int i = 0; i < FACTS_BARS; i++)
		if (facts->bars[i].size &&
		    json_array_append_new(rows, json_pack("{si, sI, sb}", "bar", (int)i, "size",
							  (json_int_t)facts->bars[i].size, "ports",
							  facts->bars[i].ports))) {
			json_decref(rows);
			return NULL;
		}
	return rows;
}

static json_t *answer_json(const struct answer *answer)
{
	const struct judgement *judgement = &answer->judgement;

	return json_pack("{so, sb, sb, so, so, so, so}", "address",
			 output_address(&answer->device.address), "program", judgement->program,
			 "guest", judgement->guest, "obstacles", obstacles_json(judgement), "step",
			 output_text(judgement->step), "resets", output_text(answer->facts.resets),
			 "bars", bars_json(&answer->facts));
}

/* Judges one device, and says so. */
static int why_one(struct uldf_ctx *ctx, const struct uldf_address *address,
		   const struct uldf_host_device *all, size_t count, const struct judge_host *host,
		   json_t *rows)
{
	struct pci_access *access;
	struct answer answer;
	int err = uldf_discover_one(ctx, address, &answer.device);

	if (!err)
		err = answer_judge(ctx, all, count, host, &answer);
	if (err)
		return output_reason(ctx, err);
	facts_read("/sys", address, &answer.facts);
	access = names_open();
	names_find(access, &answer.device, &answer.names);
	names_close(access);
	if (!rows)
		answer_print(&answer);
	else if (json_array_append_new(rows, answer_json(&answer)))
		err = -ENOMEM;
	judgement_fini(&answer.judgement);
	if (err)
		return OUTPUT_FAILED;
	return answer.judgement.program ? OUTPUT_DONE : OUTPUT_BUSY;
}

int verb_why(struct uldf_ctx *ctx, const struct arguments *arguments)
{
	const struct judge_host host = {
		.kvm = !access("/dev/kvm", F_OK),
		.loaded = !access("/sys/module/uldf", F_OK),
		.bare = why_parameter("allow_bare"),
		.lockable = why_lockable(),
		.guest = (arguments->memory ? arguments->memory : 1024) * MIB,
	};
	json_t *rows = arguments->json ? json_array() : NULL;
	struct uldf_host_device *all;
	int status = OUTPUT_DONE, one;
	size_t count;

	one = uldf_discover(ctx, &all, &count);
	if (one) {
		json_decref(rows);
		return output_reason(ctx, one);
	}
	for (size_t i = 0; i < arguments->count; i++) {
		one = why_one(ctx, &arguments->addresses[i], all, count, &host, rows);
		status = status ? status : one;
	}
	uldf_discover_free(all);
	one = rows ? output_json(json_pack("{so}", "devices", rows)) : OUTPUT_DONE;
	return status ? status : one;
}
