// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "replay/replay.h"

int replay_space_create(struct uldf_device *device, struct uldf_space *space)
{
	struct replay *replay = device->priv;
	struct replay_space *replayed = calloc(1, sizeof(*replayed));
	struct uldf_record record;
	int err;

	if (!replayed)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	err = replay_begin(replay, ULDF_RECORD_SPACE_CREATE, &record, 2, space->mask,
			   (uint64_t)space->bare);
	if (err)
		goto err_free;
	if (!record.result)
		replay->references++;
	err = replay_end(replay, &record);
	if (err)
		goto err_free;
	replayed->replay = replay;
	replayed->number = record.args[2];
	space->priv = replayed;
	return 0;
err_free:
	free(replayed);
	return err;
}

static void memory_remove(struct replay_memory *memory)
{
	LIST_REMOVE(memory, entry);
	free(memory);
}

void replay_space_destroy(struct uldf_space *space)
{
	struct replay_space *replayed = space->priv;
	struct replay *replay = replayed->replay;
	struct replay_memory *memory, *next;
	struct uldf_record record;

	if (!replay_begin(replay, ULDF_RECORD_SPACE_DESTROY, &record, 1, replayed->number))
		replay_end(replay, &record);
	pthread_mutex_lock(&replay->lock);
	for (memory = LIST_FIRST(&replay->memories); memory; memory = next) {
		next = LIST_NEXT(memory, entry);
		if (memory->space == replayed->number)
			memory_remove(memory);
	}
	pthread_mutex_unlock(&replay->lock);
	replay_put(replay);
	free(replayed);
}

int replay_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			  size_t *count)
{
	struct uldf_record record;
	int err = replay_begin(replay_of(space), ULDF_RECORD_SPACE_RESERVED, &record, 2,
			       replay_number_of(space), (uint64_t)room);

	if (err)
		return err;
	if (!record.result && record.args[2] > record.size / 16 && room > record.size / 16) {
		replay_diverge(replay_of(space), "of %" PRIu64 " ranges it tells %zu",
			       record.args[2], record.size / 16);
		return replay_abort(replay_of(space));
	}
	for (size_t i = 0; i < record.size / 16 && i < room; i++)
		list[i] = (struct uldf_range){
			.first = record_word(record.data, 2 * i),
			.last = record_word(record.data, 2 * i + 1),
		};
	err = replay_end(replay_of(space), &record);
	if (!err)
		*count = record.args[2];
	return err;
}

static struct replay_memory *memory_new(const struct uldf_space *space, uint64_t number,
					void *bytes, uint64_t size)
{
	struct replay_memory *memory = calloc(1, sizeof(*memory));

	if (memory)
		*memory = (struct replay_memory){
			.space = replay_number_of(space),
			.number = number,
			.bytes = bytes,
			.size = size,
			.writable = true,
		};
	return memory;
}

/* A second memory of one number could be written to when it has gone. */
static bool memory_is_known(struct replay *replay, uint64_t number)
{
	if (!replay_memory_find(replay, number))
		return false;
	replay_diverge(replay, "memory %" PRIu64 " is there already", number);
	return true;
}

int replay_memory_register(struct uldf_space *space, struct uldf_memory *memory)
{
	struct replay *replay = replay_of(space);
	struct replay_memory *known = memory_new(space, 0, memory->address, memory->size);
	struct uldf_record record;
	int err;

	if (!known)
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	err = replay_begin(replay, ULDF_RECORD_MEMORY_REGISTER, &record, 3, replay_number_of(space),
			   (uint64_t)memory->size, (uint64_t)memory->access);
	if (err)
		goto err_free;
	if (!record.result && memory_is_known(replay, record.args[3])) {
		err = replay_abort(replay);
		goto err_free;
	}
	if (!record.result) {
		known->number = memory->handle = record.args[3];
		known->writable = memory->access & ULDF_DMA_WRITE;
		LIST_INSERT_HEAD(&replay->memories, known, entry);
	}
	err = replay_end(replay, &record);
	if (err)
		goto err_free;
	return 0;
err_free:
	free(known);
	return err;
}

