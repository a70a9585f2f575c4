// SPDX-License-Identifier: MIT
/* The IDE driver on the IDE model: what is read is what was written, by every way there is. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uldf/drivers/ide.h>
#include "opened.h"

TestSuite(ide, .fini = opened_check_leaks, .timeout = OPENED_TIMEOUT);

#define MEMORY (4 * 1024 * 1024)
#define SECOND (MEMORY / 2)
#define BLOCK  512

static struct opened o;
static struct uldf_disk *disk;
static struct uldf_buffer *buffer;

static void open_disk(const char *address, const struct uldf_disk_options *options)
{
	opened_init_masked(&o, address, UINT32_MAX);
	cr_assert(eq(int, uldf_disk_open(o.device, o.space, options, &disk), 0));
	cr_assert(eq(int, uldf_buffer_create(o.space, MEMORY, &buffer), 0));
}

static void close_disk(void)
{
	uldf_disk_close(disk);
	uldf_buffer_destroy(buffer);
	opened_fini(&o);
}

static void fill(size_t at, size_t size, unsigned int seed)
{
	unsigned char *bytes = (unsigned char *)buffer->address + at;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(seed + i + (i >> 8));
}

static int transfer(enum uldf_disk_command command, const struct uldf_disk_request *request)
{
	return command == ULDF_DISK_READ ? uldf_disk_read(disk, request)
					 : uldf_disk_write(disk, request);
}

/* Reads or writes @blocks from @block on, with memory at @at in the buffer. */
static int move(enum uldf_disk_command command, uint64_t block, uint32_t blocks, size_t at)
{
	const struct uldf_segment segment = {buffer->bus + at, (uint64_t)blocks * BLOCK};
	const struct uldf_disk_request request = {
		.blocks = blocks,
		.block = block,
		.list = &segment,
		.count = 1,
		.data = (char *)buffer->address + at,
	};

	return transfer(command, &request);
}

static void expect_same(size_t at, size_t second, size_t size, const char *what)
{
	const char *bytes = buffer->address;

	cr_expect(eq(int, memcmp(bytes + at, bytes + second, size), 0), "%s", what);
}

Test(ide, says_what_it_is)
{
	const struct uldf_disk_info *info;

	open_disk("model:ide?size=8M&serial=abc", NULL);
	info = uldf_disk_info(disk);
	cr_expect(eq(str, (char *)info->model, "uldf model"));
	cr_expect(eq(str, (char *)info->serial, "abc"));
	cr_expect(eq(u64, info->blocks, 16384));
	cr_expect(eq(u32, info->block_size, BLOCK));
	cr_expect(eq(u32, info->most_blocks, 2048));
	cr_expect(eq(int, info->cached, true));
	cr_expect(eq(int, info->bounced, false), "by bus master");
	cr_expect(ge(int, uldf_disk_fd(disk), 0), "with interrupts");
	close_disk();
}

/* Writes and reads blocks in many numbers, from memory at many places. */
static void check_sizes(const struct uldf_disk_options *options)
{
	static const uint32_t sizes[] = {1, 7, 8, 9, 17, 127, 128, 129, 255, 256, 257, 2048};
	static const size_t offsets[] = {0, 2, 512, 4094};
	const char *bytes;
	uint64_t block = 3;

	open_disk("model:ide?size=64M", options);
	bytes = buffer->address;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t j = 0; j < sizeof(offsets) / sizeof(offsets[0]); j++) {
			size_t size = sizes[i] * BLOCK, at = offsets[j];

			fill(at, size, (unsigned int)(i * 7 + j));
			memset((char *)buffer->address + SECOND, 0, SECOND);
			cr_assert(eq(int, move(ULDF_DISK_WRITE, block, sizes[i], at), 0));
			cr_assert(eq(int, move(ULDF_DISK_READ, block, sizes[i], SECOND + 8), 0));
			expect_same(at, SECOND + 8, size, "the same comes back");
			cr_expect(eq(int, bytes[SECOND + 8 + size], 0), "and no more");
			block += sizes[i];
		}
	cr_expect(eq(int, uldf_disk_flush(disk), 0));
	close_disk();
}

Test(ide, data_of_every_size_and_alignment_comes_back)
{
	check_sizes(NULL);
}

Test(ide, a_polled_disk_works_as_well)
{
	check_sizes(&(struct uldf_disk_options){.polled = true});
}

