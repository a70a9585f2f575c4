// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "bench.h"

static int group_open(const char *address)
{
	char link[80], target[128], path[160];
	ssize_t length;
	int fd;

	snprintf(link, sizeof(link), "/sys/bus/pci/devices/%s/iommu_group", address);
	length = readlink(link, target, sizeof(target) - 1);
	need(length > 0, "find the IOMMU group");
	target[length] = '\0';
	snprintf(path, sizeof(path), "/dev/vfio%s", strrchr(target, '/'));
	fd = open(path, O_RDWR | O_CLOEXEC);
	need(fd >= 0, path);
	return fd;
}

struct vfio *vfio_open(const char *address)
{
	struct vfio *vfio = calloc(1, sizeof(*vfio));
	int group = group_open(address);

	need(vfio != NULL, "memory");
	vfio->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	need(vfio->container >= 0, "/dev/vfio/vfio");
	need(!ioctl(group, VFIO_GROUP_SET_CONTAINER, &vfio->container), "put the group in");
	need(!ioctl(vfio->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), "choose type 1");
	vfio->device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, address);
	need(vfio->device >= 0, "open the device");
	return vfio;
}

/* Answers where in the device's file the region begins. */
uint64_t vfio_region(struct vfio *vfio, unsigned int index)
{
	struct vfio_region_info info = {.argsz = sizeof(info), .index = index};

	need(!ioctl(vfio->device, VFIO_DEVICE_GET_REGION_INFO, &info), "describe a region");
	return info.offset;
}

void vfio_command(struct vfio *vfio, uint16_t set)
{
	uint64_t at = vfio_region(vfio, VFIO_PCI_CONFIG_REGION_INDEX) + PCI_COMMAND;
	uint16_t command;

	need(pread(vfio->device, &command, 2, at) == 2, "read the command register");
	command |= set;
	need(pwrite(vfio->device, &command, 2, at) == 2, "write the command register");
}

void vfio_irq(struct vfio *vfio, unsigned int index, uint32_t flags, int fd)
{
	struct {
		struct vfio_irq_set set;
		int32_t fd;
	} call = {
		.set = {.argsz = sizeof(call.set), .flags = flags, .index = index, .count = 1},
		.fd = fd,
	};

	if (flags & VFIO_IRQ_SET_DATA_EVENTFD)
		call.set.argsz += sizeof(call.fd);
	need(!ioctl(vfio->device, VFIO_DEVICE_SET_IRQS, &call), "set an interrupt");
}
