// SPDX-License-Identifier: MIT
/*
 * A holder of edu killed while it does DMA and interrupts: its memory, which this process keeps, is
 * not written any more, nothing stays pinned, and the next holder finds a working device.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ioctl.h"

#define SIZE   (256 * PAGE)
#define ROUNDS 20
#define AT     0x1000000

static void hold(const struct address *device, uint8_t *memory, int ready)
{
	int fd = device_open(device), space = space_create(fd), event = event_create();
	volatile uint32_t *bar;
	uint32_t id;

	if (fd < 0 || attach(fd, space) || memory_register(space, memory, SIZE, 0, &id) ||
	    map(space, id, 0, AT, SIZE, ULDF_MAP_READ | ULDF_MAP_WRITE) ||
	    vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSI, 0, 1) ||
	    bind_fds(fd, 0, ULDF_VECTOR_MSI, 0, 1, &event))
		_exit(1);
	bar = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 4);
	if (bar == MAP_FAILED || write(ready, "x", 1) != 1)
		_exit(1);
	for (unsigned int i = 0;; i++) {
		bar[EDU_RAISE / 4] = 1;
		bar[EDU_ACK / 4] = 1;
		/* takes 100 ms: it is going on when the process dies */
		edu_dma_start(fd, AT + i % 256 * PAGE, PAGE / 2, true);
		memset(memory, i, SIZE);
		map(space, id, 0, AT + SIZE, PAGE, ULDF_MAP_READ);
		unmap(space, AT + SIZE, PAGE);
		usleep(rand() % 1000);
	}
}

static void kill_one(const struct address *device, uint8_t *memory, uint8_t *copy, int round)
{
	int ready[2], status = 0, fd;
	char byte;
	pid_t child;

	need(!pipe(ready), "pipe");
	child = fork();
	if (!child)
		hold(device, memory, ready[1]);
	close(ready[1]);
	need(read(ready[0], &byte, 1) == 1, "the holder starts");
	close(ready[0]);
	usleep(20000 + round * 7000);
	kill(child, SIGKILL);
	need(waitpid(child, &status, 0) == child && WIFSIGNALED(status), "the holder is killed");
	if (!pinned_becomes(0))
		check(false, "round %d: %llu bytes stay pinned", round,
		      (unsigned long long)pinned_bytes());
	memcpy(copy, memory, SIZE);
	fd = device_open(device);
	if (fd < 0 || config_read(fd, 4, 2) & 4)
		check(false, "round %d: the next holder finds it quiet", round);
	usleep(150000);
	if (memcmp(copy, memory, SIZE))
		check(false, "round %d: memory is still written", round);
	close(fd);
}

void suite_kill(const struct address *device)
{
	uint8_t *memory =
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint8_t *copy = malloc(SIZE);

	need(memory != MAP_FAILED && copy, "memory");
	need(!claim(device, NULL), "claim");
	for (int round = 0; round < ROUNDS; round++)
		kill_one(device, memory, copy, round);
	check(!check_failures(), "%d holders killed", ROUNDS);
	check_equal(0, release(device, 0, NULL), "release");
	suite_edu(device);
}
