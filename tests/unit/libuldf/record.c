// SPDX-License-Identifier: MIT
/* A session of a small driver: recorded on an engine, replayed without one. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uldf/event.h>
#include "engine.h"
#include "fake.h"
#include "record/recorder.h"

TestSuite(record, .fini = fixture_check_leaks);

/* What a driver sees of its device. */
struct seen {
	uint64_t registers[4];
	uint32_t config;
	uint32_t string[4];
	uint64_t bus;
	uint64_t interrupts;
	unsigned int events;
	enum uldf_reset how;
	struct uldf_range reserved;
	uint8_t filled[2 * PAGE];
	uint8_t polled[PAGE];
	uint8_t buffer[PAGE];
};

static char path[64];

static void path_init(void)
{
	int fd;

	snprintf(path, sizeof(path), "/tmp/uldf-record-XXXXXX");
	fd = mkstemp(path);
	cr_assert(ge(int, fd, 0));
	close(fd);
}

static void drive_registers(struct uldf_device *device, struct seen *seen)
{
	uint32_t out[2] = {0x11, 0x22};
	struct uldf_io list[] = {
		{.kind = ULDF_IO_WRITE, .width = 8, .offset = ENGINE_LENGTH, .value = 7},
		{.kind = ULDF_IO_READ, .width = 8, .offset = ENGINE_COUNT},
		{.kind = ULDF_IO_READ_STRING,
		 .width = 4,
		 .offset = ENGINE_FIFO,
		 .count = 4,
		 .data = seen->string},
		{.kind = ULDF_IO_WRITE_STRING,
		 .width = 4,
		 .offset = ENGINE_FIFO,
		 .count = 2,
		 .data = out},
		{.kind = ULDF_IO_POLL,
		 .width = 8,
		 .offset = ENGINE_COUNT,
		 .count = 100000,
		 .value = 8,
		 .mask = 0xff},
	};
	size_t done = 0;

	cr_assert(eq(int, uldf_config_read(device, 4, 2, &seen->config), 0));
	cr_assert(eq(int, uldf_config_write(device, 4, 2, 2), 0));
	cr_assert(eq(int, uldf_region_read(device, 0, ENGINE_COUNT, 8, &seen->registers[0]), 0));
	cr_assert(eq(int, uldf_io_batch(device, list, 5, &done), 0));
	cr_assert(eq(sz, done, 5));
	seen->registers[1] = list[1].value;
	seen->registers[2] = list[4].value;
	cr_assert(eq(int, uldf_device_reset(device, &seen->how), 0));
}

static void drive_events(struct uldf_device *device, struct seen *seen)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	cr_assert(eq(int, uldf_event_bind(device, fd), 0));
	engine_fill(device, 0, 0, ENGINE_EVENT);
	cr_assert(eq(u64, engine_wait(fd), 1));
	cr_assert(eq(int, uldf_event_read(device, &seen->events), 0));
	cr_assert(eq(int, uldf_event_bind(device, -1), 0));
	close(fd);
}

/* Memory that the device fills: told by an interrupt, and seen by polling. */
static void drive_memory(struct uldf_device *device, struct uldf_space *space, struct seen *seen)
{
	uint8_t *pages = engine_pages(3);
	struct uldf_memory *memory;
	struct uldf_buffer *buffer;
	size_t count;
	int fd = eventfd(0, EFD_CLOEXEC);

	cr_assert(eq(int, uldf_device_attach(device, space), 0));
	cr_assert(eq(int, uldf_space_reserved(space, &seen->reserved, 1, &count), 0));
	cr_assert(eq(int, uldf_memory_register(space, pages, 3 * PAGE, ULDF_DMA_BOTH, &memory), 0));

	const struct uldf_mapping piece = {memory, PAGE, 0x100000, 2 * PAGE, ULDF_DMA_WRITE};
	const struct uldf_mapping end = {.address = 0x100000, .size = 2 * PAGE};
	cr_assert(eq(int, uldf_space_map(space, &piece, 1), 0));
	cr_assert(eq(int, uldf_space_map(space, &piece, 1), -EEXIST));
	cr_assert(eq(int, uldf_irq_enable(device, ULDF_IRQ_MSI, 1), 0));
	cr_assert(eq(int, uldf_irq_bind(device, 0, 1, &fd), 0));
	engine_fill(device, 0x100000 + 100, PAGE, ENGINE_FILL | ENGINE_INTERRUPT);
	seen->interrupts = engine_wait(fd);
	memcpy(seen->filled, pages + PAGE, 2 * PAGE);
	memset(pages + PAGE, 0xee, PAGE);
	cr_assert(eq(int, uldf_buffer_create(space, PAGE, &buffer), 0));
	seen->bus = buffer->bus;
	engine_fill(device, buffer->bus + 8, 9, ENGINE_FILL);
	memcpy(seen->buffer, buffer->address, PAGE);
	uldf_buffer_destroy(buffer);
	cr_assert(eq(int, uldf_irq_disable(device), 0));
	cr_assert(eq(int, uldf_space_unmap(space, &end, 1), 0));
	cr_assert(eq(int, uldf_memory_unregister(memory), 0));
	cr_assert(eq(int, uldf_device_detach(device), 0));
	close(fd);
	munmap(pages, 3 * PAGE);
}

