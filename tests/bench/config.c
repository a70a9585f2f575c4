// SPDX-License-Identifier: MIT
/* Reading a register of the configuration space. */
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <linux/uldf.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "bench.h"

static void *library_begin(const char *address)
{
	return ours_open(address);
}

static void library_step(void *state)
{
	struct ours *ours = state;
	uint32_t value;

	need(!uldf_config_read(ours->device, PCI_STATUS, 2, &value), "read");
}

struct file {
	int fd;
	uint64_t at;
};

static void file_step(void *state)
{
	const struct file *file = state;
	uint16_t value;

	need(pread(file->fd, &value, 2, file->at) == 2, "read");
}

static void *file_begin(int fd, uint64_t at)
{
	struct file *file = calloc(1, sizeof(*file));

	need(file != NULL, "memory");
	*file = (struct file){fd, at};
	return file;
}

/* Without libuldf, as the others are without a library. */
static void *ours_begin(const char *address)
{
	struct uldf_ioc_region_info info = {.argsz = sizeof(info), .index = ULDF_REGION_CONFIG};
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/uldf/%s", address);
	fd = open(path, O_RDWR);
	need(fd >= 0 && !ioctl(fd, ULDF_REGION_INFO, &info), path);
	return file_begin(fd, info.offset + PCI_STATUS);
}

static void *vfio_begin(const char *address)
{
	struct vfio *vfio = vfio_open(address);

	return file_begin(vfio->device,
			  vfio_region(vfio, VFIO_PCI_CONFIG_REGION_INDEX) + PCI_STATUS);
}

static void *uio_begin(const char *address)
{
	return file_begin(uio_open(address)->config, PCI_STATUS);
}

const struct bench_case config_cases[] = {
	{"config-read", "kmod", "edu", ours_begin, file_step, NULL, NULL},
	{"config-read", "vfio", "edu", vfio_begin, file_step, NULL, NULL},
	{"config-read", "uio", "edu", uio_begin, file_step, NULL, NULL},
	{"config-read-library", "kmod", "edu", library_begin, library_step, NULL, NULL},
	{0},
};
