// SPDX-License-Identifier: MIT
#include "iomem.h"

#include <inttypes.h>
#include <string.h>

/* A line is "00100000-7fffffff : System RAM"; what lies inside of another range is indented. */
void vmm_iomem_read(FILE *file, struct vmm_host_ram *out)
{
	struct vmm_host_ram ram = {.low_end = 0};
	char line[256];

	while (fgets(line, sizeof(line), file)) {
		uint64_t first, last;
		int name = 0;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " : %n", &first, &last, &name) != 2 ||
		    !name || strncmp(line + name, "System RAM", 10) || last <= first)
			continue;
		if (last + 1 > ram.end)
			ram.end = last + 1;
		if (last < VMM_4GIB && last + 1 > ram.low_end)
			ram.low_end = last + 1;
	}
	*out = ram;
}
