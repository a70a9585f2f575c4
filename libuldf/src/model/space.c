// SPDX-License-Identifier: MIT
/*
 * The spaces of models: tables that dma.c looks in for each access of a device. Their addresses are
 * as a PC's IOMMU has them: 48 bits, without the window of interrupts. All models share a kind of space, so
 * that several can be attached to one. Memory is not pinned: it is this process's own.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "model/model.h"

#define PAGE IOVA_PAGE

static const struct uldf_range usable[] = {
	{0, 0xfedfffff},
	{0xfef00000, (UINT64_C(1) << 48) - 1},
};

static const struct uldf_range reserved[] = {
	{0xfee00000, 0xfeefffff},
	{UINT64_C(1) << 48, UINT64_MAX},
};

#define RANGES (sizeof(usable) / sizeof(usable[0]))

int model_space_create(struct uldf_device *device, struct uldf_space *space)
{
	struct model_space *model = calloc(1, sizeof(*model));
	int err = model ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < RANGES; i++)
		err = iova_add(&model->iova, usable[i].first, usable[i].last);
	if (err) {
		if (model)
			iova_fini(&model->iova);
		free(model);
		return uldf_device_fail(device, err, "out of memory");
	}
	pthread_mutex_init(&model->lock, NULL);
	space->priv = model;
	return 0;
}

void model_space_destroy(struct uldf_space *space)
{
	struct model_space *model = space->priv;

	iova_fini(&model->iova);
	table_fini(&model->table);
	pthread_mutex_destroy(&model->lock);
	free(model);
}

int model_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			 size_t *count)
{
	for (size_t i = 0; i < RANGES && i < room; i++)
		list[i] = reserved[i];
	*count = RANGES;
	return 0;
}

/* ---- attaching */

/* Attaches a device to a space, or to none; the model is locked. */
static void space_enter(struct model *model, struct uldf_space *space)
{
	struct model_space *entered;

	model->space = space;
	if (!space)
		return;
	entered = space->priv;
	pthread_mutex_lock(&entered->lock);
	entered->attached = true;
	pthread_mutex_unlock(&entered->lock);
}

int model_attach(struct uldf_device *device, struct uldf_space *space)
{
	struct model *model = model_of(device);
	int err = 0;

	model_lock(model);
	if (model->gone)
		err = -ENODEV;
	else if (model->space)
		err = -EBUSY;
	if (!err) {
		space_enter(model, space);
		model_config_master(model, true);
	}
	model_unlock(model);
	if (err == -ENODEV)
		return model_fail_gone(device);
	return err ? uldf_device_fail(device, err, "attached to a space already") : 0;
}

/* No access of the device is going on while the model is locked: there is nothing to stop. */
int model_move(struct uldf_device *device, struct uldf_space *space)
{
	struct model *model = model_of(device);
	int err = 0;

	model_lock(model);
	if (model->gone)
		err = -ENODEV;
	else if (model->space == space)
		err = -EBUSY;
	if (!err) {
		space_enter(model, space);
		config_filter_master(&model->filter, true);
	}
	model_unlock(model);
	if (err == -ENODEV)
		return model_fail_gone(device);
	return err ? uldf_device_fail(device, err, "attached to that space already") : 0;
}

int model_detach(struct uldf_device *device)
{
	struct model *model = model_of(device);
	bool gone;

	if (!model->space)
		return uldf_device_fail(device, -EINVAL, "not attached to a space");
	model_lock(model);
	gone = model->gone;
	model_config_master(model, false);
	space_enter(model, NULL);
	model_unlock(model);
	return gone ? model_fail_gone(device) : 0;
}

/* ---- memory: its handle counts the mappings */

static int memory_fail(struct uldf_space *space, int err, const char *why)
{
	return ctx_fail(space->ctx, err, "cannot register memory: %s", why);
}

int model_memory_register(struct uldf_space *space, struct uldf_memory *memory)
{
	const bool writable = memory->access & ULDF_DMA_WRITE;
	const uintptr_t address = (uintptr_t)memory->address;

	if (!memory->size || (address | memory->size) % PAGE || address + memory->size < address)
		return memory_fail(space, -EINVAL, "not whole pages, or empty");
	if (madvise(memory->address, memory->size,
		    writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ))
		return memory_fail(space, -EFAULT, "not mapped in this process, or not writable");
	memory->handle = 0;
	return 0;
}

