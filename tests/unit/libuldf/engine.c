// SPDX-License-Identifier: MIT
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <uldf/event.h>
#include "engine.h"
#include "fake.h"

struct engine engine;

static int engine_open(struct uldf_device *device, const char *rest)
{
	engine.opened++;
	engine.vector = engine.events = -1;
	snprintf(device->info.address, sizeof(device->info.address), "engine");
	device->info.vectors[ULDF_IRQ_MSI] = 2;
	device->info.translated = true;
	device->regions[ULDF_BAR0] = (struct uldf_region){
		.size = 0x2000,
		.address = 0xfe000000,
		.prefetchable = true,
		.writable = true,
		.areas = 1,
		.area = {{0, 0x2000}},
	};
	device->regions[ULDF_CONFIG] = (struct uldf_region){.size = 256, .writable = true};
	return 0;
}

static void line_close(int *line)
{
	if (*line >= 0)
		close(*line);
	*line = -1;
}

static void engine_close(struct uldf_device *device)
{
	engine.opened--;
	line_close(&engine.vector);
	line_close(&engine.events);
	engine.attached = NULL;
}

static int engine_reset(struct uldf_device *device, enum uldf_reset *how)
{
	engine.calls++;
	*how = ULDF_RESET_BY_FLR;
	return 0;
}

static int engine_attach(struct uldf_device *device, struct uldf_space *space)
{
	engine.calls++;
	if (engine.attached)
		return uldf_device_fail(device, -EBUSY, "attached already");
	engine.attached = space;
	engine.ever_attached = true;
	return 0;
}

static int engine_move(struct uldf_device *device, struct uldf_space *space)
{
	engine.calls++;
	if (engine.attached == space)
		return uldf_device_fail(device, -EBUSY, "attached to that already");
	engine.attached = engine.move_answer == -EIO ? NULL : space;
	engine.ever_attached = true;
	return engine.move_answer;
}

static int engine_detach(struct uldf_device *device)
{
	engine.calls++;
	engine.attached = NULL;
	return engine.detach_answer;
}

static void signal_line(int line)
{
	uint64_t one = 1;

	if (line >= 0)
		cr_assert(eq(int, (int)write(line, &one, sizeof(one)), 8));
}

static void command(uint64_t value)
{
	for (size_t i = 0; i < 16 && value & ENGINE_FILL; i++) {
		const struct engine_mapping *mapping = &engine.mapping[i];
		uint64_t at = engine.address - mapping->address;

		if (!mapping->bytes || mapping->space != engine.attached ||
		    engine.address < mapping->address || at >= mapping->size ||
		    !(mapping->access & ULDF_DMA_WRITE))
			continue;
		for (uint64_t j = 0; j < engine.length && at + j < mapping->size; j++)
			mapping->bytes[at + j] = engine.next++;
	}
	if (value & ENGINE_INTERRUPT)
		signal_line(engine.vector);
	if (value & ENGINE_EVENT)
		signal_line(engine.events);
}

static int engine_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
			      unsigned int width, uint64_t *out)
{
	engine.calls++;
	if (index == ULDF_CONFIG)
		*out = offset;
	else if (offset == ENGINE_FIFO)
		*out = ++engine.fifo;
	else
		*out = ++engine.count;
	return 0;
}

static int engine_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
			       unsigned int width, uint64_t value)
{
	engine.calls++;
	if (index == ULDF_CONFIG)
		return 0;
	if (offset == ENGINE_ADDRESS)
		engine.address = value;
	else if (offset == ENGINE_LENGTH)
		engine.length = value;
	else if (offset == ENGINE_COMMAND)
		command(value);
	return 0;
}

static int engine_region_map(struct uldf_device *device, unsigned int index, uint64_t offset,
			     size_t size, void **out)
{
	*out = engine_pages(size / PAGE);
	return 0;
}

static void engine_region_unmap(struct uldf_device *device, void *address, size_t size)
{
	munmap(address, size);
}

