// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "ctx.h"
#include "record/codec.h"

struct uldf_recording {
	struct uldf_ctx *ctx;
	FILE *file;
	char *path;
	uint64_t started;
	uint64_t offset; /* of what is read next */
	uint8_t bytes[RECORD_MAX];
};

static int open_fail(struct uldf_ctx *ctx, const char *path, int err)
{
	return ctx_fail(ctx, err, "recording %s: %s", path, ctx_strerror(err));
}

int uldf_recording_open(struct uldf_ctx *ctx, const char *path, struct uldf_recording **out)
{
	struct uldf_recording *recording = malloc(sizeof(*recording));
	const char *wrong = "not a recording: too short";
	int err;

	if (!recording)
		return open_fail(ctx, path, -ENOMEM);
	recording->ctx = ctx;
	recording->offset = RECORD_FILE_HEADER;
	if (asprintf(&recording->path, "%s", path) < 0) {
		err = open_fail(ctx, path, -ENOMEM);
		goto err_free;
	}
	recording->file = fopen(path, "re");
	if (!recording->file) {
		err = open_fail(ctx, path, -errno);
		goto err_path;
	}
	errno = 0;
	if (fread(recording->bytes, RECORD_FILE_HEADER, 1, recording->file) == 1)
		wrong = record_decode_file(recording->bytes, &recording->started);
	else if (ferror(recording->file)) {
		err = open_fail(ctx, path, errno ? -errno : -EIO);
		goto err_close;
	}
	if (wrong) {
		err = ctx_fail(ctx, -EPROTO, "recording %s: %s", path, wrong);
		goto err_close;
	}
	*out = recording;
	return 0;
err_close:
	fclose(recording->file);
err_path:
	free(recording->path);
err_free:
	free(recording);
	return err;
}

void uldf_recording_close(struct uldf_recording *recording)
{
	if (!recording)
		return;
	fclose(recording->file);
	free(recording->path);
	free(recording);
}

/* -ENODATA for an end before all of @size bytes. */
static int read_bytes(struct uldf_recording *recording, size_t at, size_t size)
{
	if (!size || fread(recording->bytes + at, size, 1, recording->file) == 1)
		return 0;
	if (ferror(recording->file))
		return open_fail(recording->ctx, recording->path, -EIO);
	return ctx_fail(recording->ctx, -ENODATA, "recording %s: it ends", recording->path);
}

int uldf_recording_next(struct uldf_recording *recording, struct uldf_record *out)
{
	const char *wrong;
	size_t size;
	int err = read_bytes(recording, 0, RECORD_HEADER);

	if (err)
		return err;
	wrong = record_decode_size(recording->bytes, &size);
	if (!wrong) {
		err = read_bytes(recording, RECORD_HEADER, size - RECORD_HEADER);
		if (err)
			return err;
		wrong = record_decode(recording->bytes, out);
	}
	if (wrong)
		return ctx_fail(recording->ctx, -EPROTO,
				"recording %s: damaged at byte %" PRIu64 ": %s", recording->path,
				recording->offset, wrong);
	recording->offset += size;
	return 0;
}

uint64_t recording_offset(const struct uldf_recording *recording)
{
	return recording->offset;
}

uint64_t uldf_recording_started(const struct uldf_recording *recording)
{
	return recording->started;
}
