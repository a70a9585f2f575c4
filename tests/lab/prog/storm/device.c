// SPDX-License-Identifier: MIT
/* The calls on the control node and on a device, as tables. */
#include <string.h>

#include "storm.h"

/* ---- the control node ------------------------------------------------------------------------------ */

static const struct field claim_fields[] = {
	FIELD(claim, flags, FLAGS, ULDF_CLAIM_GROUP),
	FIELD(claim, segment, SEGMENT),
	FIELD(claim, bus, BUS),
	FIELD(claim, devfn, DEVFN),
	FIELD(claim, pad, VALUE),
	FIELD(claim, reason, OUT),
	FIELD(claim, reset, OUT),
	FIELD(claim, pad2, VALUE),
};

/* Mostly one that nobody has claimed: another has to wait for its turn just to be told so. */
static void claim_adjust(struct worker *w, void *bytes)
{
	uint64_t first = draw_below(w, storm->device_count);
	struct uldf_ioc_claim *claim = bytes;

	if (draw_percent(w, 20))
		return;
	for (uint32_t i = 0; i < storm->device_count; i++) {
		const struct device *device = &storm->device[(first + i) % storm->device_count];

		if (!device_present(device) || device_claimed(device))
			continue;
		claim->segment = device->segment;
		claim->bus = device->bus;
		claim->devfn = device->devfn;
		return;
	}
}

static const struct layout claim = LAYOUT(claim, claim_fields, .adjust = claim_adjust,
					  .published = offsetof(struct uldf_ioc_claim, reset));

static const struct field release_fields[] = {
	FIELD(release, flags, FLAGS,
	      ULDF_RELEASE_REPROBE | ULDF_RELEASE_GROUP | ULDF_RELEASE_FORCE),
	FIELD(release, segment, SEGMENT),
	FIELD(release, bus, BUS),
	FIELD(release, devfn, DEVFN),
	FIELD(release, pad, VALUE),
	FIELD(release, reset, OUT),
	FIELD(release, pad2, VALUE),
	FIELD(release, reason, OUT),
};
static const struct layout release =
	LAYOUT(release, release_fields, .published = offsetof(struct uldf_ioc_release, reason));

/* ---- a device: regions and vectors ------------------------------------------------------------------- */

static const struct field info_fields[] = {
	FIELD(device_info, flags, VALUE), FIELD(device_info, vectors, OUT),
	FIELD(device_info, segment, OUT), FIELD(device_info, bus, OUT),
	FIELD(device_info, devfn, OUT),	  FIELD(device_info, pad, VALUE),
	FIELD(device_info, shared, OUT),  FIELD(device_info, shared_size, OUT),
};
static const struct layout info = LAYOUT(
	device_info, info_fields, .published = offsetof(struct uldf_ioc_device_info, shared));

static void info_done(struct worker *w, void *bytes)
{
	const struct uldf_ioc_device_info *told = bytes;

	for (int i = 0; i < ULDF_VECTOR_TYPES; i++)
		storm->vectors[w->device - storm->device][i] = told->vectors[i];
}

static const struct field region_info_fields[] = {
	FIELD(region_info, flags, VALUE), FIELD(region_info, index, REGION),
	FIELD(region_info, areas, OUT),	  FIELD(region_info, size, OUT),
	FIELD(region_info, offset, OUT),  FIELD(region_info, address, OUT),
	FIELD(region_info, area, OUT),
};
static const struct layout region_info = LAYOUT(region_info, region_info_fields);

static const struct field region_fd_fields[] = {
	FIELD(region_fd, flags, FLAGS, ULDF_REGION_FD_WRITE),
	FIELD(region_fd, index, REGION),
	FIELD(region_fd, fd, OUT_DESCRIPTOR, PART),
	FIELD(region_fd, offset, OFFSET, 4),
	FIELD(region_fd, size, SIZE, 8),
	FIELD(region_fd, areas, VALUE),
	FIELD(region_fd, pad, VALUE),
	FIELD(region_fd, area, VALUE),
};
static const struct layout region_fd = LAYOUT(
	region_fd, region_fd_fields, .published = offsetof(struct uldf_ioc_region_fd, areas));

static const struct field area_fields[] = {
	FIELD(region_area, offset, OFFSET, 4),
	FIELD(region_area, size, SIZE, 4),
};

