// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "eventfds.h"
#include "replay/replay.h"

/* A table of vectors is as long as MSI-X allows (PCI 3.0 section 6.8.2.3). */
#define VECTORS_MAX 2048

static int read_device(struct replay *replay, struct uldf_device *device)
{
	const struct uldf_record *record = &replay->next;

	if (replay_fetch(replay) || record->kind != ULDF_RECORD_DEVICE ||
	    record->size >= sizeof(device->info.address))
		return replay_diverge(replay, "no device is described");
	memcpy(device->info.address, record->data, record->size);
	for (unsigned int i = 0; i < ULDF_IRQ_TYPES; i++) {
		if (record->args[i] > VECTORS_MAX)
			return replay_diverge(replay, "no device has so many vectors");
		device->info.vectors[i] = (uint32_t)record->args[i];
		if (replay->event_line < device->info.vectors[i])
			replay->event_line = device->info.vectors[i];
	}
	device->info.resets = record->args[4];
	device->info.translated = record->args[5];
	replay->ahead = false;
	return 0;
}

static int read_region(struct replay *replay, struct uldf_device *device, unsigned int index)
{
	const struct uldf_record *record = &replay->next;

	if (replay_fetch(replay) || record->kind != ULDF_RECORD_REGION || record->args[0] != index)
		return replay_diverge(replay, "region %u is not described", index);
	device->regions[index] = (struct uldf_region){
		.size = record->args[1],
		.address = record->args[2],
		.ports = record->args[3] & 1,
		.prefetchable = record->args[3] >> 1 & 1,
		.is64 = record->args[3] >> 2 & 1,
		.fixed = record->args[3] >> 3 & 1,
		.writable = record->args[3] >> 4 & 1,
	};
	replay->ahead = false;
	return 0;
}

static int replay_open(struct uldf_device *device, const char *rest)
{
	struct replay *replay;
	int err;

	if (!*rest)
		return ctx_fail(device->ctx, -EINVAL, "say what to replay: replay:FILE");
	err = replay_create(device->ctx, rest, &replay);
	if (err)
		return err;
	err = read_device(replay, device);
	for (unsigned int i = 0; !err && i < ULDF_REGION_COUNT; i++)
		err = read_region(replay, device, i);
	if (err)
		goto err_put;
	replay->lines = malloc((replay->event_line + 1) * sizeof(*replay->lines));
	if (!replay->lines) {
		err = ctx_fail(device->ctx, -ENOMEM, "out of memory");
		goto err_put;
	}
	for (unsigned int i = 0; i <= replay->event_line; i++)
		replay->lines[i] = -1;
	err = replay_start(replay);
	if (err) {
		ctx_fail(device->ctx, err, "replay %s: no thread: %s", rest, ctx_strerror(err));
		goto err_put;
	}
	device->priv = replay;
	return 0;
err_put:
	replay_put(replay);
	return err;
}

static void replay_close(struct uldf_device *device)
{
	struct replay *replay = device->priv;
	struct uldf_record record;

	if (!replay_begin(replay, ULDF_RECORD_CLOSE, &record, 0))
		replay_end(replay, &record);
	replay_stop(replay);
	replay_put(replay);
}

static int replay_reset(struct uldf_device *device, enum uldf_reset *how)
{
	struct uldf_record record;
	int err = replay_begin(device->priv, ULDF_RECORD_RESET, &record, 0);

	if (err)
		return err;
	if (record.args[0] > ULDF_RESET_BY_BUS) {
		replay_diverge(device->priv, "no reset has number %" PRIu64, record.args[0]);
		return replay_abort(device->priv);
	}
	err = replay_end(device->priv, &record);
	if (!err)
		*how = (enum uldf_reset)record.args[0];
	return err;
}

static int replay_enter(struct uldf_device *device, struct uldf_space *space,
			enum uldf_record_kind kind)
{
	const struct replay_space *replayed = space->priv;
	struct uldf_record record;
	int err;

	if ((void *)replayed->replay != device->priv)
		return uldf_device_fail(device, -ENOTSUP, "the space is another recording's");
	err = replay_begin(device->priv, kind, &record, 1, replayed->number);
	return err ? err : replay_end(device->priv, &record);
}

