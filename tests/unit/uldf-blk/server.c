// SPDX-License-Identifier: GPL-2.0-or-later
/* The server between a socket that the test has written to and a disk made of memory. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/redirect.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "disk-ops.h"
#include "server.h"

#define BLOCK  512
#define BLOCKS 128
#define DEPTH  2

static struct {
	struct uldf_disk disk;
	uint8_t data[BLOCKS * BLOCK];
	struct uldf_disk_completion done[DEPTH];
	size_t count;
	unsigned int flushes;
	unsigned int discarded; /* blocks */
	unsigned int forced;	/* writes that last at once */
	int status;		/* that requests end with */
	bool gone;
	bool no_memory; /* for buffers */
} fake;

/* Buffers without a device: the bus address is the process's own. */
int uldf_buffer_create(struct uldf_space *space, size_t size, struct uldf_buffer **out)
{
	struct uldf_buffer *buffer;

	if (fake.no_memory)
		return -ENOMEM;
	buffer = calloc(1, sizeof(*buffer));
	buffer->address = calloc(1, size);
	buffer->bus = (uintptr_t)buffer->address;
	buffer->size = size;
	*out = buffer;
	return 0;
}

void uldf_buffer_destroy(struct uldf_buffer *buffer)
{
	if (buffer)
		free(buffer->address);
	free(buffer);
}

static void fake_move(const struct uldf_disk_request *request)
{
	uint8_t *where = fake.data + request->block * BLOCK;
	void *memory = (void *)(uintptr_t)request->list->address;

	if (request->command == ULDF_DISK_READ)
		memcpy(memory, where, request->list->length);
	else
		memcpy(where, memory, request->list->length);
}

static int fake_submit(struct uldf_disk *disk, const struct uldf_disk_request *list, size_t count,
		       size_t *done)
{
	*done = 0;
	while (*done < count && fake.count < DEPTH) {
		int err = disk_check(&disk->info, &list[*done]);

		if (err || fake.gone)
			return err ? err : -ENODEV;
		fake.forced += list[*done].command == ULDF_DISK_WRITE_FUA;
		if (list[*done].command == ULDF_DISK_FLUSH)
			fake.flushes++;
		else if (list[*done].command == ULDF_DISK_DISCARD)
			fake.discarded += list[*done].blocks;
		else if (!fake.status)
			fake_move(&list[*done]);
		fake.done[fake.count++] =
			(struct uldf_disk_completion){list[*done].tag, fake.status};
		(*done)++;
		eventfd_write(disk->fd, 1);
	}
	return 0;
}

