/* SPDX-License-Identifier: MIT */
/* Names of addresses in this process's code: by libdw where it is installed, by the dynamic linker elsewhere. */
#ifndef ULDF_SRC_CHECK_SOURCE_H
#define ULDF_SRC_CHECK_SOURCE_H

#include <stdbool.h>

#define SOURCE_TEXT 160

struct source;

/* One frame of a call. */
struct source_place {
	char text[SOURCE_TEXT]; /* "stray() at driver.c:42", or "stray+0x1c in /usr/bin/driver" */
	bool own;		/* a function of this library */
};

/**
 * source_open() - load libdw
 *
 * Return: to be closed with source_close(); NULL where libdw is missing, or was when this was compiled.
 */
struct source *source_open(void);

/**
 * source_close() - forget what was read of debug information
 * @source: source, or NULL
 */
void source_close(struct source *source);

/**
 * source_find() - name the call that returns to an address
 * @source: source, used by one thread at a time, or NULL
 * @address: return address
 * @out: filled
 *
 * The first call reads which files are mapped; functions that are loaded later have names without lines.
 */
void source_find(struct source *source, const void *address, struct source_place *out);

#endif
