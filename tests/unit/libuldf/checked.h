/* SPDX-License-Identifier: MIT */
/* An engine in the check decorator, and what that finds. */
#ifndef TESTS_UNIT_LIBULDF_CHECKED_H
#define TESTS_UNIT_LIBULDF_CHECKED_H

#include "check/checker.h"
#include "engine.h"

/* A checked engine with a space and four pages in it; what was found. */
struct checked {
	struct wrapped w;
	struct uldf_space *space;
	struct uldf_memory *memory;
	uint8_t *pages;
	unsigned int found;
	enum uldf_check_kind kind; /* of the last */
	char text[256];
	char call_at[200]; /* empty for none */
	char made_at[200];
	void *made[ULDF_CHECK_DEPTH];
	unsigned int made_depth;
};

/* Opens and attaches; gives all back, so that nothing is left to find. */
void checked_init(struct checked *c);
void checked_fini(struct checked *c);

/* What uldf_check_report() is given: keeps the finding in a struct checked. */
void checked_found(const struct uldf_check_finding *finding, void *arg);

/* Fails the test unless one mistake was found, of that kind, whose text contains @text. */
void checked_expect(const struct checked *c, enum uldf_check_kind kind, const char *text);

/* Maps the beginning of the memory, for both; ends such a mapping. */
int checked_map(struct checked *c, uint64_t address, uint64_t size);
int checked_unmap(struct checked *c, uint64_t address, uint64_t size);

#endif
