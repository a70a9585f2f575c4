// SPDX-License-Identifier: MIT
/* The calls on a space, as tables. */
#include <string.h>

#include "storm.h"

static const struct field range_fields[] = {
	FIELD(space_range, first, OUT),
	FIELD(space_range, last, OUT),
};
static const struct layout range = LAYOUT(space_range, range_fields);

static const struct field info_fields[] = {
	FIELD(space_info, flags, VALUE),  FIELD(space_info, page_sizes, OUT),
	FIELD(space_info, aperture, OUT), FIELD(space_info, count, ELEMENTS, 16),
	FIELD(space_info, pad, VALUE),	  FIELD(space_info, reserved, LIST, .layout = &range),
};
static const struct layout info = LAYOUT(space_info, info_fields);

static const struct field register_fields[] = {
	FIELD(memory, flags, FLAGS, ULDF_MEMORY_READONLY),
	FIELD(memory, address, MEMORY),
	FIELD(memory, size, SIZE, 512),
	FIELD(memory, id, OUT),
	FIELD(memory, pad, VALUE),
};

/* Mostly as large as the pieces that are mapped of it. */
static void register_adjust(struct worker *w, void *bytes)
{
	struct uldf_ioc_memory *memory = bytes;

	if (draw_percent(w, 70))
		memory->size += 16 * PAGE;
	if (draw_percent(w, 80))
		memory->flags = 0;
}

static const struct layout memory_register =
	LAYOUT(memory, register_fields, .adjust = register_adjust);

static const struct field unregister_fields[] = {
	FIELD(memory, flags, VALUE), FIELD(memory, address, VALUE), FIELD(memory, size, VALUE),
	FIELD(memory, id, ID, 6),    FIELD(memory, pad, VALUE),
};
static const struct layout memory_unregister = LAYOUT(memory, unregister_fields);

/* ---- mappings -------------------------------------------------------------------------------------- */

static const struct field piece_fields[] = {
	FIELD(mapping, address, ADDRESS),
	FIELD(mapping, size, SIZE, 16),
	FIELD(mapping, offset, OFFSET, 4),
	FIELD(mapping, memory, ID, 6),
	FIELD(mapping, flags, FLAGS, ULDF_MAP_READ | ULDF_MAP_WRITE),
};

/* Pieces of one batch are mostly of one memory, each behind the one before. */
static void piece_adjust(struct worker *w, void *bytes)
{
	struct uldf_ioc_mapping *piece = bytes, *before = piece - 1;

	if (!piece->flags)
		piece->flags = ULDF_MAP_READ;
	if (bytes == w->list || draw_percent(w, 10))
		return;
	piece->memory = before->memory;
	piece->address = before->address + before->size;
	piece->size = PAGE * (1 + draw_below(w, 2));
}

static const struct layout piece = LAYOUT(mapping, piece_fields, .adjust = piece_adjust);

static const struct field end_fields[] = {
	FIELD(mapping, address, ADDRESS), FIELD(mapping, size, SIZE, 16),
	FIELD(mapping, offset, VALUE),	  FIELD(mapping, memory, VALUE),
	FIELD(mapping, flags, VALUE),
};

/*
 * Pieces that were mapped, to be unmapped: page of the address above bit 24, pages above bit 10, and the
 * descriptor of the space. Of all threads of a process; 0 is none.
 */
static _Atomic uint64_t kept[32];

static uint64_t kept_pack(int fd, const struct uldf_ioc_mapping *one)
{
	return one->address / PAGE << 24 | (one->size / PAGE & 0x3fff) << 10 | (fd & 0x3ff);
}

static bool kept_any(const struct worker *w)
{
	for (size_t i = 0; i < COUNT(kept); i++)
		if (kept[i] && (int)(kept[i] & 0x3ff) == w->fd)
			return true;
	return false;
}

