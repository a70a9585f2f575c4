// SPDX-License-Identifier: MIT
/*
 * Threads that do anything at any time with the same descriptors, while another opens, closes,
 * releases and claims. Nothing is expected of the results; the kernel must stay whole, and at the end
 * nothing may be left.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ioctl.h"

#define THREADS 6
#define SECONDS 8
#define SIZE	(64 * PAGE)

static struct {
	const struct address *address;
	_Atomic int device, space;
	int event[2];
	uint8_t *memory;
	_Atomic bool stop;
	_Atomic unsigned long calls;
} work;

static _Thread_local sigjmp_buf escape;

static void on_bus_error(int signal)
{
	siglongjmp(escape, signal);
}

static void touch_a_mapping(int fd)
{
	volatile uint32_t *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return;
	if (!sigsetjmp(escape, 1))
		for (int i = 0; i < 100; i++)
			at[EDU_LIVENESS / 4] = i;
	munmap((void *)at, PAGE);
}

static void do_vectors(int fd, unsigned int *seed)
{
	static const unsigned long commands[] = {
		ULDF_VECTORS_ENABLE, ULDF_VECTORS_ENABLE, ULDF_VECTORS_DISABLE,
		ULDF_VECTORS_MASK,   ULDF_VECTORS_UNMASK,
	};
	uint32_t type = rand_r(seed) % ULDF_VECTOR_TYPES;
	int fds[1] = {rand_r(seed) % 4 ? work.event[rand_r(seed) % 2] : -1};

	vectors(fd, commands[rand_r(seed) % 5], type, 0, 1);
	bind_fds(fd, rand_r(seed) % 2, rand_r(seed) % 2, 0, 1, fds);
	if (rand_r(seed) % 2) {
		uint64_t one = 1;

		(void)!write(work.event[rand_r(seed) % 2], &one, sizeof(one));
	}
}

static void do_space(int space, unsigned int *seed)
{
	uint32_t id = 1 + rand_r(seed) % 4, new;
	uint64_t at = 0x10000 + rand_r(seed) % 32 * PAGE;
	uint64_t size = (1 + rand_r(seed) % 8) * PAGE;

	switch (rand_r(seed) % 5) {
	case 0:
		memory_register(space, work.memory, SIZE, rand_r(seed) % 2, &new);
		break;
	case 1:
		memory_unregister(space, id);
		break;
	case 2:
		unmap(space, at, size);
		break;
	default:
		map(space, id, rand_r(seed) % 8 * PAGE, at, size, 1 + rand_r(seed) % 3);
	}
}

static void touch_the_counts(int fd)
{
	struct uldf_ioc_device_info info = {.argsz = sizeof(info)};
	struct uldf_ioc_device_power power = {.argsz = sizeof(power), .state = 3};
	volatile uint64_t *at;

	if (call(fd, ULDF_DEVICE_INFO, &info))
		return;
	call(fd, ULDF_DEVICE_POWER, &power);
	at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, info.shared);
	if (at == MAP_FAILED)
		return;
	for (int i = 0; i < 100; i++)
		(void)at[i];
	munmap((void *)at, PAGE);
}

static void do_batch(int fd, unsigned int *seed)
{
	static uint8_t bytes[THREADS * 4096];
	struct uldf_ioc_io list[16];

	for (int i = 0; i < 16; i++) {
		list[i] = (struct uldf_ioc_io){
			.op = rand_r(seed) % ULDF_OPS,
			.width = 4,
			.offset = EDU_LIVENESS,
			.count = rand_r(seed) % 1024,
			.data = (uintptr_t)bytes,
		};
		if (list[i].op <= ULDF_OP_WRITE)
			list[i].count = list[i].data = 0;
		if (list[i].op == ULDF_OP_POLL)
			list[i].mask = list[i].value = 1;
	}
	io_batch(fd, list, 1 + rand_r(seed) % 16, NULL);
}

static void do_device(int fd, int space, unsigned int *seed)
{
	struct uldf_ioc_device_reset reset = {.argsz = sizeof(reset)};
	uint64_t value = rand_r(seed);

	switch (rand_r(seed) % 11) {
	case 8:
		do_batch(fd, seed);
		break;
	case 9:
		events_bind(fd, rand_r(seed) % 2 ? work.event[rand_r(seed) % 2] : -1);
		break;
	case 10:
		touch_the_counts(fd);
		break;
	case 0:
		attach(fd, space);
		break;
	case 1:
		detach(fd);
		break;
	case 2:
		call(fd, ULDF_DEVICE_RESET, &reset);
		break;
	case 3:
		/* bus mastering stays off: DMA of an unknown moment would be reported as a fault */
		region_write(fd, ULDF_REGION_CONFIG, 4, 2, value & ~4ULL);
		break;
	case 4:
		region_write(fd, 0, value % 2 ? EDU_RAISE : EDU_ACK, 4, 1);
		break;
	case 5:
		region_read(fd, value % 9, value / 9 % 4096, 1 << value % 4, &value);
		break;
	case 6:
		touch_a_mapping(fd);
		break;
	default:
		region_write(fd, ULDF_REGION_CONFIG, value / 8 % 64 * 4, 4, value & ~4ULL);
	}
}

static void *hammer(void *arg)
{
	unsigned int seed = (uintptr_t)arg;

	while (!work.stop) {
		int fd = work.device, space = work.space;

		do_device(fd, space, &seed);
		do_vectors(fd, &seed);
		do_space(space, &seed);
		work.calls++;
	}
	return NULL;
}

/* Gives the others a new device file and a new space now and then. */
static void *renew(void *arg)
{
	unsigned int seed = 99;

	while (!work.stop) {
		int space, old;

		usleep(rand_r(&seed) % 50000);
		if (!(rand_r(&seed) % 4)) {
			release(work.address, rand_r(&seed) % 2, NULL);
			claim(work.address, NULL);
		}
		old = work.device;
		work.device = -1;
		close(old);
		work.device = device_open(work.address);
		space = space_create(work.device);
		old = work.space;
		work.space = space;
		close(old);
	}
	return arg;
}

static void run(void)
{
	struct sigaction action = {.sa_handler = on_bus_error};
	pthread_t threads[THREADS + 1];

	sigaction(SIGBUS, &action, NULL);
	work.device = device_open(work.address);
	work.space = space_create(work.device);
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, hammer, (void *)(i + 1));
	pthread_create(&threads[THREADS], NULL, renew, NULL);
	sleep(SECONDS);
	work.stop = true;
	for (int i = 0; i <= THREADS; i++)
		pthread_join(threads[i], NULL);
	check(work.calls > 100, "%lu rounds of calls", (unsigned long)work.calls);
	close(work.device);
	close(work.space);
}

void suite_hammer(const struct address *device)
{
	int status = 1;
	pid_t child;

	work.address = device;
	work.event[0] = event_create();
	work.event[1] = event_create();
	work.memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(work.memory != MAP_FAILED, "memory");
	need(!claim(device, NULL), "claim");
	run();
	check(pinned_becomes(0), "nothing is pinned afterwards");

	/* the same, killed in the midst of it */
	child = fork();
	if (!child) {
		work.stop = false;
		run();
		_exit(0);
	}
	sleep(2);
	kill(child, SIGKILL);
	check(waitpid(child, &status, 0) == child, "killed in the midst of it");
	check(pinned_becomes(0), "nothing is pinned afterwards");
	claim(device, NULL);
	check_equal(0, release(device, 0, NULL), "release");
	suite_edu(device);
}
