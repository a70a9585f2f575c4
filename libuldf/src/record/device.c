// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "record/recorder.h"

static void record_region(struct recorder *recorder, const struct uldf_device *device,
			  unsigned int index)
{
	const struct uldf_region *region = &device->regions[index];
	const struct uldf_record record = {
		.kind = ULDF_RECORD_REGION,
		.count = 4,
		.args = {index, region->size, region->address,
			 (uint64_t)region->ports | (uint64_t)region->prefetchable << 1 |
				 (uint64_t)region->is64 << 2 | (uint64_t)region->fixed << 3 |
				 (uint64_t)region->writable << 4},
	};

	recorder_add(recorder, &record);
}

static void record_device(struct recorder *recorder, const struct uldf_device *device)
{
	const struct uldf_device_info *info = &device->info;
	const struct uldf_record record = {
		.kind = ULDF_RECORD_DEVICE,
		.count = 6,
		.args = {info->vectors[ULDF_IRQ_INTX], info->vectors[ULDF_IRQ_MSI],
			 info->vectors[ULDF_IRQ_MSIX], info->vectors[ULDF_IRQ_ISA], info->resets,
			 info->translated},
		.data = (const uint8_t *)info->address,
		.size = strlen(info->address),
	};

	recorder_add(recorder, &record);
	for (unsigned int i = 0; i < ULDF_REGION_COUNT; i++)
		record_region(recorder, device, i);
}

int record_wrap(struct uldf_device *outer, struct uldf_device *inner, const char *path)
{
	struct relay_owner owner;
	struct recorder *recorder;
	int err = recorder_create(outer->ctx, path, &recorder);

	if (err)
		return err;
	for (unsigned int i = 0; i < ULDF_IRQ_TYPES; i++)
		if (recorder->event_line < inner->info.vectors[i])
			recorder->event_line = inner->info.vectors[i];
	recorder->fired = calloc(recorder->event_line + 1, sizeof(*recorder->fired));
	if (!recorder->fired) {
		recorder_put(recorder);
		return ctx_fail(outer->ctx, -ENOMEM, "out of memory");
	}
	decorator_init(&recorder->decorator, outer, inner, false);
	record_device(recorder, outer);
	owner = (struct relay_owner){&recorder->lock, record_fired, record_tick, recorder};
	err = relay_create(recorder->event_line + 1, &owner, &recorder->relay);
	if (err) {
		recorder_put(recorder);
		return ctx_fail(outer->ctx, err, "cannot relay interrupts: %s", ctx_strerror(err));
	}
	return 0;
}

static int record_open(struct uldf_device *device, const char *rest)
{
	struct uldf_device *inner;
	const char *address;
	char *path;
	int err = decorator_parse(device->ctx, rest, &path, &address);

	if (err)
		return err;
	if (!path)
		return ctx_fail(device->ctx, -EINVAL, "record%s: say where to: record=FILE:ADDRESS",
				rest);
	err = uldf_device_open(device->ctx, address, &inner);
	if (err)
		goto err_path;
	err = record_wrap(device, inner, path);
	if (err)
		goto err_close;
	free(path);
	return 0;
err_close:
	uldf_device_close(inner);
err_path:
	free(path);
	return err;
}

static void record_close(struct uldf_device *device)
{
	struct recorder *recorder = device->priv;
	struct relay *relay = recorder->relay;
	struct record_call call;

	recorder_begin_always(recorder, ULDF_RECORD_CLOSE, &call);
	decorator_fini(&recorder->decorator);
	recorder_write(&call, 0, 0);
	recorder_show(recorder);
	/* Spaces may be used later. */
	recorder->relay = NULL;
	recorder_end(&call);
	relay_destroy(relay);
	if (recorder->err)
		ctx_fail(recorder->ctx, recorder->err, "cannot record to %s: %s", recorder->path,
			 ctx_strerror(recorder->err));
	recorder_put(recorder);
}

static int record_reset(struct uldf_device *device, enum uldf_reset *how)
{
	struct record_call call;
	enum uldf_reset done = ULDF_RESET_BY_NOTHING;
	int err = recorder_begin(device->priv, ULDF_RECORD_RESET, &call);

	if (err)
		return err;
	err = decorator_reset(device, &done);
	recorder_write(&call, err, 1, (uint64_t)done);
	recorder_end(&call);
	if (!err)
		*how = done;
	return err;
}

static int record_power(struct uldf_device *device, unsigned int state)
{
	struct record_call call;
	int err = recorder_begin(device->priv, ULDF_RECORD_POWER, &call);

	if (err)
		return err;
	err = decorator_power(device, state);
	recorder_write(&call, err, 1, (uint64_t)state);
	recorder_end(&call);
	return err;
}

static int record_functions(struct uldf_device *device, unsigned int count)
{
	struct record_call call;
	int err = recorder_begin(device->priv, ULDF_RECORD_FUNCTIONS, &call);

	if (err)
		return err;
	err = decorator_functions(device, count);
	recorder_write(&call, err, 1, (uint64_t)count);
	recorder_end(&call);
	return err;
}

static int record_enter(struct uldf_device *device, struct uldf_space *space,
			enum uldf_record_kind kind)
{
	const struct record_space *recorded = space->priv;
	struct record_call call;
	int err;

