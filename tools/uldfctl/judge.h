/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Can a device be given to a program, or to a guest? What is in the way, and what ends that. Pure. */
#ifndef TOOLS_ULDFCTL_JUDGE_H
#define TOOLS_ULDFCTL_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uldf/usage.h>

/* A device, and what the host uses it for. */
struct judge_device {
	const struct uldf_host_device *seen;
	const struct uldf_finding *findings;
	size_t count;
};

/*
 * What the host can do.
 * @kvm: it runs guests
 * @loaded: uldf.ko is loaded
 * @bare: uldf.ko may give devices away that stand behind no IOMMU
 * @lockable: bytes that the user may pin, UINT64_MAX for no limit
 * @guest: bytes of RAM that a guest is to have
 */
struct judge_host {
	bool kvm;
	bool loaded;
	bool bare;
	uint64_t lockable;
	uint64_t guest;
};

/* Something in the way: of a guest alone, or of programs too. */
struct obstacle {
	bool guest_only;
	char what[400];
	char next[400];
};

/*
 * @obstacles: in the order in which they are to be ended; freed by judgement_fini()
 * @count: how many
 * @program: it can be given to a program
 * @guest: it can be given to a guest
 * @step: the command that takes it; empty for one that is claimed, or cannot be had
 */
struct judgement {
	struct obstacle *obstacles;
	size_t count;
	bool program;
	bool guest;
	char step[128];
};

/*
 * Judges @list[0]; the others are those of its IOMMU group that are neither bridges nor claimed. 0 with @out to be
 * ended by judgement_fini(), or -ENOMEM.
 */
int judge(const struct judge_device *list, size_t count, const struct judge_host *host,
	  struct judgement *out);

void judgement_fini(struct judgement *judgement);

#endif