/* Mostly behind the one before. */
static void area_adjust(struct worker *w, void *bytes)
{
	struct uldf_ioc_region_area *area = bytes, *before = area - 1;

	if (draw_percent(w, 70))
		area->size = PAGE;
	if (bytes != w->list && draw_percent(w, 90))
		area->offset = before->offset + before->size + PAGE * draw_below(w, 2);
}

static const struct layout area = {.size = sizeof(struct uldf_ioc_region_area),
				   .field = area_fields,
				   .count = COUNT(area_fields),
				   .adjust = area_adjust};

static const struct field region_areas_fields[] = {
	FIELD(region_fd, flags, FLAGS, ULDF_REGION_FD_WRITE),
	FIELD(region_fd, index, REGION),
	FIELD(region_fd, fd, OUT_DESCRIPTOR, PART),
	FIELD(region_fd, offset, VALUE),
	FIELD(region_fd, size, VALUE),
	FIELD(region_fd, areas, ELEMENTS, ULDF_REGION_FD_AREAS),
	FIELD(region_fd, pad, VALUE),
	FIELD(region_fd, area, LIST, .layout = &area),
};
static const struct layout region_areas = LAYOUT(region_fd, region_areas_fields);

static const struct field vectors_fields[] = {
	FIELD(vectors, flags, VALUE),	  FIELD(vectors, type, NUMBER, ULDF_VECTOR_TYPES - 1),
	FIELD(vectors, first, NUMBER, 3), FIELD(vectors, count, NUMBER, 3),
	FIELD(vectors, pad, VALUE),
};

/* A type of which the device has any, or said nothing yet; 0 otherwise. */
static uint32_t type_pick(struct worker *w)
{
	const _Atomic uint32_t *vectors = storm->vectors[w->device - storm->device];
	uint32_t first = draw_below(w, ULDF_VECTOR_TYPES);

	for (uint32_t i = 0; i < ULDF_VECTOR_TYPES; i++)
		if (vectors[(first + i) % ULDF_VECTOR_TYPES])
			return (first + i) % ULDF_VECTOR_TYPES;
	return 0;
}

/* Mostly the first vector alone, of a type that the device has, or that is enabled. */
static void vectors_fit(struct worker *w, __u32 *type, __u32 *first, __u32 *count)
{
	bool enabled = draw_percent(w, 60);

	if (draw_percent(w, 90)) {
		*first = 0;
		*type = enabled ? storm->enabled[w->device - storm->device] : type_pick(w);
	}
	if (!*count || *type == ULDF_VECTOR_INTX || draw_percent(w, 40))
		*count = 1;
}

static void vectors_done(struct worker *w, void *bytes)
{
	const struct uldf_ioc_vectors *vectors = bytes;

	storm->enabled[w->device - storm->device] = vectors->type;
}

static void vectors_adjust(struct worker *w, void *bytes)
{
	struct uldf_ioc_vectors *vectors = bytes;

	vectors_fit(w, &vectors->type, &vectors->first, &vectors->count);
}

static const struct layout vectors = LAYOUT(vectors, vectors_fields, .adjust = vectors_adjust);

static const struct field enable_fields[] = {
	FIELD(vectors, flags, FLAGS, ULDF_VECTORS_LAZY),
	FIELD(vectors, type, NUMBER, ULDF_VECTOR_TYPES - 1),
	FIELD(vectors, first, VALUE),
	FIELD(vectors, count, NUMBER, 5),
	FIELD(vectors, pad, VALUE),
};
static const struct layout enable = LAYOUT(vectors, enable_fields, .adjust = vectors_adjust);

static const struct field vectors_info_fields[] = {
	FIELD(vectors_info, flags, OUT),
	FIELD(vectors_info, type, NUMBER, ULDF_VECTOR_TYPES - 1),
	FIELD(vectors_info, index, NUMBER, 2),
	FIELD(vectors_info, irq, OUT),
	FIELD(vectors_info, pad, VALUE),
};

static void vectors_info_adjust(struct worker *w, void *bytes)
{
	struct uldf_ioc_vectors_info *told = bytes;
	__u32 count = 1;

	vectors_fit(w, &told->type, &told->index, &count);
}

static const struct layout vectors_info =
	LAYOUT(vectors_info, vectors_info_fields, .adjust = vectors_info_adjust);

