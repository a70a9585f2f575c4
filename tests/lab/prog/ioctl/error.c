// SPDX-License-Identifier: MIT
/*
 * The bus reports an error of a device while it is held and used. Prints "ready" when it may be
 * injected. After a fatal one, "error", the device is reset; after one that is not, "error-mild", nothing is.
 * "error-lost" is not recovered from: the device does not come back. Of "error-none" the holder notices
 * nothing. "error-functions" makes and ends virtual functions while errors are injected.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "ioctl.h"

#define COMMAND	      4
#define MASTER	      4
#define HANG_MS	      20000 /* what takes longer hangs */
#define BRING_BACK_MS 15000
#define QUIET_MS      3000
#define ERROR_ROUNDS  8 /* if the environment does not say otherwise */

static struct {
	int fd;
	int event;
	int space;
	uint32_t region; /* a memory BAR that can be mapped */
	volatile uint32_t *registers;
} held;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static void find_region(void)
{
	struct uldf_ioc_region_info info;

	for (uint32_t i = 0; i <= 5; i++) {
		info = (struct uldf_ioc_region_info){.argsz = sizeof(info), .index = i};
		need(!call(held.fd, ULDF_REGION_INFO, &info), "region info");
		if (!info.areas || info.area[0].offset)
			continue;
		held.region = i;
		held.registers = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, held.fd,
				      (off_t)info.offset);
		need(held.registers != MAP_FAILED, "map a region");
		return;
	}
	need(false, "a region that can be mapped");
}

/* A poll that only the error ends. */
static void *poll_on(void *arg)
{
	struct uldf_ioc_io poll = {.op = ULDF_OP_POLL, .width = 4, .count = ULDF_OP_POLL_US};
	int ret;

	do {
		poll.index = held.region;
		poll.value = 0xdeadbeef;
		poll.mask = ~0U;
		ret = io_batch(held.fd, &poll, 1, NULL);
	} while (ret == -ETIMEDOUT);
	return (void *)(intptr_t)ret;
}

static void use(const struct address *device)
{
	int vector = event_create();

	held.fd = device_take(device);
	held.event = event_create();
	held.space = space_create(held.fd);
	need(held.space >= 0 && !attach(held.fd, held.space), "attach to a space");
	config_write(held.fd, COMMAND, 2, config_read(held.fd, COMMAND, 2) | MASTER);
	need(config_read(held.fd, COMMAND, 2) & MASTER, "bus mastering");
	need(!vectors(held.fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSIX, 0, 1) &&
		     !bind_fds(held.fd, 0, ULDF_VECTOR_MSIX, 0, 1, &vector),
	     "a vector");
	find_region();
	need(!events_bind(held.fd, held.event), "bind an eventfd to its events");
	close(vector);
}

static void everything_is_shut(pthread_t poller)
{
	struct uldf_ioc_io io = {.width = 4, .index = held.region};
	uint64_t begin = now_ms(), value;
	uint32_t command = 0;
	void *ret;

	check_equal(-ENODEV, region_read(held.fd, held.region, 0, 4, &value), "read a register");
	check_equal(-ENODEV, region_write(held.fd, held.region, 0, 4, 0), "write a register");
	check_equal(-ENODEV, io_batch(held.fd, &io, 1, NULL), "a batch");
	check_equal(-ENODEV, region_read(held.fd, ULDF_REGION_CONFIG, 0, 4, &value),
		    "read configuration");
	check_equal(-ENODEV, region_write(held.fd, ULDF_REGION_CONFIG, COMMAND, 2, command),
		    "write configuration");
	check(is_gone(held.registers), "a mapping raises SIGBUS");
	pthread_join(poller, &ret);
	check_equal(-ENODEV, (intptr_t)ret, "a poll that went on");
	check(now_ms() - begin < HANG_MS, "none of it hangs");
}

/* What was told, once a reset is among it or @patience milliseconds have passed. */
static uint32_t told(uint64_t patience)
{
	uint64_t end = now_ms() + patience;
	uint32_t events = events_read(held.fd);

	while (!(events & ULDF_EVENTS_RESET) && now_ms() < end) {
		event_wait(held.event, 100);
		events |= events_read(held.fd);
	}
	return events;
}

static void calls_return(bool lost)
{
	struct uldf_ioc_device_reset reset = {.argsz = sizeof(reset)};
	uint64_t begin = now_ms();
	int ret;

	check_equal(0, vectors(held.fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_MSIX, 0, 0),
		    "disable vectors");
	ret = call(held.fd, ULDF_DEVICE_RESET, &reset);
	check(lost || !ret, "a reset answers: %d", ret);
	check_equal(0, detach(held.fd), "detach");
	check(now_ms() - begin < HANG_MS, "none of it hangs");
}

