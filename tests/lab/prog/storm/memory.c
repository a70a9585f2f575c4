// SPDX-License-Identifier: MIT
/*
 * Memory of many sorts, at the same addresses in all processes of a round: to be registered with spaces, and
 * for arguments to lie in. Threads unmap, protect, drop and overwrite it while the kernel uses it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/userfaultfd.h>

#include "storm.h"

#define POOL_PAGES 1024
#define LARGE	   (512 * PAGE)
#define LATE_MS	   100 /* a page fault of slow memory takes up to it */

enum pool {
	POOL_SHARED,
	POOL_PRIVATE,
	POOL_LARGE,
	POOL_FILE, /* of all processes, and cut short at times */
	POOL_READONLY,
	POOL_NONE,
	POOLS
};

static uint8_t *pools[POOLS], *grounds[GROUNDS];
static int file;

/* Aligned, so that large pages fit. */
static uint8_t *reserve(size_t pages, int protection, int flags, int fd)
{
	uint8_t *room =
		mmap(NULL, pages * PAGE + LARGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *at = (uint8_t *)(((uintptr_t)room + LARGE - 1) & -LARGE);

	need(room != MAP_FAILED &&
		     mmap(at, pages * PAGE, protection, MAP_FIXED | flags, fd, 0) == at,
	     "memory");
	return at;
}

void memory_init(void)
{
	const int both = PROT_READ | PROT_WRITE, shared = MAP_SHARED | MAP_ANONYMOUS,
		  alone = MAP_PRIVATE | MAP_ANONYMOUS;

	file = memfd_create("storm", MFD_CLOEXEC);
	need(file >= 0 && !ftruncate(file, POOL_PAGES * PAGE), "a file of memory");
	pools[POOL_SHARED] = reserve(POOL_PAGES, both, shared, -1);
	pools[POOL_PRIVATE] = reserve(POOL_PAGES, both, alone | MAP_NORESERVE, -1);
	pools[POOL_LARGE] = reserve(POOL_PAGES, both, alone | MAP_NORESERVE, -1);
	madvise(pools[POOL_LARGE], POOL_PAGES * PAGE, MADV_HUGEPAGE);
	pools[POOL_FILE] = reserve(POOL_PAGES, both, MAP_SHARED, file);
	pools[POOL_READONLY] = reserve(POOL_PAGES, PROT_READ, alone, -1);
	pools[POOL_NONE] = reserve(POOL_PAGES, PROT_NONE, alone, -1);
	grounds[GROUND_READONLY] = reserve(GROUND_PAGES, PROT_READ, alone, -1);
	grounds[GROUND_MOVING] = reserve(GROUND_PAGES, both, alone, -1);
	grounds[GROUND_SLOW] = reserve(GROUND_PAGES, both, alone, -1);
	grounds[GROUND_SCRIBBLED] = reserve(GROUND_PAGES, both, shared, -1);
}

uint8_t *ground(enum ground which)
{
	return grounds[which];
}

uint8_t *memory_pick(struct worker *w)
{
	uint64_t how = draw_below(w, 100),
		 page = draw_below(w, draw_percent(w, 80) ? 64 : POOL_PAGES);
	uint8_t *window;

	if (how < 5) {
		enum ground which = draw_below(w, GROUNDS);

		/* slow pages cannot be pinned for long, of which a kernel that checks itself makes a fuss */
		if (which == GROUND_SLOW)
			which = GROUND_MOVING;
		return grounds[which] + PAGE * (page % GROUND_PAGES);
	}
	/* registers cannot be pinned */
	window = how < 8 ? window_pick(w) : NULL;
	if (window)
		return window;
	return pools[draw_below(w, how < 85 ? POOL_READONLY : POOLS)] + PAGE * page;
}

/* ---- page faults that are served late -------------------------------------------------------------- */

/* Returns -1 where this process may not: without privilege, unless it began with some. */
static int faults_open(void)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register range = {
		.range = {(uintptr_t)grounds[GROUND_SLOW], GROUND_PAGES * PAGE},
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == EPERM)
		return -1;
	need(fd >= 0 && !ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &range),
	     "userfaultfd");
	return fd;
}

/* Serves them until the process ends: threads of it may wait for a page until then. */
static void *faults_serve(void *arg)
{
	int fd = (intptr_t)arg;
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	unsigned int number = 0;
	struct uffd_msg message;

	while (poll(&wait, 1, -1) >= 0 || errno == EINTR) {
		struct uffdio_zeropage page = {.range.len = PAGE};

		if (read(fd, &message, sizeof(message)) != sizeof(message))
			continue;
		usleep(mix(storm->seed, ++number) % LATE_MS * 1000);
		page.range.start = message.arg.pagefault.address & -PAGE;
		ioctl(fd, UFFDIO_ZEROPAGE, &page);
	}
	return NULL;
}