static const struct field eventfd_fields[] = {
	{.size = sizeof(__s32), .drawn = DESCRIPTOR_OR_NONE, .bound = EVENT},
};
static const struct layout eventfd = {
	.size = sizeof(__s32), .field = eventfd_fields, .count = COUNT(eventfd_fields)};

static const struct field bind_fields[] = {
	FIELD(vectors_bind, flags, FLAGS, ULDF_BIND_UNMASK),
	FIELD(vectors_bind, type, NUMBER, ULDF_VECTOR_TYPES - 1),
	FIELD(vectors_bind, first, NUMBER, 2),
	FIELD(vectors_bind, count, ELEMENTS, 2048),
	FIELD(vectors_bind, pad, VALUE),
	FIELD(vectors_bind, fds, LIST, .layout = &eventfd),
};

static void bind_adjust(struct worker *w, void *bytes)
{
	struct uldf_ioc_vectors_bind *bind = bytes;

	vectors_fit(w, &bind->type, &bind->first, &bind->count);
	w->count = bind->count;
}

static const struct layout bind = LAYOUT(vectors_bind, bind_fields, .adjust = bind_adjust);

static const struct field events_bind_fields[] = {
	FIELD(events_bind, flags, VALUE),
	FIELD(events_bind, fd, DESCRIPTOR_OR_NONE, EVENT),
	FIELD(events_bind, pad, VALUE),
};
static const struct layout events_bind = LAYOUT(events_bind, events_bind_fields);

static const struct field events_read_fields[] = {
	FIELD(events_read, flags, VALUE),
	FIELD(events_read, events, OUT),
};
static const struct layout events_read = LAYOUT(events_read, events_read_fields);

/* ---- its state, and its space ------------------------------------------------------------------------ */

static const struct field reset_fields[] = {
	FIELD(device_reset, flags, VALUE),
	FIELD(device_reset, method, OUT),
	FIELD(device_reset, pad, VALUE),
};
static const struct layout reset = LAYOUT(device_reset, reset_fields);

static const struct field power_fields[] = {
	FIELD(device_power, flags, VALUE),
	FIELD(device_power, state, NUMBER, 1),
	FIELD(device_power, pad, VALUE),
};

static void power_adjust(struct worker *w, void *bytes)
{
	struct uldf_ioc_device_power *power = bytes;

	/* D0 or D3hot */
	power->state *= 3;
}

static const struct layout power = LAYOUT(device_power, power_fields, .adjust = power_adjust);

static const struct field functions_fields[] = {
	FIELD(device_functions, flags, VALUE),
	FIELD(device_functions, count, NUMBER, 3),
	FIELD(device_functions, pad, VALUE),
};
static const struct layout functions = LAYOUT(device_functions, functions_fields);

static bool functions_suit(const struct worker *w)
{
	return w->device->functions;
}

static const struct field space_fields[] = {
	FIELD(device_space, flags, FLAGS, ULDF_SPACE_BARE),
	FIELD(device_space, fd, OUT_DESCRIPTOR, SPACE),
	FIELD(device_space, pad, VALUE),
	FIELD(device_space, mask, MASK),
};

/* Bare where the device is behind no IOMMU. */
static void space_adjust(struct worker *w, void *bytes)
{
	struct uldf_ioc_device_space *space = bytes;

	if (draw_percent(w, 90))
		space->flags = w->device->translated ? 0 : ULDF_SPACE_BARE;
	if (!space->flags)
		space->mask = 0;
}

static const struct layout space =
	LAYOUT(device_space, space_fields, .adjust = space_adjust,
	       .published = offsetof(struct uldf_ioc_device_space, mask));

static const struct field attach_fields[] = {
	FIELD(device_attach, flags, FLAGS, ULDF_ATTACH_MOVE),
	FIELD(device_attach, space, DESCRIPTOR, SPACE),
	FIELD(device_attach, pad, VALUE),
};
static const struct layout attach = LAYOUT(device_attach, attach_fields);

static const struct field detach_fields[] = {
	FIELD(device_attach, flags, VALUE),
	FIELD(device_attach, space, VALUE, -1),
	FIELD(device_attach, pad, VALUE),
};
static const struct layout detach = LAYOUT(device_attach, detach_fields);

static const struct field guest_fields[] = {
	FIELD(device_guest, flags, VALUE),
	FIELD(device_guest, vm, DESCRIPTOR_OR_NONE, MACHINE),
	FIELD(device_guest, pad, VALUE),
};
static const struct layout guest = LAYOUT(device_guest, guest_fields);

