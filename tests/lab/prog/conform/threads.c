// SPDX-License-Identifier: MIT
/* A space is used by many threads at once: what clashes is told apart, what does not is not. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include "conform.h"

#define THREADS 4
#define ROUNDS	200
#define ADDRESS 0x1000000
#define COMMON	0x2000000

struct worker {
	struct uldf_space *space;
	struct uldf_memory *memory;
	unsigned int number;
	atomic_uint *holders; /* of the common address */
	const char *complaint;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	struct uldf_mapping own = {w->memory, 0, ADDRESS + w->number * PAGE, PAGE, ULDF_DMA_READ};
	struct uldf_mapping common = {w->memory, PAGE, COMMON, PAGE, ULDF_DMA_BOTH};
	struct uldf_mapping gone;
	int err;

	for (unsigned int i = 0; i < ROUNDS && !w->complaint; i++) {
		if (uldf_space_map(w->space, &own, 1))
			w->complaint = "a page of its own cannot be mapped";
		err = uldf_space_map(w->space, &common, 1);
		if (err && err != -EEXIST)
			w->complaint = "the common page cannot be mapped";
		if (!err && atomic_fetch_add(w->holders, 1))
			w->complaint = "the common page is mapped by two";
		gone = (struct uldf_mapping){NULL, 0, COMMON, PAGE, 0};
		if (!err) {
			atomic_fetch_sub(w->holders, 1);
			if (uldf_space_unmap(w->space, &gone, 1))
				w->complaint = "the common page cannot be unmapped";
		}
		gone.address = own.address;
		if (uldf_space_unmap(w->space, &gone, 1))
			w->complaint = "a page of its own cannot be unmapped";
		if (uldf_space_unmap(w->space, &gone, 1) != -ENOENT)
			w->complaint = "a page that was unmapped is still there";
	}
	return NULL;
}

/* Has @count workers run @fn at once, and judges what they say. */
static void run_workers(struct worker *workers, unsigned int count, void *(*fn)(void *))
{
	pthread_t threads[THREADS];

	for (unsigned int i = 0; i < count; i++)
		require("a thread", !pthread_create(&threads[i], NULL, fn, &workers[i]));
	for (unsigned int i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		require(workers[i].complaint, !workers[i].complaint);
	}
}

/* The bus address that each worker's struct uldf_dma has now, or 0. */
static _Atomic uint64_t chosen[THREADS];

/* Maps bytes in a loop. The addresses of two that are mapped at once are not the same. */
static void *map_bytes(void *arg)
{
	struct worker *w = arg;
	struct uldf_dma *dma;

	for (unsigned int i = 0; i < ROUNDS && !w->complaint; i++) {
		if (uldf_dma_map(w->memory, 0, PAGE, ULDF_DMA_READ, &dma)) {
			w->complaint = "bytes cannot be mapped";
			break;
		}
		atomic_store(&chosen[w->number], dma->list[0].address);
		for (unsigned int j = 0; j < THREADS; j++)
			if (j != w->number && atomic_load(&chosen[j]) == dma->list[0].address)
				w->complaint = "a range has ended a mapping of bytes";
		atomic_store(&chosen[w->number], 0);
		uldf_dma_unmap(dma);
	}
	return NULL;
}

/* Worker 0 ends all that has no struct uldf_dma, the others map bytes. */
static void *map_bytes_or_end(void *arg)
{
	struct worker *w = arg;
	int err;

	if (w->number)
		return map_bytes(w);
	for (unsigned int i = 0; i < ROUNDS && !w->complaint; i++) {
		err = uldf_space_unmap_range(w->space, 0, UINT64_MAX, NULL);
		if (err && err != -EBUSY)
			w->complaint = "a range cannot be unmapped";
	}
	return NULL;
}

static void check_bytes(struct conform *c)
{
	struct worker workers[THREADS];
	struct uldf_memory *memory;
	struct uldf_space *space;
	unsigned char *pages;

	pages = pages_new();
	expect(c, "create a space", uldf_space_create(c->device, &space), 0);
	expect(c, "attach", uldf_device_attach(c->device, space), 0);
	expect(c, "register",
	       uldf_memory_register(space, pages, AREA_PAGES * PAGE, ULDF_DMA_BOTH, &memory), 0);
	for (unsigned int i = 0; i < THREADS; i++)
		workers[i] = (struct worker){space, memory, i, NULL, NULL};
	run_workers(workers, THREADS, map_bytes_or_end);
	expect(c, "nothing is left", uldf_memory_unregister(memory), 0);
	expect(c, "detach", uldf_device_detach(c->device), 0);
	uldf_space_destroy(space);
	munmap(pages, AREA_PAGES * PAGE);
}

void check_threads(struct conform *c)
{
	struct worker workers[THREADS];
	atomic_uint holders = 0;
	struct fixture f;

	if (!c->able->spaces || !c->iommu)
		return;
	printf("== threads\n");
	fixture_init(c, &f);
	fixture_attach(c, &f);
	for (unsigned int i = 0; i < THREADS; i++)
		workers[i] = (struct worker){f.space, f.memory, i, &holders, NULL};
	run_workers(workers, THREADS, work);
	require("transfers still arrive", c->model->transfer(c, &f.area));
	fixture_fini(c, &f);
	check_bytes(c);
}
