// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ctx.h"
#include "dma_fault.h"

/* The priority of what the kernel itself writes is below: its facility is 0. */
#define PRIORITIES 8

/* Bits of an event (AMD I/O Virtualization Technology specification 3.08, section 2.5.3). */
#define AMD_INTERRUPT 0x08
#define AMD_WRITE     0x20

/* A device's address as text, with its end. */
#define DEVICE_TEXT 16

struct uldf_dma_faults {
	int fd;
};

static bool set_device(struct uldf_dma_fault *fault, const char *text)
{
	fault->any_segment = strchr(text, ':') == strrchr(text, ':');
	return !uldf_address_parse(text, &fault->device);
}

/* "DMAR: [DMA Write NO_PASID] Request device [00:07.0] fault addr 0x1000 [fault reason 0x05] ..." */
static bool parse_intel(const char *text, struct uldf_dma_fault *fault)
{
	char direction[8], device[DEVICE_TEXT];
	unsigned long long address;

	if (sscanf(text, "DMAR: [DMA %7s %*[^]]] Request device [%15[^]]] fault addr %llx",
		   direction, device, &address) != 3)
		return false;
	fault->write = !strcmp(direction, "Write");
	fault->address = address;
	return (fault->write || !strcmp(direction, "Read")) && set_device(fault, device);
}

/* The device's name in "DRIVER NAME: " before @end. */
static bool copy_name(const char *text, const char *end, char name[DEVICE_TEXT])
{
	const char *start;
	size_t length;

	if (end - text < 2 || strncmp(end - 2, ": ", 2))
		return false;
	end -= 2;
	for (start = end; start > text && start[-1] != ' ';)
		start--;
	length = (size_t)(end - start);
	if (length >= DEVICE_TEXT)
		return false;
	memcpy(name, start, length);
	name[length] = 0;
	return true;
}

/*
 * "nvme 0000:00:07.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000f address=0x1000 flags=0x0020]", or of a device
 * that the kernel does not know "AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:00:07.0 domain=..."
 */
static bool parse_amd(const char *text, struct uldf_dma_fault *fault)
{
	static const char title[] = "AMD-Vi: Event logged [IO_PAGE_FAULT ";
	const char *event = strstr(text, title), *rest;
	char device[DEVICE_TEXT];
	unsigned long long address;
	unsigned int flags;
	int length = 0;

	if (!event)
		return false;
	rest = event + strlen(title);
	if (sscanf(rest, "device=%15[^ ] %n", device, &length) != 1 &&
	    !copy_name(text, event, device))
		return false;
	if (sscanf(rest + length, "domain=%*x address=%llx flags=%x", &address, &flags) != 2 ||
	    flags & AMD_INTERRUPT)
		return false;
	fault->write = flags & AMD_WRITE;
	fault->address = address;
	return set_device(fault, device);
}

bool dma_fault_parse(const char *record, struct uldf_dma_fault *out)
{
	const char *text = strchr(record, ';');
	struct uldf_dma_fault fault = {.write = false};

	if (!text || strtoul(record, NULL, 10) >= PRIORITIES)
		return false;
	text++;
	if (!parse_intel(text, &fault) && !parse_amd(text, &fault))
		return false;
	*out = fault;
	return true;
}

int dma_fault_next(int fd, struct uldf_dma_fault *out)
{
	char record[DMA_FAULT_RECORD + 1];
	ssize_t got;

	for (;;) {
		got = read(fd, record, DMA_FAULT_RECORD);
		if (got < 0 && errno == EAGAIN)
			return 0;
		/* EPIPE: the kernel has overwritten records that were not read. */
		if (got < 0 && errno != EINTR && errno != EPIPE)
			return -errno;
		if (got == 0)
			return 0;
		if (got < 0)
			continue;
		record[got] = 0;
		if (dma_fault_parse(record, out))
			return 1;
	}
}

int uldf_dma_faults_open(struct uldf_ctx *ctx, struct uldf_dma_faults **out)
{
	struct uldf_dma_faults *faults = malloc(sizeof(*faults));
	int err;

	if (!faults)
		return ctx_fail(ctx, -ENOMEM, "out of memory");
	faults->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (faults->fd >= 0 && lseek(faults->fd, 0, SEEK_END) >= 0) {
		*out = faults;
		return 0;
	}
	err = ctx_fail(ctx, -errno,
		       "cannot read of DMA faults in /dev/kmsg: %s: it takes CAP_SYSLOG, or "
		       "kernel.dmesg_restrict = 0",
		       ctx_strerror(-errno));
	if (faults->fd >= 0)
		close(faults->fd);
	free(faults);
	return err;
}

void uldf_dma_faults_close(struct uldf_dma_faults *faults)
{
	if (!faults)
		return;
	close(faults->fd);
	free(faults);
}

int uldf_dma_faults_fd(const struct uldf_dma_faults *faults)
{
	return faults->fd;
}

int uldf_dma_faults_read(struct uldf_dma_faults *faults, struct uldf_dma_fault *out)
{
	return dma_fault_next(faults->fd, out);
}

bool uldf_dma_fault_is_of(const struct uldf_dma_fault *fault, const struct uldf_address *device)
{
	return (fault->any_segment || fault->device.segment == device->segment) &&
	       fault->device.bus == device->bus && fault->device.device == device->device &&
	       fault->device.function == device->function;
}
