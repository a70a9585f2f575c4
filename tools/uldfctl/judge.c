// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "judge.h"
#include "refusal.h"

#define MIB 1048576

/* Adds an obstacle, whose cure the caller writes; NULL for want of memory, which @out->count then tells. */
__attribute__((format(printf, 2, 3))) static struct obstacle *obstacle_add(struct judgement *out,
									   const char *fmt, ...)
{
	struct obstacle *more = reallocarray(out->obstacles, out->count + 1, sizeof(*more));
	va_list args;

	if (!more)
		return NULL;
	out->obstacles = more;
	more += out->count++;
	*more = (struct obstacle){.guest_only = false};
	va_start(args, fmt);
	vsnprintf(more->what, sizeof(more->what), fmt, args);
	va_end(args);
	return more;
}

static int obstacle_cure(struct obstacle *obstacle, bool guest_only, const char *cure)
{
	if (!obstacle)
		return -ENOMEM;
	obstacle->guest_only = guest_only;
	snprintf(obstacle->next, sizeof(obstacle->next), "%s", cure);
	return 0;
}

/* What the host uses a device for; @mate: of whom it is to be said whose use that is. */
static int judge_uses(const struct judge_device *device, bool mate, struct judgement *out)
{
	bool due = refusal_due(device->findings, device->count, device->seen->driver[0]);
	char text[ULDF_ADDRESS_TEXT];
	int err = 0;

	uldf_address_format(&device->seen->address, text);
	for (size_t i = 0; due && i < device->count && !err; i++) {
		const struct uldf_finding *finding = &device->findings[i];

		err = obstacle_cure(
			obstacle_add(out, "%s%s%s%s", mate ? text : "",
				     mate ? " of its IOMMU group: " : "",
				     finding->verdict == ULDF_UNKNOWN ? "unknown: " : "",
				     finding->what),
			false, finding->next);
	}
	return err;
}

static int judge_host(const struct uldf_host_device *device, const struct judge_host *host,
		      struct judgement *out)
{
	int err = 0;

	if (device->group < 0 && !host->bare)
		err = obstacle_cure(
			obstacle_add(out, "no IOMMU confines its DMA"), false,
			"boot with intel_iommu=on or amd_iommu=on; or trust whoever drives it: "
			"modprobe uldf allow_bare=1");
	if (!err && !host->kvm)
		err = obstacle_cure(obstacle_add(out, "this host runs no guests: no /dev/kvm"),
				    true, "modprobe kvm_intel, or kvm_amd");
	if (!err && host->guest > host->lockable)
		err = obstacle_cure(obstacle_add(out,
						 "a guest of %" PRIu64 " MiB pins as much, and "
						 "this user may pin %" PRIu64 " MiB",
						 host->guest / MIB, host->lockable / MIB),
				    true, "raise ulimit -l, or LimitMEMLOCK= of the service");
	return err;
}

/* The command that takes the device, and with it those of its group. */
static void judge_step(const struct judge_device *list, size_t count, const struct judge_host *host,
		       struct judgement *out)
{
	bool held = false;
	char text[ULDF_ADDRESS_TEXT];

	if (list->seen->claimed)
		return;
	for (size_t i = 0; i < count; i++)
		held = held || list[i].seen->driver[0];
	uldf_address_format(&list->seen->address, text);
	snprintf(out->step, sizeof(out->step), "%suldfctl claim%s%s %s",
		 host->loaded ? "" : "modprobe uldf; ", count > 1 ? " --group" : "",
		 held ? " --unbind" : "", text);
}

int judge(const struct judge_device *list, size_t count, const struct judge_host *host,
	  struct judgement *out)
{
	int err;

	*out = (struct judgement){.program = true, .guest = true};
	err = judge_uses(list, false, out);
	if (!list->seen->bridge) {
		for (size_t i = 1; i < count && !err; i++)
			err = judge_uses(&list[i], true, out);
		if (!err)
			err = judge_host(list->seen, host, out);
		judge_step(list, count, host, out);
	}
	if (err) {
		judgement_fini(out);
		return err;
	}
	for (size_t i = 0; i < out->count; i++) {
		out->guest = false;
		out->program = out->program && out->obstacles[i].guest_only;
	}
	return 0;
}

void judgement_fini(struct judgement *judgement)
{
	free(judgement->obstacles);
	judgement->obstacles = NULL;
}
