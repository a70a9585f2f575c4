// SPDX-License-Identifier: MIT
#include <pthread.h>
#include <time.h>
#include "fake.h"

TestSuite(space, .fini = fixture_check_leaks);

Test(space, create_that_fails_leaves_out_alone)
{
	struct uldf_space *space = (void *)0x1234;
	struct fixture f;

	fixture_init(&f);
	fake.answer = -ENOTSUP;
	cr_expect(eq(int, uldf_space_create(f.device, &space), -ENOTSUP));
	cr_expect(eq(ptr, space, (void *)0x1234));
	fixture_fini(&f);
}

Test(space, mask_is_a_run_of_low_bits_of_at_least_20)
{
	static const uint64_t bad[] = {0, 1, 0x7ffff, 0xffffe, 0x100000, 0xff7fffff, 1ULL << 63};
	static const uint64_t good[] = {0xfffff, 0xfffffff, UINT32_MAX, UINT64_MAX};
	struct uldf_space *space = (void *)0x1234;
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect(eq(int, uldf_space_create_masked(f.device, bad[i], &space), -EINVAL));
		cr_expect(eq(int, uldf_space_create_bare(f.device, bad[i], &space), -EINVAL));
	}
	cr_expect(eq(ptr, space, (void *)0x1234));
	cr_expect(eq(uint, fake.spaces, 0));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		cr_assert(eq(int, uldf_space_create_masked(f.device, good[i], &space), 0));
		cr_expect(eq(u64, space->mask, good[i]));
		cr_expect(not(space->bare));
		uldf_space_destroy(space);
		cr_assert(eq(int, uldf_space_create_bare(f.device, good[i], &space), 0));
		cr_expect(eq(u64, space->mask, good[i]));
		cr_expect(space->bare);
		uldf_space_destroy(space);
	}
	cr_assert(eq(int, uldf_space_create(f.device, &space), 0));
	cr_expect(eq(u64, space->mask, UINT64_MAX));
	uldf_space_destroy(space);
	fixture_fini(&f);
}

Test(space, bare_ones_are_not_had_of_every_backend)
{
	struct uldf_space *space = (void *)0x1234;
	struct uldf_device *device;
	struct uldf_ctx *ctx;

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_assert(eq(int, device_open_backend(ctx, &fake_other_ops, "rest", &device), 0));
	cr_expect(eq(int, uldf_space_create_bare(device, UINT32_MAX, &space), -ENOTSUP));
	fixture_expect_reason(ctx, "backend other has no bare spaces");
	cr_expect(eq(ptr, space, (void *)0x1234));
	uldf_device_close(device);
	uldf_ctx_destroy(ctx);
}

Test(space, bare_ones_map_at_no_chosen_address)
{
	struct uldf_mapping piece = {.size = 0x1000, .access = ULDF_DMA_BOTH};
	struct uldf_space *space;
	struct fixture f;

	fixture_init(&f);
	cr_assert(eq(int, uldf_space_create_bare(f.device, UINT32_MAX, &space), 0));
	cr_assert(eq(int, uldf_memory_register(space, NULL, 0x1000, ULDF_DMA_BOTH, &piece.memory),
		     0));
	fake.calls = 0;
	cr_expect(eq(int, uldf_space_map(space, &piece, 1), -ENOTSUP));
	cr_expect(eq(int, uldf_space_map_anywhere(space, &piece, 1), -ENOTSUP));
	fixture_expect_reason(f.ctx, "uldf_dma_map()");
	cr_expect(eq(uint, fake.calls, 0));
	uldf_space_destroy(space);
	fixture_fini(&f);
}

