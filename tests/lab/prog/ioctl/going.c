// SPDX-License-Identifier: MIT
/*
 * A virtual function goes while somebody asks for its release, which looks for its IOMMU group. The script has loaded
 * lab_delay, which holds up who takes a reference to a group. What goes wrong, the kernel's log tells.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "ioctl.h"

#define ROUNDS 8

static struct {
	struct address function;
	atomic_bool found, ended;
	atomic_uint asked, missed;
} going;

static void *ask(void *unused)
{
	uint32_t reset;

	while (!going.ended) {
		int answer = going.found ? release(&going.function, 0, &reset) : 0;

		if (answer == -ENODEV)
			going.asked++;
		else if (answer)
			going.missed++;
	}
	return NULL;
}

void suite_going(const struct address *device)
{
	int fd = device_take(device);
	pthread_t thread;

	need(!pthread_create(&thread, NULL, ask, NULL), "a thread");
	for (unsigned int i = 0; i < ROUNDS; i++) {
		unsigned int before;

		need(!functions(fd, 1), "a virtual function");
		need(function_find(device, 0, &going.function), "its address");
		going.found = true;
		before = going.asked;
		while (going.asked == before)
			usleep(1000);
		check_equal(0, functions(fd, 0), "it goes while somebody asks for it");
	}
	going.ended = true;
	pthread_join(thread, NULL);
	check(!going.missed,
	      "a function that nobody has, or that is gone, is no device to release");
	close(fd);
	check_equal(0, release(device, 0, NULL), "release the card");
}
