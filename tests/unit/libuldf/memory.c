// SPDX-License-Identifier: MIT
#include <sys/resource.h>
#include "fake.h"

TestSuite(memory, .fini = fixture_check_leaks);

Test(memory, is_registered_for_reading_or_both)
{
	static const unsigned int bad[] = {0, ULDF_DMA_WRITE, 4, 7, UINT32_MAX};
	struct uldf_memory *memory = (void *)0x1234;
	struct spacious s;

	spacious_init(&s);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect(eq(int, uldf_memory_register(s.space, NULL, 0x1000, bad[i], &memory),
			     -EINVAL));
	cr_expect(eq(ptr, memory, (void *)0x1234));
	cr_expect(eq(uint, fake.calls, 0));
	spacious_fini(&s);
}

Test(memory, that_is_still_mapped_stays_registered)
{
	struct spacious s;

	spacious_init(&s);
	fake.answer = -EBUSY;
	cr_expect(eq(int, uldf_memory_unregister(s.memory), -EBUSY));
	fake.answer = 0;
	cr_expect(eq(int, uldf_memory_unregister(s.memory), 0));
	cr_expect(eq(int, uldf_memory_unregister(NULL), 0));
	spacious_fini(&s);
}

Test(memory, beyond_the_limit_says_what_is_needed_and_how_to_get_it)
{
	struct rlimit limit = {.rlim_cur = 65536, .rlim_max = 65536};
	struct uldf_memory *memory = (void *)0x1234;
	struct spacious s;

	spacious_init(&s);
	cr_assert(eq(int, setrlimit(RLIMIT_MEMLOCK, &limit), 0));
	fake.answer = -ENOMEM;
	cr_expect(eq(int, uldf_memory_register(s.space, NULL, 1 << 20, ULDF_DMA_BOTH, &memory),
		     -ENOMEM));
	cr_expect(eq(ptr, memory, (void *)0x1234));
	fixture_expect_reason(s.f.ctx, "cannot pin 1048576 bytes");
	fixture_expect_reason(s.f.ctx, "RLIMIT_MEMLOCK is 65536 bytes");
	fixture_expect_reason(s.f.ctx, "ulimit -l 1024, LimitMEMLOCK=");
	fixture_expect_reason(s.f.ctx, "CAP_IPC_LOCK");
	spacious_fini(&s);
}

Test(memory, within_the_limit_that_fails_does_not_blame_it)
{
	struct rlimit limit = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
	struct uldf_memory *memory;
	struct spacious s;

	spacious_init(&s);
	if (setrlimit(RLIMIT_MEMLOCK, &limit)) {
		cr_assert(eq(int, getrlimit(RLIMIT_MEMLOCK, &limit), 0));
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_MEMLOCK, &limit);
	}
	fake.answer = -ENOMEM;
	cr_expect(eq(int, uldf_memory_register(s.space, NULL, 4096, ULDF_DMA_BOTH, &memory),
		     -ENOMEM));
	fixture_expect_reason(s.f.ctx, "no memory to pin 4096 bytes");
	spacious_fini(&s);
}

/* A second space beside the one that has the memory. */
static struct uldf_space *space_beside(const struct spacious *s)
{
	struct uldf_space *space;

	cr_assert(eq(int, uldf_space_create(s->f.device, &space), 0));
	fake.calls = 0;
	return space;
}

Test(memory, that_is_shared_is_the_same_in_the_other_space)
{
	struct uldf_memory *shared;
	struct uldf_space *other;
	struct spacious s;

	spacious_init(&s);
	other = space_beside(&s);
	cr_assert(eq(int, uldf_memory_share(s.memory, other, &shared), 0));
	cr_expect(eq(ptr, (void *)fake.from, s.memory));
	cr_expect(eq(ptr, shared->space, other));
	cr_expect(eq(ptr, shared->address, s.memory->address));
	cr_expect(eq(sz, shared->size, s.memory->size));
	cr_expect(eq(uint, shared->access, s.memory->access));
	cr_expect(ne(u64, shared->handle, s.memory->handle));

	const struct uldf_mapping piece = {shared, 0, 0x1000, 0x1000, ULDF_DMA_READ};
	cr_expect(eq(int, uldf_space_map(other, &piece, 1), 0));
	cr_expect(eq(int, uldf_space_map(s.space, &piece, 1), -EINVAL));
	uldf_space_destroy(other);
	spacious_fini(&s);
}

