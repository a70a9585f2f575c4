/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What uldfctl can be told to do. */
#ifndef TOOLS_ULDFCTL_VERBS_H
#define TOOLS_ULDFCTL_VERBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "access.h"
#include <uldf.h>

struct verb;

/* What the command line says. */
struct arguments {
	const struct verb *verb;
	struct uldf_address *addresses; /* freed by arguments_fini() */
	size_t count;
	struct access access; /* of peek and poke */
	unsigned int words;   /* behind the verb, options left out */
	const char *file;
	const char *chrome; /* where the trace goes, or NULL */
	uint64_t memory;    /* MiB of a guest's RAM; 0 where it is not said */
	bool json;
	bool all;
	bool dry_run;
	bool unbind;
	bool force;
	bool group;
	bool reprobe;
};

/* A verb answers the exit status, having said on stderr what went wrong. */
struct verb {
	const char *name;
	int (*run)(struct uldf_ctx *ctx, const struct arguments *arguments);
};

int verb_list(struct uldf_ctx *ctx, const struct arguments *arguments);
int verb_claim(struct uldf_ctx *ctx, const struct arguments *arguments);
int verb_release(struct uldf_ctx *ctx, const struct arguments *arguments);
int verb_show(struct uldf_ctx *ctx, const struct arguments *arguments);
int verb_why(struct uldf_ctx *ctx, const struct arguments *arguments);
int verb_peek(struct uldf_ctx *ctx, const struct arguments *arguments);
int verb_poke(struct uldf_ctx *ctx, const struct arguments *arguments);
int verb_reset(struct uldf_ctx *ctx, const struct arguments *arguments);
int verb_trace(struct uldf_ctx *ctx, const struct arguments *arguments);

bool address_equal(const struct uldf_address *a, const struct uldf_address *b);

/* Reads the command line; on bad usage says so and exits with status 64. */
void arguments_init(struct arguments *arguments, int argc, char **argv);
void arguments_fini(struct arguments *arguments);

#endif
