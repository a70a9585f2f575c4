// SPDX-License-Identifier: MIT
/*
 * Ioctls described by tables: makes the structure of a call, puts it somewhere in memory, calls, and keeps
 * what the kernel gave. A structure is plausible throughout, or but for one field, or noise.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "storm.h"

#define NO_FIELD SIZE_MAX

static uint64_t field_get(const struct field *field, const uint8_t *bytes)
{
	uint64_t value = 0;

	memcpy(&value, bytes + field->offset, field->size < 8 ? field->size : 8);
	return value;
}

static void field_set(const struct field *field, uint8_t *bytes, uint64_t value)
{
	memcpy(bytes + field->offset, &value, field->size < 8 ? field->size : 8);
}

static uint64_t size_pick(struct worker *w, uint64_t most)
{
	return PAGE * draw_count(w, most);
}

/* Few addresses, so that some are met again; some where large pages begin, and what MSIs take. */
static uint64_t address_pick(struct worker *w)
{
	static const uint64_t base[] = {0x100000,   0x100000,	0x100000,    0x200000,
					0x40000000, 0xfee00000, 0x100000000, 0x7ffffff000};

	return base[draw_below(w, COUNT(base))] + PAGE * draw_below(w, 48);
}

static uint64_t plausible(struct worker *w, const struct field *field)
{
	uint64_t bound = field->bound;

	switch (field->drawn) {
	case VALUE:
		return bound;
	case NUMBER:
		return draw_below(w, bound + 1);
	case FLAGS:
		return draw(w) & bound;
	case SEGMENT:
		return w->device->segment;
	case BUS:
		return w->device->bus;
	case DEVFN:
		return w->device->devfn;
	case REGION:
		return draw_percent(w, 60) ? 0 : draw_below(w, ULDF_REGIONS);
	case OFFSET:
		return PAGE * draw_below(w, bound);
	case SIZE:
		return size_pick(w, bound);
	case ADDRESS:
		return address_pick(w);
	case MEMORY:
		return (uintptr_t)memory_pick(w);
	case ID:
		return 1 + draw_below(w, 1 + draw_below(w, bound));
	case MASK:
		return (1ULL << (20 + draw_below(w, 44))) - 1;
	case DESCRIPTOR:
		return slot_argument(w, bound);
	case DESCRIPTOR_OR_NONE:
		return draw_percent(w, 25) ? -1 : slot_argument(w, bound);
	case ELEMENTS:
		return w->count = draw_count(w, bound);
	case LIST:
		return 0; /* list_fill() */
	case OUT:
	case OUT_DESCRIPTOR:
		return draw_percent(w, 50) ? 0 : draw(w);
	}
	return 0;
}

static uint64_t odd(struct worker *w, const struct field *field, uint64_t value)
{
	if (field->drawn == FLAGS && draw_percent(w, 50))
		return value | 1ULL << draw_below(w, 8 * field->size);
	if ((field->drawn == DESCRIPTOR || field->drawn == DESCRIPTOR_OR_NONE) &&
	    draw_percent(w, 70))
		return slot_argument(w, draw_below(w, KINDS));
	return draw_odd(w, value, field->bound);
}

static void fill(struct worker *w, const struct layout *layout, uint8_t *bytes, size_t which);

/* The list of a call, of which one element has an odd field when @strange. */
static uint64_t list_fill(struct worker *w, const struct field *field, bool strange)
{
	const struct layout *layout = field->layout;
	uint64_t room = LIST_ROOM / layout->size, count = w->count < room ? w->count : room;
	bool elsewhere = strange && draw_percent(w, 50);
	uint64_t element = strange && !elsewhere ? draw_below(w, count) : count;

	for (uint64_t i = 0; i < count; i++)
		fill(w, layout, w->list + i * layout->size,
		     i == element ? draw_below(w, layout->count) : NO_FIELD);
	w->list_at = place(w, w->list, LIST_ROOM, count * layout->size, elsewhere);
	return (uintptr_t)w->list_at;
}

