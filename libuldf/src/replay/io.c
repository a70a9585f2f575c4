// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "replay/replay.h"

static int match_io(struct replay *replay, const struct uldf_record *record,
		    const struct uldf_io *io)
{
	const uint64_t given[] = {
		io->kind,
		io->region,
		io->offset,
		io->width,
		io->count,
		io->value,
		io->kind == ULDF_IO_POLL ? io->mask : 0,
	};
	const struct uldf_record_form *form = uldf_record_form(ULDF_RECORD_IO);
	int err = 0;

	for (unsigned int i = 0; i < form->inputs && !err; i++)
		err = replay_expect(replay, record, form->names[i], given[i], record->args[i]);
	return err;
}

static int match_string(struct replay *replay, const struct uldf_record *record,
			const struct uldf_io *io)
{
	const uint8_t *data = io->data;
	size_t size = (size_t)io->count * io->width;

	if (record->size != size)
		return replay_diverge(replay, "io: a string of %zu bytes, recorded are %zu", size,
				      record->size);
	for (size_t i = 0; i < size; i++)
		if (data[i] != record->data[i])
			return replay_diverge(replay,
					      "io: byte %zu of the driver's string is 0x%02x, the "
					      "recorded one 0x%02x",
					      i, data[i], record->data[i]);
	return 0;
}

/* One operation: its record follows the batch's. */
static int play_io(struct replay *replay, struct uldf_io *io, bool done)
{
	const struct uldf_record *record = &replay->next;
	int err;

	if (replay_fetch(replay) || record->kind != ULDF_RECORD_IO)
		return replay_diverge(replay, "an operation of the batch is missing");
	err = match_io(replay, record, io);
	if (!err && io->kind == ULDF_IO_WRITE_STRING)
		err = match_string(replay, record, io);
	if (err)
		return err;
	if (io->kind == ULDF_IO_READ_STRING && done) {
		if (record->size != (size_t)io->count * io->width)
			return replay_diverge(replay, "a string has another length");
		memcpy(io->data, record->data, record->size);
	}
	io->value = record->args[7];
	replay->ahead = false;
	return 0;
}

int replay_io_batch(struct uldf_device *device, struct uldf_io *list, size_t count, size_t *done)
{
	struct replay *replay = device->priv;
	struct uldf_record record;
	int err = replay_begin(replay, ULDF_RECORD_BATCH, &record, 1, (uint64_t)count);

	if (err)
		return err;
	for (size_t i = 0; i < count && !err; i++)
		err = play_io(replay, &list[i], i < record.args[1]);
	if (err)
		return replay_abort(replay);
	*done = record.args[1] < count ? record.args[1] : count;
	return replay_end(replay, &record);
}
