/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "uldfctl show" tells of one device: collected by show.c, told by show-print.c and show-json.c, which are pure. */
#ifndef TOOLS_ULDFCTL_SHOW_H
#define TOOLS_ULDFCTL_SHOW_H

#include <jansson.h>
#include <stdio.h>
#include "counters.h"
#include "facts.h"
#include "names.h"
#include "standing.h"
#include <uldf/usage.h>

/*
 * @seen: the device
 * @names: what pci.ids calls it
 * @standing: what can be done with it
 * @mate: for STANDING_GROUP, the device in the way
 * @use: what the host uses it for; empty for nothing
 * @facts: what sysfs tells
 * @counters: what uldf.ko has counted
 * @mates: the other devices of its IOMMU group
 * @mate_count: how many
 * @findings: of libuldf's detectors, for who has it open
 * @finding_count: how many
 * @pinned: bytes that are pinned for the first of those who have it open: for the user, on all devices
 * @pinned_known: that is known
 */
struct shown {
	struct uldf_host_device seen;
	struct names names;
	enum standing standing;
	const struct uldf_host_device *mate;
	char use[256];
	struct facts facts;
	struct counters counters;
	struct uldf_host_device *mates;
	size_t mate_count;
	const struct uldf_finding *findings;
	size_t finding_count;
	uint64_t pinned;
	bool pinned_known;
};

/* Prints a block of lines. */
void show_print(const struct shown *shown, FILE *to);

/* An object; NULL for want of memory. */
json_t *show_json(const struct shown *shown);

#endif