static int replay_attach(struct uldf_device *device, struct uldf_space *space)
{
	return replay_enter(device, space, ULDF_RECORD_ATTACH);
}

static int replay_move(struct uldf_device *device, struct uldf_space *space)
{
	return replay_enter(device, space, ULDF_RECORD_MOVE);
}

static int simple(struct uldf_device *device, enum uldf_record_kind kind, unsigned int count,
		  uint64_t first, uint64_t second)
{
	struct uldf_record record;
	int err = replay_begin(device->priv, kind, &record, count, first, second);

	return err ? err : replay_end(device->priv, &record);
}

static int replay_detach(struct uldf_device *device)
{
	return simple(device, ULDF_RECORD_DETACH, 0, 0, 0);
}

static int replay_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
			      unsigned int width, uint64_t *out)
{
	struct uldf_record record;
	int err = replay_begin(device->priv, ULDF_RECORD_READ, &record, 3, (uint64_t)index, offset,
			       (uint64_t)width);

	if (err)
		return err;
	err = replay_end(device->priv, &record);
	if (!err)
		*out = record.args[3];
	return err;
}

static int replay_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
			       unsigned int width, uint64_t value)
{
	struct uldf_record record;
	int err = replay_begin(device->priv, ULDF_RECORD_WRITE, &record, 4, (uint64_t)index, offset,
			       (uint64_t)width, value);

	return err ? err : replay_end(device->priv, &record);
}

static int replay_irq_enable(struct uldf_device *device, enum uldf_irq_type type,
			     unsigned int count)
{
	return simple(device, ULDF_RECORD_IRQ_ENABLE, 2, type, count);
}

static void line_set(struct replay *replay, unsigned int line, int fd)
{
	if (replay->lines[line] >= 0)
		close(replay->lines[line]);
	replay->lines[line] = fd;
}

static int replay_irq_disable(struct uldf_device *device)
{
	struct replay *replay = device->priv;
	struct uldf_record record;
	int err = replay_begin(replay, ULDF_RECORD_IRQ_DISABLE, &record, 0);

	if (err)
		return err;
	/* What fired before goes to the eventfds that were bound. */
	replay_act(replay, REPLAY_RETURNS);
	for (unsigned int i = 0; !record.result && i < replay->event_line; i++)
		line_set(replay, i, -1);
	return replay_end(replay, &record);
}

/* What cannot be bound here answers as when recorded, if it could not then either. */
static int bind_lines(struct replay *replay, const struct uldf_record *record, unsigned int first,
		      unsigned int count, const int *fds)
{
	for (unsigned int i = 0; !record->result && i < count; i++) {
		int fd = -1;

		if (fds[i] >= 0) {
			fd = fds[i] >= 0 && !eventfds_check(&fds[i], 1)
				     ? fcntl(fds[i], F_DUPFD_CLOEXEC, 0)
				     : -1;
			if (fd < 0)
				return replay_diverge(replay,
						      "vector %u: not an eventfd, as it was when "
						      "recorded",
						      first + i);
		}
		line_set(replay, first + i, fd);
	}
	return 0;
}

static int replay_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
			   const int *fds)
{
	struct replay *replay = device->priv;
	struct uldf_record record;
	int err = replay_begin(replay, ULDF_RECORD_IRQ_BIND, &record, 2, (uint64_t)first,
			       (uint64_t)count);

	if (err)
		return err;
	err = replay_expect(replay, &record, "count", count, record.size);
	for (unsigned int i = 0; !err && i < count; i++)
		err = replay_expect(replay, &record, "eventfd", fds[i] >= 0, record.data[i]);
	if (!err)
		err = bind_lines(replay, &record, first, count, fds);
	return err ? replay_abort(replay) : replay_end(replay, &record);
}

static int replay_event_bind(struct uldf_device *device, int fd)
{
	struct replay *replay = device->priv;
	struct uldf_record record;
	int err = replay_begin(replay, ULDF_RECORD_EVENT_BIND, &record, 1, (uint64_t)(fd >= 0));

	if (err)
		return err;
	err = bind_lines(replay, &record, replay->event_line, 1, &fd);
	return err ? replay_abort(replay) : replay_end(replay, &record);
}