/* Mostly one that was mapped in this space. */
static void end_adjust(struct worker *w, void *bytes)
{
	uint64_t first = draw_below(w, COUNT(kept));
	struct uldf_ioc_mapping *end = bytes;

	if (draw_percent(w, 10))
		return;
	for (size_t i = 0; i < COUNT(kept); i++) {
		_Atomic uint64_t *one = &kept[(first + i) % COUNT(kept)];
		uint64_t packed = *one;

		if (!packed || (int)(packed & 0x3ff) != w->fd ||
		    !atomic_compare_exchange_strong(one, &packed, 0))
			continue;
		end->address = (packed >> 24) * PAGE;
		end->size = (packed >> 10 & 0x3fff) * PAGE;
		return;
	}
}

static const struct layout end = LAYOUT(mapping, end_fields, .adjust = end_adjust);

static const struct field map_fields[] = {
	FIELD(map, flags, FLAGS, ULDF_MAP_ANYWHERE),
	FIELD(map, count, ELEMENTS, ULDF_MAP_BATCH),
	FIELD(map, done, OUT),
	FIELD(map, mappings, LIST, .layout = &piece),
	FIELD(map, limit, OUT),
};

static void map_adjust(struct worker *w, void *bytes)
{
	struct uldf_ioc_map *map = bytes;

	map->limit = 0;
	if (map->flags && draw_percent(w, 30))
		map->limit = (1ULL << (16 + draw_below(w, 48))) - 1;
}

static const struct layout map = LAYOUT(map, map_fields, .adjust = map_adjust);

static const struct field unmap_fields[] = {
	FIELD(map, flags, VALUE), FIELD(map, count, ELEMENTS, ULDF_MAP_BATCH),
	FIELD(map, done, OUT),	  FIELD(map, mappings, LIST, .layout = &end),
	FIELD(map, limit, VALUE),
};
static const struct layout unmap = LAYOUT(map, unmap_fields);

/* Keeps some of the pieces, to unmap them. */
static void map_done(struct worker *w, void *bytes)
{
	const struct uldf_ioc_map *done = bytes;
	struct uldf_ioc_mapping one;

	for (uint64_t i = 0; i < done->count && i < 4; i++) {
		if (!guard_copy(&one, w->list_at + i * sizeof(one), sizeof(one)))
			return;
		kept[draw_below(w, COUNT(kept))] = kept_pack(w->fd, &one);
	}
}

static const struct field unmap_range_fields[] = {
	FIELD(unmap_range, flags, VALUE),  FIELD(unmap_range, first, ADDRESS),
	FIELD(unmap_range, last, ADDRESS), FIELD(unmap_range, mappings, OUT),
	FIELD(unmap_range, bytes, OUT),
};

/* A few pages, or many. */
static void unmap_range_adjust(struct worker *w, void *bytes)
{
	struct uldf_ioc_unmap_range *one = bytes;

	if (draw_percent(w, 90))
		one->last = one->first + PAGE * draw_count(w, draw_percent(w, 90) ? 64 : 1 << 20);
	one->last--;
}

static const struct layout unmap_range =
	LAYOUT(unmap_range, unmap_range_fields, .adjust = unmap_range_adjust);

static const struct field away_fields[] = {
	FIELD(space_range, first, ADDRESS),
	FIELD(space_range, last, ADDRESS),
};

static void away_adjust(struct worker *w, void *bytes)
{
	struct uldf_ioc_space_range *away = bytes;

	if (draw_percent(w, 95))
		away->last = away->first + PAGE * draw_count(w, 64) - 1;
}

static const struct layout away = LAYOUT(space_range, away_fields, .adjust = away_adjust);

static const struct field unmap_ranges_fields[] = {
	FIELD(unmap_range, flags, VALUE),
	FIELD(unmap_range, first, VALUE),
	FIELD(unmap_range, last, VALUE),
	FIELD(unmap_range, mappings, OUT),
	FIELD(unmap_range, bytes, OUT),
	FIELD(unmap_range, count, ELEMENTS, ULDF_MAP_BATCH),
	FIELD(unmap_range, ranges, LIST, .layout = &away),
	FIELD(unmap_range, done, OUT),
};
static const struct layout unmap_ranges = LAYOUT(unmap_range, unmap_ranges_fields);

/* ---- memory of others ------------------------------------------------------------------------------ */

static const struct field share_fields[] = {
	FIELD(memory_share, flags, VALUE),  FIELD(memory_share, space, DESCRIPTOR, SPACE),
	FIELD(memory_share, memory, ID, 6), FIELD(memory_share, id, OUT),
	FIELD(memory_share, pad, VALUE),
};
static const struct layout share = LAYOUT(memory_share, share_fields);

