// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "vfio/vfio.h"

int vfio_space_create(struct uldf_device *device, struct uldf_space *space)
{
	struct vfio_space *vfio;

	if (space->bare)
		return device_fail(device, -ENOTSUP,
				   "stands behind an IOMMU: its space is not bare");
	vfio = calloc(1, sizeof(*vfio));
	if (!vfio)
		return device_fail(device, -ENOMEM, "out of memory");
	pthread_mutex_init(&vfio->lock, NULL);
	LIST_INIT(&vfio->groups);
	vfio->usable = (struct vfio_ranges){.list = {{0, UINT64_MAX}}, .count = 1};
	space->priv = vfio;
	return 0;
}

void vfio_space_destroy(struct uldf_space *space)
{
	struct vfio_space *vfio = space->priv;

	iova_fini(&vfio->iova);
	table_fini(&vfio->table);
	pthread_mutex_destroy(&vfio->lock);
	free(vfio);
}

/* What lies between the usable ranges, and before and behind them. */
int vfio_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			size_t *count)
{
	struct vfio_space *vfio = space->priv;
	uint64_t from = 0;
	size_t found = 0;
	bool rest = true;

	pthread_mutex_lock(&vfio->lock);
	for (size_t i = 0; vfio->attached && i < vfio->usable.count; i++) {
		const struct uldf_range *range = &vfio->usable.list[i];

		if (range->first > from && found++ < room)
			list[found - 1] = (struct uldf_range){from, range->first - 1};
		rest = range->last != UINT64_MAX;
		from = range->last + 1;
	}
	if (vfio->attached && rest && found++ < room)
		list[found - 1] = (struct uldf_range){from, UINT64_MAX};
	pthread_mutex_unlock(&vfio->lock);
	*count = found;
	return 0;
}

/* ---- memory: pinned when it is mapped; its handle counts the mappings */

static int memory_fail(struct uldf_space *space, int err, const char *doing)
{
	switch (err) {
	case -EINVAL:
		return ctx_fail(space->ctx, err, "cannot %s: not whole pages, or empty", doing);
	case -EFAULT:
		return ctx_fail(space->ctx, err,
				"cannot %s: not mapped in this process, or not writable", doing);
	case -EBUSY:
		return ctx_fail(space->ctx, err, "cannot %s: still mapped", doing);
	default:
		return ctx_fail(space->ctx, err, "cannot %s: %s", doing, ctx_strerror(err));
	}
}

int vfio_memory_register(struct uldf_space *space, struct uldf_memory *memory)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	bool writable = memory->access & ULDF_DMA_WRITE;

	if (!memory->size || ((uintptr_t)memory->address | memory->size) & (page - 1) ||
	    (uintptr_t)memory->address + memory->size < (uintptr_t)memory->address)
		return memory_fail(space, -EINVAL, "register memory");
	/* Says now what the pinning would say when the memory is mapped. */
	if (madvise(memory->address, memory->size,
		    writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ))
		return memory_fail(space, -EFAULT, "register memory");
	memory->handle = 0;
	return 0;
}

int vfio_memory_unregister(struct uldf_space *space, struct uldf_memory *memory)
{
	struct vfio_space *vfio = space->priv;
	bool mapped;

	pthread_mutex_lock(&vfio->lock);
	mapped = memory->handle;
	pthread_mutex_unlock(&vfio->lock);
	return mapped ? memory_fail(space, -EBUSY, "unregister memory") : 0;
}

/* ---- one mapping, in the containers; the space's lock is held */

static int group_map(const struct vfio_group *group, const struct uldf_mapping *mapping)
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

/* Of what group_map() has mapped, so that it cannot fail. */
static void group_unmap(const struct vfio_group *group, const struct uldf_mapping *mapping)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = mapping->address,
		.size = mapping->size,
	};

	ioctl(group->container, VFIO_IOMMU_UNMAP_DMA, &unmap);
}

