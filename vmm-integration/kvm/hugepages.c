// SPDX-License-Identifier: MIT
#include "hugepages.h"

#include <inttypes.h>
#include <stdio.h>

static uint64_t read_count(const char *folder, uint64_t size, const char *name)
{
	uint64_t count = 0;
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/hugepages-%" PRIu64 "kB/%s", folder, size / 1024, name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%" SCNu64, &count) != 1)
		count = 0;
	fclose(file);
	return count;
}

void vmm_hugepages_read(const char *folder, uint64_t size, struct vmm_hugepages *out)
{
	uint64_t promised = read_count(folder, size, "resv_hugepages");
	uint64_t free = read_count(folder, size, "free_hugepages");

	*out = (struct vmm_hugepages){
		.size = size,
		.free = free > promised ? free - promised : 0,
		.total = read_count(folder, size, "nr_hugepages"),
	};
}