Test(memory, is_had_once_by_a_space)
{
	struct uldf_memory *shared, *anew, *none = (void *)0x1234;
	struct uldf_space *other;
	struct spacious s;

	spacious_init(&s);
	other = space_beside(&s);
	cr_expect(eq(int, uldf_memory_share(s.memory, s.space, &none), -EEXIST));
	fixture_expect_reason(s.f.ctx, "has this memory already");
	cr_expect(eq(uint, fake.calls, 0));
	cr_assert(eq(int, uldf_memory_share(s.memory, other, &shared), 0));
	cr_expect(eq(int, uldf_memory_share(s.memory, other, &none), -EEXIST));
	cr_expect(eq(int, uldf_memory_share(shared, s.space, &none), -EEXIST));
	cr_expect(eq(uint, fake.calls, 1));
	cr_expect(eq(ptr, none, (void *)0x1234));
	cr_assert(eq(int,
		     uldf_memory_register(s.space, s.memory->address, s.memory->size, ULDF_DMA_BOTH,
					  &anew),
		     0));
	cr_expect(eq(int, uldf_memory_share(anew, other, &none), 0), "registered anew is another");
	uldf_space_destroy(other);
	spacious_fini(&s);
}

Test(memory, that_is_shared_goes_on_when_the_first_space_leaves_it)
{
	struct uldf_memory *shared;
	struct uldf_space *other;
	struct spacious s;

	spacious_init(&s);
	other = space_beside(&s);
	cr_assert(eq(int, uldf_memory_share(s.memory, other, &shared), 0));
	cr_expect(eq(int, uldf_memory_unregister(s.memory), 0));
	cr_expect(eq(int, uldf_memory_share(shared, s.space, &s.memory), 0), "and is shared back");
	uldf_space_destroy(s.space);
	cr_expect(eq(int, uldf_memory_unregister(shared), 0));
	uldf_space_destroy(other);
	fixture_fini(&s.f);
}

Test(memory, that_two_threads_share_at_once_is_had_once)
{
	struct uldf_memory *shared = (void *)0x1234;
	struct uldf_space *other;
	struct spacious s;

	spacious_init(&s);
	other = space_beside(&s);
	fake.share_twice = true;
	cr_expect(eq(int, uldf_memory_share(s.memory, other, &shared), -EEXIST));
	cr_expect(eq(ptr, shared, (void *)0x1234));
	cr_expect(eq(uint, fake.memories, 2), "the backend forgets the second");
	uldf_space_destroy(other);
	spacious_fini(&s);
}

Test(memory, that_is_shared_stays_registered_when_the_first_space_is_destroyed)
{
	struct uldf_memory *shared;
	struct uldf_space *other;
	struct spacious s;

	spacious_init(&s);
	other = space_beside(&s);
	cr_assert(eq(int, uldf_memory_share(s.memory, other, &shared), 0));

	const struct uldf_mapping piece = {shared, 0, 0x1000, 0x1000, ULDF_DMA_READ};
	cr_assert(eq(int, uldf_space_map(other, &piece, 1), 0));
	uldf_space_destroy(s.space);
	cr_expect(eq(uint, fake.memories, 1));
	cr_expect(eq(sz, shared->size, 0x4000));
	cr_expect(eq(int, uldf_space_map(other, &piece, 1), 0));
	cr_expect(eq(int, uldf_memory_unregister(shared), 0));
	cr_expect(eq(uint, fake.memories, 0));
	uldf_space_destroy(other);
	fixture_fini(&s.f);
}