Test(space, map_anywhere_is_judged_like_map_and_fills_the_addresses_in)
{
	struct uldf_mapping list[] = {{.size = 0x1000, .access = ULDF_DMA_READ},
				      {.size = 0x3000, .access = ULDF_DMA_BOTH}};
	struct spacious s;

	spacious_init(&s);
	list[0].memory = s.memory;
	cr_expect(eq(int, uldf_space_map_anywhere(s.space, list, 2), -EINVAL));
	fixture_expect_reason(s.f.ctx, "piece 1 to map");
	cr_expect(eq(int, uldf_space_map_anywhere(s.space, list, 0), -EINVAL));
	cr_expect(eq(int, uldf_space_map_anywhere(s.space, list, 4097), -E2BIG));
	cr_expect(eq(uint, fake.calls, 0));
	list[1].memory = s.memory;
	fake.answer = -ENOSPC;
	cr_expect(eq(int, uldf_space_map_anywhere(s.space, list, 2), -ENOSPC));
	cr_expect(eq(u64, list[0].address, 0));
	fake.answer = 0;
	cr_expect(eq(int, uldf_space_map_anywhere(s.space, list, 2), 0));
	cr_expect(eq(u64, list[0].address, FAKE_ADDRESS));
	cr_expect(eq(u64, list[1].address, FAKE_ADDRESS + 0x1000));
	spacious_fini(&s);
}

Test(space, destroy_frees_the_memory_registered_with_it)
{
	struct uldf_memory *memory;
	struct spacious s;

	spacious_init(&s);
	cr_assert(eq(int, uldf_memory_register(s.space, NULL, 0x1000, ULDF_DMA_READ, &memory), 0));
	cr_expect(eq(uint, fake.memories, 2));
	spacious_fini(&s);
	cr_expect(eq(uint, fake.memories, 0));
	cr_expect(eq(uint, fake.spaces, 0));
	uldf_space_destroy(NULL);
}

Test(space, may_outlive_its_device)
{
	struct spacious s;

	spacious_init(&s);
	uldf_device_close(s.f.device);
	cr_expect(eq(int, uldf_memory_unregister(s.memory), 0));
	uldf_space_destroy(s.space);
	uldf_ctx_destroy(s.f.ctx);
}

Test(space, reserved_ranges_come_from_the_backend)
{
	struct uldf_range range = {0, 0};
	size_t count = 0;
	struct spacious s;

	spacious_init(&s);
	cr_expect(eq(int, uldf_space_reserved(s.space, &range, 1, &count), 0));
	cr_expect(eq(sz, count, 1));
	cr_expect(eq(u64, range.first, 0xfee00000));
	spacious_fini(&s);
}

Test(space, map_takes_batches_up_to_the_limit)
{
	static struct uldf_mapping list[4097];
	struct spacious s;

	spacious_init(&s);
	for (size_t i = 0; i < 4097; i++)
		list[i] = (struct uldf_mapping){
			.memory = s.memory,
			.address = i * 0x1000,
			.size = 0x1000,
			.access = ULDF_DMA_BOTH,
		};
	cr_expect(eq(int, uldf_space_map(s.space, list, 1), 0));
	cr_expect(eq(int, uldf_space_map(s.space, list, 4096), 0));
	cr_expect(eq(sz, fake.pieces, 4096));
	cr_expect(eq(int, uldf_space_map(s.space, list, 4097), -E2BIG));
	cr_expect(eq(int, uldf_space_map(s.space, list, 0), -EINVAL));
	cr_expect(eq(int, uldf_space_map(s.space, NULL, 1), -EINVAL));
	cr_expect(eq(int, uldf_space_unmap(s.space, list, 4097), -E2BIG));
	cr_expect(eq(int, uldf_space_unmap(s.space, list, 0), -EINVAL));
	cr_expect(eq(int, uldf_space_unmap(s.space, NULL, 1), -EINVAL));
	spacious_fini(&s);
}

