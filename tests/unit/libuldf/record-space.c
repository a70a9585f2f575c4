// SPDX-License-Identifier: MIT
/* Sessions with spaces are recorded on an engine and replayed without one: the driver sees the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "engine.h"
#include "fake.h"
#include "record/recorder.h"

TestSuite(record_space, .fini = fixture_check_leaks);

#define BUS 0x100000

/* What a driver sees of its device. */
struct seen {
	struct uldf_unmapped unmapped;
	uint8_t pages[4 * PAGE];
};

/* A driver with four pages of memory in a space that its device is attached to. */
struct driver {
	struct uldf_device *device;
	struct uldf_space *space;
	struct uldf_memory *memory;
	uint8_t *pages;
};

static void driver_init(struct driver *d, struct uldf_device *device)
{
	d->device = device;
	d->pages = engine_pages(4);
	cr_assert(eq(int, uldf_space_create_masked(device, UINT32_MAX, &d->space), 0));
	cr_assert(eq(int, uldf_device_attach(device, d->space), 0));
	cr_assert(eq(int,
		     uldf_memory_register(d->space, d->pages, 4 * PAGE, ULDF_DMA_BOTH, &d->memory),
		     0));
}

static void driver_fini(struct driver *d)
{
	cr_expect(eq(int, uldf_memory_unregister(d->memory), 0));
	cr_expect(eq(int, uldf_device_detach(d->device), 0));
	uldf_space_destroy(d->space);
	munmap(d->pages, 4 * PAGE);
}

/* Maps page @page of the memory at page @at of the bus. */
static int map_page(struct uldf_space *space, struct uldf_memory *memory, uint64_t page,
		    uint64_t at)
{
	const struct uldf_mapping piece = {memory, page * PAGE, BUS + at * PAGE, PAGE,
					   ULDF_DMA_BOTH};

	return uldf_space_map(space, &piece, 1);
}

static void session(const char *address, void (*drive)(struct driver *d, struct seen *seen),
		    struct seen *seen)
{
	struct wrapped w;
	struct driver d;

	memset(seen, 0, sizeof(*seen));
	memset(&engine, 0, sizeof(engine));
	if (strncmp(address, "replay:", 7)) {
		wrapped_init(&w, &record_backend, record_wrap, address);
	} else {
		cr_assert(eq(int, uldf_ctx_create(&w.ctx), 0));
		cr_assert(eq(int, uldf_device_open(w.ctx, address, &w.device), 0));
	}
	driver_init(&d, w.device);
	drive(&d, seen);
	memcpy(seen->pages, d.pages, sizeof(seen->pages));
	driver_fini(&d);
	wrapped_fini(&w);
}

static void record_and_replay(void (*drive)(struct driver *d, struct seen *seen), struct seen *seen)
{
	static struct seen again;
	char path[64], address[80];
	int fd;

	snprintf(path, sizeof(path), "/tmp/uldf-space-XXXXXX");
	fd = mkstemp(path);
	cr_assert(ge(int, fd, 0));
	close(fd);
	session(path, drive, seen);
	snprintf(address, sizeof(address), "replay:%s", path);
	session(address, drive, &again);
	cr_expect(eq(uint, engine.calls, 0));
	cr_expect(memcmp(seen, &again, sizeof(again)) == 0);
	unlink(path);
}

static void drive_range(struct driver *d, struct seen *seen)
{
	for (uint64_t i = 0; i < 3; i++)
		cr_assert(eq(int, map_page(d->space, d->memory, i, 4 * i), 0));
	engine_fill(d->device, BUS, 100, ENGINE_FILL);
	cr_expect(
		eq(int, uldf_space_unmap_range(d->space, BUS + 1, BUS + PAGE - 1, NULL), -EINVAL));
	cr_expect(eq(int,
		     uldf_space_unmap_range(d->space, BUS, BUS + 7 * PAGE - 1, &seen->unmapped),
		     0));
	cr_expect(eq(int, uldf_memory_unregister(d->memory), -EBUSY));
	engine_fill(d->device, BUS, 100, ENGINE_FILL);
	engine_fill(d->device, BUS + 8 * PAGE, 50, ENGINE_FILL);
	cr_expect(eq(int, map_page(d->space, d->memory, 3, 0), 0));
	engine_fill(d->device, BUS, 10, ENGINE_FILL);
	cr_expect(eq(int, uldf_space_unmap_range(d->space, 0, UINT64_MAX, NULL), 0));
}

