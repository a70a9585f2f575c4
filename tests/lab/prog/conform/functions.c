// SPDX-License-Identifier: MIT
/* Virtual functions: made by the holder of the physical one, claimed and opened each by itself. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "conform.h"

#define COUNT	    2
#define IGB_VIRTUAL 0x10ca /* the id of 82576's virtual functions */

/* Finds virtual function @index of the device; answers whether it is there. */
static bool function_find(struct conform *c, unsigned int index, struct uldf_address *out)
{
	char path[96], link[96] = {};

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/virtfn%u", c->address, index);
	if (readlink(path, link, sizeof(link) - 1) < 0)
		return false;
	require("a link to a virtual function", !uldf_address_parse(strrchr(link, '/') + 1, out));
	return true;
}

static bool has_driver(const struct uldf_address *function)
{
	char path[96], name[ULDF_ADDRESS_TEXT];

	uldf_address_format(function, name);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", name);
	return !access(path, F_OK);
}

static void check_used(struct conform *c, const struct uldf_address *function)
{
	char name[ULDF_ADDRESS_TEXT], full[ULDF_ADDRESS_TEXT + 8];
	struct uldf_device *virtual_ = NULL;
	uint32_t id = 0, high = 0;

	uldf_address_format(function, name);
	snprintf(full, sizeof(full), "%s:%s", c->able->backend, name);
	expect(c, "open one that is not claimed", uldf_device_open(c->ctx, full, &virtual_),
	       -ENODEV);
	expect(c, "claim one", uldf_claim(c->ctx, function), 0);
	expect(c, "open it", uldf_device_open(c->ctx, full, &virtual_), 0);
	expect(c, "read who it is", uldf_config_read(virtual_, PCI_VENDOR_ID, 4, &id), 0);
	expect(c, "in part", uldf_config_read(virtual_, PCI_DEVICE_ID + 1, 1, &high), 0);
	require("it has its physical function's vendor, and an id of its own",
		(id & 0xffff) == (c->model->id & 0xffff) && id >> 16 == IGB_VIRTUAL &&
			high == IGB_VIRTUAL >> 8);
	expect(c, "end them while one is claimed", uldf_device_functions(c->device, 0), -EBUSY);
	expect(c, "reset what has virtual functions", uldf_device_reset(c->device, NULL), -EBUSY);
	uldf_device_close(virtual_);
	expect(c, "release it", uldf_release(c->ctx, function, 0, NULL), 0);
}

/* A device that has them. */
void check_functions(struct conform *c)
{
	struct uldf_address function;

	printf("== virtual functions\n");
	if (!c->able->functions) {
		expect(c, "make virtual functions", uldf_device_functions(c->device, COUNT),
		       -ENOTSUP);
		require("of which there are none", !function_find(c, 0, &function));
		return;
	}
	expect(c, "more than it can have", uldf_device_functions(c->device, 4096), -EINVAL);
	expect(c, "far more", uldf_device_functions(c->device, UINT32_MAX), -EINVAL);
	expect(c, "none, as before", uldf_device_functions(c->device, 0), 0);
	expect(c, "make virtual functions", uldf_device_functions(c->device, COUNT), 0);
	for (unsigned int i = 0; i < COUNT; i++) {
		require("as many as were asked for", function_find(c, i, &function));
		require("no driver takes them", !has_driver(&function));
	}
	require("and no more", !function_find(c, COUNT, &function));
	check_used(c, &function);
	expect(c, "end them", uldf_device_functions(c->device, 0), 0);
	require("they are gone", !function_find(c, 0, &function));
	expect(c, "make them again", uldf_device_functions(c->device, COUNT), 0);
	conform_close(c);
	require("they end with the device's close", !function_find(c, 0, &function));
	conform_open(c, c->name);
}

/* A device that has none. */
void check_no_functions(struct conform *c)
{
	printf("== virtual functions\n");
	expect(c, "make virtual functions", uldf_device_functions(c->device, 1), -ENOTSUP);
	expect(c, "make none", uldf_device_functions(c->device, 0), -ENOTSUP);
}
