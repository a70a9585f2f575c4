// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "kmod/abi.h"

/* Batches up to this many pieces need no heap: a page of stack, and most scatter lists. */
#define BATCH_ON_STACK 64

static int device_attach(struct uldf_device *device, const struct uldf_space *space, uint32_t flags)
{
	const struct kmod_space *kmod = space->priv;
	struct uldf_ioc_device_attach attach = {
		.argsz = sizeof(attach), .flags = flags, .space = kmod->fd};
	int err = kmod_device_call(device, ULDF_DEVICE_ATTACH, &attach, "attach it to the space");

	switch (err) {
	case -EBUSY:
		return uldf_device_fail(
			device, err,
			flags & ULDF_ATTACH_MOVE
				? "attached to that space already, or a device of its "
				  "IOMMU group stays attached to its space"
				: "attached to a space already, or a device of its "
				  "IOMMU group is attached to another");
	case -ERANGE:
		return uldf_device_fail(device, err,
					"its IOMMU lacks addresses that are mapped in the space");
	case -ENOTSUP:
		return uldf_device_fail(device, err,
					"its IOMMU cannot keep DMA coherent, or is of another kind "
					"than the space's");
	default:
		return err;
	}
}

int kmod_attach(struct uldf_device *device, struct uldf_space *space)
{
	return device_attach(device, space, 0);
}

int kmod_move(struct uldf_device *device, struct uldf_space *space)
{
	int err = device_attach(device, space, ULDF_ATTACH_MOVE);

	if (err == -EIO)
		return uldf_device_fail(
			device, err,
			"attached to no space: neither the new one takes it, nor the old");
	/* The module does not know the flag: nothing else is wrong with the call. */
	if (err == -EINVAL)
		return uldf_device_fail(device, -ENOTSUP, KMOD_OLDER);
	return err;
}

int kmod_detach(struct uldf_device *device)
{
	struct uldf_ioc_device_attach detach = {.argsz = sizeof(detach), .space = -1};

	return kmod_device_call(device, ULDF_DEVICE_DETACH, &detach, "detach it from its space");
}

int kmod_space_create(struct uldf_device *device, struct uldf_space *space)
{
	struct uldf_ioc_device_space create = {
		.argsz = sizeof(create),
		.flags = space->bare ? ULDF_SPACE_BARE : 0,
		.fd = -1,
		.mask = space->bare ? space->mask : 0,
	};
	struct kmod_space *kmod = calloc(1, sizeof(*kmod));
	int err;

	if (!kmod)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	err = kmod_device_call(device, ULDF_DEVICE_SPACE, &create, "create a space for it");
	if (err)
		goto err_free;
	kmod->fd = create.fd;
	space->priv = kmod;
	return 0;
err_free:
	free(kmod);
	if (err == -ENOTSUP && space->bare)
		return uldf_device_fail(device, err,
					"stands behind an IOMMU: create a space that is not bare");
	if (err == -EPERM && space->bare)
		return uldf_device_fail(device, err,
					"a bare space makes it as powerful as root: load uldf with "
					"allow_bare=1, have CAP_SYS_RAWIO, and no kernel lockdown");
	if (err == -ENOTSUP)
		return uldf_device_fail(
			device, err,
			"stands behind no IOMMU: nothing could confine its DMA (boot "
			"the host with intel_iommu=on or amd_iommu=on)");
	return err;
}

void kmod_space_destroy(struct uldf_space *space)
{
	struct kmod_space *kmod = space->priv;

	close(kmod->fd);
	free(kmod);
}

/* What the kernel means by an error of a space's calls, where that is more than its name says. */
static const char *space_strerror(int err)
{
	switch (err) {
	case -EINVAL:
		return "not whole pages, or empty";
	case -EFAULT:
		return "not mapped in this process, or not writable";
	case -EBUSY:
		return "still mapped";
	case -ENODEV:
		return "the device with the registers was closed, released or unplugged";
	case -EEXIST:
		return "something is mapped there";
	case -ENOENT:
		return "nothing is mapped just so";
	case -ENOSPC:
		return "no room for them, or too many mappings or memories";
	case -ENXIO:
		return "no device was attached to the space yet";
	case -ESHUTDOWN:
		return "the space was revoked";
	case -ERANGE:
		return "outside the memory or the IOMMU's addresses, or in a reserved range";
	case -ENOTSUP:
		return KMOD_OLDER;
	case -EIO:
		return "the IOMMU failed; part of it may be mapped still";
	default:
		return ctx_strerror(err);
	}
}