Test(record_space, a_session_that_unmaps_ranges_replays)
{
	static struct seen seen;

	record_and_replay(drive_range, &seen);
	cr_expect(eq(u64, seen.unmapped.mappings, 2));
	cr_expect(eq(u64, seen.unmapped.bytes, 2 * PAGE));
	cr_expect(eq(u8, seen.pages[99], 99));
	cr_expect(eq(u8, seen.pages[PAGE], 0));
	cr_expect(eq(u8, seen.pages[2 * PAGE + 49], 149));
	cr_expect(eq(u8, seen.pages[3 * PAGE + 9], 159));
}

static void drive_cut(struct driver *d, struct seen *seen)
{
	const struct uldf_mapping piece = {d->memory, 0, BUS, 2 * PAGE, ULDF_DMA_BOTH};

	cr_assert(eq(int, uldf_space_map(d->space, &piece, 1), 0));
	cr_expect(eq(int, uldf_space_unmap_range(d->space, BUS, BUS + PAGE - 1, &seen->unmapped),
		     -ERANGE));
	engine_fill(d->device, BUS + PAGE, 20, ENGINE_FILL);
	cr_expect(eq(int, uldf_space_unmap_range(d->space, BUS, BUS + 2 * PAGE - 1, NULL), 0));
}

Test(record_space, a_range_that_is_refused_is_refused_in_the_replay)
{
	static struct seen seen;

	record_and_replay(drive_cut, &seen);
	cr_expect(eq(u64, seen.unmapped.mappings, 0));
	cr_expect(eq(u8, seen.pages[PAGE + 19], 19));
}

/* The device goes from one space to the other, and finds the same memory in both. */
static void drive_share(struct driver *d, struct seen *seen)
{
	struct uldf_memory *shared;
	struct uldf_space *other;

	cr_assert(eq(int, uldf_space_create_masked(d->device, UINT32_MAX, &other), 0));
	cr_assert(eq(int, map_page(d->space, d->memory, 0, 0), 0));
	engine_fill(d->device, BUS, 100, ENGINE_FILL);
	cr_assert(eq(int, uldf_memory_share(d->memory, other, &shared), 0));
	cr_assert(eq(int, map_page(other, shared, 0, 8), 0));
	cr_assert(eq(int, map_page(other, shared, 1, 0), 0));
	d->pages[1] = 0xee;
	cr_assert(eq(int, uldf_device_move(d->device, d->space), -EBUSY));
	cr_assert(eq(int, uldf_device_move(d->device, other), 0));
	engine_fill(d->device, BUS, 100, ENGINE_FILL);
	engine_fill(d->device, BUS + 8 * PAGE + 50, 5, ENGINE_FILL);
	cr_expect(eq(int, uldf_space_unmap_range(d->space, 0, UINT64_MAX, NULL), 0));
	cr_expect(eq(int, uldf_memory_unregister(d->memory), 0));
	engine_fill(d->device, BUS + 8 * PAGE + 60, 5, ENGINE_FILL);
	cr_assert(eq(int, uldf_memory_share(shared, d->space, &d->memory), 0));
	cr_assert(eq(int, uldf_space_unmap_range(other, 0, UINT64_MAX, &seen->unmapped), 0));
	cr_expect(eq(int, uldf_memory_unregister(shared), 0));
	uldf_space_destroy(other);
}

