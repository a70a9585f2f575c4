// SPDX-License-Identifier: MIT
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "check/checker.h"
#include "checked.h"
#include "fake.h"

TestSuite(check, .fini = fixture_check_leaks);

/* A function with an address of its own, to be found in traces. */
__attribute__((noinline)) static int plant_mapping(struct checked *c)
{
	int err = checked_map(c, 0x100000, PAGE);

	__asm__ volatile("" ::: "memory");
	return err;
}

static bool made_by_plant(const struct checked *c)
{
	const char *plant = (const char *)(uintptr_t)&plant_mapping;

	for (unsigned int i = 0; i < c->made_depth; i++)
		if ((char *)c->made[i] > plant && (char *)c->made[i] < plant + 1024)
			return true;
	return false;
}

Test(check, correct_use_finds_nothing)
{
	struct uldf_irq_event *event;
	struct event_base *base = event_base_new();
	struct uldf_buffer *buffer;
	struct uldf_dma *dma;
	struct checked c;
	void *bar;

	checked_init(&c);
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, checked_map(&c, 0x101000, PAGE), 0));
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, checked_unmap(&c, 0x101000, PAGE), 0));
	cr_expect(eq(int, uldf_dma_map(c.memory, 100, 200, ULDF_DMA_WRITE, &dma), 0));
	uldf_dma_unmap(dma);
	cr_expect(eq(int, uldf_buffer_create(c.space, 1, &buffer), 0));
	uldf_buffer_destroy(buffer);
	cr_expect(eq(int, uldf_region_map(c.w.device, 0, 0, PAGE, &bar), 0));
	uldf_region_unmap(c.w.device, bar, PAGE);
	cr_expect(eq(int, uldf_irq_enable(c.w.device, ULDF_IRQ_MSI, 1), 0));
	cr_expect(eq(int,
		     uldf_irq_event_new(base, c.w.device, 0, (void (*)(uint64_t, void *))abort,
					NULL, &event),
		     0));
	uldf_irq_event_free(event);
	cr_expect(eq(int, uldf_irq_disable(c.w.device), 0));
	checked_fini(&c);
	event_base_free(base);
	cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
}

Test(check, closing_the_device_before_its_space_is_correct_once_it_is_detached)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, uldf_device_detach(c.w.device), 0));
	uldf_device_close(c.w.device);
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, uldf_memory_unregister(c.memory), 0));
	uldf_space_destroy(c.space);
	uldf_ctx_destroy(c.w.ctx);
	munmap(c.pages, 4 * PAGE);
	cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
}

Test(check, finds_unmap_of_what_was_unmapped)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), -ENOENT));
	checked_expect(&c, ULDF_CHECK_UNMAP_TWICE, "bus address 0x100000 was unmapped before");
	engine_expect_reason(c.w.ctx, "device engine: bus address 0x100000 was unmapped before");
	cr_expect(gt(uint, c.made_depth, 0));
	checked_fini(&c);
}

Test(check, finds_unmap_of_another_size_and_who_mapped)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, plant_mapping(&c), 0));
	cr_expect(eq(int, checked_unmap(&c, 0x100000, 2 * PAGE), -ENOENT));
	checked_expect(&c, ULDF_CHECK_UNMAP_OTHER, "mapped are 0x1000 bytes at 0x100000");
	cr_expect(made_by_plant(&c));
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
	checked_fini(&c);
}

Test(check, finds_unmap_of_a_part_that_lies_inside)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, checked_map(&c, 0x100000, 4 * PAGE), 0));
	cr_expect(eq(int, checked_unmap(&c, 0x101000, PAGE), -ENOENT));
	checked_expect(&c, ULDF_CHECK_UNMAP_OTHER, "mapped are 0x4000 bytes at 0x100000");
	cr_expect(eq(int, checked_unmap(&c, 0x100000, 4 * PAGE), 0));
	checked_fini(&c);
}

