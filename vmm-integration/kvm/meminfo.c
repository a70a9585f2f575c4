// SPDX-License-Identifier: MIT
#include "meminfo.h"

#include <inttypes.h>
#include <string.h>

uint64_t vmm_meminfo(FILE *file, const char *name)
{
	size_t length = strlen(name);
	uint64_t kib = 0;
	char line[256];

	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, name, length) && sscanf(line + length, ": %" SCNu64, &kib) == 1)
			break;
	return kib * 1024;
}

uint64_t vmm_meminfo_of_host(const char *name)
{
	FILE *file = fopen("/proc/meminfo", "re");
	uint64_t bytes = file ? vmm_meminfo(file, name) : 0;

	if (file)
		fclose(file);
	return bytes;
}
