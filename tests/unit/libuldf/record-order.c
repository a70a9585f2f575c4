// SPDX-License-Identifier: MIT
/* When a driver sees what its device wrote: the same in a replay, whatever the threads' timing. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "engine.h"
#include "fake.h"
#include "record/recorder.h"

TestSuite(record_order, .fini = fixture_check_leaks, .timeout = 300);

#define BUS 0x100000

/* A driver with a page that the device may write and an interrupt. */
struct order {
	struct uldf_device *device;
	struct uldf_space *space;
	struct uldf_memory *memory;
	uint8_t *page;
	int fd;
};

static char path[64];

/* What the driver learned, in the order in which it did. */
static uint8_t learned[32 * PAGE];
static size_t learned_size;

static void learn(const void *bytes, size_t size)
{
	cr_assert(le(sz, learned_size + size, sizeof(learned)));
	memcpy(learned + learned_size, bytes, size);
	learned_size += size;
}

static void order_init(struct order *o, struct uldf_device *device)
{
	const struct uldf_mapping piece = {NULL, 0, BUS, PAGE, ULDF_DMA_BOTH};
	struct uldf_mapping mapping = piece;

	o->device = device;
	o->page = engine_pages(1);
	o->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	cr_assert(eq(int, uldf_space_create_masked(device, UINT32_MAX, &o->space), 0));
	cr_assert(eq(int, uldf_device_attach(device, o->space), 0));
	cr_assert(eq(int, uldf_memory_register(o->space, o->page, PAGE, ULDF_DMA_BOTH, &o->memory),
		     0));
	mapping.memory = o->memory;
	cr_assert(eq(int, uldf_space_map(o->space, &mapping, 1), 0));
	cr_assert(eq(int, uldf_irq_enable(device, ULDF_IRQ_MSI, 1), 0));
	cr_assert(eq(int, uldf_irq_bind(device, 0, 1, &o->fd), 0));
}

static void order_fini(struct order *o)
{
	uldf_space_destroy(o->space);
	munmap(o->page, PAGE);
	close(o->fd);
}

/* On the engine only: in a replay there is none. */
static void raise_late(void)
{
	if (engine.opened)
		cr_assert(eq(int, eventfd_write(engine.vector, 1), 0));
}

/* Records a session and replays it some times; the driver is to learn the same each time. */
static void same_each_time(void (*drive)(struct order *o))
{
	static uint8_t first[sizeof(learned)];
	struct wrapped w;
	struct order o;
	char address[80];
	size_t size = 0;
	int fd;

	snprintf(path, sizeof(path), "/tmp/uldf-order-XXXXXX");
	fd = mkstemp(path);
	cr_assert(ge(int, fd, 0));
	close(fd);
	snprintf(address, sizeof(address), "replay:%s", path);
	for (unsigned int i = 0; i < 5; i++) {
		learned_size = 0;
		if (!i) {
			wrapped_init(&w, &record_backend, record_wrap, path);
		} else {
			memset(&engine, 0, sizeof(engine));
			cr_assert(eq(int, uldf_ctx_create(&w.ctx), 0));
			cr_assert(eq(int, uldf_device_open(w.ctx, address, &w.device), 0));
		}
		order_init(&o, w.device);
		drive(&o);
		order_fini(&o);
		wrapped_fini(&w);
		if (!i) {
			size = learned_size;
			memcpy(first, learned, size);
		}
		cr_expect(eq(sz, learned_size, size), "replay %u", i);
		cr_expect(memcmp(learned, first, size) == 0, "replay %u", i);
	}
	unlink(path);
}

/*
 * The driver learns by its call that the block is there, takes it, and makes the memory ready for the
 * next; only then the interrupt of the first comes through.
 */
static void drive_late_interrupt(struct order *o)
{
	for (unsigned int i = 0; i < 3; i++) {
		engine_fill(o->device, BUS, PAGE, ENGINE_FILL);
		learn(o->page, PAGE);
		memset(o->page, 0xee, PAGE);
		raise_late();
		cr_expect(eq(u64, engine_wait(o->fd), 1));
	}
	cr_expect(eq(u8, learned[7], 7));
}

Test(record_order, an_interrupt_that_comes_late_takes_nothing_of_the_drivers_work_with_it)
{
	same_each_time(drive_late_interrupt);
}

/* What a look would find depends on the moment: so there is nothing to be found before the next call. */
static void drive_looking(struct order *o)
{
	for (unsigned int i = 0; i < 200; i++) {
		volatile uint8_t *page = o->page;
		eventfd_t fired = 0;
		uint64_t value;

		raise_late();
		if (engine.opened)
			engine_reach()[7]++;
		learn((void *)&page[7], 1);
		eventfd_read(o->fd, &fired);
		learn(&fired, sizeof(fired));
		cr_assert(eq(int, uldf_region_read(o->device, 0, ENGINE_COUNT, 8, &value), 0));
		learn((void *)&page[7], 1);
		cr_expect(eq(u8, page[7], (uint8_t)(i + 1)));
		cr_expect(eq(int, eventfd_read(o->fd, &fired), 0));
	}
}

Test(record_order, a_driver_that_does_not_wait_is_shown_nothing_before_its_next_call_returns)
{
	same_each_time(drive_looking);
	cr_expect(eq(u8, learned[0], 0));
}

/* Data, then a flag, as a completion queue has it; the driver has nothing but memory to look at. */
static void *complete_later(void *arg)
{
	volatile uint8_t *reach = engine_reach();
	uint8_t round = *(uint8_t *)arg;

	usleep(3000);
	for (unsigned int i = 0; i < 2048; i++)
		reach[2048 + i] = round + (uint8_t)i;
	__atomic_store_n(&reach[0], round, __ATOMIC_RELEASE);
	return NULL;
}