Test(check, finds_unmap_where_nothing_was)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, checked_unmap(&c, 0x200000, PAGE), -ENOENT));
	checked_expect(&c, ULDF_CHECK_UNMAP_NOTHING, "nothing is mapped at bus address 0x200000");
	checked_fini(&c);
}

Test(check, finds_the_wrong_piece_of_a_batch_and_forgets_those_before)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));

	const struct uldf_mapping list[] = {{.address = 0x100000, .size = PAGE},
					    {.address = 0x300000, .size = PAGE}};
	cr_expect(eq(int, uldf_space_unmap(c.space, list, 2), -ENOENT));
	checked_expect(&c, ULDF_CHECK_UNMAP_NOTHING, "0x300000");
	checked_fini(&c);
	cr_expect(eq(uint, c.found, 1));
}

Test(check, finds_map_where_something_is_and_who_mapped_it)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, plant_mapping(&c), 0));
	cr_expect(eq(int, checked_map(&c, 0xff000, 2 * PAGE), -EEXIST));
	checked_expect(&c, ULDF_CHECK_MAP_TWICE, "where 0x1000 bytes from 0x100000 on are mapped");
	cr_expect(made_by_plant(&c));
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
	checked_fini(&c);
}

Test(check, finds_map_outside_the_memory)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, checked_map(&c, 0x100000, 5 * PAGE), -ERANGE));
	checked_expect(&c, ULDF_CHECK_MAP_OUTSIDE, "outside the 0x4000 bytes of memory");
	checked_fini(&c);
}

Test(check, finds_map_for_writing_of_memory_to_read)
{
	struct uldf_memory *memory;
	struct checked c;

	checked_init(&c);
	cr_assert(eq(int, uldf_memory_register(c.space, c.pages, PAGE, ULDF_DMA_READ, &memory), 0));

	const struct uldf_mapping piece = {memory, 0, 0x100000, PAGE, ULDF_DMA_WRITE};
	cr_expect(eq(int, uldf_space_map(c.space, &piece, 1), -EPERM));
	checked_expect(&c, ULDF_CHECK_MAP_DIRECTION, "for devices to read");
	cr_expect(eq(int, uldf_memory_unregister(memory), 0));
	checked_fini(&c);
}

Test(check, finds_map_before_a_device_is_attached)
{
	struct uldf_space *space;
	struct uldf_memory *memory;
	struct checked c;

	checked_init(&c);
	engine.ever_attached = false;
	cr_assert(eq(int, uldf_space_create(c.w.device, &space), 0));
	cr_assert(eq(int, uldf_memory_register(space, c.pages, PAGE, ULDF_DMA_BOTH, &memory), 0));

	struct uldf_mapping piece = {memory, 0, 0, PAGE, ULDF_DMA_WRITE};
	cr_expect(eq(int, uldf_space_map_anywhere(space, &piece, 1), -ENXIO));
	checked_expect(&c, ULDF_CHECK_MAP_UNATTACHED, "before a device is attached");
	cr_expect(eq(int, uldf_memory_unregister(memory), 0));
	uldf_space_destroy(space);
	engine.memories = 1;
	checked_fini(&c);
}

Test(check, finds_unregister_of_what_is_mapped_and_who_mapped_it)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, plant_mapping(&c), 0));
	cr_expect(eq(int, uldf_memory_unregister(c.memory), -EBUSY));
	checked_expect(&c, ULDF_CHECK_MEMORY_MAPPED, "while 0x1000 bytes of it are mapped");
	cr_expect(made_by_plant(&c));
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
	checked_fini(&c);
}

Test(check, finds_memory_that_was_freed_while_registered)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
	munmap(c.pages + 2 * PAGE, PAGE);
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
	checked_expect(&c, ULDF_CHECK_MEMORY_FREED, "0x4000 bytes of memory at");
	checked_fini(&c);
	cr_expect(eq(uint, c.found, 1));
}