static void group_unmap_all(const struct vfio_group *group)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.flags = VFIO_DMA_UNMAP_FLAG_ALL,
	};

	ioctl(group->container, VFIO_IOMMU_UNMAP_DMA, &unmap);
}

/* The addresses of a mapping that iova.h keeps: not page 0, which is the caller's only to choose. */
static bool piece_iova(const struct uldf_mapping *piece, uint64_t *address, uint64_t *size)
{
	uint64_t lead = piece->address ? 0 : IOVA_PAGE;

	*address = piece->address + lead;
	*size = piece->size - lead;
	return *size;
}

static void piece_forget(struct vfio_space *vfio, struct uldf_mapping *mapping)
{
	uint64_t address, size;

	if (piece_iova(mapping, &address, &size))
		iova_give(&vfio->iova, address, size);
	table_remove(&vfio->table, mapping);
}

static int piece_note(struct vfio_space *vfio, const struct uldf_mapping *piece)
{
	uint64_t address, size;
	int err = table_add(&vfio->table, piece);

	if (!err && piece_iova(piece, &address, &size)) {
		err = iova_take(&vfio->iova, address, size);
		if (err)
			table_remove(&vfio->table,
				     table_find(&vfio->table, piece->address, piece->size));
	}
	return err;
}

static void piece_unmap(struct vfio_space *vfio, struct uldf_mapping *mapping)
{
	const struct vfio_group *group;

	LIST_FOREACH(group, &vfio->groups, peer)
		group_unmap(group, mapping);
	mapping->memory->handle--;
	piece_forget(vfio, mapping);
}

static int piece_map(struct vfio_space *vfio, const struct uldf_mapping *piece)
{
	const struct vfio_group *group, *done;
	int err = piece_note(vfio, piece);

	if (err)
		return err;
	LIST_FOREACH(group, &vfio->groups, peer) {
		err = group_map(group, piece);
		if (err)
			goto err_unmap;
	}
	piece->memory->handle++;
	return 0;
err_unmap:
	LIST_FOREACH(done, &vfio->groups, peer) {
		if (done == group)
			break;
		group_unmap(done, piece);
	}
	piece_forget(vfio, table_find(&vfio->table, piece->address, piece->size));
	return err;
}

/* ---- batches */

static int piece_check(const struct uldf_mapping *piece)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), end;
	const struct uldf_memory *memory = piece->memory;

	if (!piece->size || (piece->address | piece->size | piece->offset) & (page - 1))
		return -EINVAL;
	if (__builtin_add_overflow(piece->offset, piece->size, &end) || end > memory->size)
		return -ERANGE;
	if (piece->access & ~memory->access)
		return -EPERM;
	return 0;
}

static int piece_check_range(const struct vfio_space *vfio, const struct uldf_mapping *piece)
{
	uint64_t last;

	if (__builtin_add_overflow(piece->address, piece->size - 1, &last) ||
	    !vfio_ranges_hold(&vfio->usable, piece->address, last))
		return -ERANGE;
	return 0;
}

static const char *batch_strerror(int err)
{
	switch (err) {
	case -EINVAL:
		return "not whole pages, or empty";
	case -EEXIST:
		return "something is mapped there";
	case -ENOENT:
		return "nothing is mapped just so";
	case -ENOSPC:
		return "no room, or too many mappings";
	case -ENXIO:
		return "no device was attached to the space yet";
	case -ERANGE:
		return "outside the memory or the IOMMU's addresses, or in a reserved range";
	default:
		return ctx_strerror(err);
	}
}

static int batch_fail(struct uldf_space *space, int err, const char *doing,
		      const struct uldf_mapping *piece)
{
	return ctx_fail(space->ctx, err, "cannot %s 0x%" PRIx64 " bytes at 0x%" PRIx64 ": %s",
			doing, piece->size, piece->address, batch_strerror(err));
}

static int batch_fail_map(struct uldf_space *space, int err, const struct uldf_mapping *piece)
{
	if (err == -ENOMEM)
		return space_fail_limit(space, piece->size);
	return batch_fail(space, err, "map", piece);
}

