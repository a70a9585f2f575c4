// SPDX-License-Identifier: GPL-2.0-or-later
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include "host.h"
#include "output.h"

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

/* At most a use and something unknown of each device. */
struct uldf_usage {
	struct uldf_finding findings[HOST_DEVICES][3];
	size_t counts[HOST_DEVICES];
	bool hold;
};

static void usage_add(struct uldf_usage *usage, size_t index, enum uldf_verdict verdict,
		      const char *detector, const char *what)
{
	struct uldf_finding *finding = &usage->findings[index][usage->counts[index]];

	if (!what)
		return;
	*finding = (struct uldf_finding){.verdict = verdict, .detector = detector, .loss = "all"};
	strcpy(finding->what, what);
	strcpy(finding->next, "stop it");
	usage->counts[index]++;
}

int uldf_usage_create(struct uldf_ctx *ctx, const struct uldf_address *list, size_t count,
		      bool hold, struct uldf_usage **out)
{
	struct uldf_usage *usage = calloc(1, sizeof(*usage));

	cr_assert(ne(ptr, usage, NULL));
	usage->hold = hold;
	host.holding += hold;
	for (size_t i = 0; i < count; i++) {
		struct host_device *device = host_find(&list[i]);
		bool again = device->looks++;

		usage_add(usage, i, ULDF_USED, "process", device->open);
		usage_add(usage, i, ULDF_USED, "host",
			  again && device->later ? device->later : device->usage);
		usage_add(usage, i, ULDF_UNKNOWN, "host", device->unknown);
	}
	*out = usage;
	return 0;
}

size_t uldf_usage_findings(const struct uldf_usage *usage, size_t index,
			   const struct uldf_finding **findings)
{
	*findings = usage->findings[index];
	return usage->counts[index];
}

void uldf_usage_destroy(struct uldf_usage *usage)
{
	if (usage)
		host.holding -= usage->hold;
	free(usage);
}

int uldf_claim_check(struct uldf_ctx *ctx)
{
	return host.check_error;
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

static void host_release_group(const struct host_device *device)
{
	for (unsigned int i = 0; i < HOST_DEVICES; i++) {
		if (host.devices[i].seen.group != device->seen.group)
			continue;
		host.devices[i].seen.claimed = false;
		host.devices[i].seen.driver[0] = '\0';
	}
}

int uldf_release(struct uldf_ctx *ctx, const struct uldf_address *address, unsigned int giving,
		 enum uldf_reset *reset)
{
	struct host_device *device = host_find(address);
	bool reprobe = giving & ULDF_GIVING_TO_DRIVERS;

	host_change();
	if (device->release_error)
		return device->release_error;
	if (device->open && !(giving & ULDF_GIVING_BY_FORCE))
		return -EBUSY;
	device->releases++;
	device->reprobed_by_release = reprobe;
	if (reset)
		*reset = giving & ULDF_GIVING_GROUP ? ULDF_RESET_BY_BUS : ULDF_RESET_BY_FLR;
	if (giving & ULDF_GIVING_GROUP)
		host_release_group(device);
	if (device->overridden && reprobe)
		return 0;
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

int binding_remove(const struct uldf_address *address, const char *driver)
{
	struct host_device *device = host_find(address);

	host_change();
	if (device->unbind_error)
		return device->unbind_error;
	if (strcmp(device->seen.driver, driver))
		return -ENODEV;
	host.unbound_unheld = host.unbound_unheld || !host.holding;
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

static int claim(size_t count, bool group, bool unbind, bool force, bool dry_run, bool json)
{
	struct uldf_address addresses[HOST_DEVICES];
	struct arguments arguments = {
		.group = group,
		.addresses = addresses,
		.count = count,
		.unbind = unbind,
		.force = force,
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
	return claim(count, false, unbind, false, dry_run, json);
}

int host_claim_force(void)
{
	return claim(1, false, true, true, false, false);
}

int host_claim_group(bool unbind, bool dry_run)
{
	return claim(1, true, unbind, false, dry_run, false);
}

static int release(size_t count, bool group, bool force, bool dry_run, bool json)
{
	struct uldf_address addresses[HOST_DEVICES + 1];
	struct arguments arguments = {
		.group = group,
		.force = force,
		.addresses = addresses,
		.count = count,
		.dry_run = dry_run,
		.json = json,
		.reprobe = true,
	};
	struct uldf_ctx *ctx;
	int status;

	for (uint8_t i = 0; i < count; i++)
		addresses[i] = (struct uldf_address){.device = i};
	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	if (json)
		output_json_begin();
	status = output_json_end(verb_release(ctx, &arguments));
	fflush(stdout);
	uldf_ctx_destroy(ctx);
	return status;
}

int host_release_force(void)
{
	return release(1, false, true, false, false);
}

int host_release(size_t count, bool group, bool dry_run, bool json)
{
	return release(count, group, false, dry_run, json);
}