static unsigned int looks; /* calls of what tells whether memory is mapped */

int mincore(void *start, size_t size, unsigned char *present)
{
	looks++;
	return (int)syscall(SYS_mincore, start, size, present);
}

int msync(void *start, size_t size, int flags)
{
	looks++;
	return (int)syscall(SYS_msync, start, size, flags);
}

Test(check, looks_at_large_memory_by_one_call)
{
	const size_t size = (size_t)16 << 30;
	void *pages =
		mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct uldf_memory *memory;
	struct checked c;

	checked_init(&c);
	cr_assert(ne(ptr, pages, MAP_FAILED));
	cr_assert(eq(int, uldf_memory_register(c.space, pages, size, ULDF_DMA_BOTH, &memory), 0));
	looks = 0;
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
	cr_expect(eq(uint, looks, 2), "one for each memory, not %u", looks);
	munmap((char *)pages + size - PAGE, PAGE);
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
	checked_expect(&c, ULDF_CHECK_MEMORY_FREED, "0x400000000 bytes of memory at");
	cr_expect(eq(int, uldf_memory_unregister(memory), 0));
	checked_fini(&c);
	munmap(pages, size);
}

Test(check, finds_mappings_left_at_close_and_who_made_them)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, plant_mapping(&c), 0));
	uldf_device_close(c.w.device);
	checked_expect(&c, ULDF_CHECK_LEAK_MAPPING,
		       "0x1000 bytes at bus address 0x100000 are mapped when the device");
	cr_expect(made_by_plant(&c));
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, uldf_memory_unregister(c.memory), 0));
	uldf_space_destroy(c.space);
	uldf_ctx_destroy(c.w.ctx);
	munmap(c.pages, 4 * PAGE);
	cr_expect(eq(uint, c.found, 1));
}

Test(check, finds_mappings_and_memory_left_in_a_space)
{
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, checked_map(&c, 0x100000, PAGE), 0));
	cr_expect(eq(int, uldf_device_detach(c.w.device), 0));
	uldf_space_destroy(c.space);
	cr_expect(eq(uint, c.found, 2));
	cr_expect(eq(int, c.kind, ULDF_CHECK_LEAK_MEMORY));
	wrapped_fini(&c.w);
	munmap(c.pages, 4 * PAGE);
	cr_expect(eq(uint, c.found, 2));
}

Test(check, finds_what_is_left_in_a_bare_space)
{
	struct uldf_memory *memory;
	struct uldf_buffer *buffer;
	struct uldf_space *space;
	struct uldf_dma *dma;
	struct checked c;

	checked_init(&c);
	cr_assert(eq(int, uldf_space_create_bare(c.w.device, UINT32_MAX, &space), 0));
	cr_assert(eq(int, uldf_memory_register(space, c.pages, PAGE, ULDF_DMA_BOTH, &memory), 0));
	cr_assert(eq(int, uldf_dma_map(memory, 0, 100, ULDF_DMA_BOTH, &dma), 0));
	cr_assert(eq(int, uldf_buffer_create(space, PAGE, &buffer), 0));
	uldf_dma_unmap(dma);
	cr_expect(eq(int, uldf_memory_unregister(memory), 0));
	cr_expect(eq(uint, c.found, 0), "found '%s'", c.text);
	uldf_space_destroy(space);
	checked_expect(&c, ULDF_CHECK_LEAK_MAPPING, "a buffer of 0x1000 bytes is left");
	cr_expect(eq(uint, engine.buffers, 0), "the space has freed its memory");
	uldf_buffer_destroy(buffer);
	engine.memories = 1;
	checked_fini(&c);
}

Test(check, finds_regions_left_at_close)
{
	struct checked c;
	void *bar;

	checked_init(&c);
	cr_expect(eq(int, uldf_region_map(c.w.device, 0, 0, PAGE, &bar), 0));
	checked_fini(&c);
	checked_expect(&c, ULDF_CHECK_LEAK_REGION, "BAR 0: 0x1000 bytes of it are mapped at close");
	munmap(bar, PAGE);
}

