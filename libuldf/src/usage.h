/* SPDX-License-Identifier: MIT */
/* One line of what a device is used for, item by item. */
#ifndef ULDF_SRC_USAGE_H
#define ULDF_SRC_USAGE_H

#include <stddef.h>
#include "ctx.h"

/**
 * struct usage - the line; begins zeroed
 * @text: items with ", " between them; what does not fit is cut off
 * @used: bytes of it, less than its size
 */
struct usage {
	char text[CTX_REASON];
	size_t used;
};

/**
 * usage_add() - append an item
 * @usage: line
 * @fmt: what the item says, as for printf()
 *
 * Characters that a terminal would act on become '?', as in ctx_fail().
 */
__attribute__((format(printf, 2, 3))) void usage_add(struct usage *usage, const char *fmt, ...);

#endif