static void opened_anew_it_works(const struct address *device)
{
	uint64_t value = 0;

	held.fd = device_open(device);
	need(held.fd >= 0, "open it anew");
	check(!(config_read(held.fd, COMMAND, 2) & MASTER), "bus mastering is off");
	check_equal(0, region_read(held.fd, held.region, 0, 4, &value), "it answers");
	check((uint32_t)value != ~0U, "with its registers");
	check(!events_read(held.fd), "nothing is left to tell");
	close(held.fd);
}

/* By newer kernels only. */
static void opened_anew_it_may_be_given_up(const struct address *device)
{
	held.fd = device_open(device);
	check(held.fd >= 0 || held.fd == -EIO, "opening it anew answers: %d", held.fd);
	if (held.fd >= 0)
		close(held.fd);
}

enum outcome {
	IS_RESET,
	IS_LEFT,
	IS_LOST,
};

static void error(const struct address *device, enum outcome outcome)
{
	uint32_t wanted = ULDF_EVENTS_ERROR | (outcome == IS_RESET ? ULDF_EVENTS_RESET : 0);
	bool lost = outcome == IS_LOST;
	uint32_t events;
	pthread_t poller;
	uint64_t begin;

	use(device);
	need(!pthread_create(&poller, NULL, poll_on, NULL), "a thread");
	usleep(50000);
	puts("ready");
	fflush(stdout);
	check(event_wait(held.event, PATIENCE), "the holder is told of the error");
	everything_is_shut(poller);
	events = told(outcome == IS_LEFT ? QUIET_MS : BRING_BACK_MS);
	check(events == wanted, "what is told: %#x", events);
	calls_return(lost);
	begin = now_ms();
	munmap((void *)held.registers, PAGE);
	close(held.fd);
	close(held.space);
	check(now_ms() - begin < HANG_MS, "closing it does not hang");
	if (lost)
		opened_anew_it_may_be_given_up(device);
	else
		opened_anew_it_works(device);
	check_equal(0, release(device, 0, NULL), "release");
	check(now_ms() - begin < 2 * HANG_MS, "which does not hang");
	check(pinned_becomes(0), "nothing is pinned");
	close(held.event);
}

void suite_error(const struct address *device)
{
	error(device, IS_RESET);
}

void suite_error_mild(const struct address *device)
{
	error(device, IS_LEFT);
}

/*
 * Closed and opened anew as soon as the error is told. Before the kernel's thread for errors, this one may be
 * in time before the kernel resets it.
 */
void suite_error_anew(const struct address *device)
{
	const struct sched_param first = {.sched_priority = 99};
	uint64_t value = 0;
	uint32_t events;

	use(device);
	need(!sched_setscheduler(0, SCHED_FIFO, &first), "run before others");
	puts("ready");
	fflush(stdout);
	need(event_wait(held.event, PATIENCE), "the holder is told of the error");
	munmap((void *)held.registers, PAGE);
	close(held.fd);
	close(held.space);
	close(held.event);
	held.event = event_create();
	held.fd = device_open(device);
	need(held.fd >= 0, "open it anew at once");
	need(!events_bind(held.fd, held.event), "bind an eventfd to its events");
	/* if the reset comes yet, it is told */
	events = event_wait(held.event, 10000) ? told(BRING_BACK_MS) : 0;
	check(!events || events == (ULDF_EVENTS_ERROR | ULDF_EVENTS_RESET), "what is told: %#x",
	      events);
	check_equal(events ? -ENODEV : 0, region_read(held.fd, held.region, 0, 4, &value),
		    "a register");
	close(held.fd);
	opened_anew_it_works(device);
	check_equal(0, release(device, 0, NULL), "release");
	close(held.event);
}

void suite_error_lost(const struct address *device)
{
	error(device, IS_LOST);
}

void suite_error_none(const struct address *device)
{
	uint64_t value = 0;

	use(device);
	puts("ready");
	fflush(stdout);
	check(!event_wait(held.event, 2000) && !events_read(held.fd), "the holder is not told");
	check_equal(0, region_read(held.fd, held.region, 0, 4, &value), "registers answer");
	check(!is_gone(held.registers), "as does a mapping");
	check(config_read(held.fd, COMMAND, 2) & MASTER, "bus mastering is on");
	munmap((void *)held.registers, PAGE);
	close(held.fd);
	close(held.space);
	close(held.event);
	check_equal(0, release(device, 0, NULL), "release");
}

/* The error's walk over the bus and the making of functions wait for the same locks. */
void suite_error_functions(const struct address *device)
{
	const char *text = getenv("ERROR_ROUNDS");
	int rounds = text ? atoi(text) : ERROR_ROUNDS;
	int fd = device_take(device), made = 0;

	need(rounds > 0, "ERROR_ROUNDS is a number");
	puts("ready");
	fflush(stdout);
	for (int i = 0; i < rounds; i++) {
		made += !functions(fd, 2);
		functions(fd, 0);
	}
	check(made == rounds, "functions were made %d times of %d", made, rounds);
	close(fd);
	check_equal(0, release(device, 0, NULL), "release");
}
