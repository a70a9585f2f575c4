// SPDX-License-Identifier: MIT
/* A space is used by many threads at once: what clashes is told apart, what does not is not. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
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

void check_threads(struct conform *c)
{
	struct worker workers[THREADS];
	pthread_t threads[THREADS];
	atomic_uint holders = 0;
	struct fixture f;

	if (!c->able->spaces || !c->iommu)
		return;
	printf("== threads\n");
	fixture_init(c, &f);
	fixture_attach(c, &f);
	for (unsigned int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){f.space, f.memory, i, &holders, NULL};
		require("a thread", !pthread_create(&threads[i], NULL, work, &workers[i]));
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		require(workers[i].complaint, !workers[i].complaint);
	}
	require("transfers still arrive", c->model->transfer(c, &f.area));
	fixture_fini(c, &f);
}