static int fake_poll(struct uldf_disk *disk, struct uldf_disk_completion *list, size_t room,
		     size_t *count)
{
	eventfd_t fired;

	eventfd_read(disk->fd, &fired);
	*count = fake.count;
	memcpy(list, fake.done, fake.count * sizeof(*list));
	fake.count = 0;
	return fake.gone && !*count ? -ENODEV : 0;
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

static struct server server;
static struct event_base *base;
static int ends[2]; /* the test's, the server's */

static void init(void)
{
	fake.disk = (struct uldf_disk){
		.ops = &fake_ops,
		.info = {.blocks = BLOCKS,
			 .block_size = BLOCK,
			 .most_blocks = 16,
			 .most_discarded = UINT32_MAX,
			 .fua = true,
			 .depth = DEPTH},
		.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	base = event_base_new();
	cr_assert(eq(int, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0));
	cr_assert(eq(int, server_init(&server, base, NULL, &fake.disk, NULL, false), 0));
}

static void fini(void)
{
	server_fini(&server);
	event_base_free(base);
	close(ends[0]);
	close(ends[1]);
	close(fake.disk.fd);
}

TestSuite(server, .init = init, .fini = fini, .timeout = 20);

static void send_bytes(const void *bytes, size_t size)
{
	cr_assert(eq(sz, (size_t)send(ends[0], bytes, size, 0), size));
}

static void put32(uint8_t *bytes, uint32_t value)
{
	value = htobe32(value);
	memcpy(bytes, &value, sizeof(value));
}

static void ask(uint32_t type, uint32_t cookie, uint64_t offset, uint32_t length)
{
	uint8_t bytes[NBD_REQUEST_SIZE] = {0x25, 0x60, 0x95, 0x13};

	put32(bytes + 4, type);
	put32(bytes + 12, cookie);
	put32(bytes + 16, (uint32_t)(offset >> 32));
	put32(bytes + 20, (uint32_t)offset);
	put32(bytes + 24, length);
	send_bytes(bytes, sizeof(bytes));
}

static void ask_write(uint32_t cookie, uint64_t offset, uint32_t length, uint8_t fill)
{
	uint8_t data[16384];

	cr_assert(le(u32, length, sizeof(data)));
	memset(data, fill, length);
	ask(NBD_WRITE, cookie, offset, length);
	send_bytes(data, length);
}

/* Until all was answered. */
static int run(void)
{
	ask(NBD_DISCONNECT_REQUEST, 0, 0, 0);
	return server_run(&server, ends[1]);
}

static void expect_reply(uint32_t cookie, uint8_t error)
{
	uint8_t bytes[NBD_REPLY_SIZE], wanted[NBD_REPLY_SIZE] = {0x67, 0x44, 0x66, 0x98};

	wanted[7] = error;
	put32(wanted + 12, cookie);
	cr_assert(eq(long, (long)recv(ends[0], bytes, sizeof(bytes), 0), NBD_REPLY_SIZE));
	cr_expect(eq(mem, ((struct cr_mem){bytes, sizeof(bytes)}),
		     ((struct cr_mem){wanted, sizeof(wanted)})),
		  "request %u", cookie);
}

static void expect_data(uint32_t length, uint8_t fill)
{
	uint8_t data[16384];

	cr_assert(eq(long, (long)recv(ends[0], data, length, 0), length));
	for (uint32_t i = 0; i < length; i++)
		cr_assert(eq(u8, data[i], fill));
}

static void expect_no_more(void)
{
	char byte;

	cr_expect(eq(long, (long)recv(ends[0], &byte, 1, 0), -1));
}

Test(server, what_was_written_is_read)
{
	ask_write(1, 1024, 1024, 0xa5);
	ask(NBD_FLUSH, 2, 0, 0);
	ask(NBD_READ, 3, 1024, 1024);
	cr_expect(eq(int, run(), 0));
	expect_reply(1, 0);
	expect_reply(2, 0);
	expect_reply(3, 0);
	expect_data(1024, 0xa5);
	expect_no_more();
	cr_expect(eq(uint, fake.flushes, 1));
}

Test(server, more_than_it_has_room_for_is_answered_all_the_same)
{
	for (uint32_t i = 0; i < 100; i++)
		ask(NBD_READ, i, 0, 512);
	cr_expect(eq(int, run(), 0));
	for (uint32_t i = 0; i < 100; i++) {
		expect_reply(i, 0);
		expect_data(512, 0);
	}
	expect_no_more();
}

Test(server, a_request_that_is_refused_leaves_the_next_one_readable)
{
	static const struct {
		uint64_t offset;
		uint32_t length;
	} bad[] = {{0, 16 * BLOCK + 512},
		   {1, 512},
		   {0, 511},
		   {0, 0},
		   {BLOCKS * BLOCK, 512},
		   {(BLOCKS - 1) * BLOCK, 1024},
		   {UINT64_MAX - 511, 512}};
	const uint32_t count = sizeof(bad) / sizeof(bad[0]);

	for (uint32_t i = 0; i < count; i++) {
		ask(NBD_READ, i, bad[i].offset, bad[i].length);
		ask_write(100 + i, bad[i].offset, bad[i].length, 0xff);
	}
	ask(6, 200, 0, 512);
	ask(NBD_READ, 201, 0, 512);
	cr_expect(eq(int, run(), 0));
	/* Those that get as far as the disk are answered later than others. */
	for (uint32_t i = 0; i < 2 * count + 1; i++) {
		uint8_t bytes[NBD_REPLY_SIZE];

		cr_assert(eq(long, (long)recv(ends[0], bytes, sizeof(bytes), 0), NBD_REPLY_SIZE));
		cr_expect(eq(u8, bytes[7], 22), "request %u", bytes[15]);
	}
	expect_reply(201, 0);
	expect_data(512, 0);
	expect_no_more();
}

Test(server, nothing_is_written_to_what_is_read_only)
{
	server.read_only = true;
	ask_write(1, 0, 512, 0xff);
	ask(NBD_READ, 2, 0, 512);
	cr_expect(eq(int, run(), 0));
	expect_reply(1, 1);
	expect_reply(2, 0);
	expect_data(512, 0);
}

Test(server, a_disk_that_is_write_protected_is_read_only)
{
	server_fini(&server);
	fake.disk.info.read_only = true;
	cr_assert(eq(int, server_init(&server, base, NULL, &fake.disk, NULL, false), 0));
	ask_write(1, 0, 512, 0xff);
	ask(NBD_READ, 2, 0, 512);
	cr_expect(eq(int, run(), 0));
	expect_reply(1, 1);
	expect_reply(2, 0);
	expect_data(512, 0);
}

Test(server, a_read_that_fails_has_no_data)
{
	fake.status = -EIO;
	ask(NBD_READ, 1, 0, 512);
	cr_expect(eq(int, run(), 0));
	expect_reply(1, 5);
	expect_no_more();
}

Test(server, what_is_no_request_ends_it)
{
	ask(NBD_READ, 1, 0, 512);
	send_bytes("GET / HTTP/1.1\r\nHost: example\r\n", 31);
	cr_expect(eq(int, server_run(&server, ends[1]), -EPROTO));
	expect_reply(1, 0);
	expect_data(512, 0);
	expect_no_more();
}

Test(server, a_client_that_goes_in_the_middle_of_a_request_ends_it)
{
	ask(NBD_WRITE, 1, 0, 512);
	send_bytes("half", 4);
	shutdown(ends[0], SHUT_WR);
	cr_expect(eq(int, server_run(&server, ends[1]), 0));
	cr_expect(eq(uint, fake.data[0], 0));
}

Test(server, a_disk_that_is_gone_ends_it_with_an_answer_to_everything)
{
	fake.gone = true;
	for (uint32_t i = 0; i < 5; i++)
		ask(NBD_READ, i, 0, 512);
	cr_expect(eq(int, server_run(&server, ends[1]), -ENODEV));
	for (uint32_t i = 0; i < 5; i++)
		expect_reply(i, 5);
}

static void stop(evutil_socket_t fd, short what, void *arg)
{
	server_stop(&server, -ENODEV);
}

Test(server, stopped_from_outside_it_answers_what_it_was_given)
{
	const struct timeval soon = {.tv_usec = 100000};

	ask(NBD_READ, 1, 0, 512);
	event_base_once(base, -1, EV_TIMEOUT, stop, NULL, &soon);
	cr_expect(eq(int, server_run(&server, ends[1]), -ENODEV));
	expect_reply(1, 0);
	expect_data(512, 0);
	expect_no_more();
}

Test(server, memory_that_it_cannot_have_is_told_with_the_reason)
{
	char reason[256], wanted[512];
	struct uldf_device *device;
	struct uldf_ctx *ctx;

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_assert(ne(int, uldf_device_open(ctx, "no device", &device), 0));
	uldf_reason(ctx, reason, sizeof(reason));
	snprintf(wanted, sizeof(wanted), "uldf-blk: memory for 8 requests: %s\n", reason);
	server_fini(&server);
	fake.no_memory = true;
	cr_redirect_stderr();
	cr_expect(eq(int, server_init(&server, base, ctx, &fake.disk, NULL, false), -ENOMEM));
	fflush(stderr);
	cr_assert_stderr_eq_str(wanted);
	uldf_ctx_destroy(ctx);
}

Test(server, discards_and_writes_for_good_reach_the_disk_as_such)
{
	ask(NBD_TRIM, 1, 8 * BLOCK, 100 * BLOCK);
	ask(NBD_TRIM, 2, 8 * BLOCK, BLOCKS * BLOCK);
	ask(NBD_TRIM, 3, 8, BLOCK);
	ask((uint32_t)NBD_FUA << 16 | NBD_WRITE, 4, 0, BLOCK);
	send_bytes(fake.data + BLOCK, BLOCK);
	ask_write(5, 0, BLOCK, 7);
	cr_expect(eq(int, run(), 0));
	cr_expect(eq(uint, fake.discarded, 100));
	cr_expect(eq(uint, fake.forced, 1));
}