Test(memory, is_not_shared_by_a_backend_that_cannot)
{
	struct uldf_memory *shared = (void *)0x1234;
	struct uldf_backend_ops ops = fake_ops;
	struct uldf_space *other;
	struct spacious s;

	spacious_init(&s);
	other = space_beside(&s);
	ops.memory_share = NULL;
	s.space->ops = other->ops = &ops;
	cr_expect(eq(int, uldf_memory_share(s.memory, other, &shared), -ENOTSUP));
	fixture_expect_reason(s.f.ctx, "backend fake shares no memory");
	cr_expect(eq(ptr, shared, (void *)0x1234));
	uldf_space_destroy(other);
	spacious_fini(&s);
}

Test(memory, whose_sharing_fails_can_be_shared_later)
{
	struct uldf_memory *shared = (void *)0x1234;
	struct uldf_space *other;
	struct spacious s;

	spacious_init(&s);
	other = space_beside(&s);
	fake.answer = -ENOSPC;
	cr_expect(eq(int, uldf_memory_share(s.memory, other, &shared), -ENOSPC));
	cr_expect(eq(ptr, shared, (void *)0x1234));
	fake.answer = 0;
	cr_expect(eq(int, uldf_memory_share(s.memory, other, &shared), 0));
	uldf_space_destroy(other);
	spacious_fini(&s);
}

Test(memory, is_shared_with_no_space_of_another_backend)
{
	struct uldf_memory *shared = (void *)0x1234;
	struct uldf_device *device;
	struct uldf_space *other;
	struct spacious s;

	spacious_init(&s);
	cr_assert(eq(int, device_open_backend(s.f.ctx, &fake_other_ops, "", &device), 0));
	cr_assert(eq(int, uldf_space_create(device, &other), 0));
	fake.calls = 0;
	cr_expect(eq(int, uldf_memory_share(s.memory, other, &shared), -ENOTSUP));
	fixture_expect_reason(s.f.ctx,
			      "of the backend fake cannot be shared with a space of other");
	cr_expect(eq(ptr, shared, (void *)0x1234));
	cr_expect(eq(uint, fake.calls, 0));
	uldf_space_destroy(other);
	uldf_device_close(device);
	spacious_fini(&s);
}

Test(memory, is_shared_neither_with_a_bare_space_nor_by_one)
{
	struct uldf_memory *memory, *shared = (void *)0x1234;
	struct uldf_space *bare;
	struct spacious s;

	spacious_init(&s);
	cr_assert(eq(int, uldf_space_create_bare(s.f.device, UINT32_MAX, &bare), 0));
	cr_assert(eq(int, uldf_memory_register(bare, NULL, 0x1000, ULDF_DMA_BOTH, &memory), 0));
	fake.calls = 0;
	cr_expect(eq(int, uldf_memory_share(s.memory, bare, &shared), -ENOTSUP));
	cr_expect(eq(int, uldf_memory_share(memory, s.space, &shared), -ENOTSUP));
	fixture_expect_reason(s.f.ctx, "a bare space shares no memory");
	cr_expect(eq(ptr, shared, (void *)0x1234));
	cr_expect(eq(uint, fake.calls, 0));
	uldf_space_destroy(bare);
	spacious_fini(&s);
}

