// SPDX-License-Identifier: MIT
#include <errno.h>
#include "ide.h"

/* Microseconds that a poll waits in the kernel: for a bit to clear, until it is asked again; and to set. */
#define CLEAR_SLICE 100000
#define SET_SLICE   1000

static struct uldf_io *add(struct ide_batch *batch, struct uldf_io io)
{
	batch->list[batch->count] = io;
	batch->wanted[batch->count] = (uint8_t)io.value;
	return &batch->list[batch->count++];
}

void ide_out(struct ide_batch *batch, const struct ide *ide, unsigned int reg, uint8_t value)
{
	add(batch, (struct uldf_io){.kind = ULDF_IO_WRITE,
				    .width = 1,
				    .region = ide->command_region,
				    .offset = reg,
				    .value = value});
}

struct uldf_io *ide_in(struct ide_batch *batch, const struct ide *ide, unsigned int reg)
{
	return add(batch, (struct uldf_io){.kind = ULDF_IO_READ,
					   .width = 1,
					   .region = ide->command_region,
					   .offset = reg});
}

void ide_control(struct ide_batch *batch, const struct ide *ide, uint8_t value)
{
	add(batch, (struct uldf_io){.kind = ULDF_IO_WRITE,
				    .width = 1,
				    .region = ide->control_region,
				    .offset = ide->control_offset,
				    .value = value});
}

struct uldf_io *ide_alternate(struct ide_batch *batch, const struct ide *ide)
{
	return add(batch, (struct uldf_io){.kind = ULDF_IO_READ,
					   .width = 1,
					   .region = ide->control_region,
					   .offset = ide->control_offset});
}

struct uldf_io *ide_until(struct ide_batch *batch, const struct ide *ide, uint8_t mask,
			  uint8_t value)
{
	return add(batch, (struct uldf_io){.kind = ULDF_IO_POLL,
					   .width = 1,
					   .region = ide->control_region,
					   .offset = ide->control_offset,
					   .count = value ? SET_SLICE : CLEAR_SLICE,
					   .value = value,
					   .mask = mask});
}

void ide_string(struct ide_batch *batch, const struct ide *ide, enum uldf_io_kind kind, void *data,
		uint32_t count)
{
	add(batch, (struct uldf_io){.kind = kind,
				    .width = 2,
				    .region = ide->command_region,
				    .offset = ATA_DATA,
				    .count = count,
				    .data = data});
}

void ide_bm_out(struct ide_batch *batch, const struct ide *ide, unsigned int reg, uint8_t width,
		uint32_t value)
{
	add(batch, (struct uldf_io){.kind = ULDF_IO_WRITE,
				    .width = width,
				    .region = BM_REGION,
				    .offset = ide->channel * BM_CHANNEL + reg,
				    .value = value});
}

void ide_bm_clear(struct ide_batch *batch, const struct ide *ide)
{
	ide_bm_out(batch, ide, BM_STATUS, 1, ide->bm_drives | BM_STATUS_IRQ | BM_STATUS_ERROR);
}

struct uldf_io *ide_bm_in(struct ide_batch *batch, const struct ide *ide, unsigned int reg)
{
	return add(batch, (struct uldf_io){.kind = ULDF_IO_READ,
					   .width = 1,
					   .region = BM_REGION,
					   .offset = ide->channel * BM_CHANNEL + reg});
}

int ide_batch_run(struct ide_batch *batch, const struct ide *ide, unsigned int seconds)
{
	uint64_t slices = UINT64_C(1000000) / CLEAR_SLICE * seconds;
	size_t next = 0;

	for (;;) {
		size_t done = 0;
		int err = uldf_io_batch(ide->disk.device, batch->list + next, batch->count - next,
					&done);

		if (err != -ETIMEDOUT || batch->wanted[next + done] || !slices--)
			return err;
		next += done;
		/* What was read stands where what is wanted stood. */
		batch->list[next].value = batch->wanted[next];
	}
}
