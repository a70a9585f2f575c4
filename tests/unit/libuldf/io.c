// SPDX-License-Identifier: MIT
#include <string.h>
#include <time.h>
#include "fake.h"

TestSuite(io, .fini = fixture_check_leaks);

static uint8_t bytes[ULDF_IO_STRING_MAX + 4];

Test(io, lists_are_refused_before_the_first_access)
{
	static const struct {
		struct uldf_io io;
		int err;
	} cases[] = {
		{{.kind = ULDF_IO_POLL + 1, .width = 4}, -EINVAL},
		{{.kind = UINT8_MAX, .width = 4}, -EINVAL},
		{{.kind = ULDF_IO_READ, .width = 3}, -EINVAL},
		{{.kind = ULDF_IO_READ, .width = 4, .region = ULDF_REGION_COUNT}, -EINVAL},
		{{.kind = ULDF_IO_READ, .width = 4, .offset = 2}, -EINVAL},
		{{.kind = ULDF_IO_READ, .width = 4, .offset = 0x4000}, -ERANGE},
		{{.kind = ULDF_IO_READ, .width = 1, .region = 4, .offset = 16}, -ERANGE},
		{{.kind = ULDF_IO_READ, .width = 8, .region = 4}, -EINVAL},
		{{.kind = ULDF_IO_READ, .width = 4, .count = 1}, -EINVAL},
		{{.kind = ULDF_IO_READ, .width = 4, .mask = 1}, -EINVAL},
		{{.kind = ULDF_IO_READ, .width = 4, .data = bytes}, -EINVAL},
		{{.kind = ULDF_IO_WRITE, .width = 4, .count = 1}, -EINVAL},
		{{.kind = ULDF_IO_WRITE, .width = 4, .mask = 1}, -EINVAL},
		{{.kind = ULDF_IO_WRITE, .width = 4, .region = ULDF_ROM}, -EPERM},
		{{.kind = ULDF_IO_WRITE_STRING,
		  .width = 4,
		  .region = ULDF_ROM,
		  .count = 1,
		  .data = bytes},
		 -EPERM},
		{{.kind = ULDF_IO_READ_STRING, .width = 8, .count = 1, .data = bytes}, -EINVAL},
		{{.kind = ULDF_IO_READ_STRING, .width = 4, .count = 0, .data = bytes}, -EINVAL},
		{{.kind = ULDF_IO_READ_STRING, .width = 4, .count = 1}, -EINVAL},
		{{.kind = ULDF_IO_READ_STRING,
		  .width = 4,
		  .count = ULDF_IO_STRING_MAX / 4 + 1,
		  .data = bytes},
		 -E2BIG},
		{{.kind = ULDF_IO_WRITE_STRING, .width = 4, .count = UINT32_MAX, .data = bytes},
		 -E2BIG},
		{{.kind = ULDF_IO_POLL, .width = 1, .value = 2, .mask = 1}, -EINVAL},
		{{.kind = ULDF_IO_POLL, .width = 1, .value = 0x100, .mask = 0x100}, -EINVAL},
		{{.kind = ULDF_IO_POLL, .width = 1, .count = ULDF_IO_POLL_MAX + 1}, -E2BIG},
		{{.kind = ULDF_IO_POLL, .width = 1, .count = UINT32_MAX}, -E2BIG},
	};
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct uldf_io list[2] = {{.kind = ULDF_IO_WRITE, .width = 4}, cases[i].io};
		size_t done = 77;

		cr_expect(eq(int, uldf_io_batch(f.device, list, 2, &done), cases[i].err),
			  "case %zu", i);
		cr_expect(eq(sz, done, 0), "case %zu", i);
		if (cases[i].err != -E2BIG)
			fixture_expect_reason(f.ctx, "operation 1: device fake: ");
	}
	cr_expect(eq(uint, fake.calls, 0));
	fixture_fini(&f);
}

Test(io, lists_of_no_or_too_many_operations_are_refused)
{
	struct uldf_io list[ULDF_IO_BATCH_MAX + 1] = {};
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i <= ULDF_IO_BATCH_MAX; i++)
		list[i] = (struct uldf_io){.kind = ULDF_IO_READ, .width = 4};
	cr_expect(eq(int, uldf_io_batch(f.device, list, 0, NULL), -EINVAL));
	cr_expect(eq(int, uldf_io_batch(f.device, NULL, 1, NULL), -EINVAL));
	cr_expect(eq(int, uldf_io_batch(f.device, list, ULDF_IO_BATCH_MAX + 1, NULL), -E2BIG));
	cr_expect(eq(uint, fake.calls, 0));
	cr_expect(eq(int, uldf_io_batch(f.device, list, ULDF_IO_BATCH_MAX, NULL), 0));
	cr_expect(eq(uint, fake.calls, ULDF_IO_BATCH_MAX));
	fixture_fini(&f);
}

