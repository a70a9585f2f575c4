// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "trace.h"

TestSuite(trace);

static const struct uldf_record sample_read = {
	.kind = ULDF_RECORD_READ,
	.thread = 7,
	.time = 1500,
	.duration = 250,
	.count = 4,
	.args = {0, 0x98, 4, 0xdeadbeef},
};
static const uint64_t piece[5] = {1, 0x1000, 0x2000, 3, 0xfffffffff0000000};
static const struct uldf_record sample_map = {
	.kind = ULDF_RECORD_MAP,
	.result = -EEXIST,
	.count = 1,
	.args = {2},
	.data = (const uint8_t *)piece,
	.size = sizeof(piece),
};
static const struct uldf_record sample_irq = {
	.kind = ULDF_RECORD_IRQ, .time = 2000, .count = 2, .args = {0, 3}};

static void expect_line(const struct uldf_record *record, const char *wanted)
{
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	trace_print(out, 12, record);
	fclose(out);
	cr_expect(eq(str, line, (char *)wanted));
	free(line);
}

static void expect_json(json_t *value, const char *wanted)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);

	cr_expect(eq(str, text, (char *)wanted));
	free(text);
	json_decref(value);
}

Test(trace, lines_say_what_was_asked_and_what_was_answered)
{
	expect_line(&sample_read,
		    "    12          1.500 us      0.250  read BAR0 offset=0x98 width=4 -> "
		    "value=0xdeadbeef\n");
	expect_line(&sample_irq, "    12          2.000 us             * irq vector=0 count=3\n");
	expect_line(&sample_map,
		    "    12          0.000 us      0.000  map space=2 = -EEXIST (memory=0x1 "
		    "offset=0x1000 size=0x2000 access=0x3 address=0xfffffffff0000000)\n");
}

Test(trace, numbers_that_have_words_are_told_by_them)
{
	const struct uldf_record enable = {
		.kind = ULDF_RECORD_IRQ_ENABLE, .count = 2, .args = {ULDF_IRQ_MSI, 1}};
	const struct uldf_record reset = {
		.kind = ULDF_RECORD_RESET, .count = 1, .args = {ULDF_RESET_BY_PM}};
	const struct uldf_record poll = {
		.kind = ULDF_RECORD_IO, .count = 8, .args = {ULDF_IO_POLL, 0, 8, 4}};
	const struct uldf_record unknown = {
		.kind = ULDF_RECORD_IRQ_ENABLE, .count = 2, .args = {UINT64_MAX, 1}};

	expect_line(&enable, "    12          0.000 us      0.000  irq_enable type=MSI count=1\n");
	expect_line(&reset, "    12          0.000 us      0.000  reset -> how=pm\n");
	expect_line(&poll,
		    "    12          0.000 us               io operation=poll BAR0 offset=0x8 "
		    "width=4 count=0 value=0x0 mask=0x0 -> result=0x0\n");
	expect_line(&unknown, "    12          0.000 us      0.000  irq_enable "
			      "type=18446744073709551615 count=1\n");
	expect_json(trace_json(12, &enable),
		    "{\"args\":{\"count\":1,\"type\":\"MSI\"},\"call\":true,\"duration\":0,"
		    "\"error\":null,\"kind\":\"irq_enable\",\"record\":12,\"thread\":0,"
		    "\"time\":0}");
}

Test(trace, text_of_a_recording_cannot_steer_a_terminal)
{
	const struct uldf_record device = {.kind = ULDF_RECORD_DEVICE,
					   .count = 6,
					   .data = (const uint8_t *)"a\x1b[2J\xff",
					   .size = 6};
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	trace_print(out, 1, &device);
	fclose(out);
	cr_expect(strstr(line, "a?[2J?") != NULL);
	free(line);
}

Test(trace, json_has_all_of_a_record)
{
	expect_json(trace_json(12, &sample_read),
		    "{\"args\":{\"offset\":152,\"region\":0,\"value\":3735928559,\"width\":4},"
		    "\"call\":true,\"duration\":250,\"error\":null,\"kind\":\"read\",\"record\":12,"
		    "\"thread\":7,"
		    "\"time\":1500}");
	expect_json(trace_json(12, &sample_map),
		    "{\"args\":{\"data\":[{\"access\":3,\"address\":\"0xfffffffff0000000\","
		    "\"memory\":1,\"offset\":4096,\"size\":8192}],\"space\":2},\"call\":true,"
		    "\"duration\":0,\"error\":\"EEXIST\",\"kind\":\"map\",\"record\":12,\"thread\":"
		    "0,\"time\":0}");
}

Test(trace, bytes_are_hexadecimal_in_json)
{
	const struct uldf_record content = {.kind = ULDF_RECORD_CONTENT,
					    .count = 2,
					    .args = {1, 64},
					    .data = (const uint8_t *)"\x01\xfe",
					    .size = 2};

	expect_json(
		trace_json(12, &content),
		"{\"args\":{\"data\":\"01fe\",\"memory\":1,\"offset\":64},"
		"\"call\":false,\"duration\":0,\"error\":null,\"kind\":\"content\",\"record\":12,"
		"\"thread\":0,\"time\":0}");
}

Test(trace, chrome_gets_slices_for_calls_and_instants_for_the_device)
{
	expect_json(
		trace_chrome(12, &sample_read),
		"{\"args\":{\"error\":null,\"of\":{\"offset\":152,\"region\":0,"
		"\"value\":3735928559,\"width\":4},\"record\":12},\"cat\":\"call\",\"dur\":0.25,"
		"\"name\":\"read BAR0+0x98\",\"ph\":\"X\",\"pid\":1,\"tid\":7,\"ts\":1.5}");
	expect_json(trace_chrome(12, &sample_irq),
		    "{\"args\":{\"of\":{\"count\":3,\"vector\":0},\"record\":12},\"cat\":"
		    "\"device\",\"name\":\"irq\","
		    "\"ph\":\"i\",\"pid\":1,\"s\":\"t\",\"tid\":0,\"ts\":2.0}");
	expect_json(trace_chrome_name("process_name", "0000:00:06.0"),
		    "{\"args\":{\"name\":\"0000:00:06.0\"},\"name\":\"process_name\",\"ph\":\"M\","
		    "\"pid\":1,\"tid\":0}");
}
