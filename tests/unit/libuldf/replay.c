// SPDX-License-Identifier: MIT
/* Recordings whose records are well-formed and lie: each is refused where it lies, and harms nobody. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "engine.h"
#include "fake.h"
#include "record/codec.h"

TestSuite(replay, .fini = fixture_check_leaks);

#define TRANSLATED 1
#define BARE	   0

struct lie {
	char path[64];
	FILE *file;
	struct uldf_ctx *ctx;
	struct uldf_device *device;
};

/* What stands behind a record's numbers, whatever it is not about. */
static const uint64_t zeros[PAGE / 8];

/* Adds a record with @size bytes of @data, and its numbers, which follow. */
static void tell(struct lie *lie, enum uldf_record_kind kind, int result, const uint64_t *data,
		 size_t size, ...)
{
	struct uldf_record record = {
		.kind = kind, .result = result, .data = (const uint8_t *)data, .size = size};
	uint8_t *bytes;
	va_list args;

	record.count = uldf_record_form(kind)->count;
	va_start(args, size);
	for (unsigned int i = 0; i < record.count; i++)
		record.args[i] = va_arg(args, uint64_t);
	va_end(args);
	bytes = malloc(record_size(&record));
	cr_assert(bytes != NULL);
	record_encode(&record, bytes);
	cr_assert(eq(sz, fwrite(bytes, 1, record_size(&record), lie->file), record_size(&record)));
	free(bytes);
}

static void lie_begin(struct lie *lie, uint64_t translated)
{
	uint8_t header[RECORD_FILE_HEADER];
	int fd;

	snprintf(lie->path, sizeof(lie->path), "/tmp/uldf-lie-XXXXXX");
	fd = mkstemp(lie->path);
	cr_assert(ge(int, fd, 0));
	lie->file = fdopen(fd, "we");
	cr_assert(lie->file != NULL);
	record_encode_file(0, header);
	cr_assert(eq(sz, fwrite(header, 1, sizeof(header), lie->file), sizeof(header)));
	tell(lie, ULDF_RECORD_DEVICE, 0, NULL, 0, 1UL, 1UL, 1UL, 0UL, 1UL, translated);
	for (uint64_t i = 0; i < ULDF_REGION_COUNT; i++)
		tell(lie, ULDF_RECORD_REGION, 0, NULL, 0, i, 0x1000UL, 0UL, 0UL);
}

static void lie_open(struct lie *lie)
{
	char address[80];

	fclose(lie->file);
	snprintf(address, sizeof(address), "replay:%s", lie->path);
	cr_assert(eq(int, uldf_ctx_create(&lie->ctx), 0));
	cr_assert(eq(int, uldf_device_open(lie->ctx, address, &lie->device), 0));
}

static void lie_end(struct lie *lie)
{
	uldf_device_close(lie->device);
	uldf_ctx_destroy(lie->ctx);
	unlink(lie->path);
}

static void tell_space(struct lie *lie, bool bare)
{
	tell(lie, ULDF_RECORD_SPACE_CREATE, 0, NULL, 0, UINT64_MAX, (uint64_t)bare, 1UL);
}

Test(replay, a_reset_that_there_is_not_is_refused)
{
	enum uldf_reset how = ULDF_RESET_BY_NOTHING;
	struct lie lie;

	lie_begin(&lie, TRANSLATED);
	tell(&lie, ULDF_RECORD_RESET, 0, NULL, 0, 77UL);
	lie_open(&lie);
	cr_expect(eq(int, uldf_device_reset(lie.device, &how), -EPROTO));
	engine_expect_reason(lie.ctx, "no reset has number 77");
	cr_expect(eq(int, (int)how, (int)ULDF_RESET_BY_NOTHING));
	lie_end(&lie);
}

Test(replay, ranges_that_are_not_told_are_refused)
{
	struct uldf_range list[4] = {};
	struct uldf_space *space;
	struct lie lie;
	size_t count = 9;

	lie_begin(&lie, TRANSLATED);
	tell_space(&lie, false);
	tell(&lie, ULDF_RECORD_SPACE_RESERVED, 0, zeros, 16, 1UL, 4UL, 3UL);
	lie_open(&lie);
	cr_assert(eq(int, uldf_space_create(lie.device, &space), 0));
	cr_expect(eq(int, uldf_space_reserved(space, list, 4, &count), -EPROTO));
	engine_expect_reason(lie.ctx, "of 3 ranges it tells 1");
	cr_expect(eq(sz, count, 9));
	uldf_space_destroy(space);
	lie_end(&lie);
}

Test(replay, more_segments_than_a_record_tells_are_refused)
{
	static const struct {
		int result;
		size_t size;
		uint64_t count;
	} cases[] = {
		{-ENOSPC, 0, UINT64_C(1) << 60},
		{-ENOSPC, 0, ULDF_RECORD_DATA / 16 + 1},
		{0, 32, 3},
		{0, 17 * 16, 17},
	};
	uint8_t *pages = engine_pages(1);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct uldf_memory *memory;
		struct uldf_space *space;
		struct uldf_dma *dma;
		struct lie lie;

		lie_begin(&lie, BARE);
		tell_space(&lie, true);
		tell(&lie, ULDF_RECORD_ATTACH, 0, NULL, 0, 1UL);
		tell(&lie, ULDF_RECORD_MEMORY_REGISTER, 0, NULL, 0, 1UL, PAGE, 3UL, 1UL);
		tell(&lie, ULDF_RECORD_SEGMENTS_MAP, cases[i].result, zeros, cases[i].size, 1UL,
		     1UL, 0UL, PAGE, 3UL, 16UL, cases[i].count, 5UL);
		lie_open(&lie);
		cr_assert(eq(int, uldf_space_create_bare(lie.device, UINT64_MAX, &space), 0));
		cr_assert(eq(int, uldf_device_attach(lie.device, space), 0));
		cr_assert(eq(int, uldf_memory_register(space, pages, PAGE, ULDF_DMA_BOTH, &memory),
			     0));
		cr_expect(eq(int, uldf_dma_map(memory, 0, PAGE, ULDF_DMA_BOTH, &dma), -EPROTO),
			  "case %zu", i);
		engine_expect_reason(lie.ctx, "there is no room for ");
		uldf_space_destroy(space);
		lie_end(&lie);
	}
	munmap(pages, PAGE);
}

