// SPDX-License-Identifier: MIT
/* The driver over a channel with a disk made of memory, whose data the CPU moves. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include "backend.h"
#include "ide.h"

#define READY 0x40 /* DRDY, which a disk has set */

static struct {
	uint16_t words[ATA_IDENTIFY_WORDS];
	unsigned int left; /* words to be read */
	uint8_t features;
	uint8_t status;
	bool cached;   /* its write cache is on */
	bool stubborn; /* it aborts SET FEATURES */
	bool slow;     /* it stays busy after a reset */
	bool packet;   /* it is a CD-ROM */
	bool absent;
	unsigned int resets;
} fake;

static void command(uint8_t code)
{
	fake.status = READY;
	if (code == ATA_IDENTIFY_DEVICE && !fake.packet) {
		fake.left = ATA_IDENTIFY_WORDS;
		fake.status |= ATA_STATUS_DRQ;
	} else if (code == ATA_SET_FEATURES && fake.features == ATA_CACHE_OFF && !fake.stubborn) {
		fake.cached = false;
	} else {
		fake.status |= ATA_STATUS_ERR;
	}
}

static int fake_open(struct uldf_device *device, const char *rest)
{
	device->regions[0] = (struct uldf_region){.size = 8, .ports = true, .writable = true};
	device->regions[1] = (struct uldf_region){.size = 4, .ports = true, .writable = true};
	memset(&fake, 0, sizeof(fake));
	fake.words[49] = htole16(0x0200);
	fake.words[60] = htole16(1000);
	fake.words[85] = htole16(0x0020);
	fake.cached = true;
	fake.status = READY;
	return 0;
}

static void fake_close(struct uldf_device *device)
{
}

static int fake_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		     unsigned int width, uint64_t *out)
{
	*out = fake.absent ? 0xff : fake.status;
	if (!index && fake.packet && (offset == ATA_LBA_MID || offset == ATA_LBA_HIGH))
		*out = offset == ATA_LBA_MID ? 0x14 : 0xeb;
	if (index || offset != ATA_DATA)
		return 0;
	*out = fake.words[ATA_IDENTIFY_WORDS - fake.left];
	if (!--fake.left)
		fake.status &= (uint8_t)~ATA_STATUS_DRQ;
	return 0;
}

/* After a reset the disk has its cache switched on again. */
static int fake_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		      unsigned int width, uint64_t value)
{
	if (index && value & ATA_CONTROL_SRST) {
		fake.cached = true;
		fake.status = fake.slow ? ATA_STATUS_BSY : READY;
		fake.resets++;
	} else if (!index && offset == ATA_FEATURES) {
		fake.features = (uint8_t)value;
	} else if (!index && offset == ATA_COMMAND) {
		command((uint8_t)value);
	}
	return 0;
}

static const struct uldf_backend_ops fake_ops = {
	.name = "fake",
	.open = fake_open,
	.close = fake_close,
	.region_read = fake_read,
	.region_write = fake_write,
};

static struct uldf_ctx *ctx;
static struct uldf_device *device;
static struct uldf_disk *disk;

static void init(void)
{
	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_assert(eq(int, device_open_backend(ctx, &fake_ops, "", &device), 0));
}

static void fini(void)
{
	uldf_disk_close(disk);
	uldf_device_close(device);
	uldf_ctx_destroy(ctx);
}

TestSuite(ide, .init = init, .fini = fini, .timeout = 60);

static int open_disk(void)
{
	return uldf_ide_open(device, NULL, &(struct uldf_disk_options){.pio = true, .polled = true},
			     &disk);
}

static void expect_refused(unsigned int unit, int err, const char *text)
{
	const struct uldf_disk_options options = {.unit = unit, .pio = true, .polled = true};
	char reason[256];

	cr_expect(eq(int, uldf_ide_open(device, NULL, &options, &disk), err));
	uldf_reason(ctx, reason, sizeof(reason));
	cr_expect(strstr(reason, text) != NULL, "%s", reason);
}

Test(ide, what_cannot_be_driven_is_refused_in_words)
{
	expect_refused(4, -EINVAL, "no 4");
	expect_refused(2, -ENOTSUP, "secondary channel has no registers");
	fake.words[49] = 0;
	expect_refused(0, -ENOTSUP, "unit 0 knows cylinders and heads only");
	fake.packet = true;
	expect_refused(1, -ENXIO, "unit 1 is a packet device");
	fake.absent = true;
	expect_refused(1, -ENXIO, "no disk is unit 1");
}