Test(space, map_of_one_bad_piece_maps_nothing)
{
	struct spacious s;
	struct uldf_space *other;
	struct uldf_memory *foreign;

	spacious_init(&s);
	cr_assert(eq(int, uldf_space_create(s.f.device, &other), 0));
	cr_assert(eq(int, uldf_memory_register(other, NULL, 4096, ULDF_DMA_BOTH, &foreign), 0));
	fake.calls = 0;

	const struct uldf_mapping good = {s.memory, 0, 0x1000, 0x1000, ULDF_DMA_READ};
	const struct uldf_mapping bad[] = {
		{NULL, 0, 0x1000, 0x1000, ULDF_DMA_READ},
		{foreign, 0, 0x1000, 0x1000, ULDF_DMA_READ},
		{s.memory, 0, 0x1000, 0x1000, 0},
		{s.memory, 0, 0x1000, 0x1000, 4},
		{s.memory, 0, 0x1000, 0x1000, ULDF_DMA_BOTH | 0x80000000},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct uldf_mapping list[] = {good, bad[i]};

		cr_expect(eq(int, uldf_space_map(s.space, list, 2), -EINVAL), "case %zu", i);
		fixture_expect_reason(s.f.ctx, "piece 1 to map");
	}
	cr_expect(eq(uint, fake.calls, 0));
	uldf_space_destroy(other);
	spacious_fini(&s);
}

Test(space, unmap_takes_addresses_and_sizes_alone)
{
	struct spacious s;

	spacious_init(&s);

	const struct uldf_mapping good = {NULL, 0, 0x1000, 0x1000, 0};
	const struct uldf_mapping bad[] = {
		{s.memory, 0, 0x1000, 0x1000, 0},
		{NULL, 0x1000, 0x1000, 0x1000, 0},
		{NULL, 0, 0x1000, 0x1000, ULDF_DMA_READ},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct uldf_mapping list[] = {good, bad[i]};

		cr_expect(eq(int, uldf_space_unmap(s.space, list, 2), -EINVAL), "case %zu", i);
	}
	cr_expect(eq(uint, fake.calls, 0));
	cr_expect(eq(int, uldf_space_unmap(s.space, &good, 1), 0));
	cr_expect(eq(sz, fake.pieces, 1));
	spacious_fini(&s);
}

Test(space, unmap_range_takes_whole_pages)
{
	static const struct uldf_range bad[] = {
		{0x1001, 0x1fff}, {0x1000, 0x2000},	    {0x1000, 0x1ffe},
		{0x2000, 0x1fff}, {0x1000, UINT64_MAX - 1}, {1, UINT64_MAX},
	};
	static const struct uldf_range good[] = {
		{0, UINT64_MAX}, {0x1000, 0x1fff}, {UINT64_MAX - 0xfff, UINT64_MAX}};
	struct uldf_unmapped unmapped = {7, 8};
	struct spacious s;

	spacious_init(&s);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect(eq(int,
			     uldf_space_unmap_range(s.space, bad[i].first, bad[i].last, &unmapped),
			     -EINVAL),
			  "case %zu", i);
		fixture_expect_reason(s.f.ctx, "are not whole pages");
	}
	cr_expect(eq(uint, fake.calls, 0));
	cr_expect(unmapped.mappings == 7 && unmapped.bytes == 8);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		cr_expect(eq(int,
			     uldf_space_unmap_range(s.space, good[i].first, good[i].last, NULL),
			     0));
		cr_expect(eq(u64, fake.range.first, good[i].first));
		cr_expect(eq(u64, fake.range.last, good[i].last));
	}
	spacious_fini(&s);
}

Test(space, unmap_range_tells_what_was_ended_and_leaves_out_alone_when_it_fails)
{
	struct uldf_unmapped unmapped = {7, 8};
	struct spacious s;

	spacious_init(&s);
	fake.answer = -ERANGE;
	cr_expect(eq(int, uldf_space_unmap_range(s.space, 0, UINT64_MAX, &unmapped), -ERANGE));
	cr_expect(unmapped.mappings == 7 && unmapped.bytes == 8);
	fake.answer = 0;
	cr_expect(eq(int, uldf_space_unmap_range(s.space, 0, UINT64_MAX, &unmapped), 0));
	cr_expect(unmapped.mappings == 2 && unmapped.bytes == 0x3000);
	spacious_fini(&s);
}

static size_t ranges_done;

static int ranges_op(struct uldf_space *space, const struct uldf_range *list, size_t count,
		     size_t *done, struct uldf_unmapped *out)
{
	fake.range = list[count - 1];
	*done = ranges_done;
	*out = (struct uldf_unmapped){5, 0x6000};
	return *done == count ? 0 : -ERANGE;
}