	if ((void *)recorded->recorder != device->priv)
		return uldf_device_fail(
			device, -ENOTSUP,
			"the space is another recording's: only a space made for the "
			"device can be recorded with it");
	err = recorder_begin(device->priv, kind, &call);
	if (err)
		return err;
	if (kind == ULDF_RECORD_MOVE)
		err = decorator_move(device, space);
	else
		err = decorator_attach(device, space);
	recorder_write(&call, err, 1, recorded->number);
	recorder_end(&call);
	return err;
}

static int record_attach(struct uldf_device *device, struct uldf_space *space)
{
	return record_enter(device, space, ULDF_RECORD_ATTACH);
}

static int record_move(struct uldf_device *device, struct uldf_space *space)
{
	return record_enter(device, space, ULDF_RECORD_MOVE);
}

static int record_detach(struct uldf_device *device)
{
	struct record_call call;
	int err;

	recorder_begin_always(device->priv, ULDF_RECORD_DETACH, &call);
	err = decorator_detach(device);
	recorder_write(&call, err, 0);
	recorder_end(&call);
	return err;
}

static int record_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
			      unsigned int width, uint64_t *out)
{
	struct record_call call;
	uint64_t value = 0;
	int err = recorder_begin(device->priv, ULDF_RECORD_READ, &call);

	if (err)
		return err;
	err = decorator_region_read(device, index, offset, width, &value);
	recorder_write(&call, err, 4, (uint64_t)index, offset, (uint64_t)width, value);
	recorder_end(&call);
	if (!err)
		*out = value;
	return err;
}

static int record_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
			       unsigned int width, uint64_t value)
{
	struct record_call call;
	int err = recorder_begin(device->priv, ULDF_RECORD_WRITE, &call);

	if (err)
		return err;
	err = decorator_region_write(device, index, offset, width, value);
	recorder_write(&call, err, 4, (uint64_t)index, offset, (uint64_t)width, value);
	recorder_end(&call);
	return err;
}

/* A string's data: what is written always, what is read when it was. */
static void record_io(struct recorder *recorder, const struct uldf_io *io, uint64_t given,
		      bool done)
{
	struct uldf_record record = {
		.kind = ULDF_RECORD_IO,
		.count = 8,
		.args = {io->kind, io->region, io->offset, io->width, io->count, given,
			 io->kind == ULDF_IO_POLL ? io->mask : 0, io->value},
		.time = recorder_now(recorder),
	};

	if (io->kind == ULDF_IO_WRITE_STRING || (io->kind == ULDF_IO_READ_STRING && done)) {
		record.data = io->data;
		record.size = (size_t)io->count * io->width;
	}
	recorder_add(recorder, &record);
}

static int record_io_batch(struct uldf_device *device, struct uldf_io *list, size_t count,
			   size_t *done)
{
	uint64_t given[ULDF_IO_BATCH_MAX];
	struct record_call call;
	size_t number = 0;
	int err = recorder_begin(device->priv, ULDF_RECORD_BATCH, &call);

	if (err)
		return err;
	for (size_t i = 0; i < count; i++)
		given[i] = list[i].value;
	err = decorator_io_batch(device, list, count, &number);
	recorder_write(&call, err, 2, (uint64_t)count, (uint64_t)number);
	for (size_t i = 0; i < count; i++)
		record_io(call.recorder, &list[i], given[i], i < number);
	recorder_end(&call);
	*done = number;
	return err;
}

const struct uldf_backend_ops record_backend = {
	.name = "record",
	.decorates = true,
	.open = record_open,
	.close = record_close,
	.reset = record_reset,
	.attach = record_attach,
	.move = record_move,
	.detach = record_detach,
	.region_read = record_region_read,
	.region_write = record_region_write,
	.region_map = decorator_no_region_map,
	.region_unmap = decorator_no_region_unmap,
	.irq_enable = record_irq_enable,
	.irq_reserve = record_irq_enable, /* so that a recording has one form of it */
	.irq_disable = record_irq_disable,
	.irq_bind = record_irq_bind,
	.irq_bind_unmask = record_irq_bind_unmask,
	.irq_mask = record_irq_mask,
	.irq_unmask = record_irq_unmask,
	.io_batch = record_io_batch,
	.irq_counts = record_irq_counts,
	.event_bind = record_event_bind,
	.event_read = record_event_read,
	.power = record_power,
	.set_guest = decorator_set_guest,
	.functions = record_functions,
	.region_fd = decorator_no_region_fd,
	.space_create = record_space_create,
	.space_destroy = record_space_destroy,
	.space_reserved = record_space_reserved,
	.memory_register = record_memory_register,
	.memory_region = decorator_no_memory_region,
	.memory_share = record_memory_share,
	.memory_unregister = record_memory_unregister,
	.map = record_map,
	.map_anywhere = record_map_anywhere,
	.unmap = record_unmap,
	.unmap_range = record_unmap_range,
	.revoke = record_revoke,
	.segments_map = record_segments_map,
	.segments_unmap = record_segments_unmap,
	.coherent_alloc = record_coherent_alloc,
	.coherent_free = record_coherent_free,
};
