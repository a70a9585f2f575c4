// SPDX-License-Identifier: MIT
#include <sys/mman.h>
#include "fake.h"

TestSuite(dma, .fini = fixture_check_leaks);

#define SIZE 0x4000

/* A space, translated or bare, with one memory. */
struct room {
	struct fixture f;
	struct uldf_space *space;
	struct uldf_memory *memory;
};

static void room_init(struct room *s, bool bare)
{
	fixture_init(&s->f);
	if (bare)
		cr_assert(eq(int, uldf_space_create_bare(s->f.device, UINT32_MAX, &s->space), 0));
	else
		cr_assert(eq(int, uldf_space_create_masked(s->f.device, UINT32_MAX, &s->space), 0));
	cr_assert(
		eq(int,
		   uldf_memory_register(s->space, (void *)0x10000, SIZE, ULDF_DMA_BOTH, &s->memory),
		   0));
	fake.calls = 0;
}

static void room_fini(struct room *s)
{
	uldf_space_destroy(s->space);
	fixture_fini(&s->f);
}

Test(dma, map_of_a_part_maps_the_pages_it_touches)
{
	static const struct {
		uint64_t offset, size, first, pages;
	} cases[] = {
		{0, 1, 0, 1},	   {0xfff, 1, 0, 1},
		{0xfff, 2, 0, 2},  {0x1000, SIZE - 0x1000, 1, 3},
		{1, 0x1fff, 0, 2}, {SIZE - 1, 1, 3, 1},
		{0, SIZE, 0, 4},   {0x1234, 0x1000, 1, 2},
	};
	struct room s;

	room_init(&s, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct uldf_dma *dma;

		cr_assert(eq(
			int,
			uldf_dma_map(s.memory, cases[i].offset, cases[i].size, ULDF_DMA_READ, &dma),
			0));
		cr_expect(eq(u64, fake.piece.offset, cases[i].first * 0x1000), "case %zu", i);
		cr_expect(eq(u64, fake.piece.size, cases[i].pages * 0x1000), "case %zu", i);
		cr_expect(eq(u32, fake.piece.access, ULDF_DMA_READ));
		cr_expect(eq(sz, dma->count, 1));
		cr_expect(eq(u64, dma->size, cases[i].size));
		cr_expect(eq(u64, dma->list[0].length, cases[i].size));
		cr_expect(eq(u64, dma->list[0].address, FAKE_ADDRESS + cases[i].offset % 0x1000),
			  "case %zu", i);
		uldf_dma_unmap(dma);
		cr_expect(eq(u64, fake.piece.address, FAKE_ADDRESS));
		cr_expect(eq(u64, fake.piece.size, cases[i].pages * 0x1000));
		cr_expect(eq(uint, fake.mapped, 0));
	}
	uldf_dma_unmap(NULL);
	room_fini(&s);
}

Test(dma, map_refuses_what_is_not_in_the_memory_or_not_allowed)
{
	static const struct {
		uint64_t offset, size;
		unsigned int access;
		int err;
	} cases[] = {
		{0, 0, ULDF_DMA_BOTH, -EINVAL},
		{0, 1, 0, -EINVAL},
		{0, 1, 4, -EINVAL},
		{0, 1, ULDF_DMA_BOTH | 0x80000000, -EINVAL},
		{0, SIZE + 1, ULDF_DMA_BOTH, -ERANGE},
		{SIZE, 1, ULDF_DMA_BOTH, -ERANGE},
		{1, SIZE, ULDF_DMA_BOTH, -ERANGE},
		{1, UINT64_MAX, ULDF_DMA_BOTH, -ERANGE},
		{UINT64_MAX, 1, ULDF_DMA_BOTH, -ERANGE},
		{UINT64_MAX, UINT64_MAX, ULDF_DMA_BOTH, -ERANGE},
	};
	struct uldf_dma *dma = (void *)0x1234;
	struct uldf_memory *readonly;
	struct room s;

	for (int bare = 0; bare < 2; bare++) {
		room_init(&s, bare);
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
			cr_expect(eq(int,
				     uldf_dma_map(s.memory, cases[i].offset, cases[i].size,
						  cases[i].access, &dma),
				     cases[i].err),
				  "case %zu", i);
		cr_assert(eq(int,
			     uldf_memory_register(s.space, NULL, SIZE, ULDF_DMA_READ, &readonly),
			     0));
		fake.calls = 0;
		cr_expect(eq(int, uldf_dma_map(readonly, 0, 1, ULDF_DMA_WRITE, &dma), -EPERM));
		cr_expect(eq(int, uldf_dma_map(readonly, 0, 1, ULDF_DMA_BOTH, &dma), -EPERM));
		cr_expect(eq(uint, fake.calls, 0));
		cr_expect(eq(ptr, dma, (void *)0x1234));
		room_fini(&s);
	}
}