Test(record_space, a_session_that_shares_memory_and_moves_the_device_replays)
{
	static struct seen seen;

	record_and_replay(drive_share, &seen);
	cr_expect(eq(u64, seen.unmapped.mappings, 2));
	cr_expect(eq(u8, seen.pages[0], 0));
	cr_expect(eq(u8, seen.pages[1], 0xee));
	cr_expect(eq(u8, seen.pages[49], 49));
	cr_expect(eq(u8, seen.pages[54], 204));
	cr_expect(eq(u8, seen.pages[64], 209));
	cr_expect(eq(u8, seen.pages[PAGE], 100));
}

Test(record_space, memory_and_spaces_of_another_recording_are_not_used)
{
	struct uldf_memory *shared = (void *)0x1234;
	struct uldf_space *other;
	struct wrapped w, second;
	struct driver d;

	wrapped_init(&w, &record_backend, record_wrap, "/dev/null");
	driver_init(&d, w.device);
	wrapped_init(&second, &record_backend, record_wrap, "/dev/null");
	cr_assert(eq(int, uldf_space_create(second.device, &other), 0));
	cr_expect(eq(int, uldf_memory_share(d.memory, other, &shared), -ENOTSUP));
	engine_expect_reason(second.ctx, "the memory is in another recording");
	cr_expect(eq(ptr, shared, (void *)0x1234));
	cr_expect(eq(int, uldf_device_move(d.device, other), -ENOTSUP));
	engine_expect_reason(w.ctx, "the space is another recording's");
	uldf_space_destroy(other);
	wrapped_fini(&second);
	driver_fini(&d);
	wrapped_fini(&w);
}

static void drive_revoke(struct driver *d, struct seen *seen)
{
	struct uldf_dma *dma;

	cr_assert(eq(int, map_page(d->space, d->memory, 0, 0), 0));
	cr_assert(eq(int, uldf_dma_map(d->memory, PAGE, 100, ULDF_DMA_WRITE, &dma), 0));
	engine_fill(d->device, BUS, 100, ENGINE_FILL);
	engine_fill(d->device, dma->list[0].address, 100, ENGINE_FILL);
	cr_expect(eq(int, uldf_space_revoke(d->space), 0));
	engine_fill(d->device, BUS, 100, ENGINE_FILL);
	cr_expect(eq(int, map_page(d->space, d->memory, 0, 0), -ESHUTDOWN));
	uldf_dma_unmap(dma);
	cr_expect(eq(int, uldf_space_unmap_range(d->space, 0, UINT64_MAX, &seen->unmapped), 0));
}

Test(record_space, a_session_whose_space_is_revoked_replays)
{
	static struct seen seen;

	record_and_replay(drive_revoke, &seen);
	cr_expect(eq(u64, seen.unmapped.mappings, 0));
	cr_expect(eq(u8, seen.pages[99], 99));
	cr_expect(eq(u8, seen.pages[PAGE + 99], 199));
}

/* The one mapping has ended, and the driver unregisters its memory. */
static void drive_range_eio(struct driver *d, struct seen *seen)
{
	cr_assert(eq(int, map_page(d->space, d->memory, 0, 0), 0));
	engine_fill(d->device, BUS, 100, ENGINE_FILL);
	engine.end_answer = -EIO;
	cr_expect(eq(int, uldf_space_unmap_range(d->space, 0, UINT64_MAX, NULL), -EIO));
	engine.end_answer = 0;
}

static void drive_revoke_eio(struct driver *d, struct seen *seen)
{
	cr_assert(eq(int, map_page(d->space, d->memory, 0, 0), 0));
	engine_fill(d->device, BUS, 100, ENGINE_FILL);
	engine.end_answer = -EIO;
	cr_expect(eq(int, uldf_space_revoke(d->space), -EIO));
	engine.end_answer = 0;
	cr_expect(eq(int, map_page(d->space, d->memory, 0, 0), -ESHUTDOWN));
}

