// SPDX-License-Identifier: MIT
/* Batches of register accesses, on edu: what is refused, what is done, and what ends one. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ioctl.h"

#define EDU_BUFFER_BAR	0
#define CONFIG_TIMER	0x0d /* the latency timer, which is the holder's */
#define MEMORY_DECODING 2

int io_batch(int fd, struct uldf_ioc_io *ios, uint32_t count, uint32_t *done)
{
	struct uldf_ioc_io_batch arg = {
		.argsz = sizeof(arg),
		.count = count,
		.done = 0xdead,
		.ios = (uintptr_t)ios,
	};
	int ret = call(fd, ULDF_IO_BATCH, &arg);

	if (done)
		*done = arg.done;
	return ret;
}

static uint8_t *guarded; /* a page, and none after it */
static uint8_t bytes[ULDF_OP_STRING + 8];

#define DATA ((uintptr_t)bytes)

static void lists_are_judged(int fd)
{
	static const uint64_t mask = 0xff;
	const struct {
		const char *what;
		struct uldf_ioc_io io;
		int wanted;
	} cases[] = {
		{"no operation", {.op = ULDF_OPS, .width = 4}, -EINVAL},
		{"no operation by far", {.op = 255, .width = 4}, -EINVAL},
		{"no region", {.width = 4, .index = ULDF_REGIONS}, -EINVAL},
		{"no region by far", {.width = 4, .index = 0xffff}, -EINVAL},
		{"width 0", {.width = 0}, -EINVAL},
		{"width 3", {.width = 3}, -EINVAL},
		{"width 16", {.width = 16}, -EINVAL},
		{"width 255", {.width = 255}, -EINVAL},
		{"width 8 of configuration", {.width = 8, .index = 7}, -EINVAL},
		{"a crooked offset", {.width = 4, .offset = 2}, -EINVAL},
		{"right behind the region", {.width = 4, .offset = 0x100000}, -ERANGE},
		{"far behind it", {.width = 8, .offset = ~7ULL}, -ERANGE},
		{"a region that is none", {.width = 4, .index = 1}, -ERANGE},
		{"a count of a read", {.width = 4, .count = 1}, -EINVAL},
		{"a mask of a read", {.width = 4, .mask = 1}, -EINVAL},
		{"a count of a write", {.op = ULDF_OP_WRITE, .width = 4, .count = 1}, -EINVAL},
		{"a mask of a write", {.op = ULDF_OP_WRITE, .width = 4, .mask = 1}, -EINVAL},
		{"a write to the ROM", {.op = ULDF_OP_WRITE, .width = 4, .index = 6}, -EINVAL},
		{"a string of 8", {.op = 2, .width = 8, .count = 1, .data = DATA}, -EINVAL},
		{"an empty string", {.op = 2, .width = 4, .data = DATA}, -EINVAL},
		{"a long string", {.op = 2, .width = 4, .count = 16385, .data = DATA}, -E2BIG},
		{"the longest string", {.op = 3, .width = 4, .count = ~0U, .data = DATA}, -E2BIG},
		{"a string from nowhere", {.op = 3, .width = 4, .count = 1, .data = 8}, -EFAULT},
		{"a poll outside its mask",
		 {.op = 4, .width = 4, .value = 0x100, .mask = mask},
		 -EINVAL},
		{"a poll for what no register has",
		 {.op = 4, .width = 1, .value = 0x100, .mask = ~0ULL},
		 -EINVAL},
		{"a long poll", {.op = 4, .width = 4, .count = ULDF_OP_POLL_US + 1}, -E2BIG},
		{"the longest poll", {.op = 4, .width = 4, .count = ~0U}, -E2BIG},
	};
	uint64_t value = 0;
	uint32_t done;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct uldf_ioc_io list[2] = {
			{.op = ULDF_OP_WRITE, .width = 4, .offset = EDU_LIVENESS, .value = i},
			cases[i].io,
		};

		need(!region_write(fd, 0, EDU_LIVENESS, 4, 0x5a5a), "write");
		check_equal(cases[i].wanted, io_batch(fd, list, 2, &done), "%s", cases[i].what);
		need(!region_read(fd, 0, EDU_LIVENESS, 4, &value), "read");
		check(done == 0 && value == (uint32_t)~0x5a5a, "and nothing was done");
	}
}

