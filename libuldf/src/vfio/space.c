// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "vfio/vfio.h"

int vfio_space_create(struct uldf_device *device, struct uldf_space *space)
{
	struct vfio_space *vfio;

	if (space->bare)
		return uldf_device_fail(device, -ENOTSUP,
					"stands behind an IOMMU: its space is not bare");
	vfio = calloc(1, sizeof(*vfio));
	if (!vfio)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
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

/* The kernel pins and charges pages for each container that maps them, not for memories. */
int vfio_memory_share(struct uldf_space *space, struct uldf_memory *memory,
		      const struct uldf_memory *from)
{
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

/* ---- mappings; the space's lock is held */

/* The addresses of a mapping that iova.h keeps: not page 0, which is the caller's only to choose. */
static bool piece_iova(const struct uldf_mapping *piece, uint64_t *address, uint64_t *size)
{
	uint64_t lead = piece->address ? 0 : IOVA_PAGE;

	*address = piece->address + lead;
	*size = piece->size - lead;
	return *size;
}

/* Frees the addresses of @count neighbours in the table, and takes them out of it. */
static void pieces_forget(struct vfio_space *vfio, struct uldf_mapping *list, size_t count)
{
	uint64_t address, size;

	/* From the last on: iova_give() moves the free ranges that lie behind. */
	for (size_t i = count; i--;)
		if (piece_iova(&list[i], &address, &size))
			iova_give(&vfio->iova, address, size);
	table_remove(&vfio->table, list, count);
}

static int piece_note(struct vfio_space *vfio, const struct uldf_mapping *piece)
{
	uint64_t address, size;
	int err = table_add(&vfio->table, piece);

	if (!err && piece_iova(piece, &address, &size)) {
		err = iova_take(&vfio->iova, address, size);
		if (err)
			table_remove(&vfio->table,
				     table_find(&vfio->table, piece->address, piece->size), 1);
	}
	return err;
}

static uint64_t piece_last(const struct uldf_mapping *piece)
{
	return piece->address + (piece->size - 1);
}

/*
 * Ends @count neighbours in the table by one call for each container. Returns whether each had all
 * of them and keeps none.
 */
static bool range_unmap(const struct vfio_space *vfio, const struct uldf_mapping *list,
			size_t count)
{
	const struct vfio_group *group;
	uint64_t bytes = 0, ended;
	bool whole = true;

	for (size_t i = 0; i < count; i++)
		bytes += list[i].size;
	LIST_FOREACH(group, &vfio->groups, peer)
		if (vfio_group_unmap(group, list[0].address, piece_last(&list[count - 1]),
				     &ended) ||
		    ended != bytes)
			whole = false;
	return whole;
}

/* Ends a mapping in the containers that still have it. Returns whether one keeps it. */
static bool piece_is_left(const struct vfio_space *vfio, const struct uldf_mapping *piece)
{
	const struct vfio_group *group;
	bool left = false;
	uint64_t ended;

	LIST_FOREACH(group, &vfio->groups, peer)
		if (vfio_group_unmap(group, piece->address, piece_last(piece), &ended))
			left = true;
	return left;
}

/* Ends @count neighbours in the table. -EIO: a container keeps some, which stay in the table. */
static int pieces_unmap(struct vfio_space *vfio, struct uldf_mapping *list, size_t count)
{
	size_t first = (size_t)(list - vfio->table.list);
	int err = 0;

	if (range_unmap(vfio, list, count)) {
		for (size_t i = 0; i < count; i++)
			list[i].memory->handle--;
		pieces_forget(vfio, list, count);
		return 0;
	}
	/* A container may lack what an earlier call ended: what counts is what is left. */
	for (size_t i = first + count; i-- > first;) {
		struct uldf_mapping *piece = &vfio->table.list[i];

		if (piece_is_left(vfio, piece)) {
			err = -EIO;
			continue;
		}
		piece->memory->handle--;
		pieces_forget(vfio, piece, 1);
	}
	return err;
}

static int piece_map(struct vfio_space *vfio, const struct uldf_mapping *piece)
{
	const struct vfio_group *group, *done;
	bool left = false;
	uint64_t ended;
	int err = piece_note(vfio, piece);

	if (err)
		return err;
	LIST_FOREACH(group, &vfio->groups, peer) {
		err = vfio_group_map(group, piece);
		if (err)
			goto err_unmap;
	}
	piece->memory->handle++;
	return 0;
err_unmap:
	LIST_FOREACH(done, &vfio->groups, peer) {
		if (done == group)
			break;
		if (vfio_group_unmap(done, piece->address, piece_last(piece), &ended))
			left = true;
	}
	/* What a container keeps stays in the table, for the next call that ends it. */
	if (left) {
		piece->memory->handle++;
		return err;
	}
	pieces_forget(vfio, table_find(&vfio->table, piece->address, piece->size), 1);
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

const char *vfio_map_strerror(int err)
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
	case -ESHUTDOWN:
		return "the space was revoked";
	case -EIO:
		return "the IOMMU failed; part of it may be mapped still";
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
			doing, piece->size, piece->address, vfio_map_strerror(err));
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
		pieces_unmap(vfio, table_find(&vfio->table, list[count].address, list[count].size),
			     1);
}

/* Returns the error of all maps in this state of the space, or 0. */
static int space_check(const struct vfio_space *vfio)
{
	if (!vfio->attached)
		return -ENXIO;
	return vfio->revoked ? -ESHUTDOWN : 0;
}

static int batch_map(struct vfio_space *vfio, const struct uldf_mapping *list, size_t count,
		     size_t *done)
{
	int err = space_check(vfio);

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
	int err;

	if (!pieces)
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	memcpy(pieces, list, count * sizeof(*pieces));
	pthread_mutex_lock(&vfio->lock);
	err = space_check(vfio);
	for (size_t i = 0; i < count; i++) {
		pieces[i].address = 0;
		if (!err)
			err = piece_check(&pieces[i]);
	}
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
	int err = 0;

	pthread_mutex_lock(&vfio->lock);
	for (done = 0; done < count; done++) {
		mapping = table_find(&vfio->table, list[done].address, list[done].size);
		err = mapping ? pieces_unmap(vfio, mapping, 1) : -ENOENT;
		if (err)
			break;
	}
	pthread_mutex_unlock(&vfio->lock);
	return err ? batch_fail(space, err, "unmap", &list[done]) : 0;
}

int vfio_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
		     struct uldf_unmapped *out)
{
	struct vfio_space *vfio = space->priv;
	struct uldf_unmapped unmapped = {};
	struct uldf_mapping *list;
	size_t count;
	int err;

	pthread_mutex_lock(&vfio->lock);
	err = table_range(&vfio->table, first, last, &list, &count);
	if (!err && count) {
		unmapped.mappings = count;
		for (size_t i = 0; i < count; i++)
			unmapped.bytes += list[i].size;
		err = pieces_unmap(vfio, list, count);
	}
	pthread_mutex_unlock(&vfio->lock);
	if (err)
		return ctx_fail(space->ctx, err, "cannot unmap 0x%" PRIx64 "..0x%" PRIx64 ": %s",
				first, last,
				err == -ERANGE ? "the range would cut a mapping"
					       : vfio_map_strerror(err));
	*out = unmapped;
	return 0;
}

int vfio_revoke(struct uldf_space *space)
{
	struct vfio_space *vfio = space->priv;
	int err = 0;

	pthread_mutex_lock(&vfio->lock);
	if (vfio->table.count)
		err = pieces_unmap(vfio, vfio->table.list, vfio->table.count);
	vfio->revoked = true;
	pthread_mutex_unlock(&vfio->lock);
	return err ? ctx_fail(space->ctx, err, "cannot end all mappings of the space: %s",
			      vfio_map_strerror(err))
		   : 0;
}