static int engine_functions(struct uldf_device *device, unsigned int count)
{
	engine.functions = count;
	return 0;
}

static int engine_region_fd(struct uldf_device *device, unsigned int index, uint64_t offset,
			    size_t size, bool writable, int *out)
{
	*out = ENGINE_FD;
	return 0;
}

static int engine_irq(struct uldf_device *device)
{
	engine.calls++;
	return 0;
}

static int engine_irq_enable(struct uldf_device *device, enum uldf_irq_type type,
			     unsigned int count)
{
	return engine_irq(device);
}

static int engine_irq_disable(struct uldf_device *device)
{
	line_close(&engine.vector);
	return engine_irq(device);
}

static int line_bind(int *line, int fd)
{
	line_close(line);
	if (fd >= 0)
		*line = dup(fd);
	return 0;
}

static int engine_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
			   const int *fds)
{
	engine.calls++;
	return first ? 0 : line_bind(&engine.vector, fds[0]);
}

static int engine_event_bind(struct uldf_device *device, int fd)
{
	engine.calls++;
	return line_bind(&engine.events, fd);
}

static int engine_event_read(struct uldf_device *device, unsigned int *events)
{
	engine.calls++;
	*events = ULDF_EVENT_ERROR;
	return 0;
}

static int engine_space_create(struct uldf_device *device, struct uldf_space *space)
{
	engine.calls++;
	engine.spaces++;
	return 0;
}

static void engine_space_destroy(struct uldf_space *space)
{
	engine.spaces--;
	engine.memories = 0;
	if (engine.revoked == space)
		engine.revoked = NULL;
	for (size_t i = 0; i < 16; i++)
		if (engine.mapping[i].space == space)
			memset(&engine.mapping[i], 0, sizeof(engine.mapping[i]));
}

static int engine_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
				 size_t *count)
{
	engine.calls++;
	if (room)
		list[0] = (struct uldf_range){0xfee00000, 0xfeefffff};
	*count = 1;
	return 0;
}

static int engine_memory_register(struct uldf_space *space, struct uldf_memory *memory)
{
	engine.calls++;
	memory->handle = ++engine.memories;
	return 0;
}

static int engine_memory_region(struct uldf_space *space, struct uldf_memory *memory,
				struct uldf_device *device, unsigned int index, uint64_t offset)
{
	engine.calls++;
	memory->handle = ++engine.memories;
	return 0;
}

static int engine_memory_share(struct uldf_space *space, struct uldf_memory *memory,
			       const struct uldf_memory *from)
{
	engine.calls++;
	memory->handle = ++engine.memories;
	return 0;
}

static int engine_memory_unregister(struct uldf_space *space, struct uldf_memory *memory)
{
	engine.calls++;
	for (size_t i = 0; i < 16; i++)
		if (engine.mapping[i].bytes && engine.mapping[i].memory == memory)
			return ctx_fail(space->ctx, -EBUSY, "still mapped");
	engine.memories--;
	return 0;
}

static int map_one(struct uldf_space *space, const struct uldf_mapping *piece)
{
	struct engine_mapping *mapping = NULL;

	if (engine.revoked == space)
		return ctx_fail(space->ctx, -ESHUTDOWN, "revoked");
	if (!engine.ever_attached)
		return ctx_fail(space->ctx, -ENXIO, "nothing was attached");
	if (piece->offset + piece->size > piece->memory->size)
		return ctx_fail(space->ctx, -ERANGE, "outside the memory");
	if (piece->access & ~piece->memory->access)
		return ctx_fail(space->ctx, -EPERM, "memory to read");
	for (size_t i = 0; i < 16; i++) {
		struct engine_mapping *there = &engine.mapping[i];

		if (!there->bytes)
			mapping = there;
		else if (there->space == space && piece->address < there->address + there->size &&
			 there->address < piece->address + piece->size)
			return ctx_fail(space->ctx, -EEXIST, "mapped there");
	}
	*mapping = (struct engine_mapping){
		.space = space,
		.address = piece->address,
		.size = piece->size,
		.bytes = (uint8_t *)piece->memory->address + piece->offset,
		.access = piece->access,
		.memory = piece->memory,
	};
	return 0;
}

