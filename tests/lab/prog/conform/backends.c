// SPDX-License-Identifier: MIT
/* What each backend can do. Whatever is not true here must be refused with -ENOTSUP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conform.h"

static const struct ability abilities[] = {
	{
		.backend = "kmod",
		.host = true,
		.maps = true,
		.spaces = true,
		.msi = true,
		.wide = true,
		.bare = true,
		.counts = true,
		.power = true,
		.parts = true,
		.peers = true,
		.functions = true,
		.tells_resets = true,
		.lost_at_once = true,
	},
	{
		.backend = "vfio",
		.host = true,
		.maps = true,
		.spaces = true,
		.msi = true,
		.wide = true,
		.pins_at_map = true,
		.power = true,
	},
	{
		.backend = "uio",
		.host = true,
		.maps = true,
		.wide = true,
		.lost_at_once = true,
	},
	/* A model would not see accesses by a mapping, and nobody but its holder can reset it. */
	{
		.backend = "model",
		.spaces = true,
		.msi = true,
		.wide = true,
		.counts = true,
		.lost_at_once = true,
	},
};

const struct ability *backend_ability(const char *name)
{
	for (size_t i = 0; i < sizeof(abilities) / sizeof(abilities[0]); i++) {
		size_t length = strlen(abilities[i].backend);

		if (!strncmp(name, abilities[i].backend, length) && name[length] == ':')
			return &abilities[i];
	}
	fprintf(stderr, "%s: of no backend that is known here\n", name);
	exit(2);
}
