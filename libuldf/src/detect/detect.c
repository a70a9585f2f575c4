// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "detect/block.h"
#include "detect/detect.h"
#include "detect/files.h"
#include "usage.h"

#define LOSS_DATA  "data that was not written to the disk, and what the programs that use it do"
#define LOSS_LINKS "all connections over it"
#define LOSS_USERS "what the programs that use it do"

/* What uses a device comes before what that use needs: a mount before the set it is on. */
static const struct detector detectors[] = {
	{"bridge", "everything behind it", detect_bridge},
	{"mount", LOSS_DATA, detect_mount},
	{"swap", "the memory of programs that was swapped out", detect_swap},
	{"loop", LOSS_DATA, detect_loop},
	{"set", LOSS_DATA, detect_set},
	{"export", LOSS_DATA, detect_export},
	{"network", LOSS_LINKS, detect_network},
	{"sriov", "the virtual functions, and the guests' links over them", detect_sriov},
	{"display", "the picture", detect_display},
	{"console", "the console's output", detect_console},
	{"input", "the keyboards and pointers on it", detect_input},
	{"rdma", LOSS_LINKS, detect_rdma},
	{"i2c", "the devices on its bus", detect_i2c},
	{"dma-engine", "copies under way", detect_dma},
	{"watchdog", "nothing at first: an active watchdog resets the machine", detect_watchdog},
	{"kind", "whatever its driver does for the host", detect_kind},
};

/* These are noticed by others, and take time: left out of a glance. */
static const struct detector openers[] = {
	{"exclusive", LOSS_DATA, detect_exclusive},
	{"vfio",
	 "what the guest or program that drives it does; unbinding waits until that lets go",
	 detect_vfio},
};
static const struct detector surveys[] = {
	{"netns", LOSS_LINKS, detect_netns},
	{"process", LOSS_USERS, detect_process},
};

/* ---- findings ------------------------------------------------------------------------------------ */

static struct uldf_finding *finding_add(struct detect *detect, enum uldf_verdict verdict,
					const char *fmt, va_list args)
{
	struct uldf_finding *finding, *more;

	if (detect->count == detect->room) {
		size_t room = detect->room ? 2 * detect->room : 4;

		more = reallocarray(detect->findings, room, sizeof(*more));
		if (!more) {
			detect->err = -ENOMEM;
			return NULL;
		}
		detect->findings = more;
		detect->room = room;
	}
	finding = &detect->findings[detect->count++];
	*finding = (struct uldf_finding){.verdict = verdict,
					 .detector = detect->detector->name,
					 .loss = detect->detector->loss};
	vsnprintf(finding->what, sizeof(finding->what), fmt, args);
	ctx_printable(finding->what);
	return finding;
}

struct uldf_finding *detect_used(struct detect *detect, const char *fmt, ...)
{
	struct uldf_finding *finding;
	va_list args;

	va_start(args, fmt);
	finding = finding_add(detect, ULDF_USED, fmt, args);
	va_end(args);
	return finding;
}

struct uldf_finding *detect_unknown(struct detect *detect, const char *fmt, ...)
{
	struct uldf_finding *finding;
	va_list args;

	va_start(args, fmt);
	finding = finding_add(detect, ULDF_UNKNOWN, fmt, args);
	va_end(args);
	return finding;
}

void detect_next(struct uldf_finding *finding, const char *fmt, ...)
{
	va_list args;

	if (!finding)
		return;
	va_start(args, fmt);
	vsnprintf(finding->next, sizeof(finding->next), fmt, args);
	va_end(args);
	ctx_printable(finding->next);
}

/* ---- nodes held open ----------------------------------------------------------------------------- */

static int usage_keep(struct uldf_usage *usage, int fd, const char *path)
{
	char **paths = reallocarray(usage->held_paths, usage->held_count + 1, sizeof(*paths));
	int *fds;

	if (!paths)
		return -ENOMEM;
	usage->held_paths = paths;
	fds = reallocarray(usage->held, usage->held_count + 1, sizeof(*fds));
	if (!fds)
		return -ENOMEM;
	usage->held = fds;
	paths[usage->held_count] = strdup(path);
	if (!paths[usage->held_count])
		return -ENOMEM;
	fds[usage->held_count++] = fd;
	return 0;
}

int detect_hold(struct detect *detect, const char *path, int flags)
{
	struct uldf_usage *usage = detect->usage;
	int fd, err;

	for (size_t i = 0; i < usage->held_count; i++)
		if (!strcmp(usage->held_paths[i], path))
			return 0;
	fd = usage->host->open(path, flags);
	if (fd < 0)
		return fd;
	err = usage->hold ? usage_keep(usage, fd, path) : 0;
	if (!usage->hold || err)
		close(fd);
	if (err)
		detect->err = err;
	return err;
}

/* ---- devices ------------------------------------------------------------------------------------- */

