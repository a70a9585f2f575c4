// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "facts.h"

/* Flags of a resource, as the kernel's file shows them. */
#define RESOURCE_FIXED	  0x00000010
#define RESOURCE_PORTS	  0x00000100
#define RESOURCE_PREFETCH 0x00002000
#define RESOURCE_64	  0x00100000

struct folder {
	char path[400];
};

static FILE *facts_open(const struct folder *folder, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder->path, name);
	return fopen(path, "re");
}

/* The first line of a file; empty where there is none. */
static void facts_line(const struct folder *folder, const char *name, char *buf, size_t size)
{
	FILE *file = facts_open(folder, name);

	buf[0] = '\0';
	if (!file)
		return;
	if (!fgets(buf, (int)size, file))
		buf[0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	fclose(file);
}

static int facts_number(const struct folder *folder, const char *name, int otherwise)
{
	char line[32];
	int number;

	facts_line(folder, name, line, sizeof(line));
	return sscanf(line, "%d", &number) == 1 ? number : otherwise;
}

/* A line for each region: "0xfeb80000 0xfeb9ffff 0x40200", zeros where there is none. The ROM follows the BARs. */
static void facts_read_regions(const struct folder *folder, struct facts *out)
{
	FILE *file = facts_open(folder, "resource");
	uint64_t first, last, flags;

	for (unsigned int i = 0; file && i <= FACTS_BARS; i++) {
		if (fscanf(file, "%" SCNx64 " %" SCNx64 " %" SCNx64, &first, &last, &flags) != 3)
			break;
		if (flags && last >= first)
			*(i < FACTS_BARS ? &out->bars[i] : &out->rom) = (struct facts_region){
				.size = last - first + 1,
				.address = first,
				.ports = flags & RESOURCE_PORTS,
				.prefetchable = flags & RESOURCE_PREFETCH,
				.wide = flags & RESOURCE_64,
				.fixed = flags & RESOURCE_FIXED,
			};
	}
	if (file)
		fclose(file);
}

/* Linux shows the first 64 bytes to everybody, and the rest to CAP_SYS_ADMIN. */
static void facts_read_config(const struct folder *folder, struct facts *out)
{
	FILE *file = facts_open(folder, "config");
	uint8_t bytes[CAPABILITY_BYTES];
	struct stat st;

	if (!file)
		return;
	if (!fstat(fileno(file), &st) && st.st_size <= CAPABILITY_BYTES)
		out->config = (unsigned int)st.st_size;
	vectors_read(bytes, fread(bytes, 1, sizeof(bytes), file), &out->vectors);
	fclose(file);
}

static void facts_read_functions(const struct folder *folder, struct facts *out)
{
	char path[512], target[256];
	const char *name;
	ssize_t length;

	out->functions = (unsigned int)facts_number(folder, "sriov_numvfs", 0);
	out->functions_most = (unsigned int)facts_number(folder, "sriov_totalvfs", 0);
	snprintf(path, sizeof(path), "%s/physfn", folder->path);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return;
	target[length] = '\0';
	name = strrchr(target, '/');
	snprintf(out->physical, sizeof(out->physical), "%.*s", (int)sizeof(out->physical) - 1,
		 name ? name + 1 : target);
}

void facts_read(const char *sysfs, const struct uldf_address *address, struct facts *out)
{
	char text[ULDF_ADDRESS_TEXT];
	struct folder folder;

	memset(out, 0, sizeof(*out));
	uldf_address_format(address, text);
	snprintf(folder.path, sizeof(folder.path), "%s/bus/pci/devices/%s", sysfs, text);
	facts_line(&folder, "reset_method", out->resets, sizeof(out->resets));
	facts_line(&folder, "driver_override", out->override, sizeof(out->override));
	if (!strcmp(out->override, "(null)"))
		out->override[0] = '\0';
	facts_line(&folder, "power_state", out->power, sizeof(out->power));
	if (!strcmp(out->power, "unknown"))
		out->power[0] = '\0';
	out->numa = facts_number(&folder, "numa_node", -1);
	facts_read_regions(&folder, out);
	facts_read_config(&folder, out);
	facts_read_functions(&folder, out);
}
