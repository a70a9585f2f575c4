// SPDX-License-Identifier: MIT
/* The NVMe driver on the NVMe model: what is read is what was written, whatever happens meanwhile. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "nvme.h"
#include "opened.h"

TestSuite(nvme, .fini = opened_check_leaks, .timeout = OPENED_TIMEOUT);

#define DEPTH  32
#define MEMORY (2 * 1024 * 1024)
#define SECOND (MEMORY / 2)

static struct opened o;
static struct uldf_disk *disk;
static struct uldf_buffer *buffer;

static void open_disk(const char *address)
{
	const struct uldf_disk_options options = {.depth = DEPTH};

	opened_init(&o, address);
	cr_assert(eq(int, uldf_disk_open(o.device, o.space, &options, &disk), 0));
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

/* Reads or writes @blocks from @block on, with memory at @at in the buffer. */
static int move(enum uldf_disk_command command, uint64_t block, uint32_t blocks, size_t at)
{
	const struct uldf_segment segment = {buffer->bus + at, (uint64_t)blocks * 512};
	const struct uldf_disk_request request = {
		.blocks = blocks, .block = block, .list = &segment, .count = 1};

	return command == ULDF_DISK_READ ? uldf_disk_read(disk, &request)
					 : uldf_disk_write(disk, &request);
}

Test(nvme, says_what_it_is)
{
	const struct uldf_disk_info *info;

	open_disk("model:nvme?size=8M&serial=abc");
	info = uldf_disk_info(disk);
	cr_expect(eq(str, (char *)info->model, "uldf model"));
	cr_expect(eq(str, (char *)info->serial, "abc"));
	cr_expect(eq(u64, info->blocks, 16384));
	cr_expect(eq(u32, info->block_size, 512));
	cr_expect(eq(u32, info->most_blocks, 1024));
	cr_expect(eq(int, info->cached, true));
	close_disk();
}

Test(nvme, data_of_every_size_and_alignment_comes_back)
{
	static const uint32_t sizes[] = {1, 7, 8, 9, 16, 17, 255, 1024};
	static const size_t offsets[] = {0, 4, 512, 4092};
	const char *bytes;
	uint64_t block = 3;

	open_disk("model:nvme?size=64M");
	bytes = buffer->address;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t j = 0; j < sizeof(offsets) / sizeof(offsets[0]); j++) {
			size_t size = sizes[i] * 512, at = offsets[j];

			fill(at, size, (unsigned int)(i * 7 + j));
			memset((char *)buffer->address + SECOND, 0, SECOND);
			cr_assert(eq(int, move(ULDF_DISK_WRITE, block, sizes[i], at), 0));
			cr_assert(eq(int, move(ULDF_DISK_READ, block, sizes[i], SECOND + 8), 0));
			cr_expect(eq(int, memcmp(bytes + at, bytes + SECOND + 8, size), 0),
				  "%u blocks at %zu", sizes[i], at);
			cr_expect(eq(int, bytes[SECOND + 8 + size], 0), "and no more");
			block += sizes[i];
		}
	cr_expect(eq(int, uldf_disk_flush(disk), 0));
	close_disk();
}

/* Collects until @count requests are done, all of them well. */
static void collect(unsigned int count)
{
	struct pollfd wait = {.fd = uldf_disk_fd(disk), .events = POLLIN};
	struct uldf_disk_completion list[DEPTH];
	size_t found;

	while (count) {
		cr_assert(eq(int, poll(&wait, 1, 30000), 1), "%u requests are missing", count);
		cr_assert(eq(int, uldf_disk_poll(disk, list, DEPTH, &found), 0));
		for (size_t i = 0; i < found; i++)
			cr_expect(eq(int, list[i].status, 0));
		cr_assert(le(sz, found, count));
		count -= (unsigned int)found;
	}
}

/* As many requests as it takes at once: pages of the first or second half, backwards on the disk. */
static void submit(enum uldf_disk_command command, size_t at)
{
	for (unsigned int i = 0; i < DEPTH; i++) {
		const struct uldf_segment page = {buffer->bus + at + i * 4096, 4096};
		const struct uldf_disk_request request = {
			.tag = i,
			.command = command,
			.blocks = 8,
			.block = (DEPTH - i) * 8,
			.list = &page,
			.count = 1,
		};
		size_t done;

		cr_assert(eq(int, uldf_disk_submit(disk, &request, 1, &done), 0));
		cr_assert(eq(sz, done, 1));
	}
}

