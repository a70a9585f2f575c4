// SPDX-License-Identifier: MIT
/* Batches of register accesses: what is refused, what is done, and what ends one midway. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "conform.h"

#define EDU_FACTORIAL 0x08
#define EDU_STATUS    0x20 /* bit 0: computing */
#define WAIT_US	      20000

static uint8_t bytes[ULDF_IO_STRING_MAX + 8];

static uint64_t pattern(const struct conform *c, uint64_t value)
{
	return value & c->model->scratch_bits;
}

static uint64_t scratch_get(struct conform *c)
{
	return pattern(c, reg_read(c, c->model->scratch, 4));
}

static void check_lists(struct conform *c)
{
	const unsigned int at = c->model->scratch;
	const uint16_t bar = c->model->bar;
	const uint64_t end = uldf_region_get(c->device, bar)->size;
	const struct {
		const char *what;
		struct uldf_io io;
		int wanted;
	} cases[] = {
		{"no operation", {.kind = ULDF_IO_POLL + 1, .width = 4}, -EINVAL},
		{"no operation by far", {.kind = 255, .width = 4}, -EINVAL},
		{"no region", {.width = 4, .region = ULDF_REGION_COUNT}, -EINVAL},
		{"no region by far", {.width = 4, .region = UINT16_MAX}, -EINVAL},
		{"no width", {.width = 0}, -EINVAL},
		{"a width of 3", {.width = 3}, -EINVAL},
		{"a width of 16", {.width = 16}, -EINVAL},
		{"a width of 255", {.width = 255}, -EINVAL},
		{"out of step", {.width = 4, .offset = 2}, -EINVAL},
		{"past the region", {.width = 4, .offset = end}, -ERANGE},
		{"so far that it wraps", {.width = 4, .offset = UINT64_MAX - 3}, -ERANGE},
		{"a read with a count", {.width = 4, .count = 1}, -EINVAL},
		{"a write with a mask", {.kind = ULDF_IO_WRITE, .width = 4, .mask = 1}, -EINVAL},
		{"a string of 8", {.kind = 2, .width = 8, .count = 1, .data = bytes}, -EINVAL},
		{"an empty string", {.kind = 2, .width = 4, .data = bytes}, -EINVAL},
		{"a string from nowhere", {.kind = 3, .width = 4, .count = 1}, -EINVAL},
		{"a string past the region",
		 {.kind = 2, .width = 4, .offset = end, .count = 1, .data = bytes},
		 -ERANGE},
		{"a string too long",
		 {.kind = 2, .width = 1, .count = ULDF_IO_STRING_MAX + 1, .data = bytes},
		 -E2BIG},
		{"a string so long that it wraps",
		 {.kind = 2, .width = 4, .count = UINT32_MAX, .data = bytes},
		 -E2BIG},
		{"a poll outside its mask",
		 {.kind = ULDF_IO_POLL, .width = 4, .value = 0x100, .mask = 0xff},
		 -EINVAL},
		{"a poll outside its width",
		 {.kind = ULDF_IO_POLL, .width = 1, .value = 0x100, .mask = UINT64_MAX},
		 -EINVAL},
		{"a poll too long",
		 {.kind = ULDF_IO_POLL, .width = 4, .count = ULDF_IO_POLL_MAX + 1},
		 -E2BIG},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct uldf_io list[2] = {
			{.kind = ULDF_IO_WRITE,
			 .width = 4,
			 .region = bar,
			 .offset = at,
			 .value = ~0u},
			cases[i].io,
		};
		size_t done = 99;

		if (!list[1].region)
			list[1].region = bar;
		expect(c, cases[i].what, uldf_io_batch(c->device, list, 2, &done), cases[i].wanted);
		if (cases[i].wanted != -E2BIG)
			expect_reason(c, "operation 1");
		require("nothing of a bad list is done", !done && !scratch_get(c));
	}
}

static void check_counts_of_lists(struct conform *c)
{
	struct uldf_io list[ULDF_IO_BATCH_MAX + 1] = {};
	const struct constant *k = c->model->constants;
	size_t done = 99;

	for (size_t i = 0; i <= ULDF_IO_BATCH_MAX; i++)
		list[i] = (struct uldf_io){.width = (uint8_t)k->width,
					   .region = (uint16_t)k->region,
					   .offset = k->offset};
	expect(c, "no operations", uldf_io_batch(c->device, list, 0, &done), -EINVAL);
	expect(c, "no list", uldf_io_batch(c->device, NULL, 1, &done), -EINVAL);
	expect(c, "too many operations",
	       uldf_io_batch(c->device, list, ULDF_IO_BATCH_MAX + 1, &done), -E2BIG);
	require("of these none is done", !done);
	expect(c, "as many as can be", uldf_io_batch(c->device, list, ULDF_IO_BATCH_MAX, &done), 0);
	require("all are done", done == ULDF_IO_BATCH_MAX &&
					(list[ULDF_IO_BATCH_MAX - 1].value & k->mask) == k->value);
	expect(c, "and not ask how many", uldf_io_batch(c->device, list, 1, NULL), 0);
}