/* As ioctl(); -ENOTSUP for a call that the module does not know. */
static int space_ioctl(const struct uldf_space *space, unsigned long request, void *arg)
{
	const struct kmod_space *kmod = space->priv;
	int err;

	if (!ioctl(kmod->fd, request, arg))
		return 0;
	err = -errno;
	return err == -ENOTTY ? -ENOTSUP : err;
}

static int space_call(struct uldf_space *space, unsigned long request, void *arg, const char *doing)
{
	int err = space_ioctl(space, request, arg);

	if (!err)
		return 0;
	return ctx_fail(space->ctx, err, "cannot %s: %s", doing, space_strerror(err));
}

static void reserve(struct uldf_range *list, size_t room, size_t *count, uint64_t first,
		    uint64_t last)
{
	if (*count < room)
		list[*count] = (struct uldf_range){first, last};
	++*count;
}

/* Adds what lies before and behind the IOMMU's addresses to what the kernel reserves. */
int kmod_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			size_t *count)
{
	struct uldf_ioc_space_info info = {
		.argsz = sizeof(info),
		.count = room > UINT32_MAX ? UINT32_MAX : (uint32_t)room,
		.reserved = (uintptr_t)list,
	};
	size_t found;
	int err;

	_Static_assert(sizeof(struct uldf_range) == sizeof(struct uldf_ioc_space_range) &&
			       offsetof(struct uldf_range, last) ==
				       offsetof(struct uldf_ioc_space_range, last),
		       "the kernel fills the caller's ranges");
	err = space_call(space, ULDF_SPACE_INFO, &info, "read the space's reserved ranges");
	if (err)
		return err;
	found = info.count;
	if (info.aperture.first)
		reserve(list, room, &found, 0, info.aperture.first - 1);
	if (info.aperture.last && info.aperture.last != UINT64_MAX)
		reserve(list, room, &found, info.aperture.last + 1, UINT64_MAX);
	*count = found;
	return 0;
}

int kmod_memory_register(struct uldf_space *space, struct uldf_memory *memory)
{
	struct uldf_ioc_memory call = {
		.argsz = sizeof(call),
		.flags = memory->access & ULDF_DMA_WRITE ? 0 : ULDF_MEMORY_READONLY,
		.address = (uintptr_t)memory->address,
		.size = memory->size,
	};
	int err = space_call(space, ULDF_MEMORY_REGISTER, &call, "pin memory");

	if (!err)
		memory->handle = call.id;
	return err;
}

int kmod_memory_region(struct uldf_space *space, struct uldf_memory *memory,
		       struct uldf_device *device, unsigned int index, uint64_t offset)
{
	const struct kmod_device *kmod = device->priv;
	struct uldf_ioc_memory_region call = {
		.argsz = sizeof(call),
		.device = kmod->fd,
		.region = index,
		.offset = offset,
		.size = memory->size,
	};
	int err = space_call(space, ULDF_MEMORY_REGION, &call, "register a region");

	if (!err)
		memory->handle = call.id;
	return err;
}

int kmod_memory_share(struct uldf_space *space, struct uldf_memory *memory,
		      const struct uldf_memory *from)
{
	const struct kmod_space *other = from->space->priv;
	struct uldf_ioc_memory_share call = {
		.argsz = sizeof(call),
		.space = other->fd,
		.memory = (uint32_t)from->handle,
	};
	int err = space_call(space, ULDF_MEMORY_SHARE, &call, "share memory");

	if (!err)
		memory->handle = call.id;
	return err;
}

int kmod_memory_unregister(struct uldf_space *space, struct uldf_memory *memory)
{
	struct uldf_ioc_memory call = {.argsz = sizeof(call), .id = (uint32_t)memory->handle};

	return space_call(space, ULDF_MEMORY_UNREGISTER, &call, "unpin memory");
}

void kmod_batch_fill(const struct uldf_mapping *list, size_t count, struct uldf_ioc_mapping *out)
{
	for (size_t i = 0; i < count; i++) {
		const struct uldf_memory *memory = list[i].memory;

		out[i] = (struct uldf_ioc_mapping){
			.address = list[i].address,
			.size = list[i].size,
			.offset = list[i].offset,
			.memory = memory ? (uint32_t)memory->handle : 0,
			.flags = (list[i].access & ULDF_DMA_READ ? ULDF_MAP_READ : 0) |
				 (list[i].access & ULDF_DMA_WRITE ? ULDF_MAP_WRITE : 0),
		};
	}
}