Test(ide, a_cache_that_can_be_flushed_stays_on)
{
	fake.words[83] = htole16(0x5000);
	cr_assert(eq(int, open_disk(), 0));
	cr_expect(uldf_disk_info(disk)->cached);
	cr_expect(fake.cached);
}

Test(ide, a_cache_that_nothing_flushes_is_switched_off)
{
	cr_assert(eq(int, open_disk(), 0));
	cr_expect(not(uldf_disk_info(disk)->cached));
	cr_expect(not(fake.cached));
	cr_expect(eq(int, uldf_disk_flush(disk), 0));
}

Test(ide, a_cache_that_nothing_flushes_is_switched_off_after_a_reset)
{
	struct uldf_disk_request request = {.blocks = 1};
	char data[512];

	cr_assert(eq(int, open_disk(), 0));
	request.data = data;
	cr_expect(eq(int, uldf_disk_read(disk, &request), -EIO), "the disk has no such command");
	cr_expect(not(fake.cached));
}

Test(ide, a_cache_that_can_be_neither_flushed_nor_switched_off_is_refused)
{
	fake.stubborn = true;
	expect_refused(0, -ENOTSUP, "unit 0 has a write cache");
}

/* ---- the disk is reset after a request that it does not know --------------------------------------------- */

static uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static size_t submit(void)
{
	static char data[512];
	const struct uldf_disk_request request = {.blocks = 1, .data = data};
	size_t done;

	cr_expect(eq(int, uldf_disk_submit(disk, &request, 1, &done), 0));
	return done;
}

static void expect_done(int status)
{
	struct uldf_disk_completion completion;
	size_t found;

	cr_expect(eq(int, uldf_disk_poll(disk, &completion, 1, &found), 0));
	cr_assert(eq(sz, found, 1));
	cr_expect(eq(int, completion.status, status));
}

static void expect_nothing_done(void)
{
	struct uldf_disk_completion completion;
	size_t found;

	cr_expect(eq(int, uldf_disk_poll(disk, &completion, 1, &found), 0));
	cr_expect(eq(sz, found, 0));
}

Test(ide, a_disk_that_takes_its_time_to_reset_holds_nobody_up)
{
	uint64_t before;

	cr_assert(eq(int, open_disk(), 0));
	fake.slow = true;
	before = milliseconds();
	cr_expect(eq(sz, submit(), 1));
	cr_expect(eq(int, uldf_disk_expire(disk, 0), 0));
	cr_expect(eq(int, uldf_disk_expire(disk, 0), 0));
	cr_expect(lt(u64, milliseconds() - before, 1500));
	expect_nothing_done();
	cr_expect(eq(sz, submit(), 0), "nothing is taken meanwhile");
	fake.status = READY;
	cr_expect(eq(int, uldf_disk_expire(disk, 0), 0));
	expect_done(-EIO);
	cr_expect(eq(uint, fake.resets, 1));
	cr_expect(not(fake.cached), "the step after the reset was done, too");
	fake.slow = false;
	cr_expect(eq(sz, submit(), 1));
	expect_done(-EIO);
}

Test(ide, a_disk_that_does_not_come_back_ends_everything_and_says_so)
{
	const struct uldf_disk_request flush = {.command = ULDF_DISK_FLUSH};
	struct uldf_disk_completion completion;
	unsigned int calls = 0;
	size_t found;
	int err = 0;

	cr_assert(eq(int, open_disk(), 0));
	fake.slow = true;
	cr_expect(eq(sz, submit(), 1));
	for (; calls < 100 && !err; calls++)
		err = uldf_disk_expire(disk, 0);
	cr_expect(eq(int, err, -EIO));
	cr_expect(ge(uint, calls, 31));
	expect_done(-EIO);
	cr_expect(eq(int, uldf_disk_poll(disk, &completion, 1, &found), -EIO));
	cr_expect(eq(int, uldf_disk_submit(disk, &flush, 1, &found), -EIO));
	cr_expect(eq(int, uldf_disk_expire(disk, 0), -EIO));
}