Test(memory, of_registers_is_part_of_an_area_of_a_region)
{
	static const struct {
		unsigned int index;
		uint64_t offset;
		size_t size;
		int err;
	} cases[] = {
		{ULDF_BAR0, 0, 0x1000, 0},
		{ULDF_BAR0, 0x2000, 0x2000, 0},
		{ULDF_BAR0, 0x3000, 0x1000, 0},
		{ULDF_BAR0, 0x1000, 0x1000, -ERANGE},
		{ULDF_BAR0, 0, 0x4000, -ERANGE},
		{ULDF_BAR0, 0x4000, 0x1000, -ERANGE},
		{ULDF_BAR0, (uint64_t)-0x1000, 0x2000, -ERANGE},
		{ULDF_BAR0, 0, 0, -EINVAL},
		{ULDF_BAR0, 8, 0x1000, -EINVAL},
		{ULDF_BAR0, 0, 0x800, -EINVAL},
		{ULDF_REGION_COUNT, 0, 0x1000, -EINVAL},
		{4, 0, 0x1000, -ENOTSUP},
		{ULDF_CONFIG, 0, 0x1000, -ENOTSUP},
	};
	struct spacious s;

	spacious_init(&s);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct uldf_memory *memory = (void *)0x1234;

		fake.calls = 0;
		cr_expect(eq(int,
			     uldf_memory_register_region(s.space, s.f.device, cases[i].index,
							 cases[i].offset, cases[i].size, &memory),
			     cases[i].err),
			  "case %zu", i);
		cr_expect(eq(uint, fake.calls, !cases[i].err), "case %zu", i);
		if (cases[i].err) {
			cr_expect(eq(ptr, memory, (void *)0x1234), "case %zu", i);
			continue;
		}
		cr_expect(eq(uint, fake.region, cases[i].index));
		cr_expect(eq(u64, fake.offset, cases[i].offset));
		cr_expect(eq(sz, memory->size, cases[i].size));
		cr_expect(eq(uint, memory->access, ULDF_DMA_BOTH));
		cr_expect(eq(int, uldf_memory_unregister(memory), 0));
	}
	spacious_fini(&s);
}

Test(memory, of_registers_is_not_shared)
{
	struct uldf_memory *memory, *shared = (void *)0x1234;
	struct uldf_space *other;
	struct spacious s;

	spacious_init(&s);
	other = space_beside(&s);
	cr_assert(
		eq(int,
		   uldf_memory_register_region(s.space, s.f.device, ULDF_BAR0, 0, 0x1000, &memory),
		   0));
	fake.calls = 0;
	cr_expect(eq(int, uldf_memory_share(memory, other, &shared), -ENOTSUP));
	fixture_expect_reason(s.f.ctx, "register the region with each space");
	cr_expect(eq(ptr, shared, (void *)0x1234));
	cr_expect(eq(uint, fake.calls, 0));
	uldf_space_destroy(other);
	spacious_fini(&s);
}

Test(memory, of_registers_that_cannot_be_had_leaves_out_alone)
{
	struct uldf_memory *memory = (void *)0x1234;
	struct spacious s;

	spacious_init(&s);
	fake.answer = -ENODEV;
	cr_expect(
		eq(int,
		   uldf_memory_register_region(s.space, s.f.device, ULDF_BAR0, 0, 0x1000, &memory),
		   -ENODEV));
	cr_expect(eq(ptr, memory, (void *)0x1234));
	fake.answer = 0;
	spacious_fini(&s);
}

Test(memory, of_registers_is_had_neither_by_bare_spaces_nor_of_other_backends)
{
	struct uldf_memory *memory = (void *)0x1234;
	struct uldf_space *bare, *space;
	struct uldf_device *other;
	struct spacious s;

	spacious_init(&s);
	cr_assert(eq(int, uldf_space_create_bare(s.f.device, UINT32_MAX, &bare), 0));
	cr_assert(eq(int, device_open_backend(s.f.ctx, &fake_other_ops, "", &other), 0));
	cr_assert(eq(int, uldf_space_create(other, &space), 0));
	fake.calls = 0;
	cr_expect(eq(int,
		     uldf_memory_register_region(bare, s.f.device, ULDF_BAR0, 0, 0x1000, &memory),
		     -ENOTSUP));
	fixture_expect_reason(s.f.ctx, "are at their own address");
	cr_expect(eq(int,
		     uldf_memory_register_region(s.space, other, ULDF_BAR0, 0, 0x1000, &memory),
		     -ENOTSUP));
	fixture_expect_reason(s.f.ctx, "the space is of another backend (fake)");
	cr_expect(eq(int, uldf_memory_register_region(space, other, ULDF_BAR0, 0, 0x1000, &memory),
		     -ENOTSUP));
	fixture_expect_reason(s.f.ctx, "backend other maps no registers in spaces");
	cr_expect(eq(ptr, memory, (void *)0x1234));
	cr_expect(eq(uint, fake.calls, 0));
	uldf_space_destroy(space);
	uldf_device_close(other);
	uldf_space_destroy(bare);
	spacious_fini(&s);
}
