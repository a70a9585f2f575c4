// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include <uldf/event.h>
#include "engine.h"
#include "fake.h"
#include "fault/fault.h"

TestSuite(fault, .fini = fixture_check_leaks);

Test(fault, plans_are_read)
{
	struct fault_plan plan;

	cr_expect(fault_plan_parse("0x10,remove=7,lost=1000,map", &plan) == NULL);
	cr_expect(eq(u64, plan.seed, 16));
	cr_expect(eq(u64, plan.remove_at, 7));
	cr_expect(eq(u32, plan.rate[FAULT_REMOVE], 1));
	cr_expect(eq(u32, plan.rate[FAULT_LOST], 1000));
	cr_expect(eq(u32, plan.rate[FAULT_MAP], 50));
	cr_expect(eq(u32, plan.rate[FAULT_ALLOC], 0));
	cr_expect(fault_plan_parse("1", &plan) == NULL);
	for (unsigned int i = 0; i < FAULT_KINDS; i++)
		cr_expect(gt(u32, plan.rate[i], 0));
	cr_expect(lt(u64, plan.remove_at, 4096));
}

Test(fault, malformed_plans_are_refused)
{
	static const char *const cases[] = {"",		 "x",	    "1,",	"1,lose",
					    "1;lost",	 "1,lost=", "1,lost=x", "1,lost=1001",
					    "1,lostx=5", "-1"};
	struct fault_plan plan = {.seed = 77};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect(fault_plan_parse(cases[i], &plan) != NULL, "'%s'", cases[i]);
	cr_expect(eq(u64, plan.seed, 77));
}

/* The decisions of a plan as bits. */
static uint64_t decisions(const char *text, enum fault_kind kind)
{
	struct fault_plan plan;
	uint64_t bits = 0;

	cr_assert(fault_plan_parse(text, &plan) == NULL);
	for (unsigned int i = 0; i < 64; i++) {
		bits = bits << 1 | fault_plan_strikes(&plan, kind);
		fault_plan_strikes(&plan, kind == FAULT_MAP ? FAULT_LOST : FAULT_MAP);
	}
	return bits;
}

Test(fault, the_seed_decides_and_nothing_else_does)
{
	uint64_t bits = decisions("1,map=500", FAULT_MAP);

	cr_expect(eq(u64, decisions("1,map=500", FAULT_MAP), bits));
	cr_expect(eq(u64, decisions("1,map=500,lost=500,alloc=9", FAULT_MAP), bits));
	cr_expect(ne(u64, decisions("2,map=500", FAULT_MAP), bits));
	cr_expect(eq(u64, decisions("1,map=0", FAULT_MAP), 0));
	cr_expect(eq(u64, decisions("1,map=1000", FAULT_MAP), UINT64_MAX));
	cr_expect(gt(int, __builtin_popcountll(bits), 16));
	cr_expect(lt(int, __builtin_popcountll(bits), 48));
}

Test(fault, a_device_that_is_removed_reads_all_ones_and_then_is_gone)
{
	struct uldf_io list[] = {
		{.kind = ULDF_IO_READ, .width = 8},
		{.kind = ULDF_IO_POLL, .width = 4, .count = 1000, .value = 1, .mask = 1},
		{.kind = ULDF_IO_POLL, .width = 4, .count = 1000, .value = 0, .mask = 1},
	};
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), ones = 0, err = 0;
	enum uldf_reset how;
	unsigned int events;
	struct wrapped w;
	uint64_t value;
	size_t done;

	wrapped_init(&w, &fault_backend, fault_wrap, "1,remove=2");
	cr_expect(eq(int, uldf_event_bind(w.device, fd), 0));
	for (unsigned int i = 0; i < 2; i++) {
		cr_expect(eq(int, uldf_region_read(w.device, 0, 0, 8, &value), 0));
		cr_expect(eq(u64, value, i + 1));
	}
	cr_expect(eq(int, uldf_region_read(w.device, 0, 0, 4, &value), 0));
	cr_expect(eq(u64, value, UINT32_MAX));
	cr_expect(eq(u64, engine_wait(fd), 1));
	cr_expect(eq(int, uldf_event_read(w.device, &events), 0));
	cr_expect(eq(uint, events, ULDF_EVENT_REMOVED | ULDF_EVENT_ERROR));
	cr_expect(eq(int, uldf_io_batch(w.device, list, 3, &done), -ETIMEDOUT));
	cr_expect(eq(sz, done, 2));
	cr_expect(eq(u64, list[0].value, UINT64_MAX));
	cr_expect(eq(int, uldf_device_reset(w.device, &how), -ENODEV));
	engine.calls = 0;
	while (ones < 100 && !(err = uldf_region_read(w.device, 0, 0, 1, &value))) {
		cr_expect(eq(u64, value, 0xff));
		ones++;
	}
	cr_expect(eq(int, err, -ENODEV));
	cr_expect(eq(int, ones, 14));
	cr_expect(eq(int, uldf_region_write(w.device, 0, 0, 1, 0), -ENODEV));
	cr_expect(eq(uint, engine.calls, 0));
	wrapped_fini(&w);
	close(fd);
}

