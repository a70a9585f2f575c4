// SPDX-License-Identifier: MIT
/* Calls on whole spaces: ranges, memory that is shared, moves, revocation. */
#include <sys/mman.h>
#include "checked.h"
#include "fake.h"

TestSuite(check_space, .fini = fixture_check_leaks);

Test(check_space, unmapping_a_range_ends_what_lies_in_it_and_finds_nothing)
{
	struct uldf_unmapped unmapped;
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, checked_map(&c, 0x102000, 2 * PAGE), 0));
	cr_expect(eq(int, checked_map(&c, 0x200000, PAGE), 0));
	cr_expect(eq(int, uldf_space_unmap_range(c.space, 0x100000, 0x1fffff, &unmapped), 0));
	cr_expect(unmapped.mappings == 2 && unmapped.bytes == 3 * PAGE);
	cr_expect(eq(int, checked_map(&c, 0x102000, PAGE), 0));
	cr_expect(eq(int, uldf_space_unmap_range(c.space, 0, UINT64_MAX, &unmapped), 0));
	cr_expect(unmapped.mappings == 2 && unmapped.bytes == 2 * PAGE);
	checked_fini(&c);
	cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
}

Test(check_space, finds_a_range_that_cuts_a_mapping_and_who_mapped_it)
{
	static const struct uldf_range cuts[] = {{0, 0x101fff}, {0x101000, 0x101fff}};
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, checked_map(&c, 0x101000, 4 * PAGE), 0));
	for (size_t i = 0; i < 2; i++) {
		c.found = 0;
		cr_expect(eq(int,
			     uldf_space_unmap_range(c.space, cuts[i].first, cuts[i].last, NULL),
			     -ERANGE));
		checked_expect(&c, ULDF_CHECK_UNMAP_OTHER,
			       "cuts the 0x4000 bytes mapped at 0x101000");
		cr_expect(gt(uint, c.made_depth, 0));
	}
	cr_expect(eq(int, checked_unmap(&c, 0x101000, 4 * PAGE), 0));
	checked_fini(&c);
}

Test(check_space, finds_unmap_of_what_a_range_ended)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, uldf_space_unmap_range(c.space, 0x100000, 0x1fffff, NULL), 0));
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), -ENOENT));
	checked_expect(&c, ULDF_CHECK_UNMAP_TWICE, "bus address 0x100000 was unmapped before");
	checked_fini(&c);
}

Test(check_space, a_range_with_an_uldf_dma_in_it_is_refused_and_leaves_it_mapped)
{
	struct uldf_dma *dma;
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, uldf_dma_map(c.memory, 0, 1, ULDF_DMA_BOTH, &dma), 0));
	cr_expect(eq(int, uldf_space_unmap_range(c.space, 0, UINT64_MAX, NULL), -EBUSY));
	cr_expect(ne(ptr, (void *)engine_reach(), NULL));
	uldf_dma_unmap(dma);
	checked_fini(&c);
	cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
}

/* Of two mappings one has ended, and nobody knows which. */
Test(check_space, what_the_iommu_failed_to_end_is_no_mistake_of_the_driver)
{
	for (unsigned int revoke = 0; revoke < 2; revoke++) {
		struct checked c;
		int one, other;

		checked_init(&c);
		cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
		cr_expect(eq(int, checked_map(&c, 0x102000, PAGE), 0));
		engine.end_answer = -EIO;
		if (revoke)
			cr_expect(eq(int, uldf_space_revoke(c.space), -EIO));
		else
			cr_expect(eq(int, uldf_space_unmap_range(c.space, 0, UINT64_MAX, NULL),
				     -EIO));
		engine.end_answer = 0;
		one = checked_unmap(&c, 0x100000, PAGE);
		other = checked_unmap(&c, 0x102000, PAGE);
		cr_expect(eq(int, one + other, -ENOENT));
		cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), revoke ? -ESHUTDOWN : 0));
		if (!revoke)
			cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
		checked_fini(&c);
		cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
	}
}

