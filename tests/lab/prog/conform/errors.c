// SPDX-License-Identifier: MIT
/* Opening, and what is refused with a reason and without touching what was passed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "conform.h"

static void check_open_fails(struct conform *c, const char *name, int wanted, const char *reason)
{
	struct uldf_device *device = (void *)0x1234;

	expect(c, name, uldf_device_open(c->ctx, name, &device), wanted);
	expect_reason(c, reason);
	require("a failed open leaves out alone", device == (void *)0x1234);
}

/* Each open makes a device of its own. */
static void check_made(struct conform *c)
{
	struct uldf_device *second = NULL;
	char name[64];

	snprintf(name, sizeof(name), "%s:nonsense", c->able->backend);
	check_open_fails(c, name, -EINVAL, "nonsense");
	check_open_fails(c, strchr(c->name, ':') + 1, -EINVAL, "not an address");
	expect(c, "open another", uldf_device_open(c->ctx, c->name, &second), 0);
	require("it is another", second != c->device);
	uldf_device_close(second);
}

void check_errors(struct conform *c)
{
	char name[64];

	printf("== errors\n");
	if (!c->able->host) {
		check_made(c);
		return;
	}
	check_open_fails(c, c->name, -EBUSY, "open already");
	check_open_fails(c, c->address, -EBUSY, "open already");
	snprintf(name, sizeof(name), "%s:0000:00:1e.7", c->able->backend);
	check_open_fails(c, name, -ENODEV, "device 0000:00:1e.7: no such device");
	check_open_fails(c, "0000:00:1e.7", -ENODEV, "device 0000:00:1e.7: no such device");
	snprintf(name, sizeof(name), "%s:nonsense", c->able->backend);
	check_open_fails(c, name, -EINVAL, "not an address");
	snprintf(name, sizeof(name), "%s:0000:00:1f.0", c->able->backend); /* a bridge */
	check_open_fails(c, name, -ENODEV, "device 0000:00:1f.0: ");
	for (int i = 0; i < 3; i++) {
		static const char *const others[] = {"kmod", "vfio", "uio"};

		if (!strcmp(others[i], c->able->backend))
			continue;
		snprintf(name, sizeof(name), "%s:%s", others[i], c->address);
		check_open_fails(c, name, -ENODEV, c->address);
	}
}
