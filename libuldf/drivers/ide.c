// SPDX-License-Identifier: MIT
/* One ATA disk of an IDE controller: its life, and the requests that come and go. */
#include "ide.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <uldf/config.h>
#include <uldf/irq.h>
#include "ide-prd.h"

#define UNITS	   4
#define TABLE_SIZE 4096 /* of PRDs; a page crosses no 64 KiB (BMIDE 1.0 section 1.2) */

/* A page of PRDs describes this much, however scattered: a descriptor for each page, and for each 64 KiB. */
#define MOST_BYTES (1024 * 1024)

#define MOST_BLOCKS_28 256 /* that the count register can say without extension */

/* Of the programming interface (BMIDE 1.0 section 1). */
#define INTERFACE_MASTER 0x80

static struct ide *ide_of(struct uldf_disk *disk)
{
	return (struct ide *)disk;
}

static bool has_flush(const struct ide *ide)
{
	return ide->identity.flush || ide->identity.flush_ext;
}

void ide_end(struct ide *ide, int status)
{
	ide->done = true;
	ide->status = status;
	if (ide->disk.fd >= 0)
		eventfd_write(ide->disk.fd, 1);
}

static int ide_submit(struct uldf_disk *disk, const struct uldf_disk_request *list, size_t count,
		      size_t *done)
{
	struct ide *ide = ide_of(disk);
	bool at_once = false;
	int err;

	*done = 0;
	if (!count || ide->busy)
		return 0;
	if (ide->dead)
		return ide->dead;
	err = disk_check(&disk->info, list);
	if (err)
		return err;
	if (list->command == ULDF_DISK_FLUSH && !has_flush(ide)) {
		at_once = true;
	} else if (disk->info.bounced) {
		at_once = true;
		err = ide_pio(ide, list);
	} else {
		err = ide_issue(ide, list);
		if (err == -EINVAL || err == -ERANGE || err == -E2BIG)
			return err;
	}
	ide->busy = true;
	ide->done = false;
	ide->age = 0;
	ide->tag = list->tag;
	*done = 1;
	/* The disk may still want to move data. */
	if (err)
		ide_recover(ide, err);
	else if (at_once)
		ide_end(ide, 0);
	return 0;
}

static int ide_poll(struct uldf_disk *disk, struct uldf_disk_completion *list, size_t room,
		    size_t *count)
{
	struct ide *ide = ide_of(disk);
	eventfd_t times;
	bool fired = disk->fd >= 0 && !eventfd_read(disk->fd, &times);
	int err = 0;

	*count = 0;
	if (ide->busy && !ide->done && !ide->recovery)
		err = ide_check(ide, !ide->interrupts);
	/* by now the disk has taken its interrupt back */
	if (fired && ide->level)
		err = err ? err : uldf_irq_unmask(disk->device);
	if (err && ide->busy && !ide->done && !ide->recovery)
		ide_recover(ide, err);
	if (!ide->busy || !ide->done || !room)
		return ide->busy ? 0 : err ? err : ide->dead;
	*list = (struct uldf_disk_completion){.tag = ide->tag, .status = ide->status};
	*count = 1;
	ide->busy = false;
	return 0;
}

static size_t ide_pending(const struct uldf_disk *disk)
{
	return ((const struct ide *)disk)->busy;
}

static int ide_expire(struct uldf_disk *disk, unsigned int age)
{
	struct ide *ide = ide_of(disk);
	int err;

	if (ide->recovery)
		return ide_recover_more(ide);
	if (!ide->busy || ide->done)
		return ide->dead;
	/* Its interrupt may have been lost. */
	err = ++ide->age > 1 ? ide_check(ide, true) : 0;
	if (!err && ide->done)
		ide_end(ide, ide->status);
	else if (err || ide->age > age)
		ide_recover(ide, err ? err : -ETIMEDOUT);
	return ide->dead;
}

static void ide_close(struct uldf_disk *disk)
{
	struct ide *ide = ide_of(disk);
	struct ide_batch batch = {.count = 0};

	/* The disk is not waited for. */
	if (ide->busy && !ide->done && !ide->recovery)
		ide_reset_begin(ide);
	if (ide->interrupts) {
		ide_control(&batch, ide, ATA_CONTROL_NIEN);
		ide_batch_run(&batch, ide, 0);
		uldf_irq_disable(disk->device);
	}
	if (ide->master)
		disk_master(disk->device, false);
	uldf_buffer_destroy(ide->table);
	if (disk->fd >= 0)
		close(disk->fd);
	free(ide);
}

static const struct disk_ops ide_ops = {
	.submit = ide_submit,
	.poll = ide_poll,
	.pending = ide_pending,
	.expire = ide_expire,
	.close = ide_close,
};

/*
 * Regions 0 and 1, or 2 and 3. In native mode the control block has four ports, the third of which
 * counts (PCI IDE 1.0 section 2.4); in compatibility mode it is that one port.
 */
static int find_registers(struct ide *ide)
{
	const struct uldf_region *command, *control;

	ide->command_region = (uint8_t)(ide->channel * 2);
	ide->control_region = ide->command_region + 1;
	command = uldf_region_get(ide->disk.device, ide->command_region);
	control = uldf_region_get(ide->disk.device, ide->control_region);
	if (command->size < 8 || !control->size)
		return uldf_device_fail(ide->disk.device, -ENOTSUP,
					"the controller's %s channel has no registers: it is "
					"switched off, or no IDE",
					ide->channel ? "secondary" : "primary");
	ide->control_offset = control->size >= 4 ? 2 : 0;
	return 0;
}

