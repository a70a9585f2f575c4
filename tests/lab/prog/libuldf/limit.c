// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include "edu.h"

#define SIZE (1 << 20)

/* Run without CAP_IPC_LOCK, which no limit binds. */
void check_limit(struct edu *edu)
{
	const struct rlimit limit = {.rlim_cur = SIZE / 2, .rlim_max = SIZE / 2};
	struct uldf_memory *memory;
	struct uldf_space *space;
	char reason[256];
	void *pages;

	printf("== the limit of locked memory\n");
	pages = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	edu_require("1 MiB of memory", pages != MAP_FAILED);
	edu_require("a limit of half of it", !setrlimit(RLIMIT_MEMLOCK, &limit));
	edu_expect(edu, "create a space", uldf_space_create(edu->device, &space), 0);
	edu_expect(edu, "register more than the limit",
		   uldf_memory_register(space, pages, SIZE, ULDF_DMA_BOTH, &memory), -ENOMEM);
	uldf_reason(edu->ctx, reason, sizeof(reason));
	edu_require("the reason says how much is needed and how to get it",
		    strstr(reason, "ulimit -l 1024") && strstr(reason, "CAP_IPC_LOCK"));
	edu_expect(edu, "register the limit",
		   uldf_memory_register(space, pages, SIZE / 2, ULDF_DMA_BOTH, &memory), 0);
	edu_expect(edu, "unregister it", uldf_memory_unregister(memory), 0);
	edu_expect(edu, "register it again",
		   uldf_memory_register(space, pages, SIZE / 2, ULDF_DMA_BOTH, &memory), 0);
	uldf_space_destroy(space);
	munmap(pages, SIZE);
}