Test(replay, two_memories_of_one_number_are_refused)
{
	struct uldf_memory *memory, *second;
	uint8_t *pages = engine_pages(2);
	struct uldf_space *space;
	struct lie lie;

	lie_begin(&lie, TRANSLATED);
	tell_space(&lie, false);
	tell(&lie, ULDF_RECORD_MEMORY_REGISTER, 0, NULL, 0, 1UL, PAGE, 3UL, 1UL);
	tell(&lie, ULDF_RECORD_MEMORY_REGISTER, 0, NULL, 0, 1UL, PAGE, 3UL, 1UL);
	lie_open(&lie);
	cr_assert(eq(int, uldf_space_create(lie.device, &space), 0));
	cr_assert(eq(int, uldf_memory_register(space, pages, PAGE, ULDF_DMA_BOTH, &memory), 0));
	cr_expect(eq(int, uldf_memory_register(space, pages + PAGE, PAGE, ULDF_DMA_BOTH, &second),
		     -EPROTO));
	engine_expect_reason(lie.ctx, "memory 1 is there already");
	uldf_space_destroy(space);
	lie_end(&lie);
	munmap(pages, 2 * PAGE);
}

/* What the recorded device goes on writing to has not gone. */
Test(replay, a_buffer_that_stays_registered_stays)
{
	struct uldf_buffer *buffer;
	struct uldf_space *space;
	const uint64_t mapped[] = {1, 0, PAGE, ULDF_DMA_BOTH, 0x1000}, unmapped[] = {PAGE, 0x1000};
	const uint8_t *bytes;
	struct lie lie;
	uint64_t value;

	lie_begin(&lie, TRANSLATED);
	tell_space(&lie, false);
	tell(&lie, ULDF_RECORD_MEMORY_REGISTER, 0, NULL, 0, 1UL, PAGE, 3UL, 1UL);
	tell(&lie, ULDF_RECORD_MAP_ANYWHERE, 0, mapped, sizeof(mapped), 1UL);
	tell(&lie, ULDF_RECORD_UNMAP, 0, unmapped, sizeof(unmapped), 1UL);
	tell(&lie, ULDF_RECORD_MEMORY_UNREGISTER, -EBUSY, NULL, 0, 1UL, 1UL);
	tell(&lie, ULDF_RECORD_READ, 0, NULL, 0, 0UL, 0UL, 4UL, 0UL);
	tell(&lie, ULDF_RECORD_CONTENT, 0, zeros, PAGE, 1UL, 0UL);
	lie_open(&lie);
	cr_assert(eq(int, uldf_space_create(lie.device, &space), 0));
	cr_assert(eq(int, uldf_buffer_create(space, PAGE, &buffer), 0));
	bytes = buffer->address;
	*(uint8_t *)buffer->address = 7;
	uldf_buffer_destroy(buffer);
	cr_expect(eq(u8, bytes[0], 7));
	cr_expect(eq(int, uldf_region_read(lie.device, 0, 0, 4, &value), 0));
	cr_expect(eq(u8, bytes[0], 0));
	uldf_space_destroy(space);
	lie_end(&lie);
}

Test(replay, the_sharing_of_other_memory_is_refused)
{
	struct uldf_memory *memory, *shared = (void *)0x1234;
	uint8_t *pages = engine_pages(1);
	struct uldf_space *space, *other;
	struct lie lie;

	lie_begin(&lie, TRANSLATED);
	tell_space(&lie, false);
	tell(&lie, ULDF_RECORD_SPACE_CREATE, 0, NULL, 0, UINT64_MAX, 0UL, 2UL);
	tell(&lie, ULDF_RECORD_MEMORY_REGISTER, 0, NULL, 0, 1UL, PAGE, 3UL, 1UL);
	tell(&lie, ULDF_RECORD_MEMORY_SHARE, 0, NULL, 0, 2UL, 1UL, 7UL);
	lie_open(&lie);
	cr_assert(eq(int, uldf_space_create(lie.device, &space), 0));
	cr_assert(eq(int, uldf_space_create(lie.device, &other), 0));
	cr_assert(eq(int, uldf_memory_register(space, pages, PAGE, ULDF_DMA_BOTH, &memory), 0));
	cr_expect(eq(int, uldf_memory_share(memory, other, &shared), -EPROTO));
	engine_expect_reason(lie.ctx,
			     "memory_share: the driver's memory is 0x1, the recorded one 0x7");
	cr_expect(eq(ptr, shared, (void *)0x1234));
	uldf_space_destroy(other);
	uldf_space_destroy(space);
	lie_end(&lie);
	munmap(pages, PAGE);
}