Test(check, finds_the_unmap_of_another_piece_of_a_region)
{
	struct checked c;
	void *bar;

	checked_init(&c);
	cr_expect(eq(int, uldf_region_map(c.w.device, 0, 0, 2 * PAGE, &bar), 0));
	uldf_region_unmap(c.w.device, (char *)bar + PAGE, PAGE);
	checked_expect(&c, ULDF_CHECK_REGION_OTHER, "no region is mapped at");
	c.found = 0;
	uldf_region_unmap(c.w.device, bar, PAGE);
	checked_expect(&c, ULDF_CHECK_REGION_OTHER, "0x1000 are to be unmapped");
	checked_fini(&c);
	cr_expect(eq(uint, c.found, 1), "found '%s'", c.text);
}

Test(check, finds_events_that_are_not_freed_at_close)
{
	struct event_base *base = event_base_new();
	struct uldf_irq_event *event;
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, uldf_irq_enable(c.w.device, ULDF_IRQ_MSI, 2), 0));
	cr_expect(eq(int,
		     uldf_irq_event_new(base, c.w.device, 1, (void (*)(uint64_t, void *))abort,
					NULL, &event),
		     0));
	c.w.device->ops->close(c.w.device);
	checked_expect(&c, ULDF_CHECK_LEAK_EVENT, "the event of vector 1 is not freed at close");
	c.w.device->irq_count = 0; /* it is gone, but for the handle that the event has */
	uldf_irq_event_free(event);
	free(c.w.device);
	uldf_space_destroy(c.space);
	uldf_ctx_destroy(c.w.ctx);
	event_base_free(base);
	munmap(c.pages, 4 * PAGE);
}

Test(check, findings_are_appended_to_a_file_with_their_calls)
{
	char path[] = "/tmp/uldf-check-XXXXXX", text[4096] = "";
	struct wrapped w;
	void *bar;
	int fd = mkstemp(path);

	cr_assert(ge(int, fd, 0));
	wrapped_init(&w, &check_backend, check_wrap, path);
	cr_expect(eq(int, uldf_region_map(w.device, 0, 0, PAGE, &bar), 0));
	wrapped_fini(&w);
	munmap(bar, PAGE);
	cr_assert(gt(int, (int)read(fd, text, sizeof(text) - 1), 0));
	cr_expect(strstr(text, "device engine: BAR 0: 0x1000 bytes of it are mapped at close\n") ==
		  text);
	cr_expect(strstr(text, "\n  found in\n    uldf_device_close() at ") != NULL, "%s", text);
	/* By way of uldf_region_map(), whose frame a compiler may save. */
	cr_expect(strstr(text, "_region_map() at ") != NULL, "%s", text);
	cr_expect(strstr(text, "() at tests/unit/libuldf/check.c:") != NULL, "%s", text);
	close(fd);
	unlink(path);
}

Test(check, counts_what_it_found)
{
	uint64_t count = 77;
	struct fixture f;
	struct checked c;

	fixture_init(&f);
	cr_expect(eq(int, uldf_check_count(f.device, &count), -ENOTSUP));
	cr_expect(eq(int, uldf_check_report(f.device, checked_found, NULL), -ENOTSUP));
	cr_expect(eq(u64, count, 77));
	fixture_fini(&f);
	checked_init(&c);
	cr_expect(eq(int, uldf_check_count(c.w.device, &count), 0));
	cr_expect(eq(u64, count, 0));
	cr_expect(eq(int, checked_unmap(&c, 0x200000, PAGE), -ENOENT));
	cr_expect(eq(int, uldf_check_count(c.w.device, &count), 0));
	cr_expect(eq(u64, count, 1));
	checked_fini(&c);
}