/* Where the kernel chooses addresses, they go to @chosen, which is @list. */
static int space_batch(struct uldf_space *space, unsigned long request,
		       const struct uldf_mapping *list, struct uldf_mapping *chosen, size_t count,
		       const char *doing)
{
	const struct kmod_space *kmod = space->priv;
	struct uldf_ioc_mapping few[BATCH_ON_STACK], *pieces = few;
	struct uldf_ioc_map map = {
		.argsz = sizeof(map),
		.flags = chosen ? ULDF_MAP_ANYWHERE : 0,
		.count = (uint32_t)count,
		.limit = chosen ? space->mask : 0,
	};
	int err = 0;

	_Static_assert(BACKEND_BATCH == ULDF_MAP_BATCH, "the library's limit is the kernel's");
	if (count > BATCH_ON_STACK) {
		pieces = malloc(count * sizeof(*pieces));
		if (!pieces)
			return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	}
	kmod_batch_fill(list, count, pieces);
	map.mappings = (uintptr_t)pieces;
	if (ioctl(kmod->fd, request, &map)) {
		err = -errno;
		if (chosen)
			ctx_fail(space->ctx, err,
				 "cannot map a batch of %zu below 0x%" PRIx64
				 ", its first 0x%" PRIx64 " bytes: %s",
				 count, space->mask, list[0].size, space_strerror(err));
		else
			ctx_fail(space->ctx, err,
				 "cannot %s a batch of %zu, its first 0x%" PRIx64
				 " bytes at 0x%" PRIx64 ": %s",
				 doing, count, list[0].size, list[0].address, space_strerror(err));
	}
	for (size_t i = 0; !err && chosen && i < count; i++)
		chosen[i].address = pieces[i].address;
	if (pieces != few)
		free(pieces);
	return err;
}

int kmod_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	return space_batch(space, ULDF_SPACE_MAP, list, NULL, count, "map");
}

int kmod_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	return space_batch(space, ULDF_SPACE_MAP, list, list, count, "map");
}

int kmod_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	return space_batch(space, ULDF_SPACE_UNMAP, list, NULL, count, "unmap");
}

static int range_fail(struct uldf_space *space, int err, const struct uldf_range *range)
{
	return ctx_fail(space->ctx, err, "cannot unmap 0x%" PRIx64 "..0x%" PRIx64 ": %s",
			range->first, range->last,
			err == -ERANGE ? "the range would cut a mapping" : space_strerror(err));
}

int kmod_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
		     struct uldf_unmapped *out)
{
	struct uldf_ioc_unmap_range range = {.argsz = sizeof(range), .first = first, .last = last};
	int err = space_ioctl(space, ULDF_SPACE_UNMAP_RANGE, &range);

	if (err)
		return range_fail(space, err, &(struct uldf_range){first, last});
	*out = (struct uldf_unmapped){range.mappings, range.bytes};
	return 0;
}

int kmod_unmap_ranges(struct uldf_space *space, const struct uldf_range *list, size_t count,
		      size_t *done, struct uldf_unmapped *out)
{
	struct uldf_ioc_unmap_range ranges = {
		.argsz = sizeof(ranges),
		.ranges = (uintptr_t)list,
		.count = (uint32_t)count,
	};
	int err = space_ioctl(space, ULDF_SPACE_UNMAP_RANGE, &ranges);

	_Static_assert(sizeof(struct uldf_range) == sizeof(struct uldf_ioc_space_range) &&
			       offsetof(struct uldf_range, last) ==
				       offsetof(struct uldf_ioc_space_range, last),
		       "the library's ranges are the kernel's");
	/* The module does not know lists: the library has judged the ranges. */
	if (err == -EINVAL)
		return -ENOTSUP;
	*done = ranges.done;
	*out = (struct uldf_unmapped){ranges.mappings, ranges.bytes};
	return err ? range_fail(space, err, &list[*done]) : 0;
}

int kmod_revoke(struct uldf_space *space)
{
	struct uldf_ioc_revoke call = {.argsz = sizeof(call)};

	return space_call(space, ULDF_SPACE_REVOKE, &call, "revoke the space");
}
