// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <uldf/record.h>

#define PIECE "memory", "offset", "size", "access", "address"

#define NUMBERS(...) (sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *))

/* A call of the driver's, which gave the first of the numbers; what the device did, or the recorder tells. */
#define CALL(text, given, ...)                                                       \
	.name = (text), .call = 1, .inputs = (given), .count = NUMBERS(__VA_ARGS__), \
	.names = {__VA_ARGS__}
#define TOLD(text, ...) .name = (text), .count = NUMBERS(__VA_ARGS__), .names = {__VA_ARGS__}

/* Rows of words behind the numbers; the driver gave the first words of each. */
#define ROWS(given, ...)                                                               \
	.data = ULDF_RECORD_WORDS, .row = NUMBERS(__VA_ARGS__), .row_inputs = (given), \
	.row_names = {__VA_ARGS__}

static const struct uldf_record_form forms[ULDF_RECORD_KINDS] = {
	[ULDF_RECORD_DEVICE] = {TOLD("device", "intx", "msi", "msix", "isa", "resets",
				     "translated"),
				.data = ULDF_RECORD_TEXT},
	[ULDF_RECORD_REGION] = {TOLD("region", "index", "size", "address", "flags")},
	[ULDF_RECORD_READ] = {CALL("read", 3, "region", "offset", "width", "value")},
	[ULDF_RECORD_WRITE] = {CALL("write", 4, "region", "offset", "width", "value")},
	[ULDF_RECORD_BATCH] = {CALL("batch", 1, "count", "done")},
	[ULDF_RECORD_IO] = {CALL("io", 7, "operation", "region", "offset", "width", "count",
				 "value", "mask", "result"),
			    .data = ULDF_RECORD_BYTES},
	[ULDF_RECORD_RESET] = {CALL("reset", 0, "how")},
	[ULDF_RECORD_POWER] = {CALL("power", 1, "state")},
	[ULDF_RECORD_FUNCTIONS] = {CALL("functions", 1, "count")},
	[ULDF_RECORD_ATTACH] = {CALL("attach", 1, "space")},
	[ULDF_RECORD_MOVE] = {CALL("move", 1, "space")},
	[ULDF_RECORD_DETACH] = {.name = "detach", .call = 1},
	[ULDF_RECORD_IRQ_ENABLE] = {CALL("irq_enable", 2, "type", "count")},
	[ULDF_RECORD_IRQ_DISABLE] = {.name = "irq_disable", .call = 1},
	[ULDF_RECORD_IRQ_BIND] = {CALL("irq_bind", 2, "first", "count"), .data = ULDF_RECORD_BYTES},
	[ULDF_RECORD_IRQ_BIND_UNMASK] = {CALL("irq_bind_unmask", 1, "bound")},
	[ULDF_RECORD_IRQ_MASK] = {.name = "irq_mask", .call = 1},
	[ULDF_RECORD_IRQ_UNMASK] = {.name = "irq_unmask", .call = 1},
	[ULDF_RECORD_IRQ] = {TOLD("irq", "vector", "count")},
	[ULDF_RECORD_EVENT_BIND] = {CALL("event_bind", 1, "bound")},
	[ULDF_RECORD_EVENT_READ] = {CALL("event_read", 0, "events")},
	[ULDF_RECORD_EVENT] = {TOLD("event", "count")},
	[ULDF_RECORD_SPACE_CREATE] = {CALL("space_create", 2, "mask", "bare", "space")},
	[ULDF_RECORD_SPACE_DESTROY] = {CALL("space_destroy", 1, "space")},
	[ULDF_RECORD_SPACE_RESERVED] = {CALL("space_reserved", 2, "space", "room", "count"),
					ROWS(0, "first", "last")},
	[ULDF_RECORD_MEMORY_REGISTER] = {CALL("memory_register", 3, "space", "size", "access",
					      "memory")},
	[ULDF_RECORD_MEMORY_SHARE] = {CALL("memory_share", 3, "space", "from", "memory")},
	[ULDF_RECORD_MEMORY_UNREGISTER] = {CALL("memory_unregister", 2, "space", "memory")},
	[ULDF_RECORD_MAP] = {CALL("map", 1, "space"), ROWS(5, PIECE)},
	[ULDF_RECORD_MAP_ANYWHERE] = {CALL("map_anywhere", 1, "space"), ROWS(4, PIECE)},
	[ULDF_RECORD_UNMAP] = {CALL("unmap", 1, "space"), ROWS(2, "size", "address")},
	[ULDF_RECORD_UNMAP_RANGE] = {CALL("unmap_range", 3, "space", "first", "last", "mappings",
					  "bytes")},
	[ULDF_RECORD_REVOKE] = {CALL("revoke", 1, "space")},
	[ULDF_RECORD_SEGMENTS_MAP] = {CALL("segments_map", 6, "space", "memory", "offset", "size",
					   "access", "room", "count", "handle"),
				      ROWS(0, "address", "length")},
	[ULDF_RECORD_SEGMENTS_UNMAP] = {CALL("segments_unmap", 2, "space", "handle")},
	[ULDF_RECORD_COHERENT_ALLOC] = {CALL("coherent_alloc", 2, "space", "size", "bus", "memory",
					     "handle")},
	[ULDF_RECORD_COHERENT_FREE] = {CALL("coherent_free", 2, "space", "handle")},
	[ULDF_RECORD_CONTENT] = {TOLD("content", "memory", "offset"), .data = ULDF_RECORD_BYTES},
	[ULDF_RECORD_WAIT] = {.name = "wait"},
	[ULDF_RECORD_CLOSE] = {.name = "close", .call = 1},
};

const struct uldf_record_form *uldf_record_form(enum uldf_record_kind kind)
{
	unsigned int number = kind;

	return number < ULDF_RECORD_KINDS && forms[number].name ? &forms[number] : NULL;
}
