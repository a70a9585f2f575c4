// SPDX-License-Identifier: MIT
/*
 * A libFuzzer target: any bytes are read as a recording, and played back to a driver that goes on whatever fails. What
 * the codec takes it gives back the same. "recording --seed FILE" makes a recording to begin with.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "careless.h"
#include "record/codec.h"
#include "seed.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	if (*argc == 3 && !strcmp((*argv)[1], "--seed"))
		exit(seed_record((*argv)[2]) ? 1 : 0);
	return 0;
}

/* In memory of exactly its size, so that reading beyond is seen. */
static void decode(const uint8_t *data, size_t left)
{
	struct uldf_record record;
	uint8_t *bytes, *again;
	size_t size;

	if (left < RECORD_HEADER || record_decode_size(data, &size) || size > left)
		return;
	bytes = malloc(size);
	again = malloc(size);
	if (!bytes || !again)
		abort();
	memcpy(bytes, data, size);
	if (!record_decode(bytes, &record)) {
		if (record_size(&record) != size)
			abort();
		record_encode(&record, again);
		/* But for what fills it up, which is not looked at. */
		if (memcmp(bytes, again, RECORD_HEADER + 8 * record.count + record.size))
			abort();
	}
	free(again);
	free(bytes);
}

static void read_all(struct uldf_ctx *ctx, const char *path, const uint8_t *data, size_t size)
{
	struct uldf_recording *recording;
	struct uldf_record record;

	if (uldf_recording_open(ctx, path, &recording))
		return;
	do {
		uint64_t at = recording_offset(recording);

		decode(data + at, size - at);
	} while (!uldf_recording_next(recording, &record));
	uldf_recording_close(recording);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct uldf_device *device;
	struct uldf_ctx *ctx;
	char address[64];
	int file = memfd_create("recording", MFD_CLOEXEC);

	if (file < 0 || write(file, data, size) != (ssize_t)size || uldf_ctx_create(&ctx))
		abort();
	snprintf(address, sizeof(address), "replay:/proc/self/fd/%d", file);
	read_all(ctx, strchr(address, '/'), data, size);
	if (!uldf_device_open(ctx, address, &device))
		careless_drive(device);
	uldf_ctx_destroy(ctx);
	close(file);
	return 0;
}