static void drive(struct uldf_device *device, struct seen *seen)
{
	struct uldf_space *space;

	drive_registers(device, seen);
	drive_events(device, seen);
	cr_assert(eq(int, uldf_space_create_masked(device, UINT32_MAX, &space), 0));
	drive_memory(device, space, seen);
	uldf_space_destroy(space);
}

/* The session in a bare space: segments, and a coherent buffer. */
static void drive_bare(struct uldf_device *device, struct seen *seen)
{
	uint8_t *pages = engine_pages(1);
	struct uldf_memory *memory;
	struct uldf_buffer *buffer;
	struct uldf_space *space;
	struct uldf_dma *dma;

	cr_assert(eq(int, uldf_space_create_bare(device, UINT32_MAX, &space), 0));
	cr_assert(eq(int, uldf_device_attach(device, space), 0));
	cr_assert(eq(int, uldf_memory_register(space, pages, PAGE, ULDF_DMA_BOTH, &memory), 0));
	cr_assert(eq(int, uldf_dma_map(memory, 10, 300, ULDF_DMA_WRITE, &dma), 0));
	seen->bus = dma->list[0].address;
	engine_fill(device, seen->bus + 5, 200, ENGINE_FILL);
	memcpy(seen->polled, pages, PAGE);
	uldf_dma_unmap(dma);
	cr_assert(eq(int, uldf_buffer_create(space, PAGE, &buffer), 0));
	engine_fill(device, buffer->bus, PAGE, ENGINE_FILL);
	memcpy(seen->buffer, buffer->address, PAGE);
	uldf_buffer_destroy(buffer);
	cr_assert(eq(int, uldf_memory_unregister(memory), 0));
	uldf_space_destroy(space);
	munmap(pages, PAGE);
}

static void record_session(void (*fn)(struct uldf_device *device, struct seen *seen),
			   struct seen *seen)
{
	struct wrapped w;

	path_init();
	memset(seen, 0, sizeof(*seen));
	wrapped_init(&w, &record_backend, record_wrap, path);
	fn(w.device, seen);
	wrapped_fini(&w);
	cr_expect(eq(uint, engine.opened, 0));
	cr_expect(eq(uint, engine.spaces, 0));
	cr_expect(eq(uint, engine.buffers + engine.lists, 0));
}

static void replay_open(struct wrapped *w)
{
	char address[80];

	snprintf(address, sizeof(address), "replay:%s", path);
	cr_assert(eq(int, uldf_ctx_create(&w->ctx), 0));
	cr_assert(eq(int, uldf_device_open(w->ctx, address, &w->device), 0));
}

static void replay_session(void (*fn)(struct uldf_device *device, struct seen *seen),
			   const struct seen *recorded)
{
	static struct seen seen;
	struct wrapped w;

	memset(&engine, 0, sizeof(engine));
	replay_open(&w);
	fn(w.device, &seen);
	wrapped_fini(&w);
	cr_expect(eq(uint, engine.calls, 0));
	cr_expect(memcmp(&seen, recorded, sizeof(seen)) == 0);
}

Test(record, a_session_replays_without_the_device)
{
	static struct seen seen;

	record_session(drive, &seen);
	cr_expect(eq(u64, seen.interrupts, 1));
	cr_expect(eq(u8, seen.filled[100 + 255], 255));
	cr_expect(eq(u8, seen.buffer[16], 8));
	cr_expect(eq(uint, seen.events, ULDF_EVENT_ERROR));
	replay_session(drive, &seen);
	unlink(path);
}