void memory_start(void)
{
	intptr_t fd = faults_open();
	pthread_t thread;

	if (fd < 0)
		return;
	need(!pthread_create(&thread, NULL, faults_serve, (void *)fd), "thread");
	pthread_detach(thread);
}

/* ---- what happens to memory meanwhile ---------------------------------------------------------------- */

struct range {
	uint8_t *at;
	size_t size;
	int flags; /* of mmap() */
};

/* Part of what may be changed: a pool, or the ground that moves. */
static struct range range_pick(struct worker *w)
{
	uint64_t which = draw_below(w, POOL_FILE + 1), page = draw_below(w, 64);
	size_t size = PAGE * draw_count(w, 32);

	if (which == POOL_FILE) {
		page %= GROUND_PAGES;
		return (struct range){
			grounds[GROUND_MOVING] + PAGE * page,
			size < PAGE * (GROUND_PAGES - page) ? size : PAGE * (GROUND_PAGES - page),
			MAP_PRIVATE};
	}
	return (struct range){pools[which] + PAGE * page, size,
			      which == POOL_SHARED ? MAP_SHARED : MAP_PRIVATE};
}

static long result(int ret)
{
	return ret < 0 ? -errno : ret;
}

/* Drops the pages, and others come in their place: for a moment there is nothing. */
static long memory_renew(struct worker *w)
{
	struct range range = range_pick(w);
	unsigned int wait = draw_ms(w, 20);
	void *at;

	at = mmap(range.at, range.size, PROT_NONE, MAP_FIXED | MAP_ANONYMOUS | range.flags, -1, 0);
	if (wait)
		usleep(wait * 1000);
	at = mmap(range.at, range.size, PROT_READ | PROT_WRITE,
		  MAP_FIXED | MAP_ANONYMOUS | range.flags, -1, 0);
	return at == MAP_FAILED ? -errno : 0;
}

static long memory_protect(struct worker *w)
{
	struct range range = range_pick(w);
	unsigned int wait = draw_ms(w, 20);
	long ret =
		result(mprotect(range.at, range.size, draw_percent(w, 50) ? PROT_READ : PROT_NONE));

	if (wait)
		usleep(wait * 1000);
	mprotect(range.at, range.size, PROT_READ | PROT_WRITE);
	return ret;
}

static long memory_advise(struct worker *w)
{
	static const int advices[] = {MADV_DONTNEED, MADV_WILLNEED, MADV_COLD,	    MADV_PAGEOUT,
				      MADV_FREE,     MADV_HUGEPAGE, MADV_MERGEABLE, MADV_REMOVE};
	struct range range = range_pick(w);

	return result(madvise(range.at, range.size, advices[draw_below(w, COUNT(advices))]));
}

/* So that its pages fault, late, once more. */
static long memory_slow(struct worker *w)
{
	return result(madvise(grounds[GROUND_SLOW], GROUND_PAGES * PAGE, MADV_DONTNEED));
}

static long memory_truncate(struct worker *w)
{
	long ret = result(ftruncate(file, PAGE * draw_below(w, 64)));

	if (draw_percent(w, 50))
		usleep(1000 * draw_ms(w, 20));
	return ftruncate(file, POOL_PAGES * PAGE) < 0 ? -errno : ret;
}

/* Structures that the kernel reads at the moment change under it. */
static long memory_scribble(struct worker *w)
{
	uint64_t rounds = draw_below(w, 200), value;

	for (uint64_t i = 0; i < rounds; i++) {
		size_t at = draw_below(w, 64);

		value = draw_percent(w, 50) ? draw_below(w, 8) : draw_odd(w, sizeof(value), PAGE);
		memcpy(grounds[GROUND_SCRIBBLED] + 4 * at, &value, draw_percent(w, 50) ? 4 : 8);
	}
	return 0;
}

/* Pages are written, so that there are some to be pinned. */
static long memory_write(struct worker *w)
{
	struct range range = range_pick(w);

	for (size_t i = 0; i < range.size; i += PAGE)
		if (!guard_copy(range.at + i, &i, sizeof(i)))
			return -EFAULT;
	return 0;
}

static const struct act acts[] = {
	ACT("memory-renew", 12, memory_renew),	    ACT("memory-protect", 8, memory_protect),
	ACT("memory-advise", 12, memory_advise),    ACT("memory-slow", 10, memory_slow),
	ACT("memory-truncate", 4, memory_truncate), ACT("memory-scribble", 20, memory_scribble),
	ACT("memory-write", 20, memory_write),
};

const struct acts memory_acts = {acts, COUNT(acts)};
