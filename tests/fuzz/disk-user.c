// SPDX-License-Identifier: MIT
#include "disk-user.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "clock.h"

#define REQUESTS   16 /* at once; the tag is the index */
#define CALLS_MOST 64
#define PAGE	   4096
#define MEMORY	   (16 * PAGE) /* as long as the longest block */
#define AGE	   3
#define LONG_NS	   3000000000 /* that no loop can wait */

static struct {
	struct uldf_disk *disk;
	struct uldf_buffer *buffer;
	bool submitted[REQUESTS];
	unsigned int in_flight;
} user;

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "the driver: %s\n", what);
	abort();
}

static struct uldf_disk_request request(struct input *input, struct uldf_segment *segment)
{
	const struct uldf_disk_info *info = uldf_disk_info(user.disk);
	uint8_t byte = (uint8_t)input_take(input, 1);
	struct uldf_disk_request out = {.command = byte & 3, .data = user.buffer->address};
	uint64_t bytes;

	if (out.command == ULDF_DISK_FLUSH)
		return out;
	out.blocks = byte >> 2 & 7;
	bytes = (uint64_t)out.blocks * info->block_size;
	if (bytes > MEMORY) {
		out.blocks = 1;
		bytes = info->block_size;
	}
	out.block = byte & 0x80 ? info->blocks - 1 : input_take(input, 2);
	*segment = (struct uldf_segment){user.buffer->bus, bytes};
	out.list = segment;
	out.count = bytes > 0;
	return out;
}

static void submit(struct input *input)
{
	struct uldf_segment segment;
	struct uldf_disk_request one = request(input, &segment);
	size_t done = 7;

	for (one.tag = 0; one.tag < REQUESTS && user.submitted[one.tag];)
		one.tag++;
	if (one.tag == REQUESTS)
		return;
	uldf_disk_submit(user.disk, &one, 1, &done);
	if (done > 1)
		fail("took more requests than there were");
	user.submitted[one.tag] = done;
	user.in_flight += (unsigned int)done;
}

static void poll_disk(struct input *input)
{
	struct uldf_disk_completion list[4];
	size_t room = input_take(input, 1) % 4 + 1, count = 7;

	if (uldf_disk_poll(user.disk, list, room, &count))
		return;
	if (count > room)
		fail("told of more completions than there was room for");
	for (size_t i = 0; i < count; i++) {
		if (list[i].tag >= REQUESTS || !user.submitted[list[i].tag])
			fail("completed what was not in flight");
		user.submitted[list[i].tag] = false;
		user.in_flight--;
	}
}

/* A synchronous call is refused while anything is in flight. */
static void wait_for(struct input *input)
{
	struct uldf_segment segment;
	const struct uldf_disk_request one = request(input, &segment);
	int err = one.command == ULDF_DISK_WRITE ? uldf_disk_write(user.disk, &one)
						 : uldf_disk_read(user.disk, &one);

	if (!err && user.in_flight)
		fail("read beside a request in flight");
}

/* Return: whether a loop can make the call. */
static bool one_call(struct input *input)
{
	uint8_t byte = (uint8_t)input_take(input, 1);

	switch (byte % 8) {
	case 0:
	case 1:
	case 2:
		submit(input);
		return !uldf_disk_info(user.disk)->bounced;
	case 3:
	case 4:
		poll_disk(input);
		return true;
	case 5:
	case 6:
		uldf_disk_expire(user.disk, AGE);
		return true;
	default:
		wait_for(input);
		return false;
	}
}

void disk_user(struct uldf_disk *disk, struct uldf_space *space, struct input *input)
{
	memset(&user, 0, sizeof(user));
	user.disk = disk;
	if (uldf_buffer_create(space, MEMORY, &user.buffer))
		fail("left no room for a buffer");
	for (unsigned int i = 0; i < CALLS_MOST && input->left; i++) {
		unsigned long long before = clock_ns();

		if (one_call(input) && clock_ns() - before > LONG_NS)
			fail("waited for too long");
	}
	uldf_disk_close(disk);
	uldf_buffer_destroy(user.buffer);
}

struct uldf_disk_options disk_user_options(struct input *input)
{
	uint8_t byte = (uint8_t)input_take(input, 1);

	return (struct uldf_disk_options){
		.unit = byte & 1,
		.depth = byte >> 1 & 7,
		.polled = byte & 0x10,
		.pio = byte & 0x20,
		.unmapped = true,
	};
}
