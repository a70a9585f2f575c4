// SPDX-License-Identifier: MIT
/* uldf-edu ADDRESS: drives QEMU's edu device. README.md beside this file builds it step by step. */
#include <err.h>
#include <linux/pci_regs.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <uldf.h>

struct edu {
	struct uldf_ctx *ctx;
	struct uldf_device *device;
	struct uldf_space *space;
	struct uldf_buffer *buffer;
	struct pollfd irq; /* the eventfd of its interrupt */
};

static void must(struct edu *edu, const char *what, int err)
{
	char reason[256];

	if (!err)
		return;
	uldf_reason(edu->ctx, reason, sizeof(reason));
	errx(1, "%s (%d): %s", what, err, reason);
}

static const unsigned int ID = 0x00, FACTORIAL = 0x08, STATUS = 0x20, CAUSE = 0x24, ACK = 0x64;
static const unsigned int DMA_FROM = 0x80, DMA_TO = 0x88, DMA_COUNT = 0x90, DMA_COMMAND = 0x98;

static uint64_t get(struct edu *edu, unsigned int offset)
{
	uint64_t value = 0;

	must(edu, "read", uldf_region_read(edu->device, ULDF_BAR0, offset, 4, &value));
	return value;
}

static void set(struct edu *edu, unsigned int offset, uint64_t value)
{
	must(edu, "write",
	     uldf_region_write(edu->device, ULDF_BAR0, offset, offset < DMA_FROM ? 4 : 8, value));
}

static void attach(struct edu *edu)
{
	const uint32_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

	if (uldf_device_info(edu->device)->translated)
		must(edu, "space", uldf_space_create_masked(edu->device, 0xfffffff, &edu->space));
	else
		must(edu, "space", uldf_space_create_bare(edu->device, 0xfffffff, &edu->space));
	must(edu, "attach", uldf_device_attach(edu->device, edu->space));
	must(edu, "buffer", uldf_buffer_create(edu->space, 4096, &edu->buffer));
	must(edu, "master", uldf_config_write(edu->device, PCI_COMMAND, 2, command));
}

static void await(struct edu *edu, uint64_t bit)
{
	eventfd_t n;

	if (poll(&edu->irq, 1, 5000) < 1 || eventfd_read(edu->irq.fd, &n))
		errx(1, "no interrupt: CAUSE is 0x%x", (unsigned int)get(edu, CAUSE));
	if (get(edu, CAUSE) != bit)
		errx(1, "a wrong interrupt: CAUSE is 0x%x", (unsigned int)get(edu, CAUSE));
	set(edu, ACK, bit);
}

static void copy(struct edu *edu, uint64_t from, uint64_t to, uint64_t command)
{
	set(edu, DMA_FROM, from);
	set(edu, DMA_TO, to);
	set(edu, DMA_COUNT, 1024);
	set(edu, DMA_COMMAND, command);
	await(edu, 0x100);
}

int main(int argc, char **argv)
{
	struct edu edu = {.irq = {.fd = eventfd(0, EFD_CLOEXEC), .events = POLLIN}};

	if (argc != 2)
		errx(64, "say which device: uldf-edu ADDRESS");
	if (uldf_ctx_create(&edu.ctx))
		errx(1, "out of memory");
	must(&edu, "open", uldf_device_open(edu.ctx, argv[1], &edu.device));
	if ((get(&edu, ID) & 0xffff) != 0x00ed)
		errx(1, "%s is no edu device", argv[1]);
	set(&edu, ACK, get(&edu, CAUSE));
	attach(&edu);
	must(&edu, "MSI", uldf_irq_enable(edu.device, ULDF_IRQ_MSI, 1));
	must(&edu, "eventfd", uldf_irq_bind(edu.device, 0, 1, &edu.irq.fd));
	set(&edu, STATUS, 0x80);
	set(&edu, FACTORIAL, 10);
	await(&edu, 0x01);
	printf("10! = %u\n", (unsigned int)get(&edu, FACTORIAL));
	snprintf(edu.buffer->address, 1024, "by DMA, there and back");
	copy(&edu, edu.buffer->bus, 0x40000, 1 | 4);
	copy(&edu, 0x40000, edu.buffer->bus + 2048, 1 | 2 | 4);
	printf("%s\n", (char *)edu.buffer->address + 2048);
	uldf_buffer_destroy(edu.buffer);
	uldf_device_close(edu.device);
	return 0;
}
