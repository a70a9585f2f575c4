// SPDX-License-Identifier: MIT
/* A device as the host has it, by sysfs: while nobody has claimed it, or behind its holder's back. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ioctl.h"

static int host_open(const struct address *device, const char *name, int flags)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", device->text, name);
	fd = open(path, flags | O_CLOEXEC);
	need(fd >= 0, path);
	return fd;
}

const char *attribute(const struct address *device, const char *name)
{
	static char text[128];
	int fd = host_open(device, name, O_RDONLY);
	ssize_t size = read(fd, text, sizeof(text) - 1);

	text[size > 0 ? size : 0] = 0;
	text[strcspn(text, "\n")] = 0;
	close(fd);
	return text;
}

void attribute_set(const struct address *device, const char *name, const char *value)
{
	int fd = host_open(device, name, O_WRONLY);
	ssize_t size = strlen(value);

	need(write(fd, value, size) == size, name);
	close(fd);
}

void driver_write(const char *name, const char *value)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/uldf/%s", name);
	file = fopen(path, "w");
	need(file && fputs(value, file) >= 0, path);
	fclose(file);
}

uint32_t host_read(const struct address *device, unsigned int at, unsigned int width)
{
	int fd = host_open(device, "config", O_RDONLY);
	uint32_t value = 0;

	need(pread(fd, &value, width, at) == (ssize_t)width, "read configuration by sysfs");
	close(fd);
	return value;
}

void host_write(const struct address *device, unsigned int at, unsigned int width, uint32_t value)
{
	int fd = host_open(device, "config", O_WRONLY);

	need(pwrite(fd, &value, width, at) == (ssize_t)width, "write configuration by sysfs");
	close(fd);
}

int host_ports(const struct address *device, unsigned int bar)
{
	char name[16];

	snprintf(name, sizeof(name), "resource%u", bar);
	return host_open(device, name, O_RDWR);
}

volatile void *host_memory(const struct address *device, unsigned int bar, size_t *size)
{
	int fd = host_ports(device, bar);
	struct stat stat_;
	void *at;

	need(!fstat(fd, &stat_), "the size of a BAR");
	*size = stat_.st_size;
	at = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	need(at != MAP_FAILED, "map a BAR by sysfs");
	close(fd);
	return at;
}