Test(record, a_session_in_a_bare_space_replays)
{
	static struct seen seen;

	record_session(drive_bare, &seen);
	cr_expect(eq(u8, seen.polled[10 + 5 + 199], 199));
	cr_expect(eq(u64, seen.bus, 0x90000000));
	cr_expect(eq(u8, seen.buffer[300], (uint8_t)(200 + 300)));
	replay_session(drive_bare, &seen);
	unlink(path);
}

Test(record, tells_what_the_device_is_and_that_nothing_of_it_can_be_mapped)
{
	const struct uldf_region *region;
	struct wrapped w;
	void *bar;

	path_init();
	wrapped_init(&w, &record_backend, record_wrap, path);
	cr_expect(eq(int, uldf_region_map(w.device, 0, 0, PAGE, &bar), -ENOTSUP));
	wrapped_fini(&w);
	replay_open(&w);
	cr_expect(eq(str, (char *)uldf_device_info(w.device)->address, "engine"));
	cr_expect(eq(u32, uldf_device_info(w.device)->vectors[ULDF_IRQ_MSI], 2));
	cr_expect(uldf_device_info(w.device)->translated);
	region = uldf_region_get(w.device, 0);
	cr_expect(eq(u64, region->size, 0x2000));
	cr_expect(eq(u64, region->address, 0xfe000000));
	cr_expect(region->prefetchable && region->writable && !region->ports && !region->is64);
	cr_expect(eq(int, uldf_region_map(w.device, 0, 0, PAGE, &bar), -ENOTSUP));
	wrapped_fini(&w);
	unlink(path);
}

static void drive_twice(struct uldf_device *device, struct seen *seen)
{
	cr_expect(eq(int, uldf_region_read(device, 0, ENGINE_COUNT, 8, &seen->registers[0]), 0));
	cr_expect(eq(int, uldf_region_write(device, 0, ENGINE_LENGTH, 8, 5), 0));
}

Test(record, a_replay_names_the_first_difference_and_stays_failed)
{
	static struct seen seen;
	struct wrapped w;
	uint64_t value = 99;

	record_session(drive_twice, &seen);
	replay_open(&w);
	cr_expect(eq(int, uldf_region_read(w.device, 0, ENGINE_COUNT, 8, &value), 0));
	cr_expect(eq(u64, value, 1));
	cr_expect(eq(int, uldf_region_write(w.device, 0, ENGINE_LENGTH, 8, 6), -EPROTO));
	engine_expect_reason(w.ctx, path);
	engine_expect_reason(w.ctx, "write: the driver's value is 0x6, the recorded one 0x5");
	cr_expect(eq(int, uldf_region_write(w.device, 0, ENGINE_LENGTH, 8, 5), -EPROTO));
	engine_expect_reason(w.ctx, "write: the driver's value is 0x6, the recorded one 0x5");
	wrapped_fini(&w);
	replay_open(&w);
	cr_expect(eq(int, uldf_region_write(w.device, 0, ENGINE_LENGTH, 8, 5), -EPROTO));
	engine_expect_reason(w.ctx, "the driver calls write, recorded is read");
	wrapped_fini(&w);
	replay_open(&w);
	cr_expect(eq(int, uldf_region_read(w.device, 0, ENGINE_COUNT, 4, &value), -EPROTO));
	engine_expect_reason(w.ctx, "read: the driver's width is 0x4, the recorded one 0x8");
	wrapped_fini(&w);
	unlink(path);
}

Test(record, a_recording_that_was_cut_off_plays_up_to_there)
{
	static struct seen seen;
	struct wrapped w;
	uint64_t value;

	record_session(drive_twice, &seen);
	/* The header, the device and eight regions; then the first call, and a byte of the next. */
	cr_assert(eq(int, truncate(path, 32 + (40 + 48 + 8) + 8 * (40 + 32) + (40 + 32) + 1), 0));
	replay_open(&w);
	cr_expect(eq(int, uldf_region_read(w.device, 0, ENGINE_COUNT, 8, &value), 0));
	cr_expect(eq(int, uldf_region_write(w.device, 0, ENGINE_LENGTH, 8, 5), -EPROTO));
	engine_expect_reason(w.ctx, "the recording ends, the driver goes on with write");
	wrapped_fini(&w);
	unlink(path);
}