Test(ide, the_processor_can_move_the_data)
{
	static const uint32_t sizes[] = {1, 9, 256, 300};

	open_disk("model:ide?size=64M", &(struct uldf_disk_options){.pio = true});
	cr_expect(eq(int, uldf_disk_info(disk)->bounced, true));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size = sizes[i] * BLOCK;

		fill(0, size, (unsigned int)i);
		cr_assert(eq(int, move(ULDF_DISK_WRITE, 1000, sizes[i], 0), 0));
		cr_assert(eq(int, move(ULDF_DISK_READ, 1000, sizes[i], SECOND), 0));
		expect_same(0, SECOND, size, "the same comes back");
	}
	cr_expect(eq(int, uldf_disk_flush(disk), 0));
	cr_expect(eq(int, move(ULDF_DISK_READ, 131072, 1, 0), -ERANGE), "beyond the disk");
	close_disk();
}

Test(ide, memory_in_odd_pieces_is_one_request)
{
	static const uint64_t sizes[] = {2,    510,   4096,  65534, 4, 1022, 65536,
					 8192, 12286, 32770, 100,   2, 2044, 4510};
	enum {
		COUNT = sizeof(sizes) / sizeof(sizes[0])
	};
	struct uldf_segment list[COUNT];
	struct uldf_disk_request request = {.block = 77, .list = list, .count = COUNT};
	const char *bytes;
	size_t at = 6, total = 0;

	open_disk("model:ide", NULL);
	bytes = buffer->address;
	for (unsigned int i = 0; i < COUNT; i++) {
		list[i] = (struct uldf_segment){buffer->bus + at, sizes[i]};
		at += sizes[i] + 2 * i;
		total += sizes[i];
	}
	cr_assert(eq(sz, total % BLOCK, 0));
	request.blocks = (uint32_t)(total / BLOCK);
	fill(0, at, 9);
	cr_assert(eq(int, transfer(ULDF_DISK_WRITE, &request), 0));
	cr_assert(eq(int, move(ULDF_DISK_READ, 77, request.blocks, SECOND), 0));
	total = 0;
	for (unsigned int i = 0; i < COUNT; i++) {
		expect_same((size_t)(list[i].address - buffer->bus), SECOND + total, sizes[i],
			    "pieces come one after the other");
		total += sizes[i];
	}
	fill(SECOND, total, 50);
	cr_assert(eq(int, move(ULDF_DISK_WRITE, 77, request.blocks, SECOND), 0));
	memset(buffer->address, 0x77, SECOND);
	cr_assert(eq(int, transfer(ULDF_DISK_READ, &request), 0));
	total = 0;
	for (unsigned int i = 0; i < COUNT; i++) {
		size_t end = (size_t)(list[i].address - buffer->bus + sizes[i]);

		expect_same(end - sizes[i], SECOND + total, sizes[i], "and go there");
		if (i)
			cr_expect(eq(int, bytes[end], 0x77), "and not between them");
		total += sizes[i];
	}
	close_disk();
}

/* A command with 28 bits of address would reach the block 2^28 before. */
Test(ide, blocks_are_found_beyond_28_bits_of_address)
{
	const uint64_t far = (UINT64_C(1) << 28) + 5;

	open_disk("model:ide?size=160G", NULL);
	fill(0, BLOCK, 1);
	fill(BLOCK, BLOCK, 2);
	cr_assert(eq(int, move(ULDF_DISK_WRITE, 5, 1, 0), 0));
	cr_assert(eq(int, move(ULDF_DISK_WRITE, far, 1, BLOCK), 0));
	cr_assert(eq(int, move(ULDF_DISK_READ, 5, 1, SECOND), 0));
	cr_assert(eq(int, move(ULDF_DISK_READ, far, 1, SECOND + BLOCK), 0));
	expect_same(0, SECOND, 2 * BLOCK, "either block has its own data");
	cr_expect(eq(int, move(ULDF_DISK_READ, uldf_disk_info(disk)->blocks - 1, 1, 0), 0));
	cr_expect(eq(int, move(ULDF_DISK_READ, uldf_disk_info(disk)->blocks - 1, 2, 0), -ERANGE));
	close_disk();
}

