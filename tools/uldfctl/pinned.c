// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <pwd.h>
#include "pinned.h"

/* Reads the next line of the form "<uid> <bytes>"; false at the end. */
static bool pinned_next(FILE *from, unsigned int *uid, uint64_t *bytes)
{
	char line[64], rest;

	while (fgets(line, sizeof(line), from))
		if (sscanf(line, "%u %" SCNu64 "%c", uid, bytes, &rest) == 3 && rest == '\n')
			return true;
	return false;
}

void pinned_print(FILE *from, FILE *to)
{
	const struct passwd *user;
	unsigned int uid;
	uint64_t bytes;

	while (pinned_next(from, &uid, &bytes)) {
		user = getpwuid(uid);
		fprintf(to, "pinned by user %u (%s): %" PRIu64 " KiB\n", uid,
			user ? user->pw_name : "no name", bytes / 1024);
	}
}

bool pinned_of(FILE *from, int64_t uid, uint64_t *out)
{
	unsigned int user;
	uint64_t bytes;

	while (pinned_next(from, &user, &bytes)) {
		if (user != uid)
			continue;
		*out = bytes;
		return true;
	}
	return false;
}