/* Memory that is polled: no call of the driver stands between the device's write and the look. */
static void drive_polling(struct uldf_device *device, struct seen *seen)
{
	volatile uint8_t *pages = engine_pages(1);
	struct uldf_memory *memory;
	struct uldf_space *space;
	struct uldf_dma *dma;

	cr_assert(eq(int, uldf_space_create(device, &space), 0));
	cr_assert(eq(int, uldf_device_attach(device, space), 0));
	cr_assert(eq(int, uldf_memory_register(space, (void *)pages, PAGE, ULDF_DMA_BOTH, &memory),
		     0));
	cr_assert(eq(int, uldf_dma_map(memory, 0, PAGE, ULDF_DMA_BOTH, &dma), 0));
	/* In the recording the device writes late: here, by this hand. */
	if (engine.opened)
		engine_reach()[77] = 0x5a;
	for (unsigned int i = 0; i < 2000 && !pages[77]; i++)
		usleep(1000);
	seen->polled[0] = pages[77];
	cr_assert(eq(int, uldf_region_write(device, 0, ENGINE_LENGTH, 8, pages[77]), 0));
	uldf_dma_unmap(dma);
	cr_assert(eq(int, uldf_memory_unregister(memory), 0));
	uldf_space_destroy(space);
	munmap((void *)pages, PAGE);
}

Test(record, memory_that_a_driver_polls_is_played_back_while_it_waits)
{
	static struct seen seen;

	record_session(drive_polling, &seen);
	cr_expect(eq(u8, seen.polled[0], 0x5a));
	replay_session(drive_polling, &seen);
	unlink(path);
}

/* A driver that counts in memory which the device may write: played back too early, it would
 * count twice.
 */
static void drive_counting(struct uldf_device *device, struct seen *seen)
{
	uint8_t *pages = engine_pages(1);
	struct uldf_memory *memory;
	struct uldf_space *space;
	struct uldf_dma *dma;

	cr_assert(eq(int, uldf_space_create(device, &space), 0));
	cr_assert(eq(int, uldf_device_attach(device, space), 0));
	cr_assert(eq(int, uldf_memory_register(space, pages, PAGE, ULDF_DMA_BOTH, &memory), 0));
	cr_assert(eq(int, uldf_dma_map(memory, 0, PAGE, ULDF_DMA_BOTH, &dma), 0));
	for (unsigned int i = 0; i < 10; i++) {
		pages[5]++;
		cr_assert(eq(int, uldf_region_write(device, 0, ENGINE_LENGTH, 8, pages[5]), 0));
	}
	seen->polled[0] = pages[5];
	uldf_dma_unmap(dma);
	cr_assert(eq(int, uldf_memory_unregister(memory), 0));
	uldf_space_destroy(space);
	munmap(pages, PAGE);
}

Test(record, memory_that_the_driver_writes_is_its_own)
{
	static struct seen seen;

	record_session(drive_counting, &seen);
	cr_expect(eq(u8, seen.polled[0], 10));
	replay_session(drive_counting, &seen);
	unlink(path);
}

Test(record, a_full_disk_ends_the_session_and_says_so)
{
	struct rlimit limit = {.rlim_cur = 4096, .rlim_max = RLIM_INFINITY};
	struct wrapped w;
	uint64_t value;
	int err = 0;

	path_init();
	signal(SIGXFSZ, SIG_IGN);
	wrapped_init(&w, &record_backend, record_wrap, path);
	limit.rlim_max = 4096;
	cr_assert(eq(int, setrlimit(RLIMIT_FSIZE, &limit), 0));
	for (unsigned int i = 0; i < 100 && !err; i++)
		err = uldf_region_read(w.device, 0, ENGINE_COUNT, 8, &value);
	cr_expect(eq(int, err, -EFBIG));
	engine_expect_reason(w.ctx, "cannot record to ");
	wrapped_fini(&w);
	unlink(path);
}