Test(space, unmap_ranges_judges_all_before_it_ends_one)
{
	const struct uldf_range list[] = {{0, 0xfff}, {0x1000, 0x2000}};
	struct uldf_unmapped unmapped = {7, 8};
	size_t done = 9;
	struct spacious s;

	spacious_init(&s);
	cr_expect(eq(int, uldf_space_unmap_ranges(s.space, list, 2, &done, &unmapped), -EINVAL));
	cr_expect(done == 0 && unmapped.mappings == 0 && unmapped.bytes == 0);
	cr_expect(eq(int, uldf_space_unmap_ranges(s.space, list, 0, &done, NULL), -EINVAL));
	cr_expect(eq(int, uldf_space_unmap_ranges(s.space, list, 4097, &done, NULL), -E2BIG));
	cr_expect(eq(uint, fake.calls, 0));
	spacious_fini(&s);
}

Test(space, unmap_ranges_goes_on_until_one_fails)
{
	const struct uldf_range list[] = {{0, 0xfff}, {0x1000, 0x1fff}, {0x4000, 0x4fff}};
	struct uldf_backend_ops ops = fake_ops;
	struct uldf_unmapped unmapped;
	size_t done = 9;
	struct spacious s;

	spacious_init(&s);
	cr_expect(eq(int, uldf_space_unmap_ranges(s.space, list, 3, &done, &unmapped), 0));
	cr_expect(done == 3 && unmapped.mappings == 6 && unmapped.bytes == 0x9000);
	cr_expect(eq(u64, fake.range.first, 0x4000));
	fake.answer = -ERANGE;
	cr_expect(eq(int, uldf_space_unmap_ranges(s.space, list, 3, &done, &unmapped), -ERANGE));
	cr_expect(done == 0 && unmapped.mappings == 0);
	cr_expect(eq(u64, fake.range.first, 0));
	fake.answer = 0;

	ops.unmap_ranges = ranges_op;
	s.space->ops = &ops;
	ranges_done = 3;
	cr_expect(eq(int, uldf_space_unmap_ranges(s.space, list, 3, &done, NULL), 0));
	cr_expect(eq(u64, fake.range.first, 0x4000));
	ranges_done = 1;
	cr_expect(eq(int, uldf_space_unmap_ranges(s.space, list, 3, &done, &unmapped), -ERANGE));
	cr_expect(done == 1 && unmapped.mappings == 5 && unmapped.bytes == 0x6000);
	s.space->ops = &fake_ops;
	spacious_fini(&s);
}

Test(space, unmap_range_refuses_the_addresses_of_an_uldf_dma_or_uldf_buffer)
{
	static const struct uldf_range cases[] = {
		{0, UINT64_MAX},
		{FAKE_ADDRESS, FAKE_ADDRESS + 0xfff},
		{FAKE_ADDRESS + 0x1000, FAKE_ADDRESS + 0x1fff},
	};
	struct uldf_unmapped unmapped = {7, 8};
	struct uldf_buffer *buffer;
	struct uldf_dma *dma;
	struct spacious s;

	for (unsigned int kind = 0; kind < 2; kind++) {
		spacious_init(&s);
		if (kind)
			cr_assert(eq(int, uldf_buffer_create(s.space, 0x2000, &buffer), 0));
		else
			cr_assert(
				eq(int, uldf_dma_map(s.memory, 1, 0x1fff, ULDF_DMA_READ, &dma), 0));
		fake.calls = 0;
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			cr_expect(eq(int,
				     uldf_space_unmap_range(s.space, cases[i].first, cases[i].last,
							    &unmapped),
				     -EBUSY));
			fixture_expect_reason(s.f.ctx, "an uldf_dma or uldf_buffer has addresses");
		}
		cr_expect(eq(uint, fake.calls, 0));
		cr_expect(unmapped.mappings == 7 && unmapped.bytes == 8);
		cr_expect(eq(int, uldf_space_unmap_range(s.space, 0, FAKE_ADDRESS - 1, NULL), 0));
		cr_expect(
			eq(int,
			   uldf_space_unmap_range(s.space, FAKE_ADDRESS + 0x2000, UINT64_MAX, NULL),
			   0));
		if (kind)
			uldf_buffer_destroy(buffer);
		else
			uldf_dma_unmap(dma);
		cr_expect(eq(int, uldf_space_unmap_range(s.space, 0, UINT64_MAX, NULL), 0));
		spacious_fini(&s);
	}
}

