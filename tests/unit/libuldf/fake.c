// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "fake.h"

struct fake fake;

static int answer(void)
{
	fake.calls++;
	return fake.answer;
}

static int fake_open(struct uldf_device *device, const char *rest)
{
	if (fake.answer)
		return ctx_fail(device->ctx, fake.answer, "device %s: told to fail", rest);
	fake.opened = true;
	snprintf(fake.rest, sizeof(fake.rest), "%s", rest);
	snprintf(device->info.address, sizeof(device->info.address), "fake");
	device->info.vectors[ULDF_IRQ_INTX] = 1;
	device->info.vectors[ULDF_IRQ_MSIX] = 8;
	device->regions[ULDF_BAR0] = (struct uldf_region){
		.size = 0x4000,
		.writable = true,
		.areas = 2,
		.area = {{0, 0x1000}, {0x2000, 0x2000}},
	};
	device->regions[4] = (struct uldf_region){.size = 16, .ports = true, .writable = true};
	device->regions[ULDF_ROM] = (struct uldf_region){.size = 0x800};
	device->regions[ULDF_CONFIG] = (struct uldf_region){.size = 4096, .writable = true};
	return 0;
}

static void fake_close(struct uldf_device *device)
{
	fake.closed = true;
}

static int fake_reset(struct uldf_device *device, enum uldf_reset *how)
{
	if (!fake.answer)
		*how = ULDF_RESET_BY_FUNCTION;
	return answer();
}

static int fake_attach(struct uldf_device *device, struct uldf_space *space)
{
	return answer();
}

static int fake_move(struct uldf_device *device, struct uldf_space *space)
{
	fake.moved = space;
	return answer();
}

static int fake_detach(struct uldf_device *device)
{
	return answer();
}

static int fake_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
			    unsigned int width, uint64_t *out)
{
	uint64_t value = fake.value;

	fake.width = width;
	if (answer())
		return fake.answer;
	if (index == ULDF_CONFIG) {
		value = 0;
		memcpy(&value, fake.config + offset, width);
	}
	*out = value;
	return 0;
}

static int fake_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
			     unsigned int width, uint64_t value)
{
	fake.width = width;
	fake.value = value;
	return answer();
}

static int fake_region_map(struct uldf_device *device, unsigned int index, uint64_t offset,
			   size_t size, void **out)
{
	if (answer())
		return fake.answer;
	*out = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fake.pages += (unsigned int)(size / 4096);
	return 0;
}

static void fake_region_unmap(struct uldf_device *device, void *address, size_t size)
{
	munmap(address, size);
	fake.pages -= (unsigned int)(size / 4096);
}

static int fake_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	return answer();
}

static int fake_irq_disable(struct uldf_device *device)
{
	return answer();
}

static int fake_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
			 const int *fds)
{
	if (answer())
		return fake.answer;
	memcpy(fake.fds + first, fds, count * sizeof(*fds));
	return 0;
}

static int fake_irq_bind_unmask(struct uldf_device *device, int fd)
{
	fake.unmask_fd = fd;
	return answer();
}

static int fake_irq_mask(struct uldf_device *device)
{
	fake.masked = true;
	return answer();
}

static int fake_irq_unmask(struct uldf_device *device)
{
	fake.masked = false;
	return answer();
}

static int fake_space_create(struct uldf_device *device, struct uldf_space *space)
{
	if (!fake.answer)
		fake.spaces++;
	return answer();
}

static void fake_space_destroy(struct uldf_space *space)
{
	const struct uldf_memory *memory;

	fake.spaces--;
	LIST_FOREACH(memory, &space->memories, entry)
		fake.memories--;
}

static int fake_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			       size_t *count)
{
	if (room)
		list[0] = (struct uldf_range){0xfee00000, 0xfeefffff};
	*count = 1;
	return answer();
}

static int fake_memory_register(struct uldf_space *space, struct uldf_memory *memory)
{
	if (!fake.answer)
		memory->handle = ++fake.memories;
	return answer();
}

static int fake_memory_region(struct uldf_space *space, struct uldf_memory *memory,
			      struct uldf_device *device, unsigned int index, uint64_t offset)
{
	fake.region = index;
	fake.offset = offset;
	if (!fake.answer)
		memory->handle = ++fake.memories;
	return answer();
}

static int fake_memory_share(struct uldf_space *space, struct uldf_memory *memory,
			     const struct uldf_memory *from)
{
	struct uldf_memory *other;

	LIST_FOREACH(other, &space->memories, entry)
		cr_expect(ne(ptr, other, memory), "nobody sees it before it is there");
	if (fake.share_twice) {
		fake.share_twice = false;
		cr_assert(eq(int, uldf_memory_share((struct uldf_memory *)from, space, &other), 0));
	}
	fake.from = from;
	if (!fake.answer)
		memory->handle = ++fake.memories;
	return answer();
}

static int fake_memory_unregister(struct uldf_space *space, struct uldf_memory *memory)
{
	if (!fake.answer)
		fake.memories--;
	return answer();
}

