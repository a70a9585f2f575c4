// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "sysfs.h"
#include "vfio/vfio.h"

#define VFIO_CONTAINER "/dev/vfio/vfio"

void vfio_ranges_clip(struct vfio_ranges *ranges, const struct vfio_ranges *other)
{
	struct vfio_ranges both = {};

	for (size_t i = 0; i < ranges->count; i++) {
		for (size_t j = 0; j < other->count && both.count < VFIO_RANGES; j++) {
			struct uldf_range range = ranges->list[i];

			if (range.first < other->list[j].first)
				range.first = other->list[j].first;
			if (range.last > other->list[j].last)
				range.last = other->list[j].last;
			if (range.first <= range.last)
				both.list[both.count++] = range;
		}
	}
	*ranges = both;
}

bool vfio_ranges_hold(const struct vfio_ranges *ranges, uint64_t first, uint64_t last)
{
	for (size_t i = 0; i < ranges->count; i++)
		if (first >= ranges->list[i].first && last <= ranges->list[i].last)
			return true;
	return false;
}

static void ranges_take(struct vfio_ranges *ranges,
			const struct vfio_iommu_type1_info_cap_iova_range *cap)
{
	ranges->count = 0;
	for (uint32_t i = 0; i < cap->nr_iovas && ranges->count < VFIO_RANGES; i++)
		ranges->list[ranges->count++] = (struct uldf_range){
			.first = cap->iova_ranges[i].start,
			.last = cap->iova_ranges[i].end,
		};
}

/*
 * Which addresses the group's IOMMU offers; all where the kernel does not say. Never the last page: Linux 6.1 computes
 * where a mapping there ends, gets 0, and finds neither it nor others in the container any more.
 */
static int group_read_ranges(struct vfio_group *group)
{
	const uint64_t last = UINT64_MAX - (uint64_t)sysconf(_SC_PAGESIZE);
	const struct vfio_ranges kept = {.list = {{0, last}}, .count = 1};
	struct vfio_iommu_type1_info *info;
	struct vfio_info_cap_header *cap;
	uint32_t size = 4096, at;
	int err = 0;

	group->usable = (struct vfio_ranges){.list = {{0, UINT64_MAX}}, .count = 1};
	info = calloc(1, size);
	if (!info)
		return -ENOMEM;
	info->argsz = size;
	if (ioctl(group->container, VFIO_IOMMU_GET_INFO, info))
		err = -errno;
	at = !err && info->flags & VFIO_IOMMU_INFO_CAPS ? info->cap_offset : 0;
	while (at && at <= size - sizeof(*cap)) {
		cap = (struct vfio_info_cap_header *)((char *)info + at);
		if (cap->id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE)
			ranges_take(&group->usable, (const void *)cap);
		at = cap->next;
	}
	vfio_ranges_clip(&group->usable, &kept);
	free(info);
	return err;
}

static int group_open(struct uldf_device *device, const char *address, struct vfio_group *group)
{
	char path[SYSFS_PATH];
	int err;

	snprintf(path, sizeof(path), "/dev/vfio/%d", group->number);
	group->fd = open(path, O_RDWR | O_CLOEXEC);
	if (group->fd >= 0)
		return 0;
	err = -errno;
	switch (err) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		return uldf_device_fail(
			device, -ENODEV,
			"not bound to vfio-pci: write vfio-pci to driver_override and "
			"%s to /sys/bus/pci/drivers_probe",
			address);
	case -EBUSY:
		return uldf_device_fail(
			device, err,
			"its IOMMU group %d is open already: one process drives the "
			"devices of a group",
			group->number);
	case -EACCES:
	case -EPERM:
		return uldf_device_fail(device, -EACCES, "no permission to open %s: be root", path);
	default:
		return uldf_device_fail(device, err, "cannot open %s: %s", path, ctx_strerror(err));
	}
}

static int group_fail_container(struct uldf_device *device, const struct vfio_group *group,
				const char *address, int err)
{
	char users[128];

	if (err != -EBUSY && err != -EPERM)
		return uldf_device_fail(device, err, "cannot take its IOMMU group %d: %s",
					group->number, ctx_strerror(err));
	sysfs_group_users(group->number, address, "vfio-pci", users, sizeof(users));
	return uldf_device_fail(device, -EBUSY,
				"its IOMMU group %d is used by %s: unbind that as well",
				group->number, users[0] ? users : "another");
}

