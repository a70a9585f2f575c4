// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "bench.h"

enum {
	HUGE = 2 << 20,
};

/* In how many runs of adjacent pages memory lies (Documentation/admin-guide/mm/pagemap.rst). */
static size_t pages_runs(const unsigned char *at, size_t size)
{
	const uint64_t frame = (1ULL << 55) - 1;
	uint64_t entry, last = 0;
	size_t runs = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	need(fd >= 0, "open the page map");
	for (size_t done = 0; done < size; done += PAGE) {
		off_t where = (uintptr_t)(at + done) / PAGE * sizeof(entry);

		need(pread(fd, &entry, sizeof(entry), where) == sizeof(entry), "read the page map");
		if ((entry & frame) != last + 1)
			runs++;
		last = entry & frame;
	}
	close(fd);
	return runs;
}

static void *pages_get(size_t size, int advice)
{
	unsigned char *at =
		mmap(NULL, size + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(at != MAP_FAILED, "memory");
	at += -(uintptr_t)at % HUGE;
	need(!madvise(at, size, advice), "advise");
	return at;
}

/* The kernel gives out adjacent pages one after the other: they are asked for in another order. */
void *pages_scattered(size_t size)
{
	volatile unsigned char *at = pages_get(size, MADV_NOHUGEPAGE);
	size_t count = size / PAGE, stride = count / 2 + 1 + (count / 2) % 2;

	for (size_t i = 0; i < count; i++)
		at[i * stride % count * PAGE] = 1;
	errno = ENOMEM;
	need(pages_runs((unsigned char *)at, size) > count / 2, "scattered pages");
	return (void *)at;
}

void *pages_contiguous(size_t size)
{
	volatile unsigned char *at = pages_get(HUGE, MADV_HUGEPAGE);

	for (size_t i = 0; i < HUGE; i += PAGE)
		at[i] = 1;
	errno = ENOMEM;
	need(pages_runs((unsigned char *)at, size) == 1, "contiguous pages");
	return (void *)at;
}
