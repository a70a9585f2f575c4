// SPDX-License-Identifier: MIT
/* Recordings that were cut off or damaged: refused with an error that says where, or played as far as they go. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "careless.h"
#include "engine.h"
#include "fake.h"
#include "record/recorder.h"

TestSuite(record_damage, .fini = fixture_check_leaks);

static char path[64];
static uint8_t *bytes;
static size_t size;

/* A recording of the careless driver's session with an engine. */
static void record(void)
{
	struct wrapped w;
	FILE *file;
	int fd;

	snprintf(path, sizeof(path), "/tmp/uldf-damage-XXXXXX");
	fd = mkstemp(path);
	cr_assert(ge(int, fd, 0));
	close(fd);
	wrapped_init(&w, &record_backend, record_wrap, path);
	careless_drive(w.device);
	uldf_ctx_destroy(w.ctx);
	memset(&engine, 0, sizeof(engine));
	file = fopen(path, "re");
	cr_assert(file != NULL);
	bytes = malloc(1 << 20);
	size = fread(bytes, 1, 1 << 20, file);
	cr_assert(gt(sz, size, 2000));
	fclose(file);
}

static void forget(void)
{
	free(bytes);
	unlink(path);
}

/* Plays what is in the file; what went wrong stands in @reason. */
static int play(size_t length, char *reason, size_t room)
{
	struct uldf_device *device;
	struct uldf_ctx *ctx;
	char address[80];
	FILE *file = fopen(path, "we");
	int err;

	cr_assert(file != NULL);
	cr_assert(eq(sz, fwrite(bytes, 1, length, file), length));
	fclose(file);
	snprintf(address, sizeof(address), "replay:%s", path);
	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	err = uldf_device_open(ctx, address, &device);
	if (!err)
		careless_drive(device);
	uldf_reason(ctx, reason, room);
	uldf_ctx_destroy(ctx);
	return err;
}

Test(record_damage, the_whole_recording_plays)
{
	char reason[512] = "";

	record();
	cr_expect(eq(int, play(size, reason, sizeof(reason)), 0));
	cr_expect(strstr(reason, "the recording ends") == NULL, "%s", reason);
	cr_expect(strstr(reason, "the driver") == NULL, "%s", reason);
	forget();
}

Test(record_damage, a_recording_may_end_anywhere)
{
	char reason[512];

	record();
	for (size_t length = 0; length < size; length += length < 1000 ? 1 : 13) {
		int err = play(length, reason, sizeof(reason));

		if (length < RECORD_FILE_HEADER)
			cr_expect(strstr(reason, "too short") != NULL, "%zu: %s", length, reason);
		else
			cr_expect(strstr(reason, " byte ") != NULL, "%zu: %s", length, reason);
		if (err)
			cr_expect(eq(int, err, -EPROTO), "%zu", length);
	}
	forget();
}

Test(record_damage, any_bit_may_be_wrong)
{
	unsigned int refused = 0;
	char reason[512];

	record();
	for (size_t i = 0; i < size; i += i < 1000 ? 1 : 3) {
		uint8_t bit = (uint8_t)(1 << i * 5 % 8);

		bytes[i] ^= bit;
		reason[0] = '\0';
		play(size, reason, sizeof(reason));
		bytes[i] ^= bit;
		/* What the device answered may be anything: what is refused says where. */
		if (i < RECORD_FILE_HEADER || !strstr(reason, "replay "))
			continue;
		refused++;
		cr_expect(strstr(reason, " byte ") || strstr(reason, "failed when recorded"),
			  "%zu: %s", i, reason);
	}
	cr_expect(gt(uint, refused, 200));
	forget();
}
