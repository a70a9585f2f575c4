// SPDX-License-Identifier: MIT
/* MSI-X on an 82574 (e1000e), by its interrupt cause registers; and edges of the calls. */
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

#define ICR	   0xc0
#define ICS	   0xc8
#define IMS	   0xd0
#define IVAR	   0xe4
#define RXQ0	   (1 << 20) /* cause: receive queue 0 */
#define TABLE_BAR  3
#define VECTORS	   5
#define TABLE_SIZE (16 * VECTORS)
#define PENDING	   0x2000 /* the pending bit array, of the same BAR */

#define THROTTLE_US 20000

/*
 * Lets vector @index fire, then forgets the cause: left pending while MSI-X is off it would start a
 * timer in QEMU's model, which ends the machine when that runs out after MSI-X was enabled again.
 */
static void fire(int fd, unsigned int index)
{
	need(!region_write(fd, 0, IVAR, 4, 8 | index) && !region_write(fd, 0, IMS, 4, RXQ0) &&
		     !region_write(fd, 0, ICS, 4, RXQ0) && !region_write(fd, 0, ICR, 4, RXQ0),
	     "fire a vector");
	/* the model fires it once more when its throttle timer has run out */
	usleep(THROTTLE_US);
}

static void the_table_is_not_mapped(int fd)
{
	struct uldf_ioc_region_info info = {.argsz = sizeof(info), .index = TABLE_BAR};
	void *at;

	need(!call(fd, ULDF_REGION_INFO, &info), "region info");
	check(info.areas == 1 && info.area[0].offset == PAGE, "the table's page is no area");
	at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, info.offset);
	check(at == MAP_FAILED && errno == EINVAL, "and cannot be mapped");
}

/* What the host's interrupt controller is told by messages is nothing for a holder. */
static void the_table_reads_as_ones(int fd)
{
	static const uint64_t ones[] = {[1] = 0xff, [2] = 0xffff, [4] = 0xffffffff, [8] = ~0ULL};
	bool good = true;
	uint64_t value;

	for (unsigned int width = 1; width <= 8; width *= 2)
		for (uint64_t at = 0; at < TABLE_SIZE; at += width) {
			value = 0;
			good &= !region_read(fd, TABLE_BAR, at, width, &value) &&
				value == ones[width];
		}
	check(good, "every byte of the table reads as 0xff, in every width");
	value = 0;
	check_equal(0, region_read(fd, TABLE_BAR, TABLE_SIZE, 4, &value), "behind it");
	check_equal(0, value, "the region reads as it is");
	check_equal(0, region_read(fd, TABLE_BAR, PENDING, 4, &value), "the pending bits");
	check_equal(0, value, "read as they are");
}

static void the_table_is_kept(int fd)
{
	bool good = true;

	for (unsigned int width = 1; width <= 8; width *= 2)
		for (uint64_t at = 0; at < TABLE_SIZE; at += width)
			good &= !region_write(fd, TABLE_BAR, at, width, at % 16 < 12 ? 0 : ~0ULL);
	check(good, "writing to the table is no error");
}

static void batches_do_the_same(int fd)
{
	static const uint32_t garbage[4] = {0, 0, 0, ~0U};
	uint32_t words[4] = {};
	struct uldf_ioc_io list[] = {
		{.op = ULDF_OP_WRITE, .width = 8, .index = TABLE_BAR, .offset = 0x10},
		{.op = ULDF_OP_WRITE_STRING,
		 .width = 4,
		 .index = TABLE_BAR,
		 .offset = 0x1c,
		 .count = 4,
		 .data = (uintptr_t)garbage},
		{.op = ULDF_OP_READ, .width = 8, .index = TABLE_BAR, .offset = 0x10},
		{.op = ULDF_OP_READ_STRING,
		 .width = 4,
		 .index = TABLE_BAR,
		 .offset = 0x10,
		 .count = 4,
		 .data = (uintptr_t)words},
		{.op = ULDF_OP_POLL,
		 .width = 4,
		 .index = TABLE_BAR,
		 .offset = 0x1c,
		 .value = 0xffffffff,
		 .mask = 0xffffffff},
	};
	uint32_t done;

	check_equal(0, io_batch(fd, list, 5, &done), "a batch in the table");
	check_equal(5, done, "operations of it that were done");
	check(list[2].value == ~0ULL, "a read has ones: %#llx", (unsigned long long)list[2].value);
	check(words[0] == ~0U && words[3] == ~0U, "so has a string: %#x, %#x", words[0], words[3]);
}

