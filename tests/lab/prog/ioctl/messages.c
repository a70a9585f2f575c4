// SPDX-License-Identifier: MIT
/*
 * An NVMe controller with 2,048 vectors of MSI-X, more than its host has: they are taken one by one, and
 * what fired stays told, whatever becomes of the controller and of the others meanwhile.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ioctl.h"

#define VECTORS 2048
#define LAST	(VECTORS - 1)
#define AT	0x1000000
#define ROUNDS	6

/*
 * Queue i signals vector vector_of[i]; queue 0 is the admin queue. QEMU's model ends the machine when it
 * signals a vector above 31 while MSI-X is off, as it is for a moment where all vectors are taken anew.
 */
static const unsigned int far[NVME_QUEUES] = {0, 1, 700, LAST};
static const unsigned int near[NVME_QUEUES] = {0, 1, 20, 31};
static const unsigned int *vector_of = far;

static struct {
	const struct address *address;
	int fd, space;
	uint8_t *memory;
	const volatile struct uldf_ioc_vector_count *counts;
	struct nvme nvme;
	bool undisturbed; /* the kernel adds vectors while others are in use */
} work;

static int enable(uint32_t flags, uint32_t count)
{
	struct uldf_ioc_vectors arg = {
		.argsz = sizeof(arg),
		.flags = flags,
		.type = ULDF_VECTOR_MSIX,
		.count = count,
	};

	return call(work.fd, ULDF_VECTORS_ENABLE, &arg);
}

static int info(uint32_t index, struct uldf_ioc_vectors_info *out)
{
	*out = (struct uldf_ioc_vectors_info){
		.argsz = sizeof(*out),
		.type = ULDF_VECTOR_MSIX,
		.index = index,
	};
	return call(work.fd, ULDF_VECTORS_INFO, out);
}

static bool is_taken(uint32_t index)
{
	struct uldf_ioc_vectors_info arg;

	need(!info(index, &arg), "vector info");
	check(!arg.irq == !(arg.flags & ULDF_VECTOR_TAKEN), "vector %u has a number if taken",
	      index);
	return arg.flags & ULDF_VECTOR_TAKEN;
}

static int bind_one(uint32_t index, int event)
{
	return bind_fds(work.fd, 0, ULDF_VECTOR_MSIX, index, 1, &event);
}

static void take(void)
{
	struct uldf_ioc_device_info device = {.argsz = sizeof(device)};
	uint32_t id;

	work.fd = device_open(work.address);
	need(work.fd >= 0, "open the controller");
	work.space = space_create(work.fd);
	need(work.space >= 0 && !attach(work.fd, work.space) &&
		     !memory_register(work.space, work.memory, NVME_MEMORY, 0, &id) &&
		     !map(work.space, id, 0, AT, NVME_MEMORY, ULDF_MAP_READ | ULDF_MAP_WRITE),
	     "give it memory");
	need(!call(work.fd, ULDF_DEVICE_INFO, &device), "device info");
	need(device.vectors[ULDF_VECTOR_MSIX] == VECTORS, "a controller with 2048 vectors");
	work.counts = mmap(NULL, device.shared_size, PROT_READ, MAP_SHARED, work.fd, device.shared);
	need(work.counts != MAP_FAILED, "map the counts");
}

static void drop(void)
{
	close(work.fd);
	close(work.space);
	munmap((void *)work.counts, VECTORS * sizeof(*work.counts));
}

static void start(void)
{
	nvme_start(&work.nvme, work.fd, work.memory, AT);
	for (unsigned int i = 1; i < NVME_QUEUES; i++)
		nvme_queue(&work.nvme, i, vector_of[i]);
}

/* What @event was told, by the device or by a kernel that took all vectors anew, is forgotten. */
static void forget(int event)
{
	while (event_wait(event, 50))
		;
}

static void fires(unsigned int queue, int event, const char *when)
{
	forget(event);
	nvme_fire(&work.nvme, queue);
	check(event_wait(event, PATIENCE), "vector %u fires %s", vector_of[queue], when);
}