Test(dma, map_that_fails_leaves_nothing_behind)
{
	struct uldf_dma *dma = (void *)0x1234;
	struct room s;

	for (int bare = 0; bare < 2; bare++) {
		room_init(&s, bare);
		fake.answer = -ERANGE;
		cr_expect(eq(int, uldf_dma_map(s.memory, 0, 1, ULDF_DMA_BOTH, &dma), -ERANGE));
		cr_expect(eq(ptr, dma, (void *)0x1234));
		cr_expect(eq(uint, fake.mapped, 0));
		fake.answer = 0;
		room_fini(&s);
	}
}

Test(dma, bare_memory_comes_in_as_many_segments_as_it_has)
{
	static const size_t counts[] = {1, 2, 16, 17, 1000};
	struct uldf_dma *dma;
	struct room s;

	room_init(&s, true);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		fake.segments = counts[i];
		cr_assert(eq(int, uldf_dma_map(s.memory, 0x123, 0x2000, ULDF_DMA_BOTH, &dma), 0));
		cr_expect(eq(u64, fake.piece.offset, 0x123));
		cr_expect(eq(u64, fake.piece.size, 0x2000));
		cr_expect(eq(sz, dma->count, counts[i]));
		cr_expect(eq(u64, dma->size, 0x2000));
		for (size_t j = 0; j < counts[i]; j++)
			cr_assert(eq(u64, dma->list[j].address, FAKE_ADDRESS + j));
		cr_expect(eq(uint, fake.mapped, 1));
		uldf_dma_unmap(dma);
		cr_expect(eq(uint, fake.mapped, 0));
	}
	room_fini(&s);
}

Test(dma, no_space_that_is_not_for_want_of_room_is_an_error)
{
	struct uldf_dma *dma = (void *)0x1234;
	struct room s;

	room_init(&s, true);
	fake.answer = -ENOSPC;
	cr_expect(eq(int, uldf_dma_map(s.memory, 0, 1, ULDF_DMA_BOTH, &dma), -ENOSPC));
	cr_expect(eq(ptr, dma, (void *)0x1234));
	fake.answer = 0;
	room_fini(&s);
}

Test(dma, buffers_are_whole_pages_zeroed_and_mapped)
{
	static const size_t sizes[] = {1, 0xfff, 0x1000, 0x1001, 0x5000};
	struct uldf_buffer *buffer;
	struct room s;

	for (int bare = 0; bare < 2; bare++) {
		room_init(&s, bare);
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			cr_assert(eq(int, uldf_buffer_create(s.space, sizes[i], &buffer), 0));
			cr_expect(eq(sz, buffer->size, (sizes[i] + 0xfff) / 0x1000 * 0x1000));
			cr_expect(eq(u64, buffer->bus, FAKE_ADDRESS));
			for (size_t j = 0; j < buffer->size; j++)
				cr_assert(eq(int, ((char *)buffer->address)[j], 0));
			((char *)buffer->address)[buffer->size - 1] = 1;
			cr_expect(eq(uint, fake.mapped, 1));
			uldf_buffer_destroy(buffer);
			cr_expect(eq(uint, fake.mapped, 0));
			cr_expect(eq(uint, fake.memories, 1));
		}
		uldf_buffer_destroy(NULL);
		room_fini(&s);
	}
}

