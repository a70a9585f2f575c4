// SPDX-License-Identifier: MIT
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include "disk-ops.h"

TestSuite(disk);

static const struct uldf_disk_info info = {.blocks = 1000, .block_size = 512, .most_blocks = 16};
static const struct uldf_segment four_kib[] = {{0x1000, 0x800}, {0x8000, 0x800}};

static struct uldf_disk_request good(void)
{
	return (struct uldf_disk_request){
		.command = ULDF_DISK_READ,
		.blocks = 8,
		.block = 992,
		.list = four_kib,
		.count = 2,
	};
}

static void expect(const struct uldf_disk_request *request, int err)
{
	cr_expect(eq(int, disk_check(&info, request), err));
}

Test(disk, a_request_up_to_the_last_block_is_good)
{
	struct uldf_disk_request request = good();

	expect(&request, 0);
}

Test(disk, a_request_beyond_the_disk_is_refused)
{
	struct uldf_disk_request request = good();

	request.block = 993;
	expect(&request, -ERANGE);
	request.block = UINT64_MAX;
	expect(&request, -ERANGE);
	request.blocks = 17;
	expect(&request, -E2BIG);
}

Test(disk, segments_must_be_as_long_as_the_blocks)
{
	struct uldf_disk_request request = good();
	const struct uldf_segment wrap[] = {{0x1000, UINT64_MAX}, {0x8000, 0x1001}};

	request.count = 1;
	expect(&request, -EINVAL);
	request = good();
	request.blocks = 7;
	expect(&request, -EINVAL);
	request = good();
	request.list = wrap;
	expect(&request, -EINVAL);
	request.count = 0;
	expect(&request, -EINVAL);
}

Test(disk, commands_are_those_it_knows)
{
	struct uldf_disk_request request = {.command = ULDF_DISK_FLUSH};

	expect(&request, 0);
	request.blocks = 1;
	expect(&request, -EINVAL);
	request = good();
	request.command = ULDF_DISK_WRITE_FUA + 1;
	expect(&request, -EINVAL);
	request = good();
	request.blocks = 0;
	expect(&request, -EINVAL);
}

Test(disk, commands_that_not_every_disk_has_are_refused_by_others)
{
	static const enum uldf_disk_command commands[] = {ULDF_DISK_DISCARD, ULDF_DISK_ZERO,
							  ULDF_DISK_WRITE_FUA};
	struct uldf_disk_info able = info;
	struct uldf_disk_request request;

	able.most_discarded = able.most_zeroed = 20;
	able.fua = true;
	for (unsigned int i = 0; i < 3; i++) {
		request = good();
		request.command = commands[i];
		expect(&request, -ENOTSUP);
		cr_expect(eq(int, disk_check(&able, &request), 0));
		request.block = 993;
		cr_expect(eq(int, disk_check(&able, &request), -ERANGE));
		request.blocks = 21;
		cr_expect(eq(int, disk_check(&able, &request), -E2BIG));
		request.blocks = 0;
		cr_expect(eq(int, disk_check(&able, &request), -EINVAL));
		able.read_only = true;
		cr_expect(eq(int, disk_check(&able, &request), -EROFS));
		able.read_only = false;
	}
}

Test(disk, a_bounced_disk_needs_memory_of_the_processor)
{
	struct uldf_disk_info bounced = info;
	struct uldf_disk_request request = good();
	char data[4096];

	bounced.bounced = true;
	cr_expect(eq(int, disk_check(&bounced, &request), -EINVAL));
	request.data = data;
	request.list = NULL;
	request.count = 0;
	cr_expect(eq(int, disk_check(&bounced, &request), 0));
}

/* ---- a disk of software: what is submitted is done, last first, as soon as it is polled */

#define DEPTH 4

static struct {
	struct uldf_disk disk;
	uint64_t tags[DEPTH];
	size_t count;
	int status;			/* of what is done */
	enum uldf_disk_command command; /* of the last request */
} fake;

static int fake_submit(struct uldf_disk *disk, const struct uldf_disk_request *list, size_t count,
		       size_t *done)
{
	for (*done = 0; *done < count && fake.count < DEPTH; (*done)++) {
		fake.command = list[*done].command;
		fake.tags[fake.count++] = list[*done].tag;
	}
	return 0;
}

static int fake_poll(struct uldf_disk *disk, struct uldf_disk_completion *list, size_t room,
		     size_t *count)
{
	for (*count = 0; *count < room && fake.count; (*count)++)
		list[*count] = (struct uldf_disk_completion){fake.tags[--fake.count], fake.status};
	return 0;
}

static size_t fake_pending(const struct uldf_disk *disk)
{
	return fake.count;
}

static int fake_expire(struct uldf_disk *disk, unsigned int age)
{
	return 0;
}

static const struct disk_ops fake_ops = {
	.submit = fake_submit,
	.poll = fake_poll,
	.pending = fake_pending,
	.expire = fake_expire,
};

static struct uldf_disk *fake_open(void)
{
	fake.disk = (struct uldf_disk){.ops = &fake_ops, .info = info, .fd = -1};
	return &fake.disk;
}

Test(disk, a_call_that_waits_is_refused_while_anything_is_not_collected)
{
	struct uldf_disk_request request = good(), list[2] = {good(), good()};
	struct uldf_disk_completion completions[2];
	struct uldf_disk *disk = fake_open();
	size_t count;

	cr_assert(eq(int, uldf_disk_submit(disk, list, 2, &count), 0));
	for (unsigned int left = 2; left; left--) {
		cr_expect(eq(int, uldf_disk_read(disk, &request), -EBUSY));
		cr_expect(eq(int, uldf_disk_write(disk, &request), -EBUSY));
		cr_expect(eq(int, uldf_disk_flush(disk), -EBUSY));
		cr_expect(eq(sz, fake.count, left), "nothing was handed to the disk");
		cr_assert(eq(int, uldf_disk_poll(disk, completions, 1, &count), 0));
		cr_assert(eq(sz, count, 1));
	}
	cr_expect(eq(int, uldf_disk_read(disk, &request), 0));
}

Test(disk, a_call_that_waits_answers_with_its_own_status)
{
	struct uldf_disk_request request = good();
	struct uldf_disk *disk = fake_open();

	fake.status = -EIO;
	cr_expect(eq(int, uldf_disk_write(disk, &request), -EIO));
	cr_expect(eq(int, fake.command, ULDF_DISK_WRITE));
	fake.status = 0;
	cr_expect(eq(int, uldf_disk_flush(disk), 0));
	cr_expect(eq(int, fake.command, ULDF_DISK_FLUSH));
}
