/* SPDX-License-Identifier: MIT */
#ifndef LAB_SLOW_H
#define LAB_SLOW_H

#include <stdlib.h>

/* How many times longer than elsewhere what must come may take: the lab says so of a slow kernel (--slow). */
static inline int slow(void)
{
	const char *factor = getenv("LAB_SLOW");

	return factor ? atoi(factor) : 1;
}

#define PATIENCE (30000 * slow()) /* ms that what must come may take */

#endif
