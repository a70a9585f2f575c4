// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <glob.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bench.h"

static int file_open(struct uio *uio, const char *name)
{
	char path[sizeof(uio->folder) + 32];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", uio->folder, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	need(fd >= 0, path);
	return fd;
}

static int interrupt_open(struct uio *uio)
{
	char pattern[sizeof(uio->folder) + 32], path[64];
	glob_t found;
	int fd = -1;

	snprintf(pattern, sizeof(pattern), "%s/uio/uio*", uio->folder);
	if (!glob(pattern, 0, NULL, &found)) {
		snprintf(path, sizeof(path), "/dev%s", strrchr(found.gl_pathv[0], '/'));
		fd = open(path, O_RDWR | O_CLOEXEC);
		need(fd >= 0, path);
		globfree(&found);
	}
	return fd;
}

struct uio *uio_open(const char *address)
{
	struct uio *uio = calloc(1, sizeof(*uio));

	need(uio != NULL, "memory");
	snprintf(uio->folder, sizeof(uio->folder), "/sys/bus/pci/devices/%s", address);
	uio->config = file_open(uio, "config");
	uio->fd = interrupt_open(uio);
	return uio;
}

int uio_resource(struct uio *uio, unsigned int index)
{
	char name[16];

	snprintf(name, sizeof(name), "resource%u", index);
	return file_open(uio, name);
}

void uio_command(struct uio *uio, uint16_t set, uint16_t clear)
{
	uint16_t command;

	need(pread(uio->config, &command, 2, PCI_COMMAND) == 2, "read the command register");
	command = (command | set) & ~clear;
	need(pwrite(uio->config, &command, 2, PCI_COMMAND) == 2, "write the command register");
}