Test(fault, interrupts_are_lost)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	uint64_t count = 0;
	struct wrapped w;

	wrapped_init(&w, &fault_backend, fault_wrap, "1,lost=1000");
	cr_assert(eq(int, uldf_irq_enable(w.device, ULDF_IRQ_MSI, 1), 0));
	cr_assert(eq(int, uldf_irq_bind(w.device, 0, 1, &fd), 0));
	engine_fill(w.device, 0, 0, ENGINE_INTERRUPT);
	/* What was on its way is delivered, or not, before this returns. */
	cr_assert(eq(int, uldf_irq_disable(w.device), 0));
	cr_expect(lt(int, (int)read(fd, &count, sizeof(count)), 0));
	wrapped_fini(&w);
	close(fd);
}

Test(fault, interrupts_come_that_the_device_did_not_raise)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct wrapped w;
	uint64_t value;

	wrapped_init(&w, &fault_backend, fault_wrap, "1,spurious=1000");
	cr_assert(eq(int, uldf_irq_enable(w.device, ULDF_IRQ_MSI, 1), 0));
	cr_assert(eq(int, uldf_irq_bind(w.device, 0, 1, &fd), 0));
	cr_expect(eq(int, uldf_region_read(w.device, 0, 0, 8, &value), 0));
	cr_expect(eq(u64, engine_wait(fd), 1));
	wrapped_fini(&w);
	close(fd);
}

Test(fault, interrupts_that_no_fault_strikes_arrive)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), none = 0;
	struct wrapped w;

	wrapped_init(&w, &fault_backend, fault_wrap, "1,lost=0");
	cr_assert(eq(int, uldf_irq_enable(w.device, ULDF_IRQ_MSI, 1), 0));
	cr_expect(eq(int, uldf_irq_bind(w.device, 0, 1, &none), -EINVAL));
	cr_assert(eq(int, uldf_irq_bind(w.device, 0, 1, &fd), 0));
	engine_fill(w.device, 0, 0, ENGINE_INTERRUPT);
	cr_expect(eq(u64, engine_wait(fd), 1));
	wrapped_fini(&w);
	close(fd);
}

Test(fault, a_device_that_is_gone_moves_to_no_space)
{
	struct uldf_space *space;
	struct wrapped w;
	uint64_t value;

	wrapped_init(&w, &fault_backend, fault_wrap, "1,remove=0");
	cr_assert(eq(int, uldf_space_create(w.device, &space), 0));
	cr_expect(eq(int, uldf_device_move(w.device, space), 0));
	cr_expect(eq(int, uldf_region_read(w.device, 0, 0, 8, &value), 0));
	engine.calls = 0;
	cr_expect(eq(int, uldf_device_move(w.device, space), -ENODEV));
	engine_expect_reason(w.ctx, "injected fault: gone");
	cr_expect(eq(uint, engine.calls, 0));
	uldf_space_destroy(space);
	wrapped_fini(&w);
}

Test(fault, sharing_memory_fails_like_an_allocation)
{
	struct uldf_memory *memory, *shared = (void *)0x1234;
	struct uldf_space *space, *other;
	uint8_t *pages = engine_pages(1);
	struct wrapped w;

	wrapped_init(&w, &fault_backend, fault_wrap, "1,alloc=0");
	cr_assert(eq(int, uldf_space_create(w.device, &space), 0));
	cr_assert(eq(int, uldf_space_create(w.device, &other), 0));
	cr_assert(eq(int, uldf_memory_register(space, pages, PAGE, ULDF_DMA_BOTH, &memory), 0));
	((struct fault *)w.device->priv)->plan.rate[FAULT_ALLOC] = 1000;
	cr_expect(eq(int, uldf_memory_share(memory, other, &shared), -ENOMEM));
	engine_expect_reason(w.ctx, "injected fault: memory cannot be shared");
	cr_expect(eq(ptr, shared, (void *)0x1234));
	uldf_space_destroy(other);
	uldf_space_destroy(space);
	wrapped_fini(&w);
	munmap(pages, PAGE);
}

Test(fault, maps_and_allocations_fail_and_leave_nothing)
{
	uint8_t *pages = engine_pages(1);
	struct uldf_memory *memory;
	struct uldf_space *space;
	struct uldf_dma *dma = (void *)0x1234;
	struct wrapped w;

	wrapped_init(&w, &fault_backend, fault_wrap, "1,alloc=1000");
	cr_expect(eq(int, uldf_space_create(w.device, &space), -ENOMEM));
	engine_expect_reason(w.ctx, "injected fault: no space");
	wrapped_fini(&w);
	wrapped_init(&w, &fault_backend, fault_wrap, "1,map=1000");
	cr_assert(eq(int, uldf_space_create(w.device, &space), 0));
	cr_assert(eq(int, uldf_memory_register(space, pages, PAGE, ULDF_DMA_BOTH, &memory), 0));
	cr_expect(eq(int, uldf_dma_map(memory, 0, PAGE, ULDF_DMA_BOTH, &dma), -ENOSPC));
	cr_expect(eq(ptr, dma, (void *)0x1234));
	cr_expect(eq(int, uldf_memory_unregister(memory), 0));
	uldf_space_destroy(space);
	wrapped_fini(&w);
	munmap(pages, PAGE);
}
