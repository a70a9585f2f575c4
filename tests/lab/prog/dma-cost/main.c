// SPDX-License-Identifier: MIT
/*
 * lab-dma-cost ADDRESS [CASE]: what mapping and unmapping of registered memory costs through libuldf, both
 * directions together, in ticks of the TSC: instructions in a lab host that counts them (--icount).
 * A line per case: its name and the least of many rounds, as an interrupt may fall into any.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <uldf.h>
#include <x86intrin.h>

#define PAGE   4096UL
#define HUGE   (2UL << 20)
#define AT     0x40000000UL
#define ROUNDS 50

static struct uldf_ctx *ctx;
static const char *wanted; /* the only case to be measured, or NULL */

static void need(const char *what, int err)
{
	char reason[256];

	if (!err)
		return;
	uldf_reason(ctx, reason, sizeof(reason));
	fprintf(stderr, "lab-dma-cost: %s: error %d: %s\n", what, err, reason);
	exit(1);
}

static void *huge_page(int fd)
{
	char *at = mmap(NULL, 2 * HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need("memory", at == MAP_FAILED);
	at = (char *)(((uintptr_t)at + HUGE - 1) & ~(HUGE - 1));
	need("a huge page", madvise(at, HUGE, MADV_HUGEPAGE));
	memset(at, 1, HUGE);
	return at;
}

/* Pages that follow each other in this process, but nowhere else: those of a file, backwards. */
static void *scattered(size_t size)
{
	int fd = memfd_create("scattered", MFD_CLOEXEC);
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	need("a file", fd < 0 || ftruncate(fd, (off_t)size));
	for (size_t i = 0; i < size; i += PAGE)
		need("a page of it",
		     mmap(at + i, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
			  (off_t)(size - PAGE - i)) == MAP_FAILED);
	for (size_t i = size; i; i -= PAGE)
		at[i - 1] = 1;
	return at;
}

static void measure(const char *name, struct uldf_space *space, struct uldf_mapping *list,
		    size_t count, int anywhere)
{
	struct uldf_mapping *undo = calloc(count, sizeof(*undo));
	uint64_t least = UINT64_MAX;

	if (wanted && strcmp(wanted, name))
		return;
	need("memory", !undo);
	for (size_t i = 0; i < count; i++)
		undo[i] = (struct uldf_mapping){.address = list[i].address, .size = list[i].size};
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t begin = __rdtsc(), took;
		int err = anywhere ? uldf_space_map_anywhere(space, list, count)
				   : uldf_space_map(space, list, count);

		need(name, err);
		for (size_t i = 0; anywhere && i < count; i++)
			undo[i] = (struct uldf_mapping){.address = list[i].address,
							.size = list[i].size};
		need(name, uldf_space_unmap(space, undo, count));
		took = __rdtsc() - begin;
		if (took < least)
			least = took;
	}
	printf("%-34s %8llu\n", name, (unsigned long long)least);
	free(undo);
}

int main(int argc, char **argv)
{
	struct uldf_memory *contiguous, *pages;
	struct uldf_device *device;
	struct uldf_space *space;
	struct uldf_mapping list[64];

	need("usage: lab-dma-cost dddd:bb:dd.f [case]", argc != 2 && argc != 3);
	wanted = argv[2];
	need("a context", uldf_ctx_create(&ctx));
	need("open", uldf_device_open(ctx, argv[1], &device));
	need("space", uldf_space_create(device, &space));
	need("attach", uldf_device_attach(device, space));
	need("register",
	     uldf_memory_register(space, huge_page(0), HUGE, ULDF_DMA_BOTH, &contiguous));
	need("register", uldf_memory_register(space, scattered(HUGE), HUGE, ULDF_DMA_BOTH, &pages));
	for (size_t i = 0; i < 64; i++)
		list[i] =
			(struct uldf_mapping){pages, i * PAGE, AT + i * PAGE, PAGE, ULDF_DMA_BOTH};
	measure("1 page", space, list, 1, 0);
	measure("1 page, anywhere", space, list, 1, 1);
	for (size_t i = 0; i < 64; i++)
		list[i].address = AT + i * PAGE;
	measure("64 scattered pages, adjacent", space, list, 64, 0);
	measure("64 scattered pages, anywhere", space, list, 64, 1);
	list[0] = (struct uldf_mapping){pages, 0, AT, HUGE / 2, ULDF_DMA_BOTH};
	measure("1 MiB, scattered", space, list, 1, 0);
	list[0] = (struct uldf_mapping){contiguous, 0, AT, HUGE / 2, ULDF_DMA_BOTH};
	measure("1 MiB, contiguous", space, list, 1, 0);
	measure("1 MiB, contiguous, anywhere", space, list, 1, 1);
	list[0] = (struct uldf_mapping){contiguous, 0, AT, HUGE, ULDF_DMA_BOTH};
	measure("2 MiB page, anywhere", space, list, 1, 1);
	uldf_space_destroy(space);
	uldf_device_close(device);
	uldf_ctx_destroy(ctx);
	return 0;
}