static int device_init(struct detect *detect, const struct uldf_address *address)
{
	const struct detect_host *host = detect->host;
	char path[PATH_MAX], line[32];
	int err;

	uldf_address_format(address, detect->address);
	if (!host_path(host, path, "/sys/bus/pci/devices/%s", detect->address) ||
	    !realpath(path, detect->path))
		return ctx_fail(detect->usage->ctx, -ENODEV,
				"device %s: no such device: see uldfctl list", detect->address);
	host_link(host, detect->driver, sizeof(detect->driver), "/sys/bus/pci/devices/%s/driver",
		  detect->address);
	host_line(host, line, sizeof(line), "/sys/bus/pci/devices/%s/class", detect->address);
	detect->class_code = (uint32_t)strtoul(line, NULL, 16);
	detect->group = host_link(host, line, sizeof(line), "/sys/bus/pci/devices/%s/iommu_group",
				  detect->address)
				? atoi(line)
				: -1;
	err = nodes_walk(detect->path, &detect->nodes);
	for (size_t i = 0; !err && i < detect->nodes.count; i++) {
		unsigned int subsystem, disk;

		/* A disk that NVMe controllers could share stands below none of them. */
		if (sscanf(detect->nodes.list[i].name, "nvme%uc%*un%u", &subsystem, &disk) != 2)
			continue;
		err = nodes_add(host, &detect->nodes, "/sys/class/block/nvme%un%u", subsystem,
				disk);
		if (!err)
			err = nodes_add(host, &detect->nodes, "/sys/class/nvme-generic/ng%un%u",
					subsystem, disk);
	}
	if (!err)
		err = blocks_find(detect, &detect->blocks);
	return err ? ctx_fail(detect->usage->ctx, err, "out of memory") : 0;
}

static void device_fini(struct detect *detect)
{
	blocks_free(detect->blocks);
	nodes_fini(&detect->nodes);
	free(detect->findings);
}

static void device_look(struct detect *detect, const struct detector *table, size_t count)
{
	for (size_t i = 0; i < count && !detect->err; i++) {
		detect->detector = &table[i];
		table[i].look(detect);
	}
}

static int usage_init(struct uldf_usage *usage, const struct uldf_address *list, size_t count)
{
	int err;

	usage->devices = calloc(count, sizeof(*usage->devices));
	if (!usage->devices)
		return ctx_fail(usage->ctx, -ENOMEM, "out of memory");
	while (usage->count < count) {
		struct detect *detect = &usage->devices[usage->count];

		detect->usage = usage;
		detect->host = usage->host;
		err = device_init(detect, &list[usage->count++]);
		if (err)
			return err;
		device_look(detect, detectors, sizeof(detectors) / sizeof(detectors[0]));
		if (detect->err)
			return ctx_fail(usage->ctx, detect->err, "out of memory");
	}
	return 0;
}

/* All nodes are opened before processes are looked at: who opens one later is refused. */
static int usage_look(struct uldf_usage *usage)
{
	int err = 0;

	for (size_t i = 0; i < usage->count; i++)
		device_look(&usage->devices[i], openers, sizeof(openers) / sizeof(openers[0]));
	for (size_t i = 0; i < usage->count; i++) {
		device_look(&usage->devices[i], surveys, sizeof(surveys) / sizeof(surveys[0]));
		err = err ? err : usage->devices[i].err;
	}
	return err ? ctx_fail(usage->ctx, err, "out of memory") : 0;
}

int detect_create(struct uldf_ctx *ctx, const struct detect_host *host,
		  const struct uldf_address *list, size_t count, bool hold, struct uldf_usage **out)
{
	struct uldf_usage *usage = calloc(1, sizeof(*usage));
	int err;

	if (!usage)
		return ctx_fail(ctx, -ENOMEM, "out of memory");
	usage->ctx = ctx;
	usage->host = host;
	usage->hold = hold;
	err = usage_init(usage, list, count);
	if (!err)
		err = usage_look(usage);
	if (err)
		uldf_usage_destroy(usage);
	else
		*out = usage;
	return err;
}

int detect_glance(struct uldf_ctx *ctx, const struct detect_host *host,
		  const struct uldf_address *address, char *buf, size_t size)
{
	struct uldf_usage usage = {.ctx = ctx, .host = host};
	const struct uldf_finding *findings;
	struct usage line = {.used = 0};
	int err;

	if (!size)
		return ctx_fail(ctx, -EINVAL, "no room for the answer");
	err = usage_init(&usage, address, 1);
	if (!err) {
		size_t count = uldf_usage_findings(&usage, 0, &findings);

		for (size_t i = 0; i < count; i++)
			if (findings[i].verdict == ULDF_USED)
				usage_add(&line, "%s", findings[i].what);
		snprintf(buf, size, "%s", line.text);
	}
	if (usage.count)
		device_fini(&usage.devices[0]);
	free(usage.devices);
	return err;
}

int uldf_usage_create(struct uldf_ctx *ctx, const struct uldf_address *list, size_t count,
		      bool hold, struct uldf_usage **out)
{
	return detect_create(ctx, &detect_machine, list, count, hold, out);
}

int uldf_discover_usage(struct uldf_ctx *ctx, const struct uldf_address *address, char *buf,
			size_t size)
{
	return detect_glance(ctx, &detect_machine, address, buf, size);
}

size_t uldf_usage_findings(const struct uldf_usage *usage, size_t index,
			   const struct uldf_finding **findings)
{
	*findings = usage->devices[index].findings;
	return usage->devices[index].count;
}

enum uldf_verdict uldf_usage_verdict(const struct uldf_usage *usage, size_t index)
{
	const struct detect *detect = &usage->devices[index];
	enum uldf_verdict worst = ULDF_FREE;

	for (size_t i = 0; i < detect->count; i++)
		if (detect->findings[i].verdict > worst)
			worst = detect->findings[i].verdict;
	return worst;
}

void uldf_usage_destroy(struct uldf_usage *usage)
{
	if (!usage)
		return;
	for (size_t i = 0; i < usage->count; i++)
		device_fini(&usage->devices[i]);
	for (size_t i = 0; i < usage->held_count; i++) {
		close(usage->held[i]);
		free(usage->held_paths[i]);
	}
	open_list_free(usage->opens);
	free(usage->held_paths);
	free(usage->held);
	free(usage->devices);
	free(usage);
}