static void structures_are_judged(int fd)
{
	struct uldf_ioc_io *end = (void *)(guarded + PAGE);
	struct uldf_ioc_io list[ULDF_OP_BATCH + 1] = {};
	uint32_t done;

	for (size_t i = 0; i <= ULDF_OP_BATCH; i++)
		list[i].width = 4;
	check_equal(-EINVAL, io_batch(fd, list, 0, NULL), "no operations");
	check_equal(-E2BIG, io_batch(fd, list, ULDF_OP_BATCH + 1, NULL), "one too many");
	check_equal(-E2BIG, io_batch(fd, list, ~0U, NULL), "far too many");
	check_equal(0, io_batch(fd, list, ULDF_OP_BATCH, &done), "as many as can be");
	check(done == ULDF_OP_BATCH && list[ULDF_OP_BATCH - 1].value == EDU_IDENT_VALUE, "done");
	check_equal(-EFAULT, io_batch(fd, NULL, 1, NULL), "no list");
	check_equal(-EFAULT, io_batch(fd, end, 1, NULL), "an unmapped list");
	memset(end - 1, 0, sizeof(*end));
	end[-1].width = 4;
	check_equal(-EFAULT, io_batch(fd, end - 1, 2, &done), "a list half unmapped");
	check(done == 0, "of which nothing was done");
	check_equal(-EFAULT, io_batch(fd, (void *)~31UL, 1, NULL), "a list in the kernel");
	check_equal(0, io_batch(fd, end - 1, 1, NULL), "a list that just fits");
	check(end[-1].value == EDU_IDENT_VALUE, "has its result");
	check(!mprotect(guarded, PAGE, PROT_READ), "protect the list");
	check_equal(-EFAULT, io_batch(fd, end - 1, 1, &done), "a list that cannot be written");
	check(!mprotect(guarded, PAGE, PROT_READ | PROT_WRITE), "unprotect it");
	list[0] = (struct uldf_ioc_io){.op = 2, .width = 4, .count = 1, .data = (uintptr_t)end};
	check_equal(-EFAULT, io_batch(fd, list, 1, NULL), "a string to nowhere");
}