static int fake_batch(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	fake.pieces = count;
	fake.piece = list[0];
	return answer();
}

static int fake_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	if (fake.unmap_answer)
		return fake.unmap_answer;
	fake.unmaps++;
	fake.mapped -= (unsigned int)count;
	return fake_batch(space, list, count);
}

static int fake_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
			    struct uldf_unmapped *out)
{
	fake.range = (struct uldf_range){first, last};
	if (answer())
		return fake.answer;
	*out = (struct uldf_unmapped){2, 0x3000};
	return 0;
}

static int fake_revoke(struct uldf_space *space)
{
	return answer();
}

static int fake_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	uint64_t address = FAKE_ADDRESS;
	int err = fake_batch(space, list, count);

	if (err || fake.map_answer)
		return err ? err : fake.map_answer;
	for (size_t i = 0; i < count; i++) {
		list[i].address = address;
		address += list[i].size;
	}
	fake.mapped += (unsigned int)count;
	if (fake.during_map)
		fake.during_map(space);
	return 0;
}

static int fake_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
			     struct uldf_segment *list, size_t *count, uint64_t *handle)
{
	size_t room = *count;

	fake.piece = *piece;
	if (answer())
		return fake.answer;
	*count = fake.segments;
	if (room < fake.segments)
		return -ENOSPC;
	for (size_t i = 0; i < fake.segments; i++)
		list[i] = (struct uldf_segment){FAKE_ADDRESS + i, 1};
	*handle = 0x77;
	fake.mapped++;
	return 0;
}

static void fake_segments_unmap(struct uldf_space *space, uint64_t handle)
{
	cr_expect(eq(u64, handle, 0x77));
	fake.mapped--;
}

static int fake_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer,
			       uint64_t *handle)
{
	if (answer())
		return fake.answer;
	buffer->address = calloc(1, buffer->size);
	buffer->bus = FAKE_ADDRESS;
	*handle = 0x78;
	fake.mapped++;
	return 0;
}

static void fake_coherent_free(struct uldf_space *space, struct uldf_buffer *buffer,
			       uint64_t handle)
{
	cr_expect(eq(u64, handle, 0x78));
	free(buffer->address);
	fake.mapped--;
}

#define FAKE_OPS                                                                                 \
	.open = fake_open, .close = fake_close, .reset = fake_reset, .attach = fake_attach,      \
	.move = fake_move, .detach = fake_detach, .region_read = fake_region_read,               \
	.region_write = fake_region_write, .region_map = fake_region_map,                        \
	.region_unmap = fake_region_unmap, .irq_enable = fake_irq_enable,                        \
	.irq_disable = fake_irq_disable, .irq_bind = fake_irq_bind,                              \
	.irq_bind_unmask = fake_irq_bind_unmask, .irq_mask = fake_irq_mask,                      \
	.irq_unmask = fake_irq_unmask, .space_create = fake_space_create,                        \
	.space_destroy = fake_space_destroy, .space_reserved = fake_space_reserved,              \
	.memory_register = fake_memory_register, .memory_share = fake_memory_share,              \
	.memory_unregister = fake_memory_unregister, .map = fake_batch,                          \
	.map_anywhere = fake_map_anywhere, .unmap = fake_unmap, .unmap_range = fake_unmap_range, \
	.revoke = fake_revoke

const struct uldf_backend_ops fake_ops = {
	.name = "fake",
	FAKE_OPS,
	.memory_region = fake_memory_region,
	.segments_map = fake_segments_map,
	.segments_unmap = fake_segments_unmap,
	.coherent_alloc = fake_coherent_alloc,
	.coherent_free = fake_coherent_free,
};
const struct uldf_backend_ops fake_other_ops = {.name = "other", FAKE_OPS};

void fixture_init(struct fixture *f)
{
	cr_assert(eq(int, uldf_ctx_create(&f->ctx), 0));
	cr_assert(eq(int, device_open_backend(f->ctx, &fake_ops, "rest", &f->device), 0));
}

void fixture_fini(struct fixture *f)
{
	uldf_device_close(f->device);
	uldf_ctx_destroy(f->ctx);
}

void spacious_init(struct spacious *s)
{
	fixture_init(&s->f);
	cr_assert(eq(int, uldf_space_create(s->f.device, &s->space), 0));
	cr_assert(eq(
		int,
		uldf_memory_register(s->space, (void *)0x10000, 0x4000, ULDF_DMA_BOTH, &s->memory),
		0));
	fake.calls = 0;
}

void spacious_fini(struct spacious *s)
{
	uldf_space_destroy(s->space);
	fixture_fini(&s->f);
}

void fixture_expect_reason(struct uldf_ctx *ctx, const char *text)
{
	char reason[256];

	uldf_reason(ctx, reason, sizeof(reason));
	cr_expect(strstr(reason, text) != NULL, "the reason is '%s', expected in it '%s'", reason,
		  text);
}

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>

void fixture_check_leaks(void)
{
	if (__lsan_do_recoverable_leak_check())
		abort();
}
#else
void fixture_check_leaks(void)
{
}
#endif
