// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include "check/checker.h"

/* The mapping that begins at @address, or else one that has a byte of the range. */
static struct check_mapping *mapping_at(struct checker *checker, const struct uldf_space *space,
					uint64_t address, uint64_t size)
{
	struct check_mapping *mapping, *touched = NULL;

	LIST_FOREACH(mapping, &checker->mappings, entry) {
		if (mapping->space != space || mapping->by != CHECK_BY_ADDRESS)
			continue;
		if (mapping->key == address)
			return mapping;
		if (address < mapping->key ? mapping->key - address < size
					   : address - mapping->key < mapping->size)
			touched = mapping;
	}
	return touched;
}

static const struct check_ended *ended_at(const struct checker *checker,
					  const struct uldf_space *space, uint64_t address)
{
	for (unsigned int i = 1; i <= CHECK_ENDED; i++) {
		const struct check_ended *ended =
			&checker->ended[(checker->ended_next + CHECK_ENDED - i) % CHECK_ENDED];

		if (ended->space == space && ended->address == address)
			return ended;
	}
	return NULL;
}

static void find_in_map(struct checker *checker, const struct uldf_space *space,
			const struct uldf_mapping *piece, bool placed)
{
	const struct uldf_memory *memory = piece->memory;
	const struct check_mapping *there =
		placed ? mapping_at(checker, space, piece->address, piece->size) : NULL;
	uint64_t end;

	if (__builtin_add_overflow(piece->offset, piece->size, &end) || end > memory->size)
		checker_find(checker, ULDF_CHECK_MAP_OUTSIDE, NULL,
			     "0x%" PRIx64 " bytes at offset 0x%" PRIx64
			     " to map are outside the 0x%zx bytes of memory",
			     piece->size, piece->offset, memory->size);
	else if (piece->access & ~memory->access)
		checker_find(checker, ULDF_CHECK_MAP_DIRECTION, NULL,
			     "memory at %p is registered for devices to read, and is to be mapped "
			     "for writing",
			     memory->address);
	else if (there)
		checker_find(checker, ULDF_CHECK_MAP_TWICE, &there->trace,
			     "0x%" PRIx64 " bytes are to be mapped at bus address 0x%" PRIx64
			     ", where 0x%" PRIx64 " bytes from 0x%" PRIx64 " on are mapped",
			     piece->size, piece->address, there->size, there->key);
}

static void find_in_failed_map(struct checker *checker, const struct uldf_space *space,
			       const struct uldf_mapping *list, size_t count, int err, bool placed)
{
	if (err == -ENXIO)
		checker_find(checker, ULDF_CHECK_MAP_UNATTACHED, NULL,
			     "a mapping is to be made before a device is attached to the space");
	for (size_t i = 0; i < count; i++)
		find_in_map(checker, space, &list[i], placed);
}

static struct check_mapping *mapping_new(const struct uldf_space *space, enum check_key by,
					 const struct check_trace *trace)
{
	struct check_mapping *mapping = calloc(1, sizeof(*mapping));

	if (mapping) {
		mapping->space = space;
		mapping->by = by;
		mapping->trace = *trace;
	}
	return mapping;
}

/* A list of @count; NULL for want of memory. */
static struct check_mapping **mappings_new(const struct uldf_space *space, size_t count)
{
	struct check_mapping **list = calloc(count, sizeof(struct check_mapping *));
	struct check_trace trace;

	check_trace_take(&trace);
	for (size_t i = 0; list && i < count; i++) {
		list[i] = mapping_new(space, CHECK_BY_ADDRESS, &trace);
		if (list[i])
			continue;
		while (i--)
			free(list[i]);
		free(list);
		list = NULL;
	}
	if (!list)
		ctx_fail(space->ctx, -ENOMEM, "out of memory");
	return list;
}

/* What a call is to make, @count mappings; the checker is locked. NULL for want of memory. */
static struct check_mapping **mappings_begin(const struct uldf_space *space, size_t count)
{
	struct checker *checker = checker_of(space);
	struct check_mapping **made = mappings_new(space, count);

	if (made) {
		pthread_mutex_lock(&checker->lock);
		checker_look(checker);
	}
	return made;
}

/* The call has made what @list tells now, or failed with @err. @placed: its caller chose the addresses. */
static void mappings_end(const struct uldf_space *space, struct check_mapping **made,
			 const struct uldf_mapping *list, size_t count, int err, bool placed)
{
	struct checker *checker = checker_of(space);

	for (size_t i = 0; i < count; i++) {
		if (err) {
			free(made[i]);
			continue;
		}
		made[i]->key = list[i].address;
		made[i]->size = list[i].size;
		made[i]->access = list[i].access;
		made[i]->memory = list[i].memory;
		LIST_INSERT_HEAD(&checker->mappings, made[i], entry);
	}
	if (err)
		find_in_failed_map(checker, space, list, count, err, placed);
	pthread_mutex_unlock(&checker->lock);
	free(made);
}