Test(record_space, sessions_whose_iommu_failed_replay)
{
	static struct seen seen;

	record_and_replay(drive_range_eio, &seen);
	cr_expect(eq(u8, seen.pages[99], 99));
	record_and_replay(drive_revoke_eio, &seen);
	cr_expect(eq(u8, seen.pages[99], 99));
}

/* Of two mappings the engine ends the one that was made last. The driver tries both again. */
static void drive_retry(struct driver *d, struct seen *seen)
{
	const struct uldf_mapping batch[] = {{.address = BUS + 4 * PAGE, .size = PAGE},
					     {.address = BUS, .size = PAGE}};

	cr_assert(eq(int, map_page(d->space, d->memory, 0, 0), 0));
	cr_assert(eq(int, map_page(d->space, d->memory, 1, 4), 0));
	engine.end_answer = -EIO;
	cr_expect(eq(int, uldf_space_unmap_range(d->space, 0, UINT64_MAX, NULL), -EIO));
	engine.end_answer = 0;
	cr_expect(eq(int, uldf_space_unmap(d->space, batch, 2), -ENOENT));
	engine_fill(d->device, BUS, 100, ENGINE_FILL);
	cr_expect(eq(int, uldf_space_unmap(d->space, &batch[1], 1), 0));
}

/* The driver maps other memory at the addresses of the mapping that has ended. */
static void drive_retry_apart(struct driver *d, struct seen *seen)
{
	const struct uldf_mapping gone = {.address = BUS + 4 * PAGE, .size = PAGE};

	cr_assert(eq(int, map_page(d->space, d->memory, 0, 0), 0));
	cr_assert(eq(int, map_page(d->space, d->memory, 1, 4), 0));
	engine.end_answer = -EIO;
	cr_expect(eq(int, uldf_space_unmap_range(d->space, 0, UINT64_MAX, NULL), -EIO));
	engine.end_answer = 0;
	cr_expect(eq(int, map_page(d->space, d->memory, 2, 4), 0));
	engine_fill(d->device, BUS + 4 * PAGE, 100, ENGINE_FILL);
	cr_expect(eq(int, uldf_space_unmap(d->space, &gone, 1), 0));
	engine_fill(d->device, BUS, 100, ENGINE_FILL);
	cr_expect(eq(int, uldf_space_unmap_range(d->space, 0, UINT64_MAX, &seen->unmapped), 0));
}

Test(record_space, a_device_that_the_iommu_left_a_mapping_is_seen_until_that_has_ended)
{
	static struct seen seen;

	record_and_replay(drive_retry, &seen);
	cr_expect(eq(u8, seen.pages[99], 99));
	record_and_replay(drive_retry_apart, &seen);
	cr_expect(eq(u8, seen.pages[2 * PAGE + 99], 99));
	cr_expect(eq(u8, seen.pages[99], 199));
	cr_expect(eq(u64, seen.unmapped.mappings, 1));
}

/* Calls that version 2 knows. */
static void drive_unmap(struct driver *d, struct seen *seen)
{
	const struct uldf_mapping piece = {.address = BUS, .size = PAGE};

	cr_assert(eq(int, map_page(d->space, d->memory, 0, 0), 0));
	engine_fill(d->device, BUS, 100, ENGINE_FILL);
	cr_expect(eq(int, uldf_space_unmap(d->space, &piece, 1), 0));
}

Test(record_space, a_recording_of_version_2_replays)
{
	static struct seen seen, again;
	char path[] = "/tmp/uldf-space-XXXXXX", address[80];
	int fd = mkstemp(path);

	cr_assert(ge(int, fd, 0));
	session(path, drive_unmap, &seen);
	cr_assert(eq(int, (int)pwrite(fd, "\2", 1, 8), 1));
	snprintf(address, sizeof(address), "replay:%s", path);
	session(address, drive_unmap, &again);
	cr_expect(memcmp(&seen, &again, sizeof(again)) == 0);
	close(fd);
	unlink(path);
}
