// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "sysfs.h"

/* The kernel's flags of a resource, as the file shows them. */
#define RESOURCE_FIXED	  0x00000010
#define RESOURCE_PORTS	  0x00000100
#define RESOURCE_PREFETCH 0x00002000
#define RESOURCE_64	  0x00100000

#define CLASS_BRIDGE 0x06

#define RESOURCES 7 /* BAR 0..5 and the ROM come first */

void sysfs_path(const char *address, const char *name, char out[SYSFS_PATH])
{
	snprintf(out, SYSFS_PATH, "/sys/bus/pci/devices/%.20s/%.64s", address, name);
}

static int file_read(const char *address, const char *name, char *text, size_t size)
{
	char path[SYSFS_PATH];
	ssize_t length;
	int fd, err;

	sysfs_path(address, name, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ENODEV : -errno;
	length = read(fd, text, size - 1);
	err = length < 0 ? -errno : 0;
	close(fd);
	if (!err)
		text[length] = '\0';
	return err;
}

int sysfs_parse_resources(const char *text, struct uldf_region *regions)
{
	uint64_t first, last, flags;
	int length;

	for (unsigned int i = 0; i < RESOURCES; i++, text += length) {
		if (sscanf(text, "%" SCNx64 " %" SCNx64 " %" SCNx64 " %n", &first, &last, &flags,
			   &length) != 3 ||
		    last < first)
			return -EPROTO;
		regions[i] = (struct uldf_region){};
		if (!flags || !last)
			continue;
		regions[i] = (struct uldf_region){
			.size = last - first + 1,
			.address = first,
			.ports = flags & RESOURCE_PORTS,
			.prefetchable = flags & RESOURCE_PREFETCH,
			.is64 = flags & RESOURCE_64,
			.fixed = flags & RESOURCE_FIXED,
			.writable = i != ULDF_ROM,
		};
	}
	return 0;
}

int sysfs_resources(const char *address, struct uldf_region *regions)
{
	char text[4096];
	int err = file_read(address, "resource", text, sizeof(text));

	return err ? err : sysfs_parse_resources(text, regions);
}

enum uldf_reset sysfs_parse_reset(const char *text)
{
	static const struct {
		const char *name;
		enum uldf_reset reset;
	} methods[] = {
		{"flr", ULDF_RESET_BY_FLR},
		{"af_flr", ULDF_RESET_BY_AF},
		{"pm", ULDF_RESET_BY_PM},
		{"bus", ULDF_RESET_BY_BUS},
	};
	size_t length = strcspn(text, "\n");

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strlen(methods[i].name) == length && !strncmp(methods[i].name, text, length))
			return methods[i].reset;
	return ULDF_RESET_BY_FUNCTION;
}

enum uldf_reset sysfs_reset_method(const char *address)
{
	char text[128];

	if (file_read(address, "reset_method", text, sizeof(text)))
		return ULDF_RESET_BY_FUNCTION;
	return sysfs_parse_reset(text);
}

void sysfs_group_users(int group, const char *but, const char *driver, char *out, size_t size)
{
	char path[SYSFS_PATH], target[PATH_MAX];
	struct dirent *entry;
	const char *name;
	size_t used = 0;
	ssize_t length;
	DIR *dir;

	out[0] = '\0';
	snprintf(path, sizeof(path), "/sys/kernel/iommu_groups/%d/devices", group);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, but))
			continue;
		sysfs_path(entry->d_name, "driver", path);
		length = readlink(path, target, sizeof(target) - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		name = strrchr(target, '/') ? strrchr(target, '/') + 1 : target;
		if (strcmp(name, driver) && used < size)
			used += (size_t)snprintf(out + used, size - used, "%s%s (%s)",
						 used ? ", " : "", entry->d_name, name);
	}
	if (dir)
		closedir(dir);
}

bool sysfs_is_bridge(const char *folder, uint32_t class_code)
{
	unsigned char header = PCI_HEADER_TYPE_NORMAL;
	char path[PATH_MAX];
	int fd;

	if (class_code >> 16 == CLASS_BRIDGE)
		return true;
	snprintf(path, sizeof(path), "%s/config", folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (pread(fd, &header, 1, PCI_HEADER_TYPE) != 1)
		header = PCI_HEADER_TYPE_NORMAL;
	close(fd);
	return (header & PCI_HEADER_TYPE_MASK) != PCI_HEADER_TYPE_NORMAL;
}