/* One request by hand; answers its status. */
static int collect(void)
{
	struct pollfd wait = {.fd = uldf_disk_fd(disk), .events = POLLIN};
	struct uldf_disk_completion done = {.status = 77};
	size_t count;

	cr_assert(eq(int, poll(&wait, 1, 30000), 1));
	cr_assert(eq(int, uldf_disk_poll(disk, &done, 1, &count), 0));
	cr_assert(eq(sz, count, 1));
	return done.status;
}

static void submit(uint64_t bus)
{
	const struct uldf_segment segment = {bus, 8 * BLOCK};
	const struct uldf_disk_request request = {
		.command = ULDF_DISK_READ, .blocks = 8, .list = &segment, .count = 1};
	size_t done;

	cr_assert(eq(int, uldf_disk_submit(disk, &request, 1, &done), 0));
	cr_assert(eq(sz, done, 1));
}

/* The controller tells nobody of a refused access: time tells, and a reset gets the disk back. */
Test(ide, memory_that_is_not_mapped_ends_the_request_alone)
{
	const uint64_t nowhere = 0x7ff00000;
	struct uldf_dma_fault fault = {};

	open_disk("model:ide", NULL);
	fill(0, 8 * BLOCK, 4);
	cr_assert(eq(int, move(ULDF_DISK_WRITE, 0, 8, 0), 0));
	submit(nowhere);
	while (uldf_model_fault(o.device, &fault) == 0)
		usleep(1000);
	cr_expect(eq(u64, fault.address, nowhere));
	cr_expect(fault.write);
	for (unsigned int age = 0; age < 4; age++)
		cr_assert(eq(int, uldf_disk_expire(disk, 2), 0));
	cr_expect(eq(int, collect(), -ETIMEDOUT));
	cr_assert(eq(int, move(ULDF_DISK_READ, 0, 8, SECOND), 0));
	expect_same(0, SECOND, 8 * BLOCK, "the disk works as before");
	close_disk();
}

Test(ide, a_request_that_a_reset_swept_away_is_no_success)
{
	uint32_t command;

	open_disk("model:ide", NULL);
	cr_assert(eq(int, uldf_config_read(o.device, PCI_COMMAND, 2, &command), 0));
	submit(0x7ff00000);
	cr_assert(eq(int, uldf_device_reset(o.device, NULL), 0));
	cr_assert(eq(int, uldf_config_write(o.device, PCI_COMMAND, 2, command), 0));
	for (unsigned int age = 0; age < 2; age++)
		cr_assert(eq(int, uldf_disk_expire(disk, 5), 0));
	cr_expect(eq(int, collect(), -EIO));
	fill(0, 8 * BLOCK, 4);
	cr_expect(eq(int, move(ULDF_DISK_WRITE, 0, 8, 0), 0), "the next one is one");
	close_disk();
}

Test(ide, four_disks_are_four_disks)
{
	static const char address[] = "model:ide?size=1M&size2=2M&size3=3M&size4=4M&serial=s";
	static const char *const serials[] = {"s", "s-2", "s-3", "s-4"};
	struct uldf_buffer *bytes;

	opened_init_masked(&o, address, UINT32_MAX);
	cr_assert(eq(int, uldf_buffer_create(o.space, MEMORY, &buffer), 0));
	bytes = buffer;
	for (int round = 0; round < 2; round++)
		for (unsigned int unit = 0; unit < 4; unit++) {
			const struct uldf_disk_options options = {.unit = unit};

			cr_assert(eq(int, uldf_disk_open(o.device, o.space, &options, &disk), 0));
			cr_expect(eq(u64, uldf_disk_info(disk)->blocks, 2048 * (unit + 1)));
			cr_expect(eq(str, (char *)uldf_disk_info(disk)->serial,
				     (char *)serials[unit]));
			fill(0, 20 * BLOCK, unit * 3);
			if (round)
				cr_assert(eq(int, move(ULDF_DISK_READ, 9, 20, SECOND), 0));
			else
				cr_assert(eq(int, move(ULDF_DISK_WRITE, 9, 20, 0), 0));
			if (round)
				expect_same(0, SECOND, 20 * BLOCK, serials[unit]);
			uldf_disk_close(disk);
		}
	uldf_buffer_destroy(bytes);
	opened_fini(&o);
}