static int replay_event_read(struct uldf_device *device, unsigned int *events)
{
	struct uldf_record record;
	int err = replay_begin(device->priv, ULDF_RECORD_EVENT_READ, &record, 0);

	if (err)
		return err;
	err = replay_end(device->priv, &record);
	if (!err)
		*events = (unsigned int)record.args[0];
	return err;
}

static int replay_irq_bind_unmask(struct uldf_device *device, int fd)
{
	return simple(device, ULDF_RECORD_IRQ_BIND_UNMASK, 1, fd >= 0, 0);
}

static int replay_irq_mask(struct uldf_device *device)
{
	return simple(device, ULDF_RECORD_IRQ_MASK, 0, 0, 0);
}

static int replay_irq_unmask(struct uldf_device *device)
{
	return simple(device, ULDF_RECORD_IRQ_UNMASK, 0, 0, 0);
}

static int replay_power(struct uldf_device *device, unsigned int state)
{
	return simple(device, ULDF_RECORD_POWER, 1, state, 0);
}

static int replay_set_guest(struct uldf_device *device, int vm)
{
	return uldf_device_fail(device, -ENOTSUP, "KVM is told of no recording");
}

static int replay_functions(struct uldf_device *device, unsigned int count)
{
	return simple(device, ULDF_RECORD_FUNCTIONS, 1, count, 0);
}

/* What a recording does not hold: accesses by mappings, and counts, which change without a call. */
static int replay_region_map(struct uldf_device *device, unsigned int index, uint64_t offset,
			     size_t size, void **out)
{
	return uldf_device_fail(device, -ENOTSUP, "regions of a recording cannot be mapped");
}

static void replay_region_unmap(struct uldf_device *device, void *address, size_t size)
{
}

static int replay_region_fd(struct uldf_device *device, unsigned int index, uint64_t offset,
			    size_t size, bool writable, int *out)
{
	return uldf_device_fail(device, -ENOTSUP, "regions of a recording cannot be mapped");
}

static int replay_memory_region(struct uldf_space *space, struct uldf_memory *memory,
				struct uldf_device *device, unsigned int index, uint64_t offset)
{
	return uldf_device_fail(device, -ENOTSUP, "regions of a recording cannot be mapped");
}

static int replay_irq_counts(struct uldf_device *device, const volatile struct uldf_irq_count **out)
{
	return uldf_device_fail(device, -ENOTSUP, "counts of interrupts are not recorded");
}

const struct uldf_backend_ops replay_backend = {
	.name = "replay",
	.open = replay_open,
	.close = replay_close,
	.reset = replay_reset,
	.attach = replay_attach,
	.move = replay_move,
	.detach = replay_detach,
	.region_read = replay_region_read,
	.region_write = replay_region_write,
	.region_map = replay_region_map,
	.region_unmap = replay_region_unmap,
	.irq_enable = replay_irq_enable,
	.irq_reserve = replay_irq_enable,
	.irq_disable = replay_irq_disable,
	.irq_bind = replay_irq_bind,
	.irq_bind_unmask = replay_irq_bind_unmask,
	.irq_mask = replay_irq_mask,
	.irq_unmask = replay_irq_unmask,
	.io_batch = replay_io_batch,
	.irq_counts = replay_irq_counts,
	.event_bind = replay_event_bind,
	.event_read = replay_event_read,
	.power = replay_power,
	.set_guest = replay_set_guest,
	.functions = replay_functions,
	.region_fd = replay_region_fd,
	.space_create = replay_space_create,
	.space_destroy = replay_space_destroy,
	.space_reserved = replay_space_reserved,
	.memory_register = replay_memory_register,
	.memory_region = replay_memory_region,
	.memory_share = replay_memory_share,
	.memory_unregister = replay_memory_unregister,
	.map = replay_map,
	.map_anywhere = replay_map_anywhere,
	.unmap = replay_unmap,
	.unmap_range = replay_unmap_range,
	.revoke = replay_revoke,
	.segments_map = replay_segments_map,
	.segments_unmap = replay_segments_unmap,
	.coherent_alloc = replay_coherent_alloc,
	.coherent_free = replay_coherent_free,
};
