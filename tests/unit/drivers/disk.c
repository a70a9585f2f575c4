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

Test(disk, commands_are_the_three)
{
	struct uldf_disk_request request = {.command = ULDF_DISK_FLUSH};

	expect(&request, 0);
	request.blocks = 1;
	expect(&request, -EINVAL);
	request = good();
	request.command = (enum uldf_disk_command)3;
	expect(&request, -EINVAL);
	request = good();
	request.blocks = 0;
	expect(&request, -EINVAL);
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
