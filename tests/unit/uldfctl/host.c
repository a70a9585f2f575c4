// SPDX-License-Identifier: GPL-2.0-or-later
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include "host.h"

struct host host;

static struct host_device *host_find(const struct uldf_address *address)
{
	return address->device < HOST_DEVICES ? &host.devices[address->device] : NULL;
}

/* What must not be torn apart must not be interrupted. */
static void host_change(void)
{
	sigset_t blocked;

	sigprocmask(SIG_BLOCK, NULL, &blocked);
	if (!sigismember(&blocked, SIGINT) || !sigismember(&blocked, SIGTERM) ||
	    !sigismember(&blocked, SIGHUP))
		host.signals_were_open = true;
	if (host.raise)
		raise(host.raise);
	host.raise = 0;
}

int uldf_discover_one(struct uldf_ctx *ctx, const struct uldf_address *address,
		      struct uldf_host_device *out)
{
	struct host_device *device = host_find(address);

	if (!device)
		return -ENODEV;
	*out = device->seen;
	if (device->taken_by)
		strcpy(device->seen.driver, device->taken_by);
	return 0;
}

int uldf_discover(struct uldf_ctx *ctx, struct uldf_host_device **list, size_t *count)
{
	struct uldf_host_device *copy = calloc(HOST_DEVICES, sizeof(*copy));

	cr_assert(ne(ptr, copy, NULL));
	for (unsigned int i = 0; i < HOST_DEVICES; i++)
		copy[i] = host.devices[i].seen;
	*list = copy;
	*count = HOST_DEVICES;
	return 0;
}

void uldf_discover_free(struct uldf_host_device *list)
{
	free(list);
}

int uldf_discover_usage(struct uldf_ctx *ctx, const struct uldf_address *address, char *buf,
			size_t size)
{
	struct host_device *device = host_find(address);

	device->looks++;
	snprintf(buf, size, "%s", device->usage ? device->usage : "");
	return 0;
}

int uldf_discover_probe(struct uldf_ctx *ctx, const struct uldf_address *address, char *buf,
			size_t size)
{
	struct host_device *device = host_find(address);
	const char *usage = device->usage ? device->usage : device->hidden;

	if (device->probes++ && device->later)
		usage = device->later;
	snprintf(buf, size, "%s", usage ? usage : "");
	return 0;
}

int uldf_claim(struct uldf_ctx *ctx, const struct uldf_address *address)
{
	struct host_device *device = host_find(address);

	host_change();
	device->claims++;
	if (device->seen.driver[0])
		return -EBUSY;
	if (device->claim_error)
		return device->claim_error;
	device->seen.claimed = true;
	strcpy(device->seen.driver, "uldf");
	return 0;
}

int uldf_release(struct uldf_ctx *ctx, const struct uldf_address *address, bool reprobe,
		 enum uldf_reset *reset)
{
	struct host_device *device = host_find(address);

	host_change();
	device->releases++;
	device->reprobed_by_release = reprobe;
	device->seen.claimed = false;
	device->seen.driver[0] = '\0';
	return 0;
}

int uldf_claim_group(struct uldf_ctx *ctx, const struct uldf_address *address)
{
	struct host_device *device = host_find(address);

	host_change();
	device->claims++;
	for (unsigned int i = 0; i < HOST_DEVICES; i++) {
		const struct host_device *mate = &host.devices[i];

		if (mate->seen.group != device->seen.group)
			continue;
		if (mate->seen.driver[0])
			return -EBUSY;
		if (mate->claim_error)
			return mate->claim_error;
	}
	for (unsigned int i = 0; i < HOST_DEVICES; i++) {
		if (host.devices[i].seen.group != device->seen.group)
			continue;
		host.devices[i].seen.claimed = true;
		strcpy(host.devices[i].seen.driver, "uldf");
	}
	return 0;
}

int uldf_release_group(struct uldf_ctx *ctx, const struct uldf_address *address, bool reprobe,
		       enum uldf_reset *reset)
{
	struct host_device *device = host_find(address);

	host_change();
	device->releases++;
	for (unsigned int i = 0; i < HOST_DEVICES; i++) {
		if (host.devices[i].seen.group != device->seen.group)
			continue;
		host.devices[i].seen.claimed = false;
		host.devices[i].seen.driver[0] = '\0';
	}
	return 0;
}

int binding_remove(const struct uldf_address *address, const char *driver)
{
	struct host_device *device = host_find(address);

	host_change();
	if (device->unbind_error)
		return device->unbind_error;
	if (strcmp(device->seen.driver, driver))
		return -ENODEV;
	device->unbinds++;
	device->seen.driver[0] = '\0';
	return 0;
}

int binding_probe(const struct uldf_address *address)
{
	host_change();
	host_find(address)->reprobes++;
	return 0;
}

void host_init(void)
{
	memset(&host, 0, sizeof(host));
	for (uint8_t i = 0; i < HOST_DEVICES; i++)
		host.devices[i].seen = (struct uldf_host_device){
			.address = {.device = i}, .class_code = 0x020000, .group = -1};
}

void host_bind(unsigned int n, const char *driver)
{
	strcpy(host.devices[n].seen.driver, driver);
}

static int claim(size_t count, bool group, bool unbind, bool dry_run, bool json)
{
	struct uldf_address addresses[HOST_DEVICES];
	struct arguments arguments = {
		.group = group,
		.addresses = addresses,
		.count = count,
		.unbind = unbind,
		.dry_run = dry_run,
		.json = json,
	};
	struct uldf_ctx *ctx;
	int status;

	for (uint8_t i = 0; i < count; i++)
		addresses[i] = (struct uldf_address){.device = i};
	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	status = verb_claim(ctx, &arguments);
	fflush(stdout);
	uldf_ctx_destroy(ctx);
	return status;
}

int host_claim(size_t count, bool unbind, bool dry_run, bool json)
{
	return claim(count, false, unbind, dry_run, json);
}

int host_claim_group(bool unbind, bool dry_run)
{
	return claim(1, true, unbind, dry_run, false);
}