static void expect_same(void)
{
	const char *bytes = buffer->address;

	cr_expect(eq(int, memcmp(bytes, bytes + SECOND, DEPTH * 4096), 0));
}

Test(nvme, many_requests_at_once_are_all_done)
{
	open_disk("model:nvme");
	for (unsigned int round = 0; round < 20; round++) {
		fill(0, DEPTH * 4096, round);
		submit(ULDF_DISK_WRITE, 0);
		collect(DEPTH);
		submit(ULDF_DISK_READ, SECOND);
		collect(DEPTH);
		expect_same();
	}
	close_disk();
}

Test(nvme, a_reset_in_the_middle_loses_nothing)
{
	open_disk("model:nvme");
	fill(0, DEPTH * 4096, 5);
	submit(ULDF_DISK_WRITE, 0);
	cr_assert(eq(int, uldf_device_reset(o.device, NULL), 0));
	cr_assert(eq(int,
		     uldf_config_write(o.device, PCI_COMMAND, 2,
				       PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER),
		     0));
	cr_assert(eq(int, uldf_disk_expire(disk, 0), 0));
	collect(DEPTH);
	submit(ULDF_DISK_READ, SECOND);
	collect(DEPTH);
	expect_same();
	close_disk();
}

/* ---- commands that the driver does not make; their status, without "do not retry" */

/* One request whose memory, if it has any, is the first of the buffer. */
static void do_one(enum uldf_disk_command command, uint64_t block, uint32_t blocks)
{
	const struct uldf_segment segment = {buffer->bus, (uint64_t)blocks * 512};
	const struct uldf_disk_request request = {
		.command = command, .blocks = blocks, .block = block, .list = &segment, .count = 1};
	size_t done;

	cr_assert(eq(int, uldf_disk_submit(disk, &request, 1, &done), 0));
	cr_assert(eq(sz, done, 1));
	collect(1);
}

static void expect_bytes(uint64_t block, int value)
{
	const unsigned char *bytes = buffer->address;

	cr_assert(eq(int, move(ULDF_DISK_READ, block, 1, 0), 0));
	for (unsigned int i = 0; i < 512; i++)
		cr_assert(eq(int, bytes[i], value), "block %u, byte %u", (unsigned int)block, i);
}

Test(nvme, blocks_can_be_zeroed_discarded_and_written_for_good)
{
	open_disk("model:nvme?size=64M");
	cr_expect(eq(u32, uldf_disk_info(disk)->most_zeroed, 65536));
	cr_expect(gt(u32, uldf_disk_info(disk)->most_discarded, 65536));
	memset(buffer->address, 0x5a, MEMORY);
	cr_assert(eq(int, move(ULDF_DISK_WRITE, 0, 1000, 0), 0));
	do_one(ULDF_DISK_ZERO, 100, 200);
	expect_bytes(99, 0x5a);
	expect_bytes(100, 0);
	expect_bytes(299, 0);
	expect_bytes(300, 0x5a);
	do_one(ULDF_DISK_DISCARD, 400, 300);
	/* what this disk discards reads as zeros */
	expect_bytes(399, 0x5a);
	expect_bytes(400, 0);
	expect_bytes(699, 0);
	expect_bytes(700, 0x5a);
	do_one(ULDF_DISK_ZERO, 65536, 65536);
	memset(buffer->address, 0xa5, MEMORY);
	do_one(ULDF_DISK_WRITE_FUA, 150, 2);
	expect_bytes(149, 0);
	expect_bytes(150, 0xa5);
	expect_bytes(151, 0xa5);
	expect_bytes(152, 0);
	do_one(ULDF_DISK_FLUSH, 0, 0);
	close_disk();
}

static unsigned int admin(struct nvme_command command, uint32_t *result)
{
	struct nvme_queue *queue = &((struct nvme *)disk)->admin;
	uint16_t id, status;

	command.id = 0x1234;
	*result = 77;
	*nvme_queue_next(queue) = command;
	opened_write(&o, queue->sq_offset, 4, queue->tail);
	while (!nvme_queue_take(queue, &id, &status))
		usleep(100);
	*result = queue->cq[(queue->head + queue->size - 1) % queue->size].result;
	opened_write(&o, queue->cq_offset, 4, queue->head);
	cr_expect(eq(u32, id, 0x1234));
	return status & 0x7ff;
}

