// SPDX-License-Identifier: MIT
/* Reading a register of the configuration space. */
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <unistd.h>
#include "bench.h"

static void *ours_begin(const char *address)
{
	return ours_open(address);
}

static void ours_step(void *state)
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
	{"config-read", "kmod", "edu", ours_begin, ours_step, NULL, NULL},
	{"config-read", "vfio", "edu", vfio_begin, file_step, NULL, NULL},
	{"config-read", "uio", "edu", uio_begin, file_step, NULL, NULL},
	{0},
};