/* ---- batches of accesses ------------------------------------------------------------------------------ */

static const struct field io_fields[] = {
	FIELD(io, op, NUMBER, ULDF_OPS - 1),
	FIELD(io, width, NUMBER, 3),
	FIELD(io, index, REGION),
	FIELD(io, count, NUMBER, 256),
	FIELD(io, offset, NUMBER, PAGE - 1),
	FIELD(io, value, OUT),
	FIELD(io, mask, OUT),
};

static void io_string(struct worker *w, struct uldf_ioc_io *io)
{
	if (io->width > 4)
		io->width = 4;
	io->count = draw_count(w, 1024);
	io->data = (uintptr_t)place(w, w->data, DATA_ROOM, io->count * io->width,
				    w->mood != PLAUSIBLE && draw_percent(w, 10));
}

static void io_poll(struct worker *w, struct uldf_ioc_io *io)
{
	io->mask = draw(w);
	io->value = draw_percent(w, 50) ? 0 : io->mask & draw(w);
	io->count = draw_percent(w, 95) ? draw_below(w, 2000) : draw_below(w, 300000);
}

static void io_adjust(struct worker *w, void *bytes)
{
	struct uldf_ioc_io *io = bytes;
	struct access access = register_read(w, w->device);

	if ((io->op == ULDF_OP_WRITE || io->op == ULDF_OP_WRITE_STRING) &&
	    !register_write(w, w->device, &access))
		io->op = ULDF_OP_READ;
	io->index = access.region;
	io->width = access.width;
	io->offset = access.offset;
	io->value = access.value;
	io->mask = io->count = 0;
	if (io->op == ULDF_OP_READ_STRING || io->op == ULDF_OP_WRITE_STRING)
		io_string(w, io);
	if (io->op == ULDF_OP_POLL)
		io_poll(w, io);
}

static const struct layout io = LAYOUT(io, io_fields, .adjust = io_adjust);

static const struct field batch_fields[] = {
	FIELD(io_batch, flags, VALUE),
	FIELD(io_batch, count, ELEMENTS, ULDF_OP_BATCH),
	FIELD(io_batch, done, OUT),
	FIELD(io_batch, ios, LIST, .layout = &io),
};
static const struct layout batch = LAYOUT(io_batch, batch_fields);

static const struct act acts[] = {
	CALL(ULDF_CLAIM, 8, CONTROL, &claim),
	CALL(ULDF_RELEASE, 2, CONTROL, &release),
	CALL(ULDF_DEVICE_INFO, 15, DEVICE, &info, .done = info_done),
	CALL(ULDF_REGION_INFO, 15, DEVICE, &region_info),
	CALL(ULDF_REGION_FD, 30, DEVICE, &region_fd),
	CALL(ULDF_REGION_FD, 30, DEVICE, &region_areas),
	CALL(ULDF_VECTORS_ENABLE, 40, DEVICE, &enable, .done = vectors_done),
	CALL(ULDF_VECTORS_INFO, 10, DEVICE, &vectors_info),
	CALL(ULDF_VECTORS_DISABLE, 15, DEVICE, &vectors),
	CALL(ULDF_VECTORS_MASK, 10, DEVICE, &vectors),
	CALL(ULDF_VECTORS_UNMASK, 10, DEVICE, &vectors),
	CALL(ULDF_VECTORS_BIND, 40, DEVICE, &bind),
	CALL(ULDF_EVENTS_BIND, 10, DEVICE, &events_bind),
	CALL(ULDF_EVENTS_READ, 10, DEVICE, &events_read),
	CALL(ULDF_DEVICE_RESET, 4, DEVICE, &reset),
	CALL(ULDF_DEVICE_POWER, 10, DEVICE, &power),
	CALL(ULDF_DEVICE_FUNCTIONS, 30, DEVICE, &functions, .suits = functions_suit),
	CALL(ULDF_DEVICE_SPACE, 15, DEVICE, &space),
	CALL(ULDF_DEVICE_ATTACH, 60, DEVICE, &attach),
	CALL(ULDF_DEVICE_DETACH, 20, DEVICE, &detach),
	RARE_CALL(ULDF_DEVICE_GUEST, 10, DEVICE, &guest),
	CALL(ULDF_IO_BATCH, 60, DEVICE, &batch),
};

const struct acts device_acts = {acts, COUNT(acts)};