Test(dma, buffers_that_cannot_be_leave_nothing_behind)
{
	struct uldf_buffer *buffer = (void *)0x1234;
	struct room s;

	for (int bare = 0; bare < 2; bare++) {
		room_init(&s, bare);
		cr_expect(eq(int, uldf_buffer_create(s.space, 0, &buffer), -EINVAL));
		cr_expect(eq(int, uldf_buffer_create(s.space, SIZE_MAX, &buffer), -EINVAL));
		cr_expect(
			eq(int, uldf_buffer_create(s.space, SIZE_MAX - 0x1000, &buffer), -EINVAL));
		cr_expect(eq(uint, fake.calls, 0));
		fake.answer = -ENXIO;
		cr_expect(eq(int, uldf_buffer_create(s.space, 1, &buffer), -ENXIO));
		fake.answer = 0;
		if (!bare) {
			cr_expect(eq(int, uldf_buffer_create(s.space, SIZE_MAX / 4, &buffer),
				     -ENOMEM));
			/* the memory can be registered, but not mapped */
			fake.map_answer = -ENOSPC;
			cr_expect(eq(int, uldf_buffer_create(s.space, 1, &buffer), -ENOSPC));
		}
		cr_expect(eq(ptr, buffer, (void *)0x1234));
		cr_expect(eq(uint, fake.memories, 1));
		cr_expect(eq(uint, fake.mapped, 0));
		room_fini(&s);
	}
}

/* Whether the page at an address of this process is mapped. */
static bool is_mapped(void *address)
{
	unsigned char present;

	return !mincore(address, 0x1000, &present);
}

Test(dma, a_space_frees_the_memory_of_buffers_that_are_left)
{
	struct uldf_buffer *buffer;
	struct uldf_dma *dma;
	struct room s;
	void *address;

	for (int bare = 0; bare < 2; bare++) {
		room_init(&s, bare);
		fake.segments = 1;
		cr_assert(eq(int, uldf_dma_map(s.memory, 0, 1, ULDF_DMA_BOTH, &dma), 0));
		cr_assert(eq(int, uldf_buffer_create(s.space, 0x1000, &buffer), 0));
		address = buffer->address;
		fake.mapped = bare ? 1 : 0;
		uldf_space_destroy(s.space);
		cr_expect(eq(ptr, buffer->address, NULL));
		cr_expect(eq(uint, fake.mapped, 0));
		cr_expect(bare || !is_mapped(address));
		fake.calls = fake.unmaps = 0;
		uldf_dma_unmap(dma);
		uldf_buffer_destroy(buffer);
		cr_expect(eq(uint, fake.calls, 0), "nothing is asked of a space that is no more");
		cr_expect(eq(uint, fake.mapped, 0));
		cr_expect(eq(uint, fake.spaces, 0));
		fixture_fini(&s.f);
	}
}

Test(dma, a_space_has_nothing_to_free_of_buffers_that_were_destroyed)
{
	struct uldf_buffer *list[3];
	struct room s;

	for (int bare = 0; bare < 2; bare++) {
		room_init(&s, bare);
		for (unsigned int i = 0; i < 3; i++)
			cr_assert(eq(int, uldf_buffer_create(s.space, 0x1000, &list[i]), 0));
		uldf_buffer_destroy(list[1]);
		uldf_buffer_destroy(list[0]);
		uldf_buffer_destroy(list[2]);
		cr_expect(eq(uint, fake.mapped, 0));
		room_fini(&s);
		cr_expect(eq(uint, fake.mapped, 0));
	}
}
