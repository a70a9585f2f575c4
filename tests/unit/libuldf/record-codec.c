// SPDX-License-Identifier: MIT
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fake.h"
#include "record/codec.h"

TestSuite(codec, .fini = fixture_check_leaks);

static const struct uldf_record sample = {
	.kind = ULDF_RECORD_CONTENT,
	.result = 0,
	.thread = 77,
	.time = 0x123456789abcULL,
	.duration = 55,
	.count = 2,
	.args = {1, 0x1000},
	.data = (const uint8_t *)"hello",
	.size = 5,
};

static size_t encode_sample(uint8_t *out)
{
	record_encode(&sample, out);
	return record_size(&sample);
}

Test(codec, a_record_survives_the_way_there_and_back)
{
	uint8_t bytes[256];
	struct uldf_record record;
	size_t size = encode_sample(bytes), told = 0;

	cr_expect(eq(sz, size, 40 + 16 + 8));
	cr_expect(record_decode_size(bytes, &told) == NULL);
	cr_expect(eq(sz, told, size));
	cr_assert(record_decode(bytes, &record) == NULL);
	cr_expect(eq(int, record.kind, sample.kind));
	cr_expect(eq(u32, record.thread, 77));
	cr_expect(eq(u64, record.time, sample.time));
	cr_expect(eq(u64, record.duration, 55));
	cr_expect(eq(u64, record.args[1], 0x1000));
	cr_expect(eq(sz, record.size, 5));
	cr_expect(memcmp(record.data, "hello", 5) == 0);
}

Test(codec, errors_survive_too)
{
	const struct uldf_record failed = {.kind = ULDF_RECORD_DETACH, .result = -ENODEV};
	struct uldf_record record;
	uint8_t bytes[64];

	record_encode(&failed, bytes);
	cr_assert(record_decode(bytes, &record) == NULL);
	cr_expect(eq(int, record.result, -ENODEV));
}

Test(codec, the_format_is_what_the_header_says)
{
	static const uint8_t wanted[] = {
		64,   0,    0,	  0,	34,   0,    2, 0, 0,   0,   0,	 0,   77,  0, 0, 0,
		0xbc, 0x9a, 0x78, 0x56, 0x34, 0x12, 0, 0, 55,  0,   0,	 0,   0,   0, 0, 0,
		5,    0,    0,	  0,	0,    0,    0, 0, 1,   0,   0,	 0,   0,   0, 0, 0,
		0,    0x10, 0,	  0,	0,    0,    0, 0, 'h', 'e', 'l', 'l', 'o', 0, 0, 0,
	};
	uint8_t bytes[256];

	cr_assert(eq(sz, encode_sample(bytes), sizeof(wanted)));
	cr_expect(memcmp(bytes, wanted, sizeof(wanted)) == 0);
}

Test(codec, malformed_records_are_refused)
{
	static const struct {
		unsigned int at;
		uint8_t value;
		const char *wrong;
	} cases[] = {
		{4, 0, "its kind is unknown"},
		{4, ULDF_RECORD_KINDS, "its kind is unknown"},
		{5, 0xff, "its kind is unknown"},
		{6, 3, "its kind has another count of numbers"},
		{7, 1, "its kind has another count of numbers"},
		{11, 0x40, "its header is malformed"},
		{11, 0x80, "its header is malformed"},
		{32, 9, "its data does not fill it"},
		{35, 0x80, "its data does not fill it"},
		{0, 80, "its data does not fill it"},
		{39, 1, "its header is malformed"},
	};
	struct uldf_record record = {.thread = 5};
	uint8_t bytes[256] = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *wrong;

		encode_sample(bytes);
		bytes[cases[i].at] = cases[i].value;
		wrong = record_decode(bytes, &record);
		cr_assert(wrong != NULL, "case %zu", i);
		cr_expect(eq(str, (char *)wrong, (char *)cases[i].wrong), "case %zu", i);
	}
	cr_expect(eq(u32, record.thread, 5));
}

Test(codec, sizes_that_no_record_has_are_refused)
{
	static const uint32_t bad[] = {0, 39, 41, 44, RECORD_MAX + 8, UINT32_MAX, 0x80000000};
	size_t size = 7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t bytes[RECORD_HEADER] = {(uint8_t)bad[i], (uint8_t)(bad[i] >> 8),
						(uint8_t)(bad[i] >> 16), (uint8_t)(bad[i] >> 24)};

		cr_expect(record_decode_size(bytes, &size) != NULL, "%u", bad[i]);
	}
	cr_expect(eq(sz, size, 7));
}

