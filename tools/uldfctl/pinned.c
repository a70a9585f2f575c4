// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <pwd.h>
#include "pinned.h"

void pinned_print(FILE *from, FILE *to)
{
	const struct passwd *user;
	char line[64], rest;
	unsigned int uid;
	uint64_t bytes;

	while (fgets(line, sizeof(line), from)) {
		if (sscanf(line, "%u %" SCNu64 "%c", &uid, &bytes, &rest) != 3 || rest != '\n')
			continue;
		user = getpwuid(uid);
		fprintf(to, "pinned by user %u (%s): %" PRIu64 " KiB\n", uid,
			user ? user->pw_name : "no name", bytes / 1024);
	}
}