int model_memory_share(struct uldf_space *space, struct uldf_memory *memory,
		       const struct uldf_memory *from)
{
	memory->handle = 0;
	return 0;
}

int model_memory_unregister(struct uldf_space *space, struct uldf_memory *memory)
{
	struct model_space *model = space->priv;
	bool mapped;

	pthread_mutex_lock(&model->lock);
	mapped = memory->handle;
	pthread_mutex_unlock(&model->lock);
	return mapped ? ctx_fail(space->ctx, -EBUSY, "cannot unregister memory: still mapped") : 0;
}

/* ---- mappings; the space is locked */

static int piece_check(const struct uldf_mapping *piece)
{
	const struct uldf_memory *memory = piece->memory;
	uint64_t end;

	if (!piece->size || (piece->address | piece->size | piece->offset) % PAGE)
		return -EINVAL;
	if (__builtin_add_overflow(piece->offset, piece->size, &end) || end > memory->size)
		return -ERANGE;
	return piece->access & ~memory->access ? -EPERM : 0;
}

static int piece_check_range(const struct uldf_mapping *piece)
{
	uint64_t last;

	if (__builtin_add_overflow(piece->address, piece->size - 1, &last))
		return -ERANGE;
	for (size_t i = 0; i < RANGES; i++)
		if (piece->address >= usable[i].first && last <= usable[i].last)
			return 0;
	return -ERANGE;
}

/* The addresses of a mapping that iova.h keeps: not page 0, which is the caller's only to choose. */
static bool piece_iova(const struct uldf_mapping *piece, uint64_t *address, uint64_t *size)
{
	uint64_t lead = piece->address ? 0 : PAGE;

	*address = piece->address + lead;
	*size = piece->size - lead;
	return *size;
}

/* Ends @count neighbours in the table. */
static void pieces_end(struct model_space *space, struct uldf_mapping *list, size_t count)
{
	uint64_t address, size;

	for (size_t i = count; i--;) {
		list[i].memory->handle--;
		if (piece_iova(&list[i], &address, &size))
			iova_give(&space->iova, address, size);
	}
	table_remove(&space->table, list, count);
}

static int piece_make(struct model_space *space, const struct uldf_mapping *piece)
{
	uint64_t address, size;
	int err = table_add(&space->table, piece);

	if (err)
		return err;
	if (piece_iova(piece, &address, &size))
		err = iova_take(&space->iova, address, size);
	if (err) {
		table_remove(&space->table, table_find(&space->table, piece->address, piece->size),
			     1);
		return err;
	}
	piece->memory->handle++;
	return 0;
}

static const char *map_strerror(int err)
{
	switch (err) {
	case -EINVAL:
		return "not whole pages, or empty";
	case -EEXIST:
		return "something is mapped there";
	case -ENOENT:
		return "nothing is mapped just so";
	case -ENOSPC:
		return "no room";
	case -ENXIO:
		return "no device was attached to the space yet";
	case -ESHUTDOWN:
		return "the space was revoked";
	case -EPERM:
		return "the memory was registered for devices to read only";
	case -ERANGE:
		return "outside the memory or the space's addresses, or in a reserved range";
	default:
		return ctx_strerror(err);
	}
}

static int batch_fail(struct uldf_space *space, int err, const char *doing,
		      const struct uldf_mapping *piece)
{
	return ctx_fail(space->ctx, err, "cannot %s 0x%" PRIx64 " bytes at 0x%" PRIx64 ": %s",
			doing, piece->size, piece->address, map_strerror(err));
}

/* Returns the error of all maps in this state of the space, or 0. */
static int space_check(const struct model_space *space)
{
	if (!space->attached)
		return -ENXIO;
	return space->revoked ? -ESHUTDOWN : 0;
}

/* Maps all pieces or none; @done is the one that failed. */
static int batch_map(struct model_space *space, const struct uldf_mapping *list, size_t count,
		     size_t *done)
{
	int err = space_check(space);
	size_t i;

	for (i = 0; !err && i < count; i++) {
		err = piece_check(&list[i]);
		if (!err)
			err = piece_check_range(&list[i]);
		if (!err)
			err = piece_make(space, &list[i]);
		if (err)
			break;
	}
	*done = i;
	while (err && i--)
		pieces_end(space, table_find(&space->table, list[i].address, list[i].size), 1);
	return err;
}

