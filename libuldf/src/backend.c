// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include "backend.h"

static const struct {
	const struct uldf_backend_ops *ops;
	const char *driver; /* the kernel driver of the devices that it reaches; NULL for none */
} backends[] = {
	{&kmod_backend, "uldf"}, {&vfio_backend, "vfio-pci"}, {&uio_backend, "uio_pci_generic"},
	{&model_backend, NULL},	 {&replay_backend, NULL},     {&record_backend, NULL},
	{&check_backend, NULL},	 {&fault_backend, NULL},
};

#define BACKENDS (sizeof(backends) / sizeof(backends[0]))

const struct uldf_backend_ops *backend_of_driver(const char *driver)
{
	for (size_t i = 0; i < BACKENDS; i++)
		if (backends[i].driver && !strcmp(backends[i].driver, driver))
			return backends[i].ops;
	return NULL;
}

/* By the driver that has the device. One that none has may be claimed: kmod knows what to say. */
static int find_best(struct uldf_ctx *ctx, const struct uldf_address *address,
		     const struct uldf_backend_ops **out)
{
	const struct uldf_backend_ops *ops = &kmod_backend;
	struct uldf_host_device host;
	char text[ULDF_ADDRESS_TEXT];
	int err;

	err = uldf_discover_one(ctx, address, &host);
	if (err)
		return err;
	if (host.driver[0])
		ops = backend_of_driver(host.driver);
	if (!ops) {
		uldf_address_format(address, text);
		return ctx_fail(ctx, -ENODEV,
				"device %s: not claimed: uldfctl claim %s, with --unbind, as %s "
				"has it",
				text, text, host.driver);
	}
	*out = ops;
	return 0;
}

int backend_find(struct uldf_ctx *ctx, const char *address, const char **rest,
		 const struct uldf_backend_ops **out)
{
	struct uldf_address plain;
	int err;

	if (!uldf_address_parse(address, &plain)) {
		err = find_best(ctx, &plain, out);
		if (!err)
			*rest = address;
		return err;
	}
	for (size_t i = 0; i < BACKENDS; i++) {
		const struct uldf_backend_ops *ops = backends[i].ops;
		size_t length = strlen(ops->name);

		if (strncmp(address, ops->name, length))
			continue;
		if (address[length] != ':' && !(ops->decorates && address[length] == '='))
			continue;
		*rest = address + length + (ops->decorates ? 0 : 1);
		*out = ops;
		return 0;
	}
	return ctx_fail(ctx, -EINVAL,
			"%s: not an address such as 0000:00:06.0 or kmod:0000:00:06.0", address);
}