Test(nvme, bad_commands_are_answered_as_the_specification_says)
{
	static const struct {
		const char *what;
		struct nvme_command command;
		unsigned int status;
	} cases[] = {
		{"an unknown command", {.opcode = 0x7f}, 0x001},
		{"fused commands", {.opcode = 0x06, .flags = 1}, 0x002},
		{"an unknown structure", {.opcode = 0x06, .dword = {0x55}}, 0x002},
		{"a namespace that is not there", {.opcode = 0x06, .nsid = 2}, 0x00b},
		{"data at an odd address", {.opcode = 0x06, .prp = {2}, .dword = {1}}, 0x013},
		{"data where nothing is mapped", {.opcode = 0x06, .dword = {1}}, 0x004},
		{"an unknown log page", {.opcode = 0x02, .dword = {0x7f}}, 0x109},
		{"an unknown feature", {.opcode = 0x0a, .dword = {0x7f}}, 0x002},
		{"a feature to be saved", {.opcode = 0x09, .dword = {0x80000006}}, 0x10d},
		{"queues when there are some", {.opcode = 0x09, .dword = {0x07, 0}}, 0x00c},
		{"a queue that is there", {.opcode = 0x05, .dword = {0x00030001, 1}}, 0x101},
		{"queue 0", {.opcode = 0x05, .dword = {0x00030000, 1}}, 0x101},
		{"a queue of one entry", {.opcode = 0x05, .dword = {0x00000002, 1}}, 0x102},
		{"a queue too large", {.opcode = 0x05, .dword = {0x04000002, 1}}, 0x102},
		{"a queue in pieces", {.opcode = 0x05, .dword = {0x00030002, 0}}, 0x002},
		{"a vector too many", {.opcode = 0x05, .dword = {0x00030002, 0x00410003}}, 0x108},
		{"a queue without completions",
		 {.opcode = 0x01, .dword = {0x00030002, 0x00050001}},
		 0x100},
		{"deletion of a queue in use", {.opcode = 0x04, .dword = {1}}, 0x10c},
		{"deletion of none", {.opcode = 0x00, .dword = {9}}, 0x101},
	};
	uint32_t result;

	open_disk("model:nvme");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect(eq(uint, admin(cases[i].command, &result), cases[i].status), "%s",
			  cases[i].what);
	cr_expect(eq(uint, admin((struct nvme_command){.opcode = 0x0a, .dword = {0x07}}, &result),
		     0));
	cr_expect(eq(u32, result, 0x003f003f), "64 queues of either kind");
	cr_expect(eq(int, move(ULDF_DISK_READ, 0, 1, 0), 0), "it works as before");
	close_disk();
}

Test(nvme, what_is_no_disk_is_refused_with_a_reason)
{
	char path[] = "/tmp/model-nvme-XXXXXX", address[64];
	int fd = mkstemp(path);

	cr_assert(ge(int, fd, 0));
	opened_expect_refusal("model:nvme?file=/nonexistent", -ENOENT, "truncate -s");
	opened_expect_refusal("model:nvme?size=0", -EINVAL, "no whole blocks");
	opened_expect_refusal("model:nvme?size=1000", -EINVAL, "no whole blocks");
	opened_expect_refusal("model:nvme?size=many", -EINVAL, "is no size");
	opened_expect_refusal("model:nvme?path=x", -EINVAL, "it has file, size and serial");
	opened_expect_refusal("model:nvme?serial=123456789012345678901", -EINVAL, "serial");
	snprintf(address, sizeof(address), "model:nvme?file=%s", path);
	opened_expect_refusal(address, -EINVAL, "0 bytes");
	cr_assert(eq(int, ftruncate(fd, 1 << 20), 0));
	open_disk(address);
	cr_expect(eq(u64, uldf_disk_info(disk)->blocks, 2048));
	opened_expect_refusal(address, -EBUSY, "another model's");
	fill(0, 4096, 9);
	cr_expect(eq(int, move(ULDF_DISK_WRITE, 2040, 8, 0), 0));
	close_disk();
	open_disk(address);
	fill(0, 4096, 9);
	cr_expect(eq(int, move(ULDF_DISK_READ, 2040, 8, SECOND), 0));
	cr_expect(eq(int, memcmp(buffer->address, (char *)buffer->address + SECOND, 4096), 0),
		  "what was written is in the file");
	close_disk();
	close(fd);
	unlink(path);
}