static void numbers_are_told(void)
{
	struct uldf_ioc_vectors_info arg;
	char path[64];

	check_equal(-EINVAL, info(VECTORS, &arg), "info beyond what is enabled");
	arg = (struct uldf_ioc_vectors_info){.argsz = sizeof(arg), .type = ULDF_VECTOR_MSI};
	check_equal(-EINVAL, call(work.fd, ULDF_VECTORS_INFO, &arg), "info of another type");
	arg = (struct uldf_ioc_vectors_info){
		.argsz = sizeof(arg), .type = ULDF_VECTOR_MSIX, .flags = ULDF_VECTOR_TAKEN};
	check_equal(-EINVAL, call(work.fd, ULDF_VECTORS_INFO, &arg), "info with a flag");
	arg = (struct uldf_ioc_vectors_info){
		.argsz = sizeof(arg), .type = ULDF_VECTOR_MSIX, .pad = 1};
	check_equal(-EINVAL, call(work.fd, ULDF_VECTORS_INFO, &arg), "info with a padding bit");
	check_equal(0, info(0, &arg), "info of the first vector");
	snprintf(path, sizeof(path), "/proc/irq/%u/uldf %s 0", arg.irq, work.address->text);
	check(!access(path, F_OK), "its number is that of /proc/irq: %s", path);
}

static void all_at_once_are_too_many(void)
{
	struct uldf_ioc_vectors_info arg;

	check_equal(-ENOSPC, enable(0, VECTORS), "all vectors at once");
	check_equal(-EINVAL, info(0, &arg), "then none is enabled");
	check_equal(-EINVAL, enable(1 << 1, VECTORS), "a flag that is none");
	check_equal(-EINVAL, enable(ULDF_VECTORS_LAZY, VECTORS + 1), "more than there are");
	check_equal(0, enable(ULDF_VECTORS_LAZY, VECTORS), "to be taken as they are bound");
	check(is_taken(0) && !is_taken(1) && !is_taken(LAST), "the first is taken");
}

static void held_back_until_bound(int *events)
{
	uint64_t before;

	nvme_fire(&work.nvme, 2);
	usleep(50000);
	check(!work.counts[700].count, "one that is not taken is not counted");
	check_equal(0, bind_one(700, events[2]), "bind it");
	check(event_wait(events[2], PATIENCE), "it was held back");
	check(is_taken(700) && !is_taken(1) && !is_taken(699) && !is_taken(701),
	      "it alone is taken");
	fires(2, events[2], "once it is bound");

	before = work.counts[700].count;
	check_equal(0, bind_one(LAST, events[3]), "bind the last");
	if (work.undisturbed)
		check(!event_wait(events[2], 50) && work.counts[700].count == before,
		      "the one bound before notices nothing");
	else
		check(event_wait(events[2], PATIENCE) && work.counts[700].count == before + 1,
		      "the one bound before fires once, as it may have missed something");
	fires(3, events[3], "although the others are not taken");
	fires(2, events[2], "when another one was taken");
	check_equal(0, bind_one(1, events[1]), "bind one below");
	fires(1, events[1], "as well");
	check_equal(0, bind_one(0, events[0]), "bind the first");
	fires(2, events[2], "still");
}

static void all_or_none_are_taken(int *events)
{
	int *fds = malloc(VECTORS * sizeof(*fds)), bad[3] = {events[1], events[1], 0};

	need(fds, "memory");
	for (unsigned int i = 0; i < VECTORS; i++)
		fds[i] = events[0];
	check_equal(-ENOSPC, bind_fds(work.fd, 0, ULDF_VECTOR_MSIX, 0, VECTORS, fds), "bind all");
	check(!is_taken(2) && !is_taken(1500) && is_taken(700), "none of them was taken");
	forget(events[0]);
	for (unsigned int i = 1; i < NVME_QUEUES; i++)
		fires(i, events[i], "after a call that found too few");
	check(!event_wait(events[0], 50), "and to its own eventfd");
	check_equal(-EINVAL, bind_fds(work.fd, 0, ULDF_VECTOR_MSIX, 30, 3, bad), "bind a bad one");
	check(!is_taken(30), "takes none");
	check_equal(0, bind_one(700, -1), "unbind");
	check(is_taken(700), "it stays taken");
	nvme_fire(&work.nvme, 2);
	check_equal(0, bind_one(700, events[2]), "bind again");
	check(event_wait(events[2], PATIENCE), "what fired meanwhile is told");
	free(fds);
}

