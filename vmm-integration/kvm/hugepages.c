// SPDX-License-Identifier: MIT
#include "hugepages.h"

#include <inttypes.h>

void vmm_hugepages_read(FILE *file, struct vmm_hugepages *out)
{
	struct vmm_hugepages pages = {.size = 0};
	uint64_t promised = 0, kib = 0;
	char line[256];

	while (fgets(line, sizeof(line), file)) {
		sscanf(line, "HugePages_Total: %" SCNu64, &pages.total);
		sscanf(line, "HugePages_Free: %" SCNu64, &pages.free);
		sscanf(line, "HugePages_Rsvd: %" SCNu64, &promised);
		sscanf(line, "Hugepagesize: %" SCNu64, &kib);
	}
	pages.size = kib * 1024;
	pages.free -= promised < pages.free ? promised : pages.free;
	*out = pages;
}