/* A thread that unmaps all of a space while another one maps. */
static struct {
	pthread_t thread;
	bool joined;
	int answer;
} beside;

static void *unmap_all(void *space)
{
	beside.answer = uldf_space_unmap_range(space, 0, UINT64_MAX, NULL);
	return NULL;
}

/* Gives the thread time to unmap; it may have to wait until the map is done. */
static void unmap_beside(struct uldf_space *space)
{
	struct timespec until;

	beside.answer = 1;
	cr_assert(eq(int, pthread_create(&beside.thread, NULL, unmap_all, space), 0));
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 200000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	beside.joined = !pthread_timedjoin_np(beside.thread, NULL, &until);
}

static void unmap_beside_is_busy(void)
{
	if (!beside.joined)
		cr_assert(eq(int, pthread_join(beside.thread, NULL), 0));
	cr_expect(eq(int, beside.answer, -EBUSY));
}

Test(space, unmap_range_in_another_thread_ends_no_uldf_dma_or_uldf_buffer_that_is_being_made)
{
	struct uldf_buffer *buffer;
	struct uldf_dma *dma;
	struct spacious s;

	spacious_init(&s);
	fake.during_map = unmap_beside;
	cr_assert(eq(int, uldf_dma_map(s.memory, 0, 0x1000, ULDF_DMA_READ, &dma), 0));
	unmap_beside_is_busy();
	uldf_dma_unmap(dma);
	cr_assert(eq(int, uldf_buffer_create(s.space, 0x1000, &buffer), 0));
	unmap_beside_is_busy();
	uldf_buffer_destroy(buffer);
	spacious_fini(&s);
}

Test(space, ranges_and_revocation_are_not_had_of_every_backend)
{
	struct uldf_backend_ops ops = fake_ops;
	struct spacious s;

	spacious_init(&s);
	ops.unmap_range = NULL;
	ops.revoke = NULL;
	s.space->ops = &ops;
	cr_expect(eq(int, uldf_space_unmap_range(s.space, 0, UINT64_MAX, NULL), -ENOTSUP));
	fixture_expect_reason(s.f.ctx, "backend fake unmaps no ranges");
	cr_expect(eq(int, uldf_space_revoke(s.space), -ENOTSUP));
	fixture_expect_reason(s.f.ctx, "backend fake revokes no spaces");
	spacious_fini(&s);
}

Test(space, bare_ones_have_no_range_to_unmap_and_cannot_be_revoked)
{
	struct uldf_space *space;
	struct fixture f;

	fixture_init(&f);
	cr_assert(eq(int, uldf_space_create_bare(f.device, UINT32_MAX, &space), 0));
	fake.calls = 0;
	cr_expect(eq(int, uldf_space_unmap_range(space, 0, UINT64_MAX, NULL), -ENOTSUP));
	fixture_expect_reason(f.ctx, "uldf_dma_unmap()");
	cr_expect(eq(int, uldf_space_revoke(space), -ENOTSUP));
	fixture_expect_reason(f.ctx, "nothing confines its devices");
	cr_expect(eq(uint, fake.calls, 0));
	uldf_space_destroy(space);
	fixture_fini(&f);
}

Test(space, is_revoked_by_the_backend)
{
	struct spacious s;

	spacious_init(&s);
	cr_expect(eq(int, uldf_space_revoke(s.space), 0));
	cr_expect(eq(uint, fake.calls, 1));
	fake.answer = -ENODEV;
	cr_expect(eq(int, uldf_space_revoke(s.space), -ENODEV));
	fake.answer = 0;
	spacious_fini(&s);
}