/* A batch of more than one is all good in these tests. */
static int engine_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	int err = 0;

	engine.calls++;
	for (size_t i = 0; i < count && !err; i++)
		err = map_one(space, &list[i]);
	return err;
}

static int engine_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	static uint64_t address = 0x10000000;

	for (size_t i = 0; i < count; i++) {
		list[i].address = address;
		address += list[i].size;
	}
	return engine_map(space, list, count);
}

static int engine_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	engine.calls++;
	if (engine.unmap_answer)
		return ctx_fail(space->ctx, engine.unmap_answer, "told to fail");
	for (size_t i = 0; i < count; i++) {
		struct engine_mapping *found = NULL;

		for (size_t j = 0; j < 16; j++)
			if (engine.mapping[j].bytes && engine.mapping[j].space == space &&
			    engine.mapping[j].address == list[i].address &&
			    engine.mapping[j].size == list[i].size)
				found = &engine.mapping[j];
		if (!found)
			return ctx_fail(space->ctx, -ENOENT, "no such mapping");
		memset(found, 0, sizeof(*found));
	}
	return 0;
}

static int engine_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
			      struct uldf_unmapped *out)
{
	*out = (struct uldf_unmapped){};
	engine.calls++;
	for (size_t i = 0; i < 16; i++) {
		const struct engine_mapping *mapping = &engine.mapping[i];
		uint64_t end = mapping->address + mapping->size - 1;

		if (mapping->bytes && mapping->space == space && mapping->address <= last &&
		    end >= first && (mapping->address < first || end > last))
			return ctx_fail(space->ctx, -ERANGE, "cut");
	}
	for (size_t i = 0; i < 16; i++) {
		struct engine_mapping *mapping = &engine.mapping[i];

		if (!mapping->bytes || mapping->space != space || mapping->address < first ||
		    mapping->address > last)
			continue;
		out->mappings++;
		out->bytes += mapping->size;
		memset(mapping, 0, sizeof(*mapping));
		if (engine.end_answer)
			return ctx_fail(space->ctx, engine.end_answer, "the IOMMU failed");
	}
	return 0;
}

static int engine_revoke(struct uldf_space *space)
{
	struct uldf_unmapped unmapped;

	engine.revoked = space;
	return engine_unmap_range(space, 0, UINT64_MAX, &unmapped);
}

static int engine_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
			       struct uldf_segment *list, size_t *count, uint64_t *handle)
{
	struct uldf_mapping placed = *piece;
	int err;

	if (*count < 1)
		return -ENOSPC;
	placed.address = 0x90000000;
	err = map_one(space, &placed);
	if (err)
		return err;
	list[0] = (struct uldf_segment){placed.address, placed.size};
	*count = 1;
	*handle = 0x9000;
	engine.lists++;
	return 0;
}

static void mapping_end(uint64_t address)
{
	for (size_t j = 0; j < 16; j++)
		if (engine.mapping[j].address == address)
			memset(&engine.mapping[j], 0, sizeof(engine.mapping[j]));
}

static void engine_segments_unmap(struct uldf_space *space, uint64_t handle)
{
	cr_expect(eq(u64, handle, 0x9000));
	mapping_end(0x90000000);
	engine.lists--;
}

static int engine_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer,
				 uint64_t *handle)
{
	buffer->address = engine_pages(buffer->size / PAGE);
	buffer->bus = 0xa0000000;
	engine.mapping[0] = (struct engine_mapping){
		.space = space,
		.address = buffer->bus,
		.size = buffer->size,
		.bytes = buffer->address,
		.access = ULDF_DMA_BOTH,
	};
	*handle = 0xa000;
	engine.buffers++;
	return 0;
}