static const struct field registers_fields[] = {
	FIELD(memory_region, flags, VALUE),   FIELD(memory_region, device, DESCRIPTOR, DEVICE),
	FIELD(memory_region, region, REGION), FIELD(memory_region, offset, OFFSET, 4),
	FIELD(memory_region, size, SIZE, 16), FIELD(memory_region, id, OUT),
	FIELD(memory_region, pad, VALUE),
};
static const struct layout registers = LAYOUT(memory_region, registers_fields);

static const struct field revoke_fields[] = {
	FIELD(revoke, flags, VALUE),
};
static const struct layout revoke = LAYOUT(revoke, revoke_fields);

/* ---- bare spaces ----------------------------------------------------------------------------------- */

static const struct field segment_fields[] = {
	FIELD(segment, address, OUT),
	FIELD(segment, length, OUT),
};
static const struct layout segment = LAYOUT(segment, segment_fields);

static const struct field segments_fields[] = {
	FIELD(segments, flags, FLAGS, ULDF_MAP_READ | ULDF_MAP_WRITE),
	FIELD(segments, offset, OFFSET, 4),
	FIELD(segments, size, SIZE, 16),
	FIELD(segments, memory, ID, 6),
	FIELD(segments, count, ELEMENTS, 4096),
	FIELD(segments, list, LIST, .layout = &segment),
};
static const struct layout segments = LAYOUT(segments, segments_fields);

static const struct field segments_end_fields[] = {
	FIELD(segments, flags, VALUE), FIELD(segments, offset, VALUE),
	FIELD(segments, size, VALUE),  FIELD(segments, memory, ID, 6),
	FIELD(segments, count, VALUE), FIELD(segments, list, VALUE),
};
static const struct layout segments_end = LAYOUT(segments, segments_end_fields);

static const struct field coherent_fields[] = {
	FIELD(coherent, flags, VALUE), FIELD(coherent, size, SIZE, 16),
	FIELD(coherent, address, OUT), FIELD(coherent, offset, OUT),
	FIELD(coherent, id, OUT),      FIELD(coherent, pad, VALUE),
};
static const struct layout coherent = LAYOUT(coherent, coherent_fields);

static const struct field coherent_end_fields[] = {
	FIELD(coherent, flags, VALUE),	 FIELD(coherent, size, VALUE),
	FIELD(coherent, address, VALUE), FIELD(coherent, offset, VALUE),
	FIELD(coherent, id, ID, 6),	 FIELD(coherent, pad, VALUE),
};
static const struct layout coherent_end = LAYOUT(coherent, coherent_end_fields);

static const struct act acts[] = {
	CALL(ULDF_SPACE_INFO, 10, SPACE, &info),
	CALL(ULDF_MEMORY_REGISTER, 60, SPACE, &memory_register),
	CALL(ULDF_MEMORY_UNREGISTER, 30, SPACE, &memory_unregister),
	CALL(ULDF_SPACE_MAP, 100, SPACE, &map, .done = map_done),
	CALL(ULDF_SPACE_UNMAP, 100, SPACE, &unmap, .suits = kept_any),
	CALL(ULDF_SPACE_UNMAP_RANGE, 10, SPACE, &unmap_range),
	CALL(ULDF_SPACE_UNMAP_RANGE, 10, SPACE, &unmap_ranges),
	CALL(ULDF_MEMORY_SHARE, 30, SPACE, &share),
	CALL(ULDF_MEMORY_REGION, 30, SPACE, &registers),
	CALL(ULDF_SPACE_REVOKE, 1, SPACE, &revoke),
	RARE_CALL(ULDF_SPACE_SEGMENTS, 5, SPACE, &segments),
	RARE_CALL(ULDF_SPACE_SEGMENTS_END, 5, SPACE, &segments_end),
	RARE_CALL(ULDF_SPACE_COHERENT, 5, SPACE, &coherent),
	RARE_CALL(ULDF_SPACE_COHERENT_END, 5, SPACE, &coherent_end),
};

const struct acts space_acts = {acts, COUNT(acts)};