static void drive_spinning(struct order *o)
{
	for (uint8_t round = 1; round < 20; round++) {
		volatile uint8_t *page = o->page;
		pthread_t device;

		cr_assert(eq(int, uldf_region_write(o->device, 0, ENGINE_LENGTH, 8, round), 0));
		if (engine.opened)
			pthread_create(&device, NULL, complete_later, &round);
		while (page[0] != round) {
			if (round % 2)
				usleep(100);
		}
		cr_assert(eq(int, uldf_region_write(o->device, 0, ENGINE_ADDRESS, 8, round), 0));
		learn(o->page + 2048, 256);
		cr_expect(eq(u8, o->page[2048 + 9], round + 9));
		if (engine.opened)
			pthread_join(device, NULL);
	}
}

Test(record_order, a_driver_that_polls_memory_has_all_of_it_once_it_made_its_next_call)
{
	same_each_time(drive_spinning);
}

/* Bytes that lie side by side, one the driver's, one the device's. */
static void drive_neighbours(struct order *o)
{
	for (unsigned int i = 0; i < 100; i++) {
		uint64_t value;

		o->page[32]++;
		if (engine.opened)
			engine_reach()[33] += 3;
		cr_assert(eq(int, uldf_region_read(o->device, 0, ENGINE_COUNT, 8, &value), 0));
		if (engine.opened)
			cr_expect(eq(u8, engine_reach()[32], o->page[32]));
		learn(o->page + 32, 2);
	}
	cr_expect(eq(u8, o->page[32], 100));
	cr_expect(eq(u8, o->page[33], (uint8_t)300));
}

Test(record_order, driver_and_device_may_write_side_by_side)
{
	same_each_time(drive_neighbours);
}

/* Interrupts that come while the driver sleeps, and at once with the call. */
static void drive_sleeping(struct order *o)
{
	for (unsigned int i = 0; i < 50; i++) {
		engine_fill(o->device, BUS + i, 1000, ENGINE_FILL | ENGINE_INTERRUPT);
		cr_expect(eq(u64, engine_wait(o->fd), 1));
		learn(o->page, 1100);
		memset(o->page, 0xee, PAGE);
		raise_late();
		cr_expect(eq(u64, engine_wait(o->fd), 1));
		learn(o->page, 10);
	}
}

Test(record_order, interrupts_wake_a_driver_that_waits_and_bring_their_memory)
{
	same_each_time(drive_sleeping);
}

static void drive_disabling(struct order *o)
{
	eventfd_t fired = 0;

	raise_late();
	cr_assert(eq(int, uldf_irq_disable(o->device), 0));
	cr_expect(eq(int, eventfd_read(o->fd, &fired), 0));
	learn(&fired, sizeof(fired));
}

Test(record_order, what_fired_before_vectors_are_disabled_is_not_lost)
{
	same_each_time(drive_disabling);
}

static void *flag_later(void *arg)
{
	usleep(3000);
	engine_reach()[0] = *(uint8_t *)arg;
	return NULL;
}

/* The device is found in the middle of what it writes: the driver was shown a part, and waits for the rest. */
static void drive_in_two_steps(struct order *o)
{
	for (uint8_t round = 1; round < 10; round++) {
		volatile uint8_t *page = o->page;
		pthread_t device;

		engine_fill(o->device, BUS + 100, 10, ENGINE_FILL);
		if (engine.opened)
			pthread_create(&device, NULL, flag_later, &round);
		else
			cr_expect(eq(u8, page[0], round));
		while (page[0] != round)
			;
		learn(o->page, 200);
		if (engine.opened)
			pthread_join(device, NULL);
	}
}

Test(record_order, what_is_shown_for_the_first_time_needs_no_waiting_in_a_replay)
{
	same_each_time(drive_in_two_steps);
}

#define ROUNDS 2000

static uint32_t begun;

/* Some time after @round was written there, in the middle of what the driver does. */
static void *flag_some_time(void *arg)
{
	unsigned int seed = 1;

	for (uint32_t round = 1; round <= ROUNDS; round++) {
		while (__atomic_load_n(&begun, __ATOMIC_SEQ_CST) != round)
			;
		usleep(rand_r(&seed) % 1500);
		__atomic_store_n((uint32_t *)engine_reach(), round, __ATOMIC_SEQ_CST);
	}
	return arg;
}

/* It looks, calls and naps in turns: found asleep, it has perhaps looked again before it is shown what is new. */
static void drive_napping(struct order *o)
{
	const uint32_t *flag = (const uint32_t *)o->page;
	pthread_t device;
	uint64_t value;

	if (engine.opened)
		pthread_create(&device, NULL, flag_some_time, NULL);
	for (uint32_t round = 1; round <= ROUNDS; round++) {
		__atomic_store_n(&begun, round, __ATOMIC_SEQ_CST);
		while (__atomic_load_n(flag, __ATOMIC_SEQ_CST) != round) {
			cr_assert(eq(int, uldf_region_read(o->device, 0, ENGINE_COUNT, 8, &value),
				     0));
			usleep(1);
		}
		cr_assert(eq(int, uldf_region_write(o->device, 0, ENGINE_ADDRESS, 8, round), 0));
	}
	if (engine.opened)
		pthread_join(device, NULL);
}

Test(record_order, a_driver_that_naps_between_its_looks_does_the_same_in_a_replay)
{
	same_each_time(drive_napping);
}