/* What was mapped of a batch that failed. */
static void batch_undo(struct vfio_space *vfio, const struct uldf_mapping *list, size_t count)
{
	while (count--)
		piece_unmap(vfio, table_find(&vfio->table, list[count].address, list[count].size));
}

static int batch_map(struct vfio_space *vfio, const struct uldf_mapping *list, size_t count,
		     size_t *done)
{
	int err = vfio->attached ? 0 : -ENXIO;

	for (*done = 0; !err && *done < count; (*done)++) {
		err = piece_check(&list[*done]);
		if (!err)
			err = piece_check_range(vfio, &list[*done]);
		if (!err)
			err = piece_map(vfio, &list[*done]);
		if (err)
			break;
	}
	if (err)
		batch_undo(vfio, list, *done);
	return err;
}

int vfio_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	struct vfio_space *vfio = space->priv;
	size_t done;
	int err;

	pthread_mutex_lock(&vfio->lock);
	err = batch_map(vfio, list, count, &done);
	pthread_mutex_unlock(&vfio->lock);
	return err ? batch_fail_map(space, err, &list[done]) : 0;
}

/* Where there is room for so many bytes below the mask; it stays free, the lock being held. */
static int space_find_room(struct vfio_space *vfio, uint64_t mask, uint64_t size, uint64_t *out)
{
	int err = iova_choose(&vfio->iova, size, mask, out);

	if (!err)
		iova_give(&vfio->iova, *out, size);
	return err;
}

/* Gives the pieces addresses in one range. */
static int batch_place(struct vfio_space *vfio, uint64_t mask, struct uldf_mapping *list,
		       size_t count)
{
	uint64_t total = 0, at;
	int err;

	for (size_t i = 0; i < count; i++)
		if (__builtin_add_overflow(total, list[i].size, &total))
			return -ENOSPC;
	err = space_find_room(vfio, mask, total, &at);
	if (err)
		return err;
	for (size_t i = 0; i < count; i++) {
		list[i].address = at;
		at += list[i].size;
	}
	return 0;
}

/* One after the other, as the place of each is taken only when it is mapped. */
static int batch_map_apart(struct vfio_space *vfio, uint64_t mask, struct uldf_mapping *list,
			   size_t count)
{
	size_t done, one;
	int err = 0;

	for (done = 0; !err && done < count; done++) {
		err = space_find_room(vfio, mask, list[done].size, &list[done].address);
		if (!err)
			err = batch_map(vfio, &list[done], 1, &one);
		if (err)
			break;
	}
	if (err)
		batch_undo(vfio, list, done);
	return err;
}

int vfio_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	struct vfio_space *vfio = space->priv;
	struct uldf_mapping *pieces = malloc(count * sizeof(*pieces));
	size_t done = 0;
	int err = 0;

	if (!pieces)
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		pieces[i] = list[i];
		pieces[i].address = 0;
		if (!err)
			err = piece_check(&pieces[i]);
	}
	pthread_mutex_lock(&vfio->lock);
	if (!vfio->attached)
		err = -ENXIO;
	if (!err && !batch_place(vfio, space->mask, pieces, count))
		err = batch_map(vfio, pieces, count, &done);
	else if (!err)
		err = batch_map_apart(vfio, space->mask, pieces, count);
	pthread_mutex_unlock(&vfio->lock);
	for (size_t i = 0; !err && i < count; i++)
		list[i].address = pieces[i].address;
	free(pieces);
	return err ? batch_fail_map(space, err, &list[done]) : 0;
}

int vfio_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	struct vfio_space *vfio = space->priv;
	struct uldf_mapping *mapping;
	size_t done;

	pthread_mutex_lock(&vfio->lock);
	for (done = 0; done < count; done++) {
		mapping = table_find(&vfio->table, list[done].address, list[done].size);
		if (!mapping)
			break;
		piece_unmap(vfio, mapping);
	}
	pthread_mutex_unlock(&vfio->lock);
	return done < count ? batch_fail(space, -ENOENT, "unmap", &list[done]) : 0;
}