static void check_operations(struct conform *c)
{
	const unsigned int at = c->model->scratch;
	const uint16_t bar = c->model->bar;
	const uint32_t words[3] = {0x11111110, 0x22222220, 0x5a5a5a50};
	uint32_t back[2] = {1, 1};
	struct uldf_io list[] = {
		{.kind = ULDF_IO_WRITE,
		 .width = 4,
		 .region = bar,
		 .offset = at,
		 .value = 0x12345670},
		{.kind = ULDF_IO_READ,
		 .width = 4,
		 .region = bar,
		 .offset = at,
		 .value = UINT64_MAX},
		{.kind = ULDF_IO_WRITE_STRING,
		 .width = 4,
		 .region = bar,
		 .offset = at,
		 .count = 3,
		 .data = (void *)words},
		{.kind = ULDF_IO_READ_STRING,
		 .width = 4,
		 .region = bar,
		 .offset = at,
		 .count = 2,
		 .data = back},
		{.kind = ULDF_IO_READ, .width = 2, .region = ULDF_CONFIG, .value = UINT64_MAX},
		{.kind = ULDF_IO_POLL,
		 .width = 4,
		 .region = bar,
		 .offset = at,
		 .count = 1000,
		 .value = pattern(c, 0x5000),
		 .mask = pattern(c, 0xf000)},
		{.kind = ULDF_IO_WRITE, .width = 4, .region = bar, .offset = at},
	};
	size_t done = 99;

	expect(c, "a batch of everything", uldf_io_batch(c->device, list, 7, &done), 0);
	require("all of it is done", done == 7 && !scratch_get(c));
	require("a read sees the write before it, and nothing above its width",
		!(list[1].value >> 32) && pattern(c, list[1].value) == pattern(c, 0x12345670));
	require("strings write and read one register",
		pattern(c, back[0]) == pattern(c, words[2]) && back[1] == back[0]);
	require("configuration is read", list[4].value == (c->model->id & 0xffff));
	require("a poll tells what it read",
		pattern(c, list[5].value) == pattern(c, words[2]) && !(list[5].value >> 32));
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void check_polls(struct conform *c)
{
	const unsigned int at = c->model->scratch;
	const uint16_t bar = c->model->bar;
	struct uldf_io list[] = {
		{.kind = ULDF_IO_WRITE,
		 .width = 4,
		 .region = bar,
		 .offset = at,
		 .value = 0x5a5a5a50},
		{.kind = ULDF_IO_POLL,
		 .width = 4,
		 .region = bar,
		 .offset = at,
		 .count = WAIT_US,
		 .mask = 0x5000},
		{.kind = ULDF_IO_WRITE, .width = 4, .region = bar, .offset = at},
	};
	struct uldf_io becomes[] = {
		{.kind = ULDF_IO_WRITE, .width = 4, .offset = EDU_FACTORIAL, .value = 100000},
		{.kind = ULDF_IO_POLL,
		 .width = 4,
		 .offset = EDU_STATUS,
		 .count = 1000000,
		 .mask = 1},
	};
	uint64_t begin = now_us(), took;
	size_t done = 99;

	expect(c, "a poll that does not come true", uldf_io_batch(c->device, list, 3, &done),
	       -ETIMEDOUT);
	took = now_us() - begin;
	require("takes the time it has, and not for ever", took >= WAIT_US && took < 100 * WAIT_US);
	require("what it read last is told",
		done == 1 && pattern(c, list[1].value) == pattern(c, 0x5a5a5a50));
	require("nothing behind it is done", scratch_get(c) == pattern(c, 0x5a5a5a50));
	list[1].count = 0;
	list[1].value = 0;
	expect(c, "one without operations before it", uldf_io_batch(c->device, list + 1, 1, &done),
	       -ETIMEDOUT);
	require("which tells what it read",
		done == 0 && pattern(c, list[1].value) == pattern(c, 0x5a5a5a50));
	list[1].value = 0;
	expect(c, "a poll without time", uldf_io_batch(c->device, list, 3, &done), -ETIMEDOUT);
	list[1].value = pattern(c, 0x5000);
	expect(c, "one that is true at once needs none", uldf_io_batch(c->device, list, 3, &done),
	       0);
	if (c->model != &edu_model)
		return;
	begin = now_us();
	expect(c, "a poll that comes true", uldf_io_batch(c->device, becomes, 2, &done), 0);
	require("it has read that", done == 2 && !(becomes[1].value & 1));
}

/* An operation switches decoding off for those behind it. */
static void check_midway(struct conform *c)
{
	const struct constant *k = c->model->constants;
	uint16_t command = (uint16_t)config_get(c, PCI_COMMAND, 2);
	const struct uldf_io read = {
		.width = (uint8_t)k->width, .region = (uint16_t)k->region, .offset = k->offset};
	struct uldf_io list[] = {
		read,
		{.kind = ULDF_IO_WRITE,
		 .width = 2,
		 .region = ULDF_CONFIG,
		 .offset = PCI_COMMAND,
		 .value = (uint64_t)(command & ~c->model->decode)},
		read,
		{.kind = ULDF_IO_WRITE,
		 .width = 2,
		 .region = ULDF_CONFIG,
		 .offset = PCI_COMMAND,
		 .value = command},
	};
	struct uldf_io strings[] = {
		{.width = 2, .region = ULDF_CONFIG, .value = 99},
		{.kind = ULDF_IO_WRITE_STRING,
		 .width = 4,
		 .region = c->model->bar,
		 .offset = c->model->scratch,
		 .count = 4,
		 .data = bytes},
	};
	struct uldf_io poll = {.kind = ULDF_IO_POLL,
			       .width = (uint8_t)k->width,
			       .region = (uint16_t)k->region,
			       .offset = k->offset,
			       .count = 1000};
	size_t done = 99;

	expect(c, "a batch that is not decoded from the middle on",
	       uldf_io_batch(c->device, list, 4, &done), -EIO);
	expect_reason(c, "decode");
	require("what was before it is done",
		done == 2 && (list[0].value & k->mask) == k->value && !list[2].value);
	require("and nothing behind it", !(config_get(c, PCI_COMMAND, 2) & c->model->decode));
	expect(c, "a string that is not decoded", uldf_io_batch(c->device, strings, 2, &done),
	       -EIO);
	require("what was before it has its value",
		done == 1 && strings[0].value == (c->model->id & 0xffff));
	expect(c, "a poll that is not decoded", uldf_io_batch(c->device, &poll, 1, &done), -EIO);
	require("it is not done", !done);
	config_command(c, c->model->decode, 0);
}

/* Strings of ports: e1000e has a register's address at 0 and its value at 4. */
static void check_port_strings(struct conform *c)
{
	const uint32_t words[3] = {0x1110, 0x2220, 0x3330};
	uint32_t back[2] = {};
	size_t done = 99;
	uint16_t i;

	for (i = 0; i <= ULDF_BAR5; i++)
		if (uldf_region_get(c->device, i)->ports)
			break;
	if (i > ULDF_BAR5 || c->model->decode == PCI_COMMAND_IO)
		return;
	struct uldf_io list[] = {
		{.kind = ULDF_IO_WRITE, .width = 4, .region = i, .value = c->model->scratch},
		{.kind = ULDF_IO_WRITE_STRING,
		 .width = 4,
		 .region = i,
		 .offset = 4,
		 .count = 3,
		 .data = (void *)words},
		{.kind = ULDF_IO_READ_STRING,
		 .width = 4,
		 .region = i,
		 .offset = 4,
		 .count = 2,
		 .data = back},
	};

	config_command(c, PCI_COMMAND_IO, 0);
	expect(c, "strings of ports", uldf_io_batch(c->device, list, 3, &done), 0);
	require("they arrive", done == 3 && back[0] == words[2] && back[1] == words[2] &&
				       scratch_get(c) == words[2]);
	config_command(c, 0, PCI_COMMAND_IO);
	expect(c, "strings of ports that are not decoded", uldf_io_batch(c->device, list, 3, &done),
	       -EIO);
	require("none of it is done", !done);
	config_command(c, PCI_COMMAND_IO, 0);
	reg_write(c, c->model->scratch, 4, 0);
}

void check_io(struct conform *c)
{
	printf("== batches\n");
	config_command(c, c->model->decode, 0);
	reg_write(c, c->model->scratch, 4, 0);
	check_lists(c);
	check_counts_of_lists(c);
	check_operations(c);
	check_polls(c);
	check_midway(c);
	check_port_strings(c);
}