static void all_come_back(int *events)
{
	struct uldf_ioc_device_reset reset = {.argsz = sizeof(reset)};

	check_equal(0, power(work.fd, 3), "to sleep");
	check_equal(-EIO, bind_one(5, events[1]), "taking one asleep");
	check_equal(0, bind_one(700, events[2]), "one that is taken can be bound asleep");
	check_equal(0, power(work.fd, 0), "awake");
	start();
	for (unsigned int i = 1; i < NVME_QUEUES; i++)
		fires(i, events[i], "after the device slept");
	check_equal(0, call(work.fd, ULDF_DEVICE_RESET, &reset), "reset");
	start();
	for (unsigned int i = 1; i < NVME_QUEUES; i++)
		fires(i, events[i], "after a reset");
	check_equal(0, bind_one(5, events[0]), "and another one can be taken");
	for (unsigned int i = 1; i < NVME_QUEUES; i++)
		fires(i, events[i], "with that");
}

static _Atomic bool stop;

/* Binds and unbinds what fires, and takes ever more vectors. */
static void *bind_and_unbind(void *arg)
{
	const int *events = arg;

	for (unsigned int i = 0; !stop; i++) {
		bind_one(vector_of[1 + i % 3], -1);
		bind_one(vector_of[1 + i % 3], events[1 + i % 3]);
		if (i % 8 == 0)
			bind_one(32 + i / 8 % 24, events[0]);
	}
	return NULL;
}

static void binding_goes_on_while_it_fires(int *events)
{
	pthread_t thread;

	vector_of = near;
	start();
	stop = false;
	need(!pthread_create(&thread, NULL, bind_and_unbind, events), "a thread");
	for (int i = 0; i < 300; i++)
		nvme_fire(&work.nvme, 1 + i % 3);
	stop = true;
	pthread_join(thread, NULL);
	for (unsigned int i = 1; i < NVME_QUEUES; i++) {
		check_equal(0, bind_one(vector_of[i], events[i]), "bind %u", vector_of[i]);
		fires(i, events[i], "after it was bound while it fired");
	}
}

static void hold(int ready)
{
	int events[NVME_QUEUES];

	for (unsigned int i = 0; i < NVME_QUEUES; i++)
		events[i] = event_create();
	take();
	need(!enable(ULDF_VECTORS_LAZY, VECTORS), "enable");
	start();
	if (write(ready, "x", 1) != 1)
		_exit(1);
	for (unsigned int i = 0;; i++) {
		bind_one(i % 40, events[0]);
		bind_one(vector_of[i % NVME_QUEUES], events[i % NVME_QUEUES]);
		nvme_fire(&work.nvme, 1 + i % 3);
	}
}

static void the_holder_is_killed(int round)
{
	int ready[2];
	char byte;
	pid_t child;

	need(!pipe(ready), "pipe");
	child = fork();
	if (!child)
		hold(ready[1]);
	close(ready[1]);
	need(read(ready[0], &byte, 1) == 1, "the holder starts");
	close(ready[0]);
	usleep(5000 + round * 9000);
	kill(child, SIGKILL);
	need(waitpid(child, NULL, 0) == child, "the holder is dead");
	check(pinned_becomes(0), "killed while it takes vectors");
}

void suite_messages(const struct address *device)
{
	int events[NVME_QUEUES];
	struct utsname name;
	unsigned int major = 0, minor = 0;

	need(!uname(&name) && sscanf(name.release, "%u.%u", &major, &minor) == 2, "uname");
	work.undisturbed = major > 6 || (major == 6 && minor >= 2);
	work.address = device;
	work.memory =
		mmap(NULL, NVME_MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(work.memory != MAP_FAILED && !claim(device, NULL), "claim");
	for (unsigned int i = 0; i < NVME_QUEUES; i++)
		events[i] = event_create();
	take();
	all_at_once_are_too_many();
	numbers_are_told();
	start();
	held_back_until_bound(events);
	all_or_none_are_taken(events);
	all_come_back(events);
	binding_goes_on_while_it_fires(events);
	check_equal(0, vectors(work.fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_MSIX, 0, 0), "disable");
	check_equal(0, enable(ULDF_VECTORS_LAZY, VECTORS), "enable again");
	check(!is_taken(700), "those taken before are given back");
	drop();
	for (int round = 0; round < ROUNDS; round++)
		the_holder_is_killed(round);
	take();
	check_equal(0, enable(0, 4), "the next holder has vectors");
	check(is_taken(3), "at once, as it did not say otherwise");
	start();
	check_equal(0, bind_one(1, events[1]), "bind");
	fires(1, events[1], "for the next holder");
	drop();
	check_equal(0, release(device, 0, NULL), "release");
}
