// SPDX-License-Identifier: MIT
/* A namespace of an NVMe controller: its life. */
#include "nvme.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <uldf/irq.h>
#include "nvme-identify.h"

#define DEPTH	   64
#define DEPTH_MOST 1023
#define MOST_BYTES (2 * 1024 * 1024) /* that a command's page describes, wherever it begins */

enum {
	IDENTIFY_NAMESPACE = 0,
	IDENTIFY_CONTROLLER = 1,
};

static struct nvme *nvme_of(struct uldf_disk *disk)
{
	return (struct nvme *)disk;
}

/* Doorbells of queues 0 and 1, if the device's first region can be mapped there. */
static void map_bells(struct nvme *nvme)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (nvme->stride * 4 + page - 1) / page * page;

	if (!uldf_region_map(nvme->disk.device, ULDF_BAR0, NVME_DOORBELLS, size, &nvme->bells))
		nvme->bells_size = size;
}

static void nvme_close(struct uldf_disk *disk)
{
	struct nvme *nvme = nvme_of(disk);

	/* One that does not work is not waited for. */
	if (nvme->dead || nvme->recovery) {
		nvme_disable_begin(nvme);
	} else if (nvme->io.sq) {
		nvme_admin_delete_io(nvme);
		nvme_shutdown(nvme);
	}
	if (nvme->interrupts)
		uldf_irq_disable(disk->device);
	disk_master(disk->device, false);
	uldf_region_unmap(disk->device, nvme->bells, nvme->bells_size);
	uldf_buffer_destroy(nvme->pages);
	uldf_buffer_destroy(nvme->io_memory);
	uldf_buffer_destroy(nvme->admin_memory);
	if (disk->fd >= 0)
		close(disk->fd);
	free(nvme->idle);
	free(nvme->slots);
	free(nvme);
}

static const struct disk_ops nvme_ops = {
	.submit = nvme_submit,
	.poll = nvme_poll,
	.pending = nvme_pending,
	.expire = nvme_expire,
	.close = nvme_close,
};

/* Vector 0 is the admin queue's as well, which is polled: where two can be had the other one is better. */
static int vectors_enable(struct nvme *nvme)
{
	struct uldf_device *device = nvme->disk.device;
	const struct uldf_device_info *info = uldf_device_info(device);
	enum uldf_irq_type type = info->vectors[ULDF_IRQ_MSIX]	? ULDF_IRQ_MSIX
				  : info->vectors[ULDF_IRQ_MSI] ? ULDF_IRQ_MSI
								: ULDF_IRQ_INTX;
	unsigned int count = type == ULDF_IRQ_MSIX && info->vectors[type] > 1 ? 2 : 1;
	int err = uldf_irq_enable(device, type, count);

	if (err == -ENOSPC && count > 1)
		err = uldf_irq_enable(device, type, count = 1);
	if (err)
		return err;
	nvme->interrupts = true;
	nvme->level = type == ULDF_IRQ_INTX;
	nvme->vector = count - 1;
	return 0;
}

static int interrupts_init(struct nvme *nvme)
{
	int err;

	nvme->disk.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (nvme->disk.fd < 0)
		return uldf_device_fail(nvme->disk.device, -errno, "no eventfd: %s",
					strerror(errno));
	err = vectors_enable(nvme);
	if (!err)
		err = uldf_irq_bind(nvme->disk.device, nvme->vector, 1, &nvme->disk.fd);
	if (err == -ENOTSUP && !nvme->interrupts) {
		close(nvme->disk.fd);
		nvme->disk.fd = -1;
		return 0;
	}
	return err;
}

static int slots_init(struct nvme *nvme, struct uldf_space *space)
{
	unsigned int depth = nvme->disk.info.depth;
	int err;

	nvme->slots = calloc(depth, sizeof(*nvme->slots));
	nvme->idle = calloc(depth, sizeof(*nvme->idle));
	if (!nvme->slots || !nvme->idle)
		return uldf_device_fail(nvme->disk.device, -ENOMEM, "out of memory");
	err = uldf_buffer_create(space, (size_t)depth * NVME_PAGE, &nvme->pages);
	if (err)
		return err;
	for (unsigned int id = 0; id < depth; id++) {
		nvme->slots[id].page.entries =
			(uint64_t *)((char *)nvme->pages->address + (size_t)id * NVME_PAGE);
		nvme->slots[id].page.bus = nvme->pages->bus + (uint64_t)id * NVME_PAGE;
		nvme->slots[id].command.id = htole16((uint16_t)id);
		nvme->slots[id].command.nsid = htole32(nvme->nsid);
		nvme->idle[depth - 1 - id] = (uint16_t)id;
	}
	nvme->idle_count = depth;
	return 0;
}