/* Fills all fields but argsz; field @which is odd. */
static void fill(struct worker *w, const struct layout *layout, uint8_t *bytes, size_t which)
{
	for (size_t i = 0; i < layout->count; i++)
		field_set(&layout->field[i], bytes, plausible(w, &layout->field[i]));
	if (layout->adjust)
		layout->adjust(w, bytes);
	for (size_t i = 0; i < layout->count; i++) {
		const struct field *field = &layout->field[i];
		bool strange = i == which || (w->mood == NOISE && draw_percent(w, 30));

		if (field->drawn == LIST && field->layout)
			field_set(field, bytes, list_fill(w, field, strange));
		else if (strange)
			field_set(field, bytes, odd(w, field, field_get(field, bytes)));
	}
}

/* What stands beyond the structure is zero, as a newer caller has it, unless it is odd. */
static uint32_t argsz_pick(struct worker *w, const struct layout *layout, uint8_t *bytes,
			   bool strange)
{
	size_t least = layout->published ?: layout->size;
	uint32_t argsz = layout->size;

	if (draw_percent(w, 10))
		argsz = least + draw_below(w, PAGE + 1 - least);
	if (strange)
		argsz = draw_percent(w, 50) ? layout->size + draw_below(w, 64)
					    : draw_odd(w, layout->size, PAGE);
	if (strange && draw_percent(w, 50))
		bytes[draw_below(w, ARGS_ROOM)] |= 1 << draw_below(w, 8);
	return argsz;
}

/* Keeps the descriptors that the kernel made. */
static void keep(struct worker *w, const struct layout *layout, const uint8_t *bytes)
{
	for (size_t i = 0; i < layout->count; i++)
		if (layout->field[i].drawn == OUT_DESCRIPTOR)
			slot_keep(w, layout->field[i].bound, field_get(&layout->field[i], bytes));
}

static unsigned long command_pick(struct worker *w, unsigned long command)
{
	if (w->mood != NOISE || draw_percent(w, 70))
		return command;
	return draw_percent(w, 50) ? _IO(ULDF_IOC, draw_below(w, 256)) : draw_odd(w, command, 0);
}

/* What is not there any more, was revoked or never attached, makes room for what is worth more. */
static void drop_useless(struct worker *w, enum kind kind, long ret)
{
	if ((kind == DEVICE && ret == -ENODEV) ||
	    (kind == SPACE && (ret == -ENXIO || ret == -ESHUTDOWN)))
		if (draw_percent(w, 30))
			slot_drop(kind, w->fd);
}

long call_run(struct worker *w, const struct call *call)
{
	const struct layout *layout = call->layout;
	unsigned long command = command_pick(w, call->command);
	uint8_t image[STRUCTURE] = {}, *at;
	size_t which = NO_FIELD;
	uint32_t argsz;
	long ret;

	w->fd = slot_call(w, call->on);
	if (w->fd < 0 || (call->suits && !call->suits(w) && draw_percent(w, 90)))
		return IDLE;
	/* the last two are argsz and the structure's place */
	if (w->mood == ONE_ODD)
		which = draw_below(w, layout->count + 2);
	memset(w->args, 0, ARGS_ROOM);
	fill(w, layout, w->args, which);
	argsz = argsz_pick(w, layout, w->args,
			   which == layout->count || (w->mood == NOISE && draw_percent(w, 30)));
	memcpy(w->args, &argsz, sizeof(argsz));
	at = place(w, w->args, ARGS_ROOM, argsz < ARGS_ROOM ? argsz : layout->size,
		   which == layout->count + 1 || (w->mood == NOISE && draw_percent(w, 20)));
	if (ioctl(w->fd, command, at) < 0) {
		ret = -errno;
		drop_useless(w, call->on, ret);
		return ret;
	}
	if (command == call->command && place_is_own(at) && guard_copy(image, at, layout->size)) {
		keep(w, layout, image);
		if (call->done)
			call->done(w, image);
	}
	return 0;
}
