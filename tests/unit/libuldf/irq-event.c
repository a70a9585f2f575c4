// SPDX-License-Identifier: MIT
#include <event2/event.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include "fake.h"

TestSuite(irq_event, .fini = fixture_check_leaks);

static void add_up(uint64_t count, void *arg)
{
	*(uint64_t *)arg += count;
}

/* A vector that fires @count times. */
static void fire(unsigned int vector, uint64_t count)
{
	cr_assert(eq(int, eventfd_write(fake.fds[vector], count), 0));
}

Test(irq_event, calls_back_with_how_often_the_vector_fired)
{
	struct event_base *base = event_base_new();
	struct uldf_irq_event *event;
	uint64_t sum = 0;
	struct fixture f;

	fixture_init(&f);
	cr_assert(eq(int, uldf_irq_enable(f.device, ULDF_IRQ_MSIX, 4), 0));
	cr_assert(eq(int, uldf_irq_event_new(base, f.device, 2, add_up, &sum, &event), 0));
	event_base_loop(base, EVLOOP_NONBLOCK);
	cr_expect(eq(u64, sum, 0));
	fire(2, 3);
	event_base_loop(base, EVLOOP_NONBLOCK);
	cr_expect(eq(u64, sum, 3));
	fire(2, 1);
	event_base_loop(base, EVLOOP_NONBLOCK);
	cr_expect(eq(u64, sum, 4));
	uldf_irq_event_free(event);
	cr_expect(eq(int, fake.fds[2], -1));
	fixture_fini(&f);
	event_base_free(base);
}

Test(irq_event, bind_that_fails_leaves_out_alone_and_nothing_open)
{
	struct uldf_irq_event *event = (void *)0x1234;
	struct event_base *base = event_base_new();
	int next, after;
	struct fixture f;

	fixture_init(&f);
	next = dup(0);
	close(next);
	cr_expect(eq(int, uldf_irq_event_new(base, f.device, 0, add_up, NULL, &event), -EINVAL));
	cr_assert(eq(int, uldf_irq_enable(f.device, ULDF_IRQ_MSIX, 4), 0));
	fake.answer = -ENODEV;
	cr_expect(eq(int, uldf_irq_event_new(base, f.device, 0, add_up, NULL, &event), -ENODEV));
	cr_expect(eq(int, uldf_irq_event_new(NULL, f.device, 0, add_up, NULL, &event), -EINVAL));
	cr_expect(eq(int, uldf_irq_event_new(base, f.device, 0, NULL, NULL, &event), -EINVAL));
	after = dup(0);
	cr_expect(eq(int, after, next));
	close(after);
	cr_expect(eq(ptr, event, (void *)0x1234));
	fake.answer = 0;
	fixture_fini(&f);
	event_base_free(base);
}

Test(irq_event, free_leaves_vectors_enabled_since_then_alone)
{
	struct event_base *base = event_base_new();
	struct uldf_irq_event *old, *new;
	uint64_t sum = 0;
	int bound;
	struct fixture f;

	fixture_init(&f);
	cr_assert(eq(int, uldf_irq_enable(f.device, ULDF_IRQ_MSIX, 4), 0));
	cr_assert(eq(int, uldf_irq_event_new(base, f.device, 1, add_up, &sum, &old), 0));
	cr_assert(eq(int, uldf_irq_disable(f.device), 0));
	cr_assert(eq(int, uldf_irq_enable(f.device, ULDF_IRQ_MSIX, 2), 0));
	cr_assert(eq(int, uldf_irq_event_new(base, f.device, 1, add_up, &sum, &new), 0));
	bound = fake.fds[1];
	uldf_irq_event_free(old);
	cr_expect(eq(int, fake.fds[1], bound));
	fire(1, 5);
	event_base_loop(base, EVLOOP_NONBLOCK);
	cr_expect(eq(u64, sum, 5));
	uldf_irq_event_free(new);
	uldf_irq_event_free(NULL);
	fixture_fini(&f);
	event_base_free(base);
}