/* The bus master and its table, if all that DMA needs is there. */
static int dma_init(struct ide *ide, struct uldf_space *space)
{
	struct uldf_device *device = ide->disk.device;
	const struct uldf_region *region = uldf_region_get(device, BM_REGION);
	struct ide_batch batch = {.count = 0};
	struct uldf_io *status;
	uint32_t interface;
	int err;

	err = uldf_config_read(device, PCI_CLASS_PROG, 1, &interface);
	if (err)
		return err;
	if (!ide->identity.dma || !(interface & INTERFACE_MASTER) || region->size < 16)
		return -ENOTSUP;
	status = ide_bm_in(&batch, ide, BM_STATUS);
	err = ide_batch_run(&batch, ide, 0);
	if (err)
		return err;
	ide->bm_drives = status->value & BM_STATUS_DRIVES;
	err = uldf_buffer_create(space, TABLE_SIZE, &ide->table);
	if (err)
		return err;
	if (ide->table->bus + TABLE_SIZE > UINT64_C(1) << 32)
		return uldf_device_fail(device, -ERANGE,
					"the space has bus addresses above 4 GiB: make it with "
					"the mask 0xffffffff");
	err = disk_master(device, true);
	ide->master = !err;
	return err;
}

/* Lines of a controller in compatibility mode are vectors of a type of their own. */
static int interrupts_init(struct ide *ide)
{
	struct uldf_device *device = ide->disk.device;
	const struct uldf_device_info *info = uldf_device_info(device);
	struct ide_batch batch = {.count = 0};
	unsigned int vector = 0;
	int err;

	if (info->vectors[ULDF_IRQ_ISA] > ide->channel) {
		vector = ide->channel;
		err = uldf_irq_enable(device, ULDF_IRQ_ISA, vector + 1);
	} else {
		ide->level = true;
		err = uldf_irq_enable(device, ULDF_IRQ_INTX, 1);
	}
	if (err)
		return err;
	ide->interrupts = true;
	err = uldf_irq_bind(device, vector, 1, &ide->disk.fd);
	if (err)
		return err;
	ide_control(&batch, ide, 0);
	return ide_batch_run(&batch, ide, 0);
}

static void info_init(struct ide *ide)
{
	struct uldf_disk_info *info = &ide->disk.info;
	const struct ata_identity *id = &ide->identity;

	memcpy(info->model, id->model, sizeof(info->model));
	memcpy(info->serial, id->serial, sizeof(info->serial));
	info->blocks = id->blocks;
	info->block_size = id->block_size;
	info->most_blocks = MOST_BYTES / id->block_size;
	if (!id->lba48 && info->most_blocks > MOST_BLOCKS_28)
		info->most_blocks = MOST_BLOCKS_28;
	info->depth = 1;
	info->cached = id->cached && !ide->uncached;
}

/* What nothing flushes must not be cached. */
static int cache_init(struct ide *ide)
{
	int err;

	if (!ide->identity.cached || has_flush(ide))
		return 0;
	err = ide_cache_off_begin(ide);
	if (!err)
		err = ide_cache_off_end(ide, DISK_SECONDS);
	ide->uncached = !err;
	if (err == -EIO)
		return uldf_device_fail(ide->disk.device, -ENOTSUP,
					"unit %u has a write cache that can be neither flushed nor "
					"switched off",
					ide->unit);
	return err;
}

/*
 * Data by bus master and ends by interrupt, as far as controller, backend and caller have them. The CPU
 * moving the data, a request is done when it was submitted.
 */
static int ways_init(struct ide *ide, struct uldf_space *space,
		     const struct uldf_disk_options *options)
{
	int err = options->pio ? -ENOTSUP : dma_init(ide, space);

	if (err && err != -ENOTSUP)
		return err;
	ide->disk.info.bounced = err;
	ide->disk.info.fua = !err && ide->identity.fua;
	if (options->polled)
		return 0;
	ide->disk.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (ide->disk.fd < 0)
		return uldf_device_fail(ide->disk.device, -errno, "no eventfd: %s",
					strerror(errno));
	if (ide->disk.info.bounced)
		return 0;
	err = interrupts_init(ide);
	if (err != -ENOTSUP)
		return err;
	close(ide->disk.fd);
	ide->disk.fd = -1;
	return 0;
}

int uldf_ide_open(struct uldf_device *device, struct uldf_space *space,
		  const struct uldf_disk_options *options, struct uldf_disk **out)
{
	static const struct uldf_disk_options defaults;
	struct ide_batch batch = {.count = 0};
	struct ide *ide;
	int err;

	if (!options)
		options = &defaults;
	if (options->unit >= UNITS)
		return uldf_device_fail(device, -EINVAL,
					"an IDE controller has units 0 to %d, no %u", UNITS - 1,
					options->unit);
	ide = calloc(1, sizeof(*ide));
	if (!ide)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	ide->disk = (struct uldf_disk){.ops = &ide_ops, .device = device, .fd = -1};
	ide->unit = options->unit;
	ide->channel = options->unit / 2;
	ide->select = 0xa0 | (options->unit % 2 ? ATA_DEVICE_ONE : 0);
	err = find_registers(ide);
	if (err)
		goto err_close;
	ide_control(&batch, ide, ATA_CONTROL_NIEN);
	err = ide_batch_run(&batch, ide, 0);
	if (err)
		goto err_close;
	err = ide_identify(ide);
	if (!err)
		err = cache_init(ide);
	if (err)
		goto err_close;
	info_init(ide);
	err = ways_init(ide, space, options);
	if (err)
		goto err_close;
	*out = &ide->disk;
	return 0;

err_close:
	ide_close(&ide->disk);
	return err;
}