Test(io, the_limits_bind_the_whole_list)
{
	struct uldf_io strings[2] = {
		{.kind = ULDF_IO_READ_STRING, .width = 2, .count = 0x4000, .data = bytes},
		{.kind = ULDF_IO_WRITE_STRING, .width = 2, .count = 0x4001, .data = bytes},
	};
	struct uldf_io polls[2] = {
		{.kind = ULDF_IO_POLL, .width = 4, .count = ULDF_IO_POLL_MAX},
		{.kind = ULDF_IO_POLL, .width = 4, .count = 1},
	};
	struct fixture f;

	fixture_init(&f);
	cr_expect(eq(int, uldf_io_batch(f.device, strings, 2, NULL), -E2BIG));
	cr_expect(eq(int, uldf_io_batch(f.device, polls, 2, NULL), -E2BIG));
	cr_expect(eq(uint, fake.calls, 0));
	strings[1].count--;
	cr_expect(eq(int, uldf_io_batch(f.device, strings, 2, NULL), 0));
	cr_expect(eq(uint, fake.calls, 0x8000));
	fixture_fini(&f);
}

Test(io, operations_are_done_in_order)
{
	static const uint8_t wanted[4] = {0xd4, 0xc3, 0xd4, 0xc3};
	uint8_t read[4] = {}, written[4] = {0x11, 0x22, 0x33, 0x44};
	struct uldf_io list[] = {
		{.kind = ULDF_IO_WRITE, .width = 4, .value = 0xa1b2c3d4},
		{.kind = ULDF_IO_READ, .width = 4, .offset = 0x3ffc},
		{.kind = ULDF_IO_READ_STRING, .width = 2, .count = 2, .data = read},
		{.kind = ULDF_IO_WRITE_STRING, .width = 2, .count = 2, .data = written},
		{.kind = ULDF_IO_POLL, .width = 2, .value = 0x4000, .mask = 0xf000},
		{.kind = ULDF_IO_READ, .width = 1, .region = 4, .value = 99},
	};
	struct fixture f;
	size_t done;

	fixture_init(&f);
	cr_expect(eq(int, uldf_io_batch(f.device, list, 6, &done), 0));
	cr_expect(eq(sz, done, 6));
	cr_expect(eq(u64, list[1].value, 0xa1b2c3d4));
	cr_expect(eq(int, memcmp(read, wanted, sizeof(wanted)), 0));
	cr_expect(eq(u64, list[4].value, 0x4433));
	cr_expect(eq(u64, list[5].value, 0x4433));
	cr_expect(eq(uint, fake.width, 1));
	fixture_fini(&f);
}

Test(io, a_failure_tells_which_operation)
{
	struct uldf_io list[2] = {
		{.kind = ULDF_IO_READ, .width = 4, .value = 77},
		{.kind = ULDF_IO_READ, .width = 4, .value = 77},
	};
	struct fixture f;
	size_t done = 77;

	fixture_init(&f);
	fake.answer = -EIO;
	cr_expect(eq(int, uldf_io_batch(f.device, list, 2, &done), -EIO));
	cr_expect(eq(sz, done, 0));
	cr_expect(eq(u64, list[0].value, 77));
	cr_expect(eq(uint, fake.calls, 1));
	cr_expect(eq(int, uldf_io_batch(f.device, list, 2, NULL), -EIO));
	fixture_fini(&f);
}