/* Its buffers and mappings end all the same: their pages are free for others by then. */
Test(record, a_full_disk_keeps_nobody_from_ending_the_session)
{
	struct rlimit limit = {.rlim_cur = 4096, .rlim_max = 4096};
	uint8_t *pages = engine_pages(1);
	struct uldf_buffer *buffers[2];
	struct uldf_memory *memory;
	struct uldf_space *space;
	struct uldf_dma *dma;
	struct wrapped w;
	uint64_t value;

	path_init();
	signal(SIGXFSZ, SIG_IGN);
	wrapped_init(&w, &record_backend, record_wrap, path);
	cr_assert(eq(int, uldf_space_create(w.device, &space), 0));
	cr_assert(eq(int, uldf_device_attach(w.device, space), 0));
	cr_assert(eq(int, uldf_memory_register(space, pages, PAGE, ULDF_DMA_BOTH, &memory), 0));
	cr_assert(eq(int, uldf_dma_map(memory, 0, PAGE, ULDF_DMA_BOTH, &dma), 0));
	cr_assert(eq(int, uldf_buffer_create(space, PAGE, &buffers[0]), 0));
	cr_assert(eq(int, uldf_buffer_create(space, PAGE, &buffers[1]), 0));
	cr_assert(eq(int, uldf_irq_enable(w.device, ULDF_IRQ_MSI, 1), 0));
	cr_assert(eq(int, setrlimit(RLIMIT_FSIZE, &limit), 0));
	while (!uldf_region_read(w.device, 0, ENGINE_COUNT, 8, &value))
		;
	cr_expect(eq(int, uldf_irq_disable(w.device), 0));
	uldf_dma_unmap(dma);
	cr_expect(eq(int, uldf_memory_unregister(memory), 0));
	munmap(pages, PAGE);
	uldf_buffer_destroy(buffers[0]);
	uldf_buffer_destroy(buffers[1]);
	cr_expect(eq(int, uldf_region_read(w.device, 0, ENGINE_COUNT, 8, &value), -EFBIG));
	cr_expect(eq(int, uldf_device_detach(w.device), 0));
	uldf_space_destroy(space);
	wrapped_fini(&w);
	cr_expect(eq(uint, engine.spaces, 0));
	unlink(path);
}

Test(record, addresses_that_cannot_be_recorded_or_replayed_say_why)
{
	static const struct {
		const char *address;
		int err;
		const char *reason;
	} cases[] = {
		{"record:0000:00:06.0", -EINVAL, "record=FILE:ADDRESS"},
		{"record=", -EINVAL, "followed by a colon"},
		{"record=/tmp/x", -EINVAL, "followed by a colon"},
		{"record=:0000:00:06.0", -EINVAL, "followed by a colon"},
		{"record=/tmp/x:nonsense", -EINVAL, "not an address such as"},
		{"record=/tmp/x:", -EINVAL, "not an address such as"},
		{"replay:", -EINVAL, "replay:FILE"},
		{"replay:/nowhere/at/all", -ENOENT, "No such file"},
		{"replay:/dev/null", -EPROTO, "too short"},
		{"replay:/proc/self/exe", -EPROTO, "not a recording"},
		{"replay=x", -EINVAL, "not an address such as"},
		{"check=:0000:00:06.0", -EINVAL, "followed by a colon"},
		{"check:replay:/dev/null", -EPROTO, "too short"},
		{"fault:0000:00:06.0", -EINVAL, "fault=SEED"},
		{"fault=x:replay:/dev/null", -EPROTO, "too short"},
	};
	struct uldf_device *device = (void *)0x1234;
	struct uldf_ctx *ctx;

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect(eq(int, uldf_device_open(ctx, cases[i].address, &device), cases[i].err),
			  "'%s'", cases[i].address);
		engine_expect_reason(ctx, cases[i].reason);
	}
	cr_expect(eq(ptr, device, (void *)0x1234));
	uldf_ctx_destroy(ctx);
}

Test(record, decorators_nest_and_paths_may_have_colons)
{
	static struct seen seen;
	char address[160];
	struct wrapped w;

	record_session(drive, &seen);
	snprintf(address, sizeof(address),
		 "record=/tmp/uldf\\:%d\\\\:check:fault=1,lost=0:replay:%s", (int)getpid(), path);
	cr_assert(eq(int, uldf_ctx_create(&w.ctx), 0));
	cr_assert(eq(int, uldf_device_open(w.ctx, address, &w.device), 0));
	uldf_device_close(w.device);
	uldf_ctx_destroy(w.ctx);
	snprintf(address, sizeof(address), "/tmp/uldf:%d\\", (int)getpid());
	cr_expect(eq(int, access(address, R_OK), 0), "%s", address);
	unlink(address);
	unlink(path);
}