int model_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	struct model_space *model = space->priv;
	size_t done;
	int err;

	pthread_mutex_lock(&model->lock);
	err = batch_map(model, list, count, &done);
	pthread_mutex_unlock(&model->lock);
	return err ? batch_fail(space, err, "map", &list[done]) : 0;
}

/* Finds room for so many bytes below the mask; it stays free, the space being locked. */
static int space_find_room(struct model_space *space, uint64_t mask, uint64_t size, uint64_t *out)
{
	int err = iova_choose(&space->iova, size, mask, out);

	if (!err)
		iova_give(&space->iova, *out, size);
	return err;
}

/* Gives the pieces addresses in one range. */
static int batch_place(struct model_space *space, uint64_t mask, struct uldf_mapping *list,
		       size_t count)
{
	uint64_t total = 0, at;
	int err;

	for (size_t i = 0; i < count; i++)
		if (__builtin_add_overflow(total, list[i].size, &total))
			return -ENOSPC;
	err = space_find_room(space, mask, total, &at);
	for (size_t i = 0; !err && i < count; i++) {
		list[i].address = at;
		at += list[i].size;
	}
	return err;
}

/* Maps one after the other, as the place of each is taken only when it is mapped. */
static int batch_map_apart(struct model_space *space, uint64_t mask, struct uldf_mapping *list,
			   size_t count)
{
	size_t i, one;
	int err = 0;

	for (i = 0; !err && i < count; i++) {
		err = space_find_room(space, mask, list[i].size, &list[i].address);
		if (!err)
			err = batch_map(space, &list[i], 1, &one);
		if (err)
			break;
	}
	while (err && i--)
		pieces_end(space, table_find(&space->table, list[i].address, list[i].size), 1);
	return err;
}

static int batch_map_anywhere(struct model_space *space, uint64_t mask, struct uldf_mapping *list,
			      size_t count)
{
	int err = space_check(space);
	size_t done;

	for (size_t i = 0; !err && i < count; i++) {
		list[i].address = 0;
		err = piece_check(&list[i]);
	}
	if (err)
		return err;
	if (!batch_place(space, mask, list, count))
		return batch_map(space, list, count, &done);
	return batch_map_apart(space, mask, list, count);
}

int model_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	struct uldf_mapping *pieces = malloc(count * sizeof(*pieces));
	struct model_space *model = space->priv;
	int err;

	if (!pieces)
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	memcpy(pieces, list, count * sizeof(*pieces));
	pthread_mutex_lock(&model->lock);
	err = batch_map_anywhere(model, space->mask, pieces, count);
	pthread_mutex_unlock(&model->lock);
	for (size_t i = 0; !err && i < count; i++)
		list[i].address = pieces[i].address;
	free(pieces);
	return err ? ctx_fail(space->ctx, err, "cannot map %zu pieces of memory: %s", count,
			      map_strerror(err))
		   : 0;
}

int model_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	struct model_space *model = space->priv;
	struct uldf_mapping *mapping;
	int err = 0;
	size_t i;

	pthread_mutex_lock(&model->lock);
	for (i = 0; i < count; i++) {
		mapping = table_find(&model->table, list[i].address, list[i].size);
		if (!mapping) {
			err = -ENOENT;
			break;
		}
		pieces_end(model, mapping, 1);
	}
	pthread_mutex_unlock(&model->lock);
	return err ? batch_fail(space, err, "unmap", &list[i]) : 0;
}

int model_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
		      struct uldf_unmapped *out)
{
	struct model_space *model = space->priv;
	struct uldf_unmapped unmapped = {};
	struct uldf_mapping *list;
	size_t count;
	int err;

	pthread_mutex_lock(&model->lock);
	err = table_range(&model->table, first, last, &list, &count);
	if (!err && count) {
		unmapped.mappings = count;
		for (size_t i = 0; i < count; i++)
			unmapped.bytes += list[i].size;
		pieces_end(model, list, count);
	}
	pthread_mutex_unlock(&model->lock);
	if (err)
		return ctx_fail(space->ctx, err,
				"cannot unmap 0x%" PRIx64 "..0x%" PRIx64
				": the range would cut a mapping",
				first, last);
	*out = unmapped;
	return 0;
}

int model_revoke(struct uldf_space *space)
{
	struct model_space *model = space->priv;

	pthread_mutex_lock(&model->lock);
	if (model->table.count)
		pieces_end(model, model->table.list, model->table.count);
	model->revoked = true;
	pthread_mutex_unlock(&model->lock);
	return 0;
}
