// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <uldf/record.h>

static const struct uldf_record_form forms[ULDF_RECORD_KINDS] = {
	[ULDF_RECORD_DEVICE] = {"device",
				0,
				0,
				6,
				{"intx", "msi", "msix", "isa", "resets", "translated"},
				ULDF_RECORD_TEXT,
				0,
				0},
	[ULDF_RECORD_REGION] =
		{"region", 0, 0, 4, {"index", "size", "address", "flags"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_READ] =
		{"read", 1, 3, 4, {"region", "offset", "width", "value"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_WRITE] =
		{"write", 1, 4, 4, {"region", "offset", "width", "value"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_BATCH] = {"batch", 1, 1, 2, {"count", "done"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_IO] = {"io",
			    1,
			    7,
			    8,
			    {"operation", "region", "offset", "width", "count", "value", "mask",
			     "result"},
			    ULDF_RECORD_BYTES,
			    0,
			    0},
	[ULDF_RECORD_RESET] = {"reset", 1, 0, 1, {"how"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_POWER] = {"power", 1, 1, 1, {"state"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_FUNCTIONS] = {"functions", 1, 1, 1, {"count"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_ATTACH] = {"attach", 1, 1, 1, {"space"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_DETACH] = {"detach", 1, 0, 0, {NULL}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_IRQ_ENABLE] =
		{"irq_enable", 1, 2, 2, {"type", "count"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_IRQ_DISABLE] = {"irq_disable", 1, 0, 0, {NULL}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_IRQ_BIND] = {"irq_bind", 1, 2, 2, {"first", "count"}, ULDF_RECORD_BYTES, 0, 0},
	[ULDF_RECORD_IRQ_BIND_UNMASK] =
		{"irq_bind_unmask", 1, 1, 1, {"bound"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_IRQ_MASK] = {"irq_mask", 1, 0, 0, {NULL}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_IRQ_UNMASK] = {"irq_unmask", 1, 0, 0, {NULL}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_IRQ] = {"irq", 0, 0, 2, {"vector", "count"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_EVENT_BIND] = {"event_bind", 1, 1, 1, {"bound"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_EVENT_READ] = {"event_read", 1, 0, 1, {"events"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_EVENT] = {"event", 0, 0, 1, {"count"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_SPACE_CREATE] =
		{"space_create", 1, 2, 3, {"mask", "bare", "space"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_SPACE_DESTROY] = {"space_destroy", 1, 1, 1, {"space"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_SPACE_RESERVED] =
		{"space_reserved", 1, 2, 3, {"space", "room", "count"}, ULDF_RECORD_WORDS, 2, 0},
	[ULDF_RECORD_MEMORY_REGISTER] =
		{"memory_register",
		 1,
		 3,
		 4,
		 {"space", "size", "access", "memory"},
		 ULDF_RECORD_NONE,
		 0,
		 0},
	[ULDF_RECORD_MEMORY_UNREGISTER] =
		{"memory_unregister", 1, 2, 2, {"space", "memory"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_MAP] = {"map", 1, 1, 1, {"space"}, ULDF_RECORD_WORDS, 5, 5},
	[ULDF_RECORD_MAP_ANYWHERE] = {"map_anywhere", 1, 1, 1, {"space"}, ULDF_RECORD_WORDS, 5, 4},
	[ULDF_RECORD_UNMAP] = {"unmap", 1, 1, 1, {"space"}, ULDF_RECORD_WORDS, 2, 2},
	[ULDF_RECORD_SEGMENTS_MAP] =
		{"segments_map",
		 1,
		 6,
		 8,
		 {"space", "memory", "offset", "size", "access", "room", "count", "handle"},
		 ULDF_RECORD_WORDS,
		 2,
		 0},
	[ULDF_RECORD_SEGMENTS_UNMAP] =
		{"segments_unmap", 1, 2, 2, {"space", "handle"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_COHERENT_ALLOC] =
		{"coherent_alloc",
		 1,
		 2,
		 5,
		 {"space", "size", "bus", "memory", "handle"},
		 ULDF_RECORD_NONE,
		 0,
		 0},
	[ULDF_RECORD_COHERENT_FREE] =
		{"coherent_free", 1, 2, 2, {"space", "handle"}, ULDF_RECORD_NONE, 0, 0},
	[ULDF_RECORD_CONTENT] =
		{"content", 0, 0, 3, {"memory", "offset", "before"}, ULDF_RECORD_BYTES, 0, 0},
	[ULDF_RECORD_CLOSE] = {"close", 1, 0, 0, {NULL}, ULDF_RECORD_NONE, 0, 0},
};

const struct uldf_record_form *uldf_record_form(enum uldf_record_kind kind)
{
	unsigned int number = kind;

	return number < ULDF_RECORD_KINDS && forms[number].name ? &forms[number] : NULL;
}