static int memory_init(struct nvme *nvme, struct uldf_space *space)
{
	uint16_t size = (uint16_t)(nvme->disk.info.depth + 1);
	int err = uldf_buffer_create(space, NVME_ADMIN_BYTES, &nvme->admin_memory);

	if (!err)
		err = uldf_buffer_create(space, nvme_queue_bytes(size), &nvme->io_memory);
	return err ? err : slots_init(nvme, space);
}

static int fail_identify(const struct nvme *nvme, int err, const char *what)
{
	return uldf_device_fail(nvme->disk.device, err, "the controller does not identify %s: %s",
				what, strerror(-err));
}

static int fail_namespace(const struct nvme *nvme, int err)
{
	struct uldf_device *device = nvme->disk.device;

	switch (err) {
	case -ENXIO:
		return uldf_device_fail(
			device, err, "namespace %u has no blocks: it is not attached", nvme->nsid);
	case -ENOTSUP:
		return uldf_device_fail(device, err,
					"namespace %u has metadata with each block: format it "
					"without (nvme format --ms=0, all data is lost)",
					nvme->nsid);
	default:
		return uldf_device_fail(device, err, "namespace %u has blocks of no possible size",
					nvme->nsid);
	}
}

static int identify(struct nvme *nvme)
{
	struct uldf_disk_info *info = &nvme->disk.info;
	struct nvme_controller controller;
	struct nvme_namespace namespace;
	uint64_t most = MOST_BYTES;
	const uint8_t *data;
	int err;

	err = nvme_admin_identify(nvme, IDENTIFY_CONTROLLER, 0, &data);
	if (err)
		return fail_identify(nvme, err, "the controller");
	err = nvme_identify_controller(data, &controller);
	if (err)
		return uldf_device_fail(nvme->disk.device, err,
					"the controller's queue entries are not 64 and 16 bytes");
	if (nvme->nsid > controller.namespaces)
		return uldf_device_fail(nvme->disk.device, -ENXIO,
					"no namespace has number %u (unit %u): the last one is %u",
					nvme->nsid, nvme->nsid - 1, controller.namespaces);
	err = nvme_admin_identify(nvme, IDENTIFY_NAMESPACE, nvme->nsid, &data);
	if (err)
		return fail_identify(nvme, err, "the namespace");
	err = nvme_identify_namespace(data, &namespace);
	if (err)
		return fail_namespace(nvme, err);
	memcpy(info->model, controller.model, sizeof(info->model));
	memcpy(info->serial, controller.serial, sizeof(info->serial));
	if (controller.most_bytes && controller.most_bytes < most)
		most = controller.most_bytes;
	info->blocks = namespace.blocks;
	info->block_size = namespace.block_size;
	info->most_blocks = (uint32_t)(most / namespace.block_size);
	info->most_discarded = controller.discards ? UINT32_MAX : 0;
	info->most_zeroed = controller.zeroes ? NVME_ZERO_MOST : 0;
	info->cached = controller.cached;
	info->fua = true; /* of all controllers */
	info->read_only = namespace.read_only;
	return 0;
}

static int open_controller(struct nvme *nvme, struct uldf_space *space,
			   const struct uldf_disk_options *options)
{
	uint32_t most;
	int err;

	err = nvme_capabilities(nvme, &most);
	if (err)
		return err;
	nvme->disk.info.depth = options->depth ? options->depth : DEPTH;
	if (nvme->disk.info.depth > most - 1)
		nvme->disk.info.depth = most - 1;
	if (!nvme->disk.info.depth)
		return uldf_device_fail(nvme->disk.device, -EPROTO,
					"the controller's queues have one entry only");
	if (!options->unmapped)
		map_bells(nvme);
	err = memory_init(nvme, space);
	if (err)
		return err;
	if (!options->polled) {
		err = interrupts_init(nvme);
		if (err)
			return err;
	}
	err = disk_master(nvme->disk.device, true);
	if (!err)
		err = nvme_start(nvme);
	if (err) {
		nvme->dead = err;
		return err;
	}
	return identify(nvme);
}

int uldf_nvme_open(struct uldf_device *device, struct uldf_space *space,
		   const struct uldf_disk_options *options, struct uldf_disk **out)
{
	static const struct uldf_disk_options defaults;
	struct nvme *nvme;
	int err;

	if (!options)
		options = &defaults;
	if (options->depth > DEPTH_MOST)
		return uldf_device_fail(device, -EINVAL, "depth %u is more than %d", options->depth,
					DEPTH_MOST);
	if (options->unit == UINT32_MAX)
		return uldf_device_fail(device, -EINVAL, "no namespace can be unit %u",
					options->unit);
	nvme = calloc(1, sizeof(*nvme));
	if (!nvme)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	nvme->disk = (struct uldf_disk){.ops = &nvme_ops, .device = device, .fd = -1};
	nvme->nsid = options->unit + 1;
	err = open_controller(nvme, space, options);
	if (err) {
		nvme_close(&nvme->disk);
		return err;
	}
	*out = &nvme->disk;
	return 0;
}