static void engine_coherent_free(struct uldf_space *space, struct uldf_buffer *buffer,
				 uint64_t handle)
{
	cr_expect(eq(u64, handle, 0xa000));
	mapping_end(buffer->bus);
	munmap(buffer->address, buffer->size);
	engine.buffers--;
}

const struct uldf_backend_ops engine_ops = {
	.name = "engine",
	.open = engine_open,
	.close = engine_close,
	.reset = engine_reset,
	.attach = engine_attach,
	.move = engine_move,
	.detach = engine_detach,
	.region_read = engine_region_read,
	.region_write = engine_region_write,
	.region_map = engine_region_map,
	.region_unmap = engine_region_unmap,
	.irq_enable = engine_irq_enable,
	.irq_disable = engine_irq_disable,
	.irq_bind = engine_irq_bind,
	.irq_mask = engine_irq,
	.irq_unmask = engine_irq,
	.event_bind = engine_event_bind,
	.event_read = engine_event_read,
	.functions = engine_functions,
	.region_fd = engine_region_fd,
	.space_create = engine_space_create,
	.space_destroy = engine_space_destroy,
	.space_reserved = engine_space_reserved,
	.memory_register = engine_memory_register,
	.memory_region = engine_memory_region,
	.memory_share = engine_memory_share,
	.memory_unregister = engine_memory_unregister,
	.map = engine_map,
	.map_anywhere = engine_map_anywhere,
	.unmap = engine_unmap,
	.unmap_range = engine_unmap_range,
	.revoke = engine_revoke,
	.segments_map = engine_segments_map,
	.segments_unmap = engine_segments_unmap,
	.coherent_alloc = engine_coherent_alloc,
	.coherent_free = engine_coherent_free,
};

/* The decorator's table, opening an engine. */
static struct uldf_backend_ops wrapping;
static int (*wrap_fn)(struct uldf_device *outer, struct uldf_device *inner, const char *value);

static int wrapping_open(struct uldf_device *device, const char *rest)
{
	struct uldf_device *inner;

	cr_assert(eq(int, device_open_backend(device->ctx, &engine_ops, "", &inner), 0));
	return wrap_fn(device, inner, rest);
}

void wrapped_init(struct wrapped *w, const struct uldf_backend_ops *decorator,
		  int (*wrap)(struct uldf_device *outer, struct uldf_device *inner,
			      const char *value),
		  const char *value)
{
	memcpy(&wrapping, decorator, sizeof(wrapping));
	wrapping.open = wrapping_open;
	wrap_fn = wrap;
	cr_assert(eq(int, uldf_ctx_create(&w->ctx), 0));
	cr_assert(eq(int, device_open_backend(w->ctx, &wrapping, value, &w->device), 0));
}

void wrapped_fini(struct wrapped *w)
{
	uldf_device_close(w->device);
	uldf_ctx_destroy(w->ctx);
}

void engine_fill(struct uldf_device *device, uint64_t address, uint64_t length, uint64_t value)
{
	cr_expect(eq(int, uldf_region_write(device, 0, ENGINE_ADDRESS, 8, address), 0));
	cr_expect(eq(int, uldf_region_write(device, 0, ENGINE_LENGTH, 8, length), 0));
	cr_expect(eq(int, uldf_region_write(device, 0, ENGINE_COMMAND, 8, value), 0));
}

volatile uint8_t *engine_reach(void)
{
	for (size_t i = 0; i < 16; i++)
		if (engine.mapping[i].bytes)
			return engine.mapping[i].bytes;
	return NULL;
}

uint64_t engine_wait(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	uint64_t count = 0;

	if (poll(&wait, 1, 5000) != 1 || read(fd, &count, sizeof(count)) != sizeof(count))
		return 0;
	return count;
}

void engine_expect_reason(struct uldf_ctx *ctx, const char *text)
{
	fixture_expect_reason(ctx, text);
}

uint8_t *engine_pages(size_t count)
{
	void *pages =
		mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	cr_assert(pages != MAP_FAILED);
	return pages;
}