/* Destroys a space with memory that cannot be unregistered, as one mapping is left. */
Test(check_space, memory_that_the_iommu_keeps_mapped_is_no_leak)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, checked_map(&c, 0x102000, PAGE), 0));
	engine.end_answer = -EIO;
	cr_expect(eq(int, uldf_space_unmap_range(c.space, 0, UINT64_MAX, NULL), -EIO));
	engine.end_answer = 0;
	cr_expect(eq(int, uldf_memory_unregister(c.memory), -EBUSY));
	cr_expect(eq(int, uldf_device_detach(c.w.device), 0));
	uldf_space_destroy(c.space);
	cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
	munmap(c.pages, 4 * PAGE);
	wrapped_fini(&c.w);
}

Test(check_space, finds_memory_that_is_left_in_a_space_that_was_revoked)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, uldf_space_revoke(c.space), 0));
	cr_expect(eq(int, uldf_device_detach(c.w.device), 0));
	uldf_space_destroy(c.space);
	checked_expect(&c, ULDF_CHECK_LEAK_MEMORY, "0x4000 bytes of memory at");
	munmap(c.pages, 4 * PAGE);
	wrapped_fini(&c.w);
}

/* The driver tries again, or destroys the space. */
Test(check_space, registers_that_the_iommu_keeps_mapped_are_no_mistake)
{
	for (unsigned int again = 0; again < 2; again++) {
		struct uldf_mapping piece = {NULL, 0, 0x100000, PAGE, ULDF_DMA_BOTH};
		struct checked c;

		checked_init(&c);
		cr_assert(eq(
			int,
			uldf_memory_register_region(c.space, c.w.device, 0, 0, PAGE, &piece.memory),
			0));
		cr_assert(eq(int, uldf_space_map(c.space, &piece, 1), 0));
		engine.unmap_answer = -EIO;
		cr_expect(eq(int, uldf_memory_unregister(piece.memory), -EIO));
		engine.unmap_answer = 0;
		if (again)
			cr_expect(eq(int, uldf_memory_unregister(piece.memory), 0));
		checked_fini(&c);
		cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
	}
}

Test(check_space, finds_shared_memory_that_is_left_or_unregistered_too_early)
{
	struct uldf_memory *shared;
	struct uldf_space *space;
	struct checked c;

	checked_init(&c);
	cr_assert(eq(int, uldf_space_create(c.w.device, &space), 0));
	cr_assert(eq(int, uldf_memory_share(c.memory, space, &shared), 0));

	const struct uldf_mapping piece = {shared, 0, 0x100000, PAGE, ULDF_DMA_BOTH};
	cr_assert(eq(int, uldf_space_map(space, &piece, 1), 0));
	cr_expect(eq(int, uldf_memory_unregister(shared), -EBUSY));
	checked_expect(&c, ULDF_CHECK_MEMORY_MAPPED, "while 0x1000 bytes of it are mapped");
	cr_expect(eq(int, uldf_space_unmap_range(space, 0, UINT64_MAX, NULL), 0));
	c.found = 0;
	uldf_space_destroy(space);
	checked_expect(&c, ULDF_CHECK_LEAK_MEMORY, "0x4000 bytes of memory at");
	checked_fini(&c);
	cr_expect(eq(uint, c.found, 1), "found '%s'", c.text);
}

/* Moves the device out of a space with a mapping, and closes it. Returns how many mistakes that was. */
static unsigned int found_after_move(int answer)
{
	struct uldf_space *other;
	struct checked c;

	checked_init(&c);
	cr_assert(eq(int, uldf_space_create(c.w.device, &other), 0));
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
	engine.move_answer = answer;
	cr_expect(eq(int, uldf_device_move(c.w.device, other), answer));
	uldf_device_close(c.w.device);
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, uldf_memory_unregister(c.memory), 0));
	uldf_space_destroy(other);
	uldf_space_destroy(c.space);
	uldf_ctx_destroy(c.w.ctx);
	munmap(c.pages, 4 * PAGE);
	return c.found;
}

Test(check_space, what_is_mapped_in_a_space_that_the_device_left_is_no_mistake_at_close)
{
	cr_expect(eq(uint, found_after_move(0), 0));
}

Test(check_space, a_device_that_a_move_left_in_no_space_leaks_no_mappings)
{
	cr_expect(eq(uint, found_after_move(-EIO), 0));
}