int check_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	struct check_mapping **made = mappings_begin(space, count);
	int err;

	if (!made)
		return -ENOMEM;
	err = decorator_map(space, list, count);
	mappings_end(space, made, list, count, err, true);
	return err;
}

int check_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	struct check_mapping **made = mappings_begin(space, count);
	int err;

	if (!made)
		return -ENOMEM;
	err = decorator_map_anywhere(space, list, count);
	mappings_end(space, made, list, count, err, false);
	return err;
}

static void find_in_unmap(struct checker *checker, const struct uldf_space *space,
			  const struct uldf_mapping *piece)
{
	const struct check_mapping *there = mapping_at(checker, space, piece->address, piece->size);
	const struct check_ended *ended = ended_at(checker, space, piece->address);

	if (there)
		checker_find(checker, ULDF_CHECK_UNMAP_OTHER, &there->trace,
			     "0x%" PRIx64 " bytes at bus address 0x%" PRIx64
			     " are to be unmapped, mapped are 0x%" PRIx64 " bytes at 0x%" PRIx64,
			     piece->size, piece->address, there->size, there->key);
	else if (ended)
		checker_find(checker, ULDF_CHECK_UNMAP_TWICE, &ended->trace,
			     "bus address 0x%" PRIx64 " was unmapped before", piece->address);
	else
		checker_find(checker, ULDF_CHECK_UNMAP_NOTHING, NULL,
			     "nothing is mapped at bus address 0x%" PRIx64 " to be unmapped",
			     piece->address);
}

/* Forgets a mapping, and remembers the call that ended it. */
static void mapping_forget(struct checker *checker, struct check_mapping *mapping,
			   const struct check_trace *trace)
{
	checker->ended[checker->ended_next] = (struct check_ended){
		.space = mapping->space,
		.address = mapping->key,
		.size = mapping->size,
		.trace = *trace,
	};
	checker->ended_next = (checker->ended_next + 1) % CHECK_ENDED;
	LIST_REMOVE(mapping, entry);
	free(mapping);
}

static bool mapping_end(struct checker *checker, const struct uldf_space *space,
			const struct uldf_mapping *piece)
{
	struct check_mapping *mapping = mapping_at(checker, space, piece->address, piece->size);
	struct check_trace trace;

	if (!mapping || mapping->key != piece->address || mapping->size != piece->size)
		return false;
	check_trace_take(&trace);
	mapping_forget(checker, mapping, &trace);
	return true;
}

void checker_forget(struct checker *checker, const struct uldf_memory *memory)
{
	struct check_mapping *mapping, *next;

	for (mapping = LIST_FIRST(&checker->mappings); mapping; mapping = next) {
		next = LIST_NEXT(mapping, entry);
		if (mapping->memory != memory)
			continue;
		LIST_REMOVE(mapping, entry);
		free(mapping);
	}
}

int check_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	struct check_space *checked = space->priv;
	struct checker *checker = checked->checker;
	size_t i = 0;
	int err;

	pthread_mutex_lock(&checker->lock);
	checker_look(checker);
	err = decorator_unmap(space, list, count);
	if (err == -EIO)
		checked->unsure = checked->failed = true;
	/* Of a batch that fails, the pieces before the wrong one are unmapped. */
	while ((!err || err == -ENOENT || err == -EIO) && i < count &&
	       mapping_end(checker, space, &list[i]))
		i++;
	if (i < count && !checked->unsure && (!err || err == -ENOENT || err == -EINVAL))
		find_in_unmap(checker, space, &list[i]);
	pthread_mutex_unlock(&checker->lock);
	return err;
}

static uint64_t mapping_last(const struct check_mapping *mapping)
{
	return mapping->key + (mapping->size - 1);
}

static void range_end(struct checker *checker, const struct uldf_space *space, uint64_t first,
		      uint64_t last)
{
	struct check_mapping *mapping, *next;
	struct check_trace trace;

	check_trace_take(&trace);
	for (mapping = LIST_FIRST(&checker->mappings); mapping; mapping = next) {
		next = LIST_NEXT(mapping, entry);
		if (mapping->space == space && mapping->by == CHECK_BY_ADDRESS &&
		    mapping->key >= first && mapping_last(mapping) <= last)
			mapping_forget(checker, mapping, &trace);
	}
}

