// SPDX-License-Identifier: MIT
/* Issuing an ATA command: seven writes of the task file, and the status read back. */
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bench.h"

enum {
	WRITES = 7,
};

/* Features, count, address low, middle and high, device, command. */
static const uint8_t task[WRITES] = {0, 0, 0, 0, 0, 0xa0, ATA_CHECK_POWER_MODE};

struct ide {
	struct ours *ours;
	int fd;
	uint64_t command; /* where the file has the command block */
};

static struct ide *ide_new(void)
{
	struct ide *ide = calloc(1, sizeof(*ide));

	need(ide != NULL, "memory");
	return ide;
}

static void *ours_begin(const char *address)
{
	struct ide *ide = ide_new();

	ide->ours = ours_open(address);
	ours_need(ide->ours,
		  uldf_region_write(ide->ours->device, 1, ATA_CONTROL, 1, ATA_NO_INTERRUPT),
		  "switch interrupts off");
	return ide;
}

static void ours_batch_step(void *state)
{
	struct ide *ide = state;
	struct uldf_io list[WRITES + 1];

	for (unsigned int i = 0; i < WRITES; i++)
		list[i] = (struct uldf_io){
			.kind = ULDF_IO_WRITE,
			.width = 1,
			.offset = ATA_FEATURES + i,
			.value = task[i],
		};
	list[WRITES] = (struct uldf_io){.kind = ULDF_IO_READ, .width = 1, .offset = ATA_STATUS};
	ours_need(ide->ours, uldf_io_batch(ide->ours->device, list, WRITES + 1, NULL), "batch");
}

static void ours_single_step(void *state)
{
	struct ide *ide = state;
	uint64_t status;

	for (unsigned int i = 0; i < WRITES; i++)
		ours_need(ide->ours,
			  uldf_region_write(ide->ours->device, 0, ATA_FEATURES + i, 1, task[i]),
			  "write");
	ours_need(ide->ours, uldf_region_read(ide->ours->device, 0, ATA_STATUS, 1, &status),
		  "read");
}

static void ours_rest(void *state)
{
	struct ide *ide = state;
	uint64_t status = ATA_BUSY;

	while (status & ATA_BUSY)
		ours_need(ide->ours, uldf_region_read(ide->ours->device, 0, ATA_STATUS, 1, &status),
			  "read the status");
}

static void *vfio_begin(const char *address)
{
	const uint8_t off = ATA_NO_INTERRUPT;
	struct ide *ide = ide_new();
	struct vfio *vfio = vfio_open(address);

	vfio_command(vfio, PCI_COMMAND_IO);
	ide->fd = vfio->device;
	ide->command = vfio_region(vfio, VFIO_PCI_BAR0_REGION_INDEX);
	need(pwrite(ide->fd, &off, 1, vfio_region(vfio, 1) + ATA_CONTROL) == 1,
	     "switch interrupts off");
	return ide;
}

static void *uio_begin(const char *address)
{
	const uint8_t off = ATA_NO_INTERRUPT;
	struct ide *ide = ide_new();
	struct uio *uio = uio_open(address);

	uio_command(uio, PCI_COMMAND_IO, 0);
	ide->fd = uio_resource(uio, 0);
	need(pwrite(uio_resource(uio, 1), &off, 1, ATA_CONTROL) == 1, "switch interrupts off");
	return ide;
}

static void file_step(void *state)
{
	const struct ide *ide = state;
	uint8_t status;

	for (unsigned int i = 0; i < WRITES; i++)
		need(pwrite(ide->fd, &task[i], 1, ide->command + ATA_FEATURES + i) == 1, "write");
	need(pread(ide->fd, &status, 1, ide->command + ATA_STATUS) == 1, "read");
}

static void file_rest(void *state)
{
	const struct ide *ide = state;
	uint8_t status = ATA_BUSY;

	while (status & ATA_BUSY)
		need(pread(ide->fd, &status, 1, ide->command + ATA_STATUS) == 1, "read the status");
}

const struct bench_case ide_cases[] = {
	{"ide-command", "kmod", "ide", ours_begin, ours_batch_step, ours_rest, NULL},
	{"ide-command", "vfio", "ide", vfio_begin, file_step, file_rest, NULL},
	{"ide-command", "uio", "ide", uio_begin, file_step, file_rest, NULL},
	{"ide-command-single", "kmod", "ide", ours_begin, ours_single_step, ours_rest, NULL},
	{"ide-command-single", "vfio", "ide", vfio_begin, file_step, file_rest, NULL},
	{0},
};
