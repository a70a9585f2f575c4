// SPDX-License-Identifier: MIT
/* The limit of locked memory. Run without CAP_IPC_LOCK, which no limit binds. */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include "conform.h"

#define SIZE (1 << 20)

/* Registers and maps; answers the first failure, and leaves nothing on it. */
static int pin(struct conform *c, struct uldf_space *space, void *pages, size_t size,
	       struct uldf_memory **out)
{
	struct uldf_mapping piece = {NULL, 0, 0x100000, size, ULDF_DMA_BOTH};
	struct uldf_memory *memory;
	int err;

	err = uldf_memory_register(space, pages, size, ULDF_DMA_BOTH, &memory);
	if (err) {
		require("the limit is found out when the backend says", !c->able->pins_at_map);
		return err;
	}
	piece.memory = memory;
	err = uldf_space_map(space, &piece, 1);
	if (err) {
		require("the limit is found out when the backend says", c->able->pins_at_map);
		expect(c, "unregister", uldf_memory_unregister(memory), 0);
		return err;
	}
	*out = memory;
	return 0;
}

void check_limit(struct conform *c)
{
	const struct rlimit limit = {.rlim_cur = SIZE / 2, .rlim_max = SIZE / 2};
	const struct uldf_mapping piece = {NULL, 0, 0x100000, SIZE / 2, 0};
	struct uldf_memory *memory;
	struct uldf_space *space;
	void *pages;

	printf("== the limit of locked memory\n");
	if (!c->able->spaces || !c->iommu)
		return;
	pages = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	require("1 MiB of memory", pages != MAP_FAILED);
	require("a limit of half of it", !setrlimit(RLIMIT_MEMLOCK, &limit));
	expect(c, "create a space", uldf_space_create(c->device, &space), 0);
	expect(c, "attach", uldf_device_attach(c->device, space), 0);
	expect(c, "more than the limit", pin(c, space, pages, SIZE, &memory), -ENOMEM);
	expect_reason(c, "ulimit -l 1024");
	expect_reason(c, "CAP_IPC_LOCK");
	for (int i = 0; i < 2; i++) {
		expect(c, "just the limit", pin(c, space, pages, SIZE / 2, &memory), 0);
		expect(c, "unmap", uldf_space_unmap(space, &piece, 1), 0);
		expect(c, "unregister", uldf_memory_unregister(memory), 0);
	}
	expect(c, "detach", uldf_device_detach(c->device), 0);
	uldf_space_destroy(space);
	munmap(pages, SIZE);
}