static void find_in_range(struct checker *checker, const struct uldf_space *space, uint64_t first,
			  uint64_t last)
{
	const struct check_mapping *mapping;

	LIST_FOREACH(mapping, &checker->mappings, entry) {
		if (mapping->space != space || mapping->by != CHECK_BY_ADDRESS ||
		    mapping->key > last || mapping_last(mapping) < first ||
		    (mapping->key >= first && mapping_last(mapping) <= last))
			continue;
		checker_find(checker, ULDF_CHECK_UNMAP_OTHER, &mapping->trace,
			     "bus addresses 0x%" PRIx64 "..0x%" PRIx64
			     " are to be unmapped, which cuts the 0x%" PRIx64
			     " bytes mapped at 0x%" PRIx64,
			     first, last, mapping->size, mapping->key);
	}
}

int check_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
		      struct uldf_unmapped *out)
{
	struct check_space *checked = space->priv;
	struct checker *checker = checked->checker;
	int err;

	pthread_mutex_lock(&checker->lock);
	checker_look(checker);
	err = decorator_unmap_range(space, first, last, out);
	/* After -EIO nobody knows which mappings have ended. */
	if (err == -EIO)
		checked->unsure = checked->failed = true;
	if (!err || err == -EIO)
		range_end(checker, space, first, last);
	else if (err == -ERANGE)
		find_in_range(checker, space, first, last);
	pthread_mutex_unlock(&checker->lock);
	return err;
}

int check_revoke(struct uldf_space *space)
{
	struct check_space *checked = space->priv;
	struct checker *checker = checked->checker;
	int err;

	pthread_mutex_lock(&checker->lock);
	checker_look(checker);
	err = decorator_revoke(space);
	/* After -EIO the space is revoked, though mappings are left. */
	if (!err || err == -EIO) {
		range_end(checker, space, 0, UINT64_MAX);
		checked->unsure = true;
	}
	if (err == -EIO)
		checked->failed = true;
	pthread_mutex_unlock(&checker->lock);
	return err;
}

int check_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
		       struct uldf_segment *list, size_t *count, uint64_t *handle)
{
	struct checker *checker = checker_of(space);
	struct check_trace trace;
	struct check_mapping *made;
	int err;

	check_trace_take(&trace);
	made = mapping_new(space, CHECK_BY_SEGMENTS, &trace);
	if (!made)
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	pthread_mutex_lock(&checker->lock);
	checker_look(checker);
	err = decorator_segments_map(space, piece, list, count, handle);
	if (!err) {
		made->key = *handle;
		made->size = piece->size;
		made->memory = piece->memory;
		LIST_INSERT_HEAD(&checker->mappings, made, entry);
	} else if (err != -ENOSPC) {
		find_in_failed_map(checker, space, piece, 1, err, false);
	}
	pthread_mutex_unlock(&checker->lock);
	if (err)
		free(made);
	return err;
}

static void handle_end(struct checker *checker, const struct uldf_space *space, enum check_key by,
		       uint64_t handle)
{
	struct check_mapping *mapping;

	LIST_FOREACH(mapping, &checker->mappings, entry)
		if (mapping->space == space && mapping->by == by && mapping->key == handle)
			break;
	if (!mapping)
		return;
	LIST_REMOVE(mapping, entry);
	free(mapping);
}

void check_segments_unmap(struct uldf_space *space, uint64_t handle)
{
	struct checker *checker = checker_of(space);

	pthread_mutex_lock(&checker->lock);
	handle_end(checker, space, CHECK_BY_SEGMENTS, handle);
	decorator_segments_unmap(space, handle);
	checker_look(checker);
	pthread_mutex_unlock(&checker->lock);
}

int check_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t *handle)
{
	struct checker *checker = checker_of(space);
	struct check_trace trace;
	struct check_mapping *made;
	int err;

	check_trace_take(&trace);
	made = mapping_new(space, CHECK_BY_COHERENT, &trace);
	if (!made)
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	pthread_mutex_lock(&checker->lock);
	err = decorator_coherent_alloc(space, buffer, handle);
	if (!err) {
		made->key = *handle;
		made->size = buffer->size;
		LIST_INSERT_HEAD(&checker->mappings, made, entry);
	}
	pthread_mutex_unlock(&checker->lock);
	if (err)
		free(made);
	return err;
}

void check_coherent_free(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t handle)
{
	struct checker *checker = checker_of(space);

	pthread_mutex_lock(&checker->lock);
	/* check_space_destroy() tells of buffers that are left. */
	if (!space->destroyed)
		handle_end(checker, space, CHECK_BY_COHERENT, handle);
	decorator_coherent_free(space, buffer, handle);
	pthread_mutex_unlock(&checker->lock);
}
