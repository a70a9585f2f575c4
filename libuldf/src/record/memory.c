// SPDX-License-Identifier: MIT
/* Memory with two sides, the driver's and the device's, and who changed what. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "record/recorder.h"

#define LINE 64

/*
 * Equal bytes between two that a device changed belong to what it wrote, unless there are more of them:
 * a record for each byte would be longer than the byte.
 */
#define JOINED 15

static uint8_t *bytes_create(size_t size)
{
	void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return bytes == MAP_FAILED ? NULL : bytes;
}

static void pages_put(struct record_pages *pages)
{
	if (--pages->references)
		return;
	if (pages->own)
		munmap(pages->own, pages->size);
	if (pages->agreed)
		munmap(pages->agreed, pages->size);
	free(pages);
}

static struct record_pages *pages_create(size_t size)
{
	struct record_pages *pages = calloc(1, sizeof(*pages));

	if (!pages)
		return NULL;
	pages->references = 1;
	pages->size = size;
	pages->own = bytes_create(size);
	pages->agreed = bytes_create(size);
	if (pages->own && pages->agreed)
		return pages;
	pages_put(pages);
	return NULL;
}

int record_memory_create(const struct uldf_space *space, size_t size, struct record_memory **out)
{
	struct record_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return -ENOMEM;
	memory->space = space;
	memory->size = size;
	memory->pages = pages_create(size);
	if (!memory->pages) {
		free(memory);
		return -ENOMEM;
	}
	*out = memory;
	return 0;
}

void record_memory_free(struct record_memory *memory)
{
	if (!memory)
		return;
	pages_put(memory->pages);
	free(memory);
}

void record_memory_add(struct recorder *recorder, struct record_memory *memory)
{
	memory->number = ++recorder->numbers;
	LIST_INSERT_HEAD(&recorder->memories, memory, entry);
}

void record_memory_join(struct recorder *recorder, struct record_memory *memory,
			const struct record_memory *other)
{
	memory->number = other->number;
	memory->size = other->size;
	memory->driver = other->driver;
	memory->device = other->device;
	memory->pages = other->pages;
	memory->pages->references++;
	LIST_INSERT_HEAD(&recorder->memories, memory, entry);
}

void record_memory_drop(struct record_memory *memory)
{
	LIST_REMOVE(memory, entry);
	record_memory_free(memory);
}

struct record_memory *record_memory_find(const struct recorder *recorder,
					 const struct uldf_memory *registered)
{
	struct record_memory *memory;

	LIST_FOREACH(memory, &recorder->memories, entry)
		if (registered && memory->registered == registered)
			return memory;
	return NULL;
}

uint64_t record_memory_number(const struct recorder *recorder, const struct uldf_memory *registered)
{
	const struct record_memory *memory = record_memory_find(recorder, registered);

	return memory ? memory->number : 0;
}

/* The next bytes that differ, from @from on, with up to @joined equal ones between two of them. */
static bool next_run(const uint8_t *a, const uint8_t *b, uint64_t size, unsigned int joined,
		     uint64_t *from, uint64_t *end)
{
	uint64_t at = *from, last;

	while (at < size && a[at] == b[at]) {
		if (size - at >= LINE && !memcmp(a + at, b + at, LINE))
			at += LINE;
		else
			at++;
	}
	if (at >= size)
		return false;
	*from = last = at;
	for (at++; at < size && at - last <= joined + 1; at++)
		if (a[at] != b[at])
			last = at;
	*end = last + 1;
	return true;
}

/* A device may write beside it at the same time: no byte is touched but those that differ. */
void record_memory_push(struct record_memory *memory, uint64_t offset, uint64_t size)
{
	const uint8_t *driver = memory->driver + offset;
	uint8_t *agreed = memory->pages->agreed + offset;
	uint64_t from = 0, end;

	if (!memcmp(driver, agreed, size))
		return;
	for (; next_run(driver, agreed, size, 0, &from, &end); from = end) {
		memcpy(agreed + from, driver + from, end - from);
		memcpy(memory->device + offset + from, agreed + from, end - from);
	}
}

static bool run_room(struct recorder *recorder)
{
	size_t room = 2 * recorder->run_room + 64;
	struct record_run *runs = recorder->runs;

	if (recorder->run_count < recorder->run_room)
		return true;
	runs = realloc(runs, room * sizeof(*runs));
	if (!runs)
		return false;
	recorder->runs = runs;
	recorder->run_room = room;
	return true;
}

static bool old_room(struct recorder *recorder, uint64_t size)
{
	size_t room = 2 * recorder->old_used + size;
	uint8_t *old = recorder->old;

	if (recorder->old_room - recorder->old_used >= size)
		return true;
	old = realloc(old, room);
	if (!old)
		return false;
	recorder->old = old;
	recorder->old_room = room;
	return true;
}

/* Before both sides agree: what they agreed on until now is kept. */
static bool run_add(struct recorder *recorder, struct record_memory *memory, uint64_t at,
		    uint64_t size)
{
	if (!run_room(recorder) || !old_room(recorder, size)) {
		recorder->err = -ENOMEM;
		return false;
	}
	recorder->runs[recorder->run_count++] =
		(struct record_run){memory, at, size, recorder->old_used};
	memcpy(recorder->old + recorder->old_used, memory->pages->agreed + at, size);
	recorder->old_used += size;
	return true;
}

void record_memory_look(struct recorder *recorder, struct record_memory *memory, uint64_t offset,
			uint64_t size)
{
	const uint8_t *device = memory->device + offset;
	uint8_t *agreed = memory->pages->agreed + offset;
	uint64_t from = 0, end;

	if (!memcmp(device, agreed, size))
		return;
	for (; next_run(device, agreed, size, JOINED, &from, &end); from = end)
		if (run_add(recorder, memory, offset + from, end - from))
			memcpy(agreed + from, device + from, end - from);
}