Test(ide, a_disk_that_is_not_there_is_enxio)
{
	opened_init_masked(&o, "model:ide?size3=1M", UINT32_MAX);
	for (unsigned int unit = 0; unit < 4; unit++) {
		const struct uldf_disk_options options = {.unit = unit};
		int err = uldf_disk_open(o.device, o.space, &options, &disk);

		cr_expect(eq(int, err, unit % 2 ? -ENXIO : 0), "unit %u", unit);
		if (!err)
			uldf_disk_close(disk);
	}
	opened_fini(&o);
	opened_init_masked(&o, "model:ide", UINT32_MAX);
	cr_expect(
		eq(int,
		   uldf_disk_open(o.device, o.space, &(struct uldf_disk_options){.unit = 2}, &disk),
		   -ENXIO),
		"nobody is on the channel");
	opened_fini(&o);
}

Test(ide, check_finds_no_mistake_of_the_driver)
{
	uint64_t count = 77;

	open_disk("check:model:ide", NULL);
	fill(0, 100 * BLOCK, 1);
	cr_expect(eq(int, move(ULDF_DISK_WRITE, 0, 100, 0), 0));
	cr_expect(eq(int, move(ULDF_DISK_READ, 0, 100, SECOND), 0));
	expect_same(0, SECOND, 100 * BLOCK, "through the decorator");
	cr_expect(eq(int, uldf_check_count(o.device, &count), 0));
	cr_expect(eq(u64, count, 0));
	close_disk();
}

static void expect_bad_options(void)
{
	static const struct {
		const char *address;
		int err;
		const char *reason;
	} cases[] = {
		{"model:ide?file=/nonexistent", -ENOENT, "model:ide: cannot open file"},
		{"model:ide?file3=/nonexistent", -ENOENT, "truncate -s"},
		{"model:ide?size=0", -EINVAL, "option size: 0 bytes are no whole blocks"},
		{"model:ide?size2=1000", -EINVAL, "option size2: 1000 bytes are no whole blocks"},
		{"model:ide?size4=many", -EINVAL, "option size4: 'many' is no size"},
		{"model:ide?size=131073T", -EINVAL, "has at most 144115188075855872 bytes"},
		{"model:ide?path=x", -EINVAL, "it has file, size, serial, file2, size2"},
		{"model:ide?serial=1234567890123456789", -EINVAL, "more than 18 characters"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		opened_expect_refusal(cases[i].address, cases[i].err, cases[i].reason);
}

Test(ide, what_is_no_disk_is_refused_with_a_reason)
{
	char path[] = "/tmp/model-ide-XXXXXX", address[64], both[128];
	int fd = mkstemp(path);

	cr_assert(ge(int, fd, 0));
	expect_bad_options();
	snprintf(address, sizeof(address), "model:ide?file=%s", path);
	opened_expect_refusal(address, -EINVAL, "0 bytes");
	cr_assert(eq(int, ftruncate(fd, 511), 0));
	opened_expect_refusal(address, -EINVAL, "has 511 bytes, 512 are needed");
	snprintf(both, sizeof(both), "%s&size=1M", address);
	opened_expect_refusal(both, -EINVAL, "has 511 bytes, 1048576 are needed");
	snprintf(both, sizeof(both), "%s&file2=%s", address, path);
	cr_assert(eq(int, ftruncate(fd, 10 * BLOCK + 100), 0));
	opened_expect_refusal(both, -EBUSY, "another model's");
	open_disk(address, NULL);
	cr_expect(eq(u64, uldf_disk_info(disk)->blocks, 10), "the rest is no whole block");
	opened_expect_refusal(address, -EBUSY, "another model's");
	fill(0, 2 * BLOCK, 9);
	cr_expect(eq(int, move(ULDF_DISK_WRITE, 8, 2, 0), 0));
	cr_expect(eq(int, uldf_disk_flush(disk), 0));
	close_disk();
	open_disk(address, NULL);
	fill(0, 2 * BLOCK, 9);
	cr_expect(eq(int, move(ULDF_DISK_READ, 8, 2, SECOND), 0));
	expect_same(0, SECOND, 2 * BLOCK, "what was written is in the file");
	/* a file that is made shorter has blocks that cannot be read */
	cr_assert(eq(int, ftruncate(fd, 9 * BLOCK), 0));
	cr_expect(eq(int, move(ULDF_DISK_READ, 9, 1, SECOND), -EIO));
	cr_expect(eq(int, move(ULDF_DISK_READ, 8, 1, SECOND), 0), "the others can");
	close_disk();
	close(fd);
	unlink(path);
}