int replay_memory_share(struct uldf_space *space, struct uldf_memory *memory,
			const struct uldf_memory *from)
{
	struct replay *replay = replay_of(space);
	struct replay_memory *known;
	struct uldf_record record;
	int err;

	if (replay_of(from->space) != replay)
		return ctx_fail(space->ctx, -ENOTSUP, "the memory is in another recording");
	known = memory_new(space, from->handle, memory->address, memory->size);
	if (!known)
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	known->writable = memory->access & ULDF_DMA_WRITE;
	err = replay_begin(replay, ULDF_RECORD_MEMORY_SHARE, &record, 3, replay_number_of(space),
			   replay_number_of(from->space), from->handle);
	if (err)
		goto err_free;
	if (!record.result) {
		memory->handle = known->number;
		LIST_INSERT_HEAD(&replay->memories, known, entry);
	}
	err = replay_end(replay, &record);
	if (err)
		goto err_free;
	return 0;
err_free:
	free(known);
	return err;
}

/* Finds the memory of a space by its number. */
static struct replay_memory *memory_of_space(const struct uldf_space *space, uint64_t number)
{
	struct replay_memory *memory;

	LIST_FOREACH(memory, &replay_of(space)->memories, entry)
		if (memory->number == number && memory->space == replay_number_of(space))
			break;
	return memory;
}

int replay_memory_unregister(struct uldf_space *space, struct uldf_memory *memory)
{
	struct replay *replay = replay_of(space);
	struct replay_memory *known;
	struct uldf_record record;
	int err = replay_begin(replay, ULDF_RECORD_MEMORY_UNREGISTER, &record, 2,
			       replay_number_of(space), memory->handle);

	if (err)
		return err;
	known = record.result ? NULL : memory_of_space(space, memory->handle);
	if (known)
		memory_remove(known);
	return replay_end(replay, &record);
}

int replay_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t *handle)
{
	struct replay *replay = replay_of(space);
	struct replay_memory *known;
	struct uldf_record record;
	int err;
	void *bytes = mmap(NULL, buffer->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);

	if (bytes == MAP_FAILED)
		return ctx_fail(space->ctx, -ENOMEM, "out of memory");
	known = memory_new(space, 0, bytes, buffer->size);
	if (!known) {
		err = ctx_fail(space->ctx, -ENOMEM, "out of memory");
		goto err_unmap;
	}
	err = replay_begin(replay, ULDF_RECORD_COHERENT_ALLOC, &record, 2, replay_number_of(space),
			   (uint64_t)buffer->size);
	if (err)
		goto err_free;
	if (!record.result && memory_is_known(replay, record.args[3])) {
		err = replay_abort(replay);
		goto err_free;
	}
	if (!record.result) {
		known->number = record.args[3];
		known->handle = *handle = record.args[4];
		known->coherent = true;
		buffer->address = bytes;
		buffer->bus = record.args[2];
		LIST_INSERT_HEAD(&replay->memories, known, entry);
	}
	err = replay_end(replay, &record);
	if (err)
		goto err_free;
	return 0;
err_free:
	free(known);
err_unmap:
	munmap(bytes, buffer->size);
	return err;
}

void replay_coherent_free(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t handle)
{
	struct replay *replay = replay_of(space);
	struct replay_memory *known;
	struct uldf_record record;

	if (!replay_begin(replay, ULDF_RECORD_COHERENT_FREE, &record, 2, replay_number_of(space),
			  handle))
		replay_end(replay, &record);
	pthread_mutex_lock(&replay->lock);
	LIST_FOREACH(known, &replay->memories, entry)
		if (known->coherent && known->bytes == buffer->address)
			break;
	if (known)
		memory_remove(known);
	pthread_mutex_unlock(&replay->lock);
	munmap(buffer->address, buffer->size);
}
