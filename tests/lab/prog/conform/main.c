// SPDX-License-Identifier: MIT
/*
 * lab-conform iommu|none|bare all|limit|functions|removed|error BACKEND:ADDRESS [BACKEND:ADDRESS]: see
 * conform.h.
 */
#include <stdio.h>
#include <string.h>
#include "conform.h"

static int lose(struct conform *c, const char *name, unsigned int event)
{
	conform_open_any(c, name);
	check_lost(c, event);
	uldf_ctx_destroy(c->ctx);
	return 0;
}

int main(int argc, char **argv)
{
	struct conform c = {};

	if (argc < 4 || argc > 5) {
		fprintf(stderr,
			"usage: lab-conform iommu|none|bare all|limit|functions|removed|error "
			"BACKEND:ADDRESS [BACKEND:ADDRESS]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	require("a context", !uldf_ctx_create(&c.ctx));
	c.iommu = !strcmp(argv[1], "iommu");
	c.bare = !strcmp(argv[1], "bare");
	if (!strcmp(argv[2], "removed"))
		return lose(&c, argv[3], ULDF_EVENT_REMOVED);
	if (!strcmp(argv[2], "error"))
		return lose(&c, argv[3], ULDF_EVENT_ERROR);
	conform_open(&c, argv[3]);
	printf("==== %s: %s\n", argv[3], c.model->name);
	if (!strcmp(argv[2], "limit"))
		check_limit(&c);
	else if (!strcmp(argv[2], "functions"))
		check_functions(&c);
	else
		check_all(&c, argv[4]);
	conform_close(&c);
	/* Open, used and closed once, a device is as it was. */
	conform_open(&c, argv[3]);
	check_device(&c);
	conform_close(&c);
	uldf_ctx_destroy(c.ctx);
	return 0;
}