static int group_set_iommu(struct uldf_device *device, const struct vfio_group *group)
{
	int err;

	if (!ioctl(group->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return 0;
	err = -errno;
	if (err == -EPERM)
		return uldf_device_fail(device, err,
					"its IOMMU does not isolate interrupts: switch interrupt "
					"remapping on, or load vfio_iommu_type1 with "
					"allow_unsafe_interrupts=1");
	return uldf_device_fail(device, err, "cannot use its IOMMU: %s", ctx_strerror(err));
}

static int group_create(struct uldf_device *device, const char *address, int number,
			struct vfio_group **out)
{
	struct vfio_group *group = calloc(1, sizeof(*group));
	int err;

	if (!group)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	group->number = number;
	LIST_INIT(&group->devices);
	err = group_open(device, address, group);
	if (err)
		goto err_free;
	group->container = open(VFIO_CONTAINER, O_RDWR | O_CLOEXEC);
	if (group->container < 0) {
		err = uldf_device_fail(device, -errno, "cannot open " VFIO_CONTAINER ": %s",
				       ctx_strerror(-errno));
		goto err_close_group;
	}
	if (ioctl(group->fd, VFIO_GROUP_SET_CONTAINER, &group->container)) {
		err = group_fail_container(device, group, address, -errno);
		goto err_close_container;
	}
	err = group_set_iommu(device, group);
	if (!err && group_read_ranges(group))
		err = uldf_device_fail(device, -EIO, "cannot read what its IOMMU offers");
	if (err)
		goto err_close_container;
	LIST_INSERT_HEAD(&device->ctx->vfio_groups, group, entry);
	*out = group;
	return 0;
err_close_container:
	close(group->container);
err_close_group:
	close(group->fd);
err_free:
	free(group);
	return err;
}

int vfio_group_get(struct uldf_device *device, const char *address, int number,
		   struct vfio_group **out)
{
	struct vfio_group *group;

	if (number < 0)
		return uldf_device_fail(
			device, -ENODEV,
			"stands behind no IOMMU, without which vfio-pci drives nothing");
	LIST_FOREACH(group, &device->ctx->vfio_groups, entry) {
		if (group->number == number) {
			*out = group;
			return 0;
		}
	}
	return group_create(device, address, number, out);
}

void vfio_group_put(struct vfio_group *group)
{
	if (!LIST_EMPTY(&group->devices))
		return;
	LIST_REMOVE(group, entry);
	/* The group leaves the container, and DMA is blocked, with the last file of either. */
	close(group->fd);
	close(group->container);
	free(group);
}

int vfio_group_map(const struct vfio_group *group, const struct uldf_mapping *mapping)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = (mapping->access & ULDF_DMA_READ ? VFIO_DMA_MAP_FLAG_READ : 0) |
			 (mapping->access & ULDF_DMA_WRITE ? VFIO_DMA_MAP_FLAG_WRITE : 0),
		.vaddr = (uintptr_t)mapping->memory->address + mapping->offset,
		.iova = mapping->address,
		.size = mapping->size,
	};

	return ioctl(group->container, VFIO_IOMMU_MAP_DMA, &map) ? -errno : 0;
}

int vfio_group_unmap(const struct vfio_group *group, uint64_t first, uint64_t last, uint64_t *bytes)
{
	/* The size of all addresses does not fit into 64 bits: a flag stands for it. */
	const bool all = !first && last == UINT64_MAX;
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.flags = all ? VFIO_DMA_UNMAP_FLAG_ALL : 0,
		.iova = first,
		.size = all ? 0 : last - first + 1,
	};

	if (ioctl(group->container, VFIO_IOMMU_UNMAP_DMA, &unmap))
		return -errno;
	*bytes = unmap.size;
	return 0;
}

int vfio_group_empty(struct vfio_group *group)
{
	uint64_t bytes;

	group->full = vfio_group_unmap(group, 0, UINT64_MAX, &bytes);
	return group->full ? -EIO : 0;
}