Test(io, a_poll_that_does_not_come_true_times_out)
{
	struct uldf_io list[] = {
		{.kind = ULDF_IO_READ, .width = 1},
		{.kind = ULDF_IO_POLL, .width = 1, .count = 5000, .value = 0x80, .mask = 0x80},
		{.kind = ULDF_IO_WRITE, .width = 1, .value = 5},
	};
	struct timespec before, after;
	struct fixture f;
	int64_t spent;
	size_t done;

	fixture_init(&f);
	fake.value = 0x70;
	clock_gettime(CLOCK_MONOTONIC, &before);
	cr_expect(eq(int, uldf_io_batch(f.device, list, 3, &done), -ETIMEDOUT));
	clock_gettime(CLOCK_MONOTONIC, &after);
	spent = (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec;
	cr_expect(spent >= 5000000, "gave up after %lld ns", (long long)spent);
	cr_expect(eq(sz, done, 1));
	cr_expect(eq(u64, list[1].value, 0x70));
	cr_expect(eq(u64, fake.value, 0x70));
	fixture_expect_reason(f.ctx, "reads 0x70 after 5000 us, not 0x80 in mask 0x80");
	fixture_fini(&f);
}

Test(io, a_poll_without_time_reads_once)
{
	struct uldf_io poll = {.kind = ULDF_IO_POLL, .width = 1, .value = 1, .mask = 1};
	struct fixture f;

	fixture_init(&f);
	cr_expect(eq(int, uldf_io_batch(f.device, &poll, 1, NULL), -ETIMEDOUT));
	cr_expect(eq(uint, fake.calls, 1));
	poll.value = fake.value = 1;
	cr_expect(eq(int, uldf_io_batch(f.device, &poll, 1, NULL), 0));
	fixture_fini(&f);
}

static size_t batched;

static int batch(struct uldf_device *device, struct uldf_io *list, size_t count, size_t *done)
{
	batched = count;
	*done = 1;
	return -EIO;
}

Test(io, a_backend_with_the_op_is_given_the_checked_list)
{
	struct uldf_backend_ops ops = fake_ops;
	struct uldf_io list[2] = {
		{.kind = ULDF_IO_READ, .width = 4},
		{.kind = ULDF_IO_READ, .width = 5},
	};
	struct fixture f;
	size_t done = 77;

	fixture_init(&f);
	ops.io_batch = batch;
	f.device->ops = &ops;
	cr_expect(eq(int, uldf_io_batch(f.device, list, 2, &done), -EINVAL));
	cr_expect(eq(sz, batched, 0));
	list[1].width = 2;
	cr_expect(eq(int, uldf_io_batch(f.device, list, 2, &done), -EIO));
	cr_expect(eq(sz, batched, 2));
	cr_expect(eq(sz, done, 1));
	cr_expect(eq(uint, fake.calls, 0));
	fixture_fini(&f);
}

static int judge(struct uldf_device *device, struct uldf_io *list, size_t count, size_t *done)
{
	batched = count;
	return -EINVAL;
}

Test(io, a_backend_that_judges_is_asked_first_and_the_library_says_why)
{
	struct uldf_backend_ops ops = fake_ops;
	struct uldf_io list[2] = {
		{.kind = ULDF_IO_READ, .width = 4},
		{.kind = ULDF_IO_WRITE, .width = 4, .region = ULDF_ROM},
	};
	struct fixture f;
	size_t done = 77;

	fixture_init(&f);
	ops.io_batch = judge;
	ops.io_judges = true;
	f.device->ops = &ops;
	cr_expect(eq(int, uldf_io_batch(f.device, list, 2, &done), -EPERM));
	cr_expect(eq(sz, batched, 2));
	cr_expect(eq(sz, done, 0));
	fixture_expect_reason(f.ctx, "operation 1: ");
	cr_expect(eq(int, uldf_io_batch(f.device, list, 1, &done), -EINVAL));
	fixture_fini(&f);
}

static int time_is_up(struct uldf_device *device, struct uldf_io *list, size_t count, size_t *done)
{
	list->value = 0xd0;
	return -ETIMEDOUT;
}

Test(io, what_a_poll_has_read_is_not_judged)
{
	struct uldf_backend_ops ops = fake_ops;
	struct uldf_io poll = {.kind = ULDF_IO_POLL, .width = 1, .count = 1, .mask = 0x80};
	struct fixture f;

	fixture_init(&f);
	ops.io_batch = time_is_up;
	ops.io_judges = true;
	f.device->ops = &ops;
	cr_expect(eq(int, uldf_io_batch(f.device, &poll, 1, NULL), -ETIMEDOUT));
	cr_expect(eq(u64, poll.value, 0xd0));
	fixture_fini(&f);
}

/* Also of a backend that judges lists itself: its kernel would keep the bit off and say nothing. */
Test(io, bus_mastering_of_a_device_without_a_space_is_enxio)
{
	struct uldf_backend_ops ops = fake_ops;
	uint8_t words[4] = {2, 0, 6, 0};
	struct uldf_io cases[] = {
		{.kind = ULDF_IO_WRITE, .region = ULDF_CONFIG, .offset = 4, .width = 2, .value = 6},
		{.kind = ULDF_IO_WRITE_STRING,
		 .region = ULDF_CONFIG,
		 .offset = 4,
		 .width = 2,
		 .count = 2,
		 .data = words},
	};
	struct fixture f;
	size_t done = 77;

	fixture_init(&f);
	ops.io_batch = judge;
	for (unsigned int i = 0; i < 4; i++) {
		ops.io_judges = i > 1;
		f.device->ops = &ops;
		cr_expect(eq(int, uldf_io_batch(f.device, &cases[i % 2], 1, &done), -ENXIO));
		cr_expect(eq(sz, done, 0));
		cr_expect(eq(sz, batched, 0));
		fixture_expect_reason(f.ctx, "operation 0: device fake: config: bus mastering");
	}
	words[2] = 2;
	cr_expect(eq(int, uldf_io_batch(f.device, &cases[1], 1, &done), -EINVAL));
	cr_expect(eq(sz, batched, 1));
	fixture_fini(&f);
}