Test(codec, rows_are_whole_and_text_has_no_nul)
{
	static const uint8_t words[48];
	struct uldf_record map = {.kind = ULDF_RECORD_MAP, .count = 1, .data = words, .size = 40};
	struct uldf_record device = {.kind = ULDF_RECORD_DEVICE, .count = 6};
	struct uldf_record record;
	uint8_t bytes[256];

	record_encode(&map, bytes);
	cr_expect(record_decode(bytes, &record) == NULL);
	map.size = 48;
	record_encode(&map, bytes);
	cr_expect(eq(str, (char *)record_decode(bytes, &record), "its data is not whole rows"));
	device.data = (const uint8_t *)"a\0b";
	device.size = 3;
	record_encode(&device, bytes);
	cr_expect(eq(str, (char *)record_decode(bytes, &record), "its text has a NUL"));
}

Test(codec, every_kind_has_a_form_and_no_other)
{
	cr_expect(uldf_record_form((enum uldf_record_kind)0) == NULL);
	cr_expect(uldf_record_form(ULDF_RECORD_KINDS) == NULL);
	cr_expect(uldf_record_form((enum uldf_record_kind) - 1) == NULL);
	for (unsigned int i = 1; i < ULDF_RECORD_KINDS; i++) {
		const struct uldf_record_form *form = uldf_record_form((enum uldf_record_kind)i);

		cr_assert(form != NULL, "kind %u", i);
		cr_expect(le(uint, form->inputs, form->count));
		cr_expect(le(uint, form->row_inputs, form->row));
		for (unsigned int j = 0; j < form->count; j++)
			cr_expect(form->names[j] != NULL, "%s %u", form->name, j);
	}
}

/* The numbers stand in recordings that were made before. */
Test(codec, kinds_keep_their_numbers)
{
	static const struct {
		enum uldf_record_kind kind;
		unsigned int number;
	} cases[] = {
		{ULDF_RECORD_DEVICE, 1},	   {ULDF_RECORD_ATTACH, 10},
		{ULDF_RECORD_DETACH, 11},	   {ULDF_RECORD_SPACE_CREATE, 22},
		{ULDF_RECORD_MEMORY_REGISTER, 25}, {ULDF_RECORD_MEMORY_UNREGISTER, 26},
		{ULDF_RECORD_UNMAP, 29},	   {ULDF_RECORD_SEGMENTS_MAP, 30},
		{ULDF_RECORD_CONTENT, 34},	   {ULDF_RECORD_WAIT, 35},
		{ULDF_RECORD_CLOSE, 36},	   {ULDF_RECORD_MOVE, 37},
		{ULDF_RECORD_MEMORY_SHARE, 38},	   {ULDF_RECORD_UNMAP_RANGE, 39},
		{ULDF_RECORD_REVOKE, 40},	   {ULDF_RECORD_KINDS, 41},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect(eq(uint, cases[i].kind, cases[i].number), "case %zu", i);
}

Test(codec, the_header_of_a_file_names_format_and_version)
{
	uint8_t bytes[RECORD_FILE_HEADER];
	uint64_t started = 0;

	record_encode_file(12345, bytes);
	cr_expect(record_decode_file(bytes, &started) == NULL);
	cr_expect(eq(u64, started, 12345));
	for (unsigned int version = 0; version < 6; version++) {
		const char *wrong;

		bytes[8] = (uint8_t)version;
		wrong = record_decode_file(bytes, &started);
		if (version == 2 || version == 3)
			cr_expect(wrong == NULL, "version %u", version);
		else
			cr_expect(eq(str, (char *)wrong,
				     "a recording of another version of libuldf"));
	}
	record_encode_file(12345, bytes);
	bytes[0]++;
	cr_expect(eq(str, (char *)record_decode_file(bytes, &started), "not a recording"));
	record_encode_file(12345, bytes);
	bytes[31]++;
	cr_expect(eq(str, (char *)record_decode_file(bytes, &started), "its header is malformed"));
}

Test(codec, a_damaged_file_says_where)
{
	char path[] = "/tmp/uldf-codec-XXXXXX";
	uint8_t bytes[RECORD_FILE_HEADER + 64 * 2];
	struct uldf_recording *recording;
	struct uldf_record record;
	struct uldf_ctx *ctx;
	int fd = mkstemp(path);

	record_encode_file(1, bytes);
	encode_sample(bytes + RECORD_FILE_HEADER);
	encode_sample(bytes + RECORD_FILE_HEADER + 64);
	bytes[RECORD_FILE_HEADER + 64 + 4] = 0xff;
	cr_assert(eq(int, (int)write(fd, bytes, sizeof(bytes)), (int)sizeof(bytes)));
	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_assert(eq(int, uldf_recording_open(ctx, path, &recording), 0));
	cr_expect(eq(u64, uldf_recording_started(recording), 1));
	cr_expect(eq(int, uldf_recording_next(recording, &record), 0));
	cr_expect(memcmp(record.data, "hello", 5) == 0);
	cr_expect(eq(int, uldf_recording_next(recording, &record), -EPROTO));
	fixture_expect_reason(ctx, "damaged at byte 96: its kind is unknown");
	uldf_recording_close(recording);
	uldf_recording_close(NULL);
	uldf_ctx_destroy(ctx);
	close(fd);
	unlink(path);
}
