// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include "replay/replay.h"

/* The first @inputs words of a row against what the driver gives. */
static int match_row(struct replay *replay, const struct uldf_record *record, size_t row,
		     const uint64_t *given, unsigned int inputs)
{
	const struct uldf_record_form *form = uldf_record_form(record->kind);
	int err = 0;

	for (unsigned int i = 0; i < inputs && !err; i++)
		err = replay_expect(replay, record, form->row_names[i], given[i],
				    record_word(record->data, row * form->row + i));
	return err;
}

static int match_rows(struct replay *replay, const struct uldf_record *record,
		      const struct uldf_mapping *list, size_t count)
{
	const struct uldf_record_form *form = uldf_record_form(record->kind);
	int err = replay_expect(replay, record, "count of pieces", count,
				record->size / 8 / form->row);

	for (size_t i = 0; i < count && !err; i++) {
		const uint64_t of_map[] = {list[i].memory ? list[i].memory->handle : 0,
					   list[i].offset, list[i].size, list[i].access,
					   list[i].address};
		const uint64_t of_unmap[] = {list[i].size, list[i].address};

		err = match_row(replay, record, i,
				record->kind == ULDF_RECORD_UNMAP ? of_unmap : of_map,
				form->row_inputs);
	}
	return err;
}

static int play_batch(struct uldf_space *space, enum uldf_record_kind kind,
		      const struct uldf_mapping *list, size_t count)
{
	struct replay *replay = replay_of(space);
	struct uldf_record record;
	int err = replay_begin(replay, kind, &record, 1, replay_number_of(space));

	if (err)
		return err;
	err = match_rows(replay, &record, list, count);
	return err ? replay_abort(replay) : replay_end(replay, &record);
}

int replay_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	return play_batch(space, ULDF_RECORD_MAP, list, count);
}

int replay_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	return play_batch(space, ULDF_RECORD_UNMAP, list, count);
}

int replay_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
		       struct uldf_unmapped *out)
{
	struct replay *replay = replay_of(space);
	struct uldf_record record;
	int err = replay_begin(replay, ULDF_RECORD_UNMAP_RANGE, &record, 3, replay_number_of(space),
			       first, last);

	if (err)
		return err;
	err = replay_end(replay, &record);
	if (!err)
		*out = (struct uldf_unmapped){record.args[3], record.args[4]};
	return err;
}

int replay_revoke(struct uldf_space *space)
{
	struct replay *replay = replay_of(space);
	struct uldf_record record;
	int err = replay_begin(replay, ULDF_RECORD_REVOKE, &record, 1, replay_number_of(space));

	return err ? err : replay_end(replay, &record);
}

int replay_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	struct replay *replay = replay_of(space);
	struct uldf_record record;
	int err =
		replay_begin(replay, ULDF_RECORD_MAP_ANYWHERE, &record, 1, replay_number_of(space));

	if (err)
		return err;
	err = match_rows(replay, &record, list, count);
	if (err)
		return replay_abort(replay);
	for (size_t i = 0; !record.result && i < count; i++)
		list[i].address = record_word(record.data, 5 * i + 4);
	return replay_end(replay, &record);
}

int replay_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
			struct uldf_segment *list, size_t *count, uint64_t *handle)
{
	struct replay *replay = replay_of(space);
	struct uldf_record record;
	int err = replay_begin(replay, ULDF_RECORD_SEGMENTS_MAP, &record, 6,
			       replay_number_of(space), piece->memory->handle, piece->offset,
			       piece->size, (uint64_t)piece->access, (uint64_t)*count);

	if (err)
		return err;
	if (record.args[6] > ULDF_RECORD_DATA / 16 ||
	    (!record.result && (record.args[6] > *count || record.args[6] != record.size / 16))) {
		replay_diverge(replay, "there is no room for %" PRIu64 " segments", record.args[6]);
		return replay_abort(replay);
	}
	for (size_t i = 0; !record.result && i < record.args[6]; i++)
		list[i] = (struct uldf_segment){
			.address = record_word(record.data, 2 * i),
			.length = record_word(record.data, 2 * i + 1),
		};
	if (!record.result)
		*handle = record.args[7];
	if (!record.result || record.result == -ENOSPC)
		*count = record.args[6];
	return replay_end(replay, &record);
}

void replay_segments_unmap(struct uldf_space *space, uint64_t handle)
{
	struct uldf_record record;

	if (!replay_begin(replay_of(space), ULDF_RECORD_SEGMENTS_UNMAP, &record, 2,
			  replay_number_of(space), handle))
		replay_end(replay_of(space), &record);
}