static void vectors_reach_their_events(int fd)
{
	int events[VECTORS], other = event_create(), none = -1;
	int bad[2] = {other, 0};

	check_equal(-EINVAL, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSIX, 0, VECTORS + 1),
		    "more vectors than there are");
	the_table_reads_as_ones(fd);
	check_equal(0, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSIX, 0, VECTORS), "enable");
	check_equal(-EBUSY, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSIX, 0, 1),
		    "enable twice");
	check_equal(-EBUSY, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_INTX, 0, 1),
		    "enable another kind");
	the_table_is_not_mapped(fd);
	the_table_is_kept(fd);
	batches_do_the_same(fd);
	the_table_reads_as_ones(fd);

	fire(fd, 1);
	usleep(100000);
	for (int i = 0; i < VECTORS; i++)
		events[i] = event_create();
	check_equal(0, bind_fds(fd, 0, ULDF_VECTOR_MSIX, 0, VECTORS, events), "bind all");
	check(event_wait(events[1], PATIENCE), "one that fired before is not lost");
	for (int i = 0; i < VECTORS; i++) {
		fire(fd, i);
		check(event_wait(events[i], PATIENCE), "vector %d fires", i);
		check(!event_wait(events[(i + 1) % VECTORS], 50), "and no other");
	}
	check_equal(-EINVAL, bind_fds(fd, 0, ULDF_VECTOR_MSIX, 2, 2, bad), "bind a bad one");
	fire(fd, 2);
	check(event_wait(events[2], PATIENCE), "then nothing was changed");
	check_equal(0, bind_fds(fd, 0, ULDF_VECTOR_MSIX, 2, 1, &other), "bind another eventfd");
	fire(fd, 2);
	check(event_wait(other, PATIENCE) && !event_wait(events[2], 50), "it takes over");
	check_equal(0, bind_fds(fd, 0, ULDF_VECTOR_MSIX, 2, 1, &none), "bind none");
	close(events[3]);
	fire(fd, 3);
	check_equal(-EINVAL, bind_fds(fd, 0, ULDF_VECTOR_MSIX, 4, 2, events), "bind beyond");
	check_equal(-EOPNOTSUPP, vectors(fd, ULDF_VECTORS_MASK, ULDF_VECTOR_MSIX, 0, 1), "mask");
	check_equal(0, vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_MSIX, 0, 0), "disable");
	check_equal(-EINVAL, vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_MSIX, 0, 0),
		    "disable twice");
	for (int i = 0; i < VECTORS; i++)
		close(events[i]);
	close(other);
}

static void vectors_survive_a_reset(int fd, const struct address *device)
{
	struct uldf_ioc_device_reset reset = {.argsz = sizeof(reset)};
	int event = event_create();
	uint64_t value;

	check_equal(0, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSIX, 0, 1), "enable one");
	check_equal(0, bind_fds(fd, 0, ULDF_VECTOR_MSIX, 0, 1, &event), "bind it");
	check_equal(0, call(fd, ULDF_DEVICE_RESET, &reset), "reset");
	check(reset.method == reset_expected(device), "by the first method of sysfs: %u",
	      reset.method);
	check_equal(0, region_read(fd, 0, 0, 4, &value), "registers answer");
	check(!(config_read(fd, 4, 2) & 4),
	      "bus mastering is off, until the holder wants it again");
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 4);
	fire(fd, 0);
	check(event_wait(event, PATIENCE), "the vector fires after the reset");
	check_equal(0, vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_MSIX, 0, 0), "disable");
	close(event);
}

static void vectors_survive_a_reset_without_decoding(int fd)
{
	struct uldf_ioc_device_reset reset = {.argsz = sizeof(reset)};
	int event = event_create();
	uint64_t value;

	check_equal(0, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSIX, 0, 1), "enable one");
	check_equal(0, bind_fds(fd, 0, ULDF_VECTOR_MSIX, 0, 1, &event), "bind it");
	config_write(fd, 4, 2, config_read(fd, 4, 2) & ~2);
	check_equal(0, call(fd, ULDF_DEVICE_RESET, &reset), "reset while memory decoding is off");
	check_equal(-EIO, region_read(fd, 0, 0, 4, &value), "it is still off");
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 6);
	fire(fd, 0);
	check(event_wait(event, PATIENCE), "the vector fires after that reset");
	check_equal(0, vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_MSIX, 0, 0), "disable");
	close(event);
}

static void decoding_may_be_off(int fd)
{
	uint32_t command = config_read(fd, 4, 2);

	config_write(fd, 4, 2, command & ~2);
	check_equal(0, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSIX, 0, VECTORS),
		    "enable while memory decoding is off");
	check(!(config_read(fd, 4, 2) & 2), "it is still off");
	check_equal(0, vectors(fd, ULDF_VECTORS_DISABLE, ULDF_VECTOR_MSIX, 0, 0), "disable");
	config_write(fd, 4, 2, command);
}

void suite_vector(const struct address *device)
{
	int fd = device_take(device), space = space_create(fd);

	/* messages are writes on the bus */
	need(space >= 0 && !attach(fd, space), "attach to a space");
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 4);
	vectors_reach_their_events(fd);
	decoding_may_be_off(fd);
	vectors_survive_a_reset(fd, device);
	vectors_survive_a_reset_without_decoding(fd);
	check_equal(0, vectors(fd, ULDF_VECTORS_ENABLE, ULDF_VECTOR_MSIX, 0, VECTORS), "enable");
	close(fd);
	close(space);
	check_equal(0, release(device, 0, NULL), "release");
}