static void operations_are_done(int fd)
{
	uint32_t words[3] = {1, 2, 3}, back[2] = {};
	struct uldf_ioc_io list[] = {
		{.op = ULDF_OP_WRITE, .width = 4, .offset = EDU_LIVENESS, .value = 0xf0f0f0f0},
		{.op = ULDF_OP_READ, .width = 4, .offset = EDU_LIVENESS},
		{.op = ULDF_OP_WRITE_STRING,
		 .width = 4,
		 .offset = EDU_LIVENESS,
		 .count = 3,
		 .data = (uintptr_t)words},
		{.op = ULDF_OP_READ_STRING,
		 .width = 4,
		 .offset = EDU_LIVENESS,
		 .count = 2,
		 .data = (uintptr_t)back},
		{.op = ULDF_OP_READ, .width = 2, .index = ULDF_REGION_CONFIG, .value = ~0ULL},
		{.op = ULDF_OP_WRITE,
		 .width = 1,
		 .index = ULDF_REGION_CONFIG,
		 .offset = CONFIG_TIMER,
		 .value = 0x40},
		{.op = ULDF_OP_POLL,
		 .width = 4,
		 .offset = EDU_LIVENESS,
		 .count = 1000,
		 .value = 0xff00,
		 .mask = 0xff00},
		{.op = ULDF_OP_READ, .width = 4},
	};
	uint32_t done;

	check_equal(0, io_batch(fd, list, 8, &done), "a list of everything");
	check(done == 8, "is done: %u", done);
	check(list[1].value == 0x0f0f0f0f, "a read after a write");
	check(back[0] == ~3U && back[1] == ~3U, "strings write and read one register");
	check(list[4].value == 0x1234, "configuration is read, and the rest is zero");
	check(list[6].value == ~3U, "a poll that is true at once has its value");
	check(list[7].value == EDU_IDENT_VALUE, "the last one is done");
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

static void polls_end(int fd)
{
	struct uldf_ioc_io list[] = {
		{.op = ULDF_OP_READ, .width = 4},
		{.op = ULDF_OP_POLL,
		 .width = 4,
		 .offset = EDU_LIVENESS,
		 .count = 20000,
		 .value = 0x80000000,
		 .mask = 0x80000000},
		{.op = ULDF_OP_WRITE, .width = 4, .offset = EDU_LIVENESS, .value = 7},
	};
	uint64_t begin, value = 0;
	uint32_t done;

	need(!region_write(fd, 0, EDU_LIVENESS, 4, ~0x1234U), "write");
	begin = now_us();
	check_equal(-ETIMEDOUT, io_batch(fd, list, 3, &done), "a poll that does not come true");
	check(now_us() - begin >= 20000, "takes its time");
	check(done == 1 && list[0].value == EDU_IDENT_VALUE, "what was done before it is told");
	check(list[1].value == 0x1234, "and what it read last");
	need(!region_read(fd, 0, EDU_LIVENESS, 4, &value), "read");
	check(value == 0x1234, "nothing behind it is done");
	list[1].value = 0x80000000;
	list[1].count = 0;
	check_equal(-ETIMEDOUT, io_batch(fd, list, 3, &done), "a poll without time");
}

static void decoding_may_be_off(int fd)
{
	uint32_t command = config_read(fd, 4, 2), done;
	struct uldf_ioc_io list[] = {
		{.op = ULDF_OP_READ, .width = 2, .index = ULDF_REGION_CONFIG},
		{.op = ULDF_OP_READ, .width = 4},
	};

	config_write(fd, 4, 2, command & ~MEMORY_DECODING);
	check_equal(-EIO, io_batch(fd, list, 2, &done), "a list while decoding is off");
	check(done == 1 && list[0].value == 0x1234, "of which configuration is answered");
	list[1].op = ULDF_OP_POLL;
	list[1].count = 1000;
	check_equal(-EIO, io_batch(fd, list, 2, NULL), "a poll while decoding is off");
	list[1] = (struct uldf_ioc_io){.op = 2, .width = 4, .count = 1, .data = DATA};
	check_equal(-EIO, io_batch(fd, list, 2, NULL), "a string while decoding is off");
	config_write(fd, 4, 2, command);
}

/* A poll of a second in a child, killed after a tenth of it: how long does it take to end? */
static uint64_t end_of_killed_poll(int fd)
{
	struct uldf_ioc_io poll = {
		.op = ULDF_OP_POLL, .width = 4, .count = ULDF_OP_POLL_US, .value = 1, .mask = ~0U};
	uint64_t begin;
	int status = 0;
	pid_t child = fork();

	if (!child) {
		io_batch(fd, &poll, 1, NULL);
		_exit(1);
	}
	usleep(100000);
	begin = now_us();
	kill(child, SIGKILL);
	check(waitpid(child, &status, 0) == child && WIFSIGNALED(status), "kill a poll");
	return now_us() - begin;
}

/* A busy machine may be late to tell of one that ended at once, but not of each. */
static void a_poll_can_be_killed(int fd)
{
	uint64_t soonest = UINT64_MAX;

	for (int i = 0; i < 5; i++) {
		uint64_t took = end_of_killed_poll(fd);

		soonest = took < soonest ? took : soonest;
	}
	check(soonest < 600000, "it ends at once");
}

static void *poll_long(void *arg)
{
	struct uldf_ioc_io poll = {
		.op = ULDF_OP_POLL, .width = 4, .count = ULDF_OP_POLL_US, .value = 1, .mask = ~0U};

	return (void *)(intptr_t)io_batch(*(int *)arg, &poll, 1, NULL);
}

static void release_ends_a_poll(int fd, const struct address *device)
{
	pthread_t thread;
	void *ret;

	need(!pthread_create(&thread, NULL, poll_long, &fd), "a thread");
	usleep(100000);
	check_equal(0, release(device, ULDF_RELEASE_FORCE, NULL), "release while a poll goes on");
	pthread_join(thread, &ret);
	check_equal(-ENODEV, (intptr_t)ret, "the poll ends before its time");
}

void suite_io(const struct address *device)
{
	struct uldf_ioc_io list = {.width = 4};
	int fd = device_take(device);

	guarded = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(guarded != MAP_FAILED && !munmap(guarded + PAGE, PAGE), "memory");
	lists_are_judged(fd);
	structures_are_judged(fd);
	operations_are_done(fd);
	polls_end(fd);
	decoding_may_be_off(fd);
	a_poll_can_be_killed(fd);
	release_ends_a_poll(fd, device);
	check_equal(-ENODEV, io_batch(fd, &list, 1, NULL), "a list after release");
	close(fd);
}