/* ---- attachment */

/* Has what is chosen from now on lie in these ranges; nothing that is mapped lies outside. */
static int ranges_settle(struct vfio_space *vfio, const struct vfio_ranges *usable)
{
	uint64_t from = 0;
	bool rest = true;
	int err = 0;

	for (size_t i = 0; !err && i < usable->count; i++) {
		const struct uldf_range *range = &usable->list[i];

		if (!vfio->attached)
			err = iova_add(&vfio->iova, range->first, range->last);
		else if (range->first > from)
			err = iova_exclude(&vfio->iova, from, range->first - 1);
		rest = range->last != UINT64_MAX;
		from = range->last + 1;
	}
	if (!err && rest && vfio->attached)
		err = iova_exclude(&vfio->iova, from, UINT64_MAX);
	if (!err)
		vfio->usable = *usable;
	return err;
}

/* Has the group's container see what is mapped in the space; the space's lock is held. */
static int group_join(struct uldf_device *device, struct vfio_group *group, struct vfio_space *vfio)
{
	struct vfio_ranges usable = vfio->usable;
	const struct table *table = &vfio->table;
	int err = 0;

	vfio_ranges_clip(&usable, &group->usable);
	for (size_t i = 0; !err && i < table->count; i++) {
		const struct uldf_mapping *mapping = &table->list[i];

		if (!vfio_ranges_hold(&usable, mapping->address,
				      mapping->address + (mapping->size - 1)))
			err = device_fail(device, -ENOTSUP,
					  "its IOMMU lacks addresses that are mapped in the space");
		else
			err = group_map(group, mapping);
	}
	if (err && err != -ENOTSUP)
		device_fail(device, err, "cannot map in its IOMMU what is mapped in the space: %s",
			    batch_strerror(err));
	if (!err && ranges_settle(vfio, &usable))
		err = device_fail(device, -ENOMEM, "out of memory");
	if (err) {
		group_unmap_all(group);
		return err;
	}
	vfio->attached = true;
	LIST_INSERT_HEAD(&vfio->groups, group, peer);
	group->space = vfio;
	return 0;
}

int vfio_attach(struct uldf_device *device, struct uldf_space *space)
{
	struct vfio_device *vfio = device->priv;
	struct vfio_group *group = vfio->group;
	struct vfio_space *target = space->priv;
	int err = 0;

	if (vfio->attached)
		return device_fail(device, -EBUSY, "attached to a space already");
	pthread_mutex_lock(&device->ctx->vfio_lock);
	pthread_mutex_lock(&target->lock);
	if (group->space && group->space != target)
		err = device_fail(device, -EBUSY,
				  "a device of its IOMMU group %d is attached to another space",
				  group->number);
	else if (!group->space)
		err = group_join(device, group, target);
	if (!err)
		group->attached++;
	pthread_mutex_unlock(&target->lock);
	pthread_mutex_unlock(&device->ctx->vfio_lock);
	if (err)
		return err;
	vfio->attached = true;
	return pci_config_master(&vfio->config, true);
}

int vfio_detach(struct uldf_device *device)
{
	struct vfio_device *vfio = device->priv;
	struct vfio_group *group = vfio->group;
	struct vfio_space *space;
	int err;

	if (!vfio->attached)
		return device_fail(device, -EINVAL, "not attached to a space");
	/* Of a device that is gone nothing is left to stop, and its mappings end all the same. */
	err = pci_config_master(&vfio->config, false);
	pthread_mutex_lock(&device->ctx->vfio_lock);
	space = group->space;
	pthread_mutex_lock(&space->lock);
	if (!--group->attached) {
		LIST_REMOVE(group, peer);
		group_unmap_all(group);
		group->space = NULL;
	}
	pthread_mutex_unlock(&space->lock);
	pthread_mutex_unlock(&device->ctx->vfio_lock);
	vfio->attached = false;
	return err ? vfio_fail(device, err, "stop it") : 0;
}