Test(check_space, a_device_that_was_detached_with_an_error_leaks_no_mappings)
{
	static const int answers[] = {-EIO, -ENODEV};

	for (size_t i = 0; i < 2; i++) {
		struct checked c;

		checked_init(&c);
		cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
		engine.detach_answer = answers[i];
		cr_expect(eq(int, uldf_device_detach(c.w.device), answers[i]));
		engine.detach_answer = 0;
		uldf_device_close(c.w.device);
		cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
		cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
		cr_expect(eq(int, uldf_memory_unregister(c.memory), 0));
		uldf_space_destroy(c.space);
		uldf_ctx_destroy(c.w.ctx);
		munmap(c.pages, 4 * PAGE);
	}
}

Test(check_space, finds_mappings_left_in_the_space_that_the_device_moved_to)
{
	struct uldf_space *other;
	struct checked c;

	checked_init(&c);
	cr_assert(eq(int, uldf_space_create(c.w.device, &other), 0));
	cr_expect(eq(int, uldf_device_move(c.w.device, other), 0));
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, uldf_device_move(c.w.device, c.space), 0));
	uldf_device_close(c.w.device);
	checked_expect(&c, ULDF_CHECK_LEAK_MAPPING, "0x1000 bytes at bus address 0x100000");
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, uldf_memory_unregister(c.memory), 0));
	uldf_space_destroy(other);
	uldf_space_destroy(c.space);
	uldf_ctx_destroy(c.w.ctx);
	munmap(c.pages, 4 * PAGE);
}

Test(check_space, unmapping_in_a_space_that_was_revoked_is_no_mistake)
{
	struct uldf_buffer *buffer;
	struct uldf_dma *dma;
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
	cr_assert(eq(int, uldf_dma_map(c.memory, 0, 1, ULDF_DMA_BOTH, &dma), 0));
	cr_assert(eq(int, uldf_buffer_create(c.space, PAGE, &buffer), 0));
	cr_expect(eq(int, uldf_space_revoke(c.space), 0));
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), -ENOENT));
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), -ESHUTDOWN));
	uldf_dma_unmap(dma);
	uldf_buffer_destroy(buffer);
	checked_fini(&c);
	cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
}

Test(check_space, finds_a_map_beyond_the_memory_also_in_a_space_that_was_revoked)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, uldf_space_revoke(c.space), 0));
	cr_expect(eq(int, checked_map(&c, 0x100000, 5 * PAGE), -ESHUTDOWN));
	checked_expect(&c, ULDF_CHECK_MAP_OUTSIDE, "outside the 0x4000 bytes of memory");
	checked_fini(&c);
}

Test(check_space, finds_registers_that_are_left_in_a_space)
{
	struct uldf_memory *registers;
	struct uldf_space *space;
	struct checked c;

	checked_init(&c);
	cr_assert(eq(int, uldf_space_create(c.w.device, &space), 0));
	cr_assert(
		eq(int, uldf_memory_register_region(space, c.w.device, 0, 0, PAGE, &registers), 0));
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
	cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
	uldf_space_destroy(space);
	checked_expect(&c, ULDF_CHECK_LEAK_MEMORY, "0x1000 bytes of a region are registered");
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
	checked_fini(&c);
}

/* The engine keeps no mappings of registers: it is as if their device had been closed. */
Test(check_space, registers_whose_mappings_ended_alone_are_unregistered_without_mistake)
{
	struct uldf_mapping piece = {NULL, 0, 0x100000, PAGE, ULDF_DMA_BOTH};
	const struct uldf_mapping batch[] = {{.address = 0x100000, .size = PAGE},
					     {.address = 0x200000, .size = PAGE}};
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, checked_map(&c, 0x200000, PAGE), 0));
	for (unsigned int i = 0; i < 2; i++) {
		cr_assert(eq(
			int,
			uldf_memory_register_region(c.space, c.w.device, 0, 0, PAGE, &piece.memory),
			0));
		cr_assert(eq(int, uldf_space_map(c.space, &piece, 1), 0));
		if (i)
			cr_expect(eq(int, uldf_space_unmap(c.space, batch, 2), -EBUSY));
		cr_expect(eq(int, uldf_memory_unregister(piece.memory), 0));
	}
	cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
	cr_expect(eq(int, uldf_memory_unregister(c.memory), -EBUSY));
	checked_expect(&c, ULDF_CHECK_MEMORY_MAPPED, "while 0x1000 bytes of it are mapped");
	cr_expect(eq(int, checked_unmap(&c, 0x200000, PAGE), 0));
	checked_fini(&c);
	cr_expect(eq(uint, c.found, 1), "found '%s'", c.text);
}
