// SPDX-License-Identifier: MIT
#include "stats.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <jansson.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NAME_SIZE 16
#define DESCS	  0x40
#define DATA	  0x200

static int fd;

static void setup(void)
{
	fd = memfd_create("statistics", 0);
}

static void teardown(void)
{
	close(fd);
}

TestSuite(stats, .init = setup, .fini = teardown);

static void put(const void *bytes, size_t size, off_t offset)
{
	cr_assert(eq(sz, (size_t)pwrite(fd, bytes, size, offset), size));
}

static void put_header(uint32_t name_size, uint32_t count)
{
	const struct kvm_stats_header header = {
		.name_size = name_size,
		.num_desc = count,
		.desc_offset = DESCS,
		.data_offset = DATA,
	};

	put(&header, sizeof(header), 0);
}

static void put_stat(unsigned int index, const char *name, uint32_t type, uint16_t size,
		     uint64_t value)
{
	const struct kvm_stats_desc desc = {.flags = type, .size = size, .offset = 8 * index};
	off_t at = DESCS + index * (off_t)(sizeof(desc) + NAME_SIZE);
	char padded[NAME_SIZE] = "";

	memcpy(padded, name, strlen(name));
	put(&desc, sizeof(desc), at);
	put(padded, sizeof(padded), at + (off_t)sizeof(desc));
	put(&value, sizeof(value), DATA + 8 * (off_t)index);
}

Test(stats, counters_of_several_processors_are_added_by_name)
{
	struct vmm_stats stats = {.count = 0};

	put_header(NAME_SIZE, 2);
	put_stat(0, "exits", KVM_STATS_TYPE_CUMULATIVE, 1, 1000);
	put_stat(1, "io_exits", KVM_STATS_TYPE_CUMULATIVE, 1, 7);
	cr_assert(zero(int, vmm_stats_add(&stats, fd)));
	put_stat(0, "io_exits", KVM_STATS_TYPE_CUMULATIVE, 1, 5);
	put_stat(1, "exits", KVM_STATS_TYPE_CUMULATIVE, 1, 2);
	cr_assert(zero(int, vmm_stats_add(&stats, fd)));
	cr_assert(eq(sz, stats.count, 2));
	cr_assert(eq(str, stats.list[0].name, "exits"));
	cr_assert(eq(u64, stats.list[0].value, 1002));
	cr_assert(eq(str, stats.list[1].name, "io_exits"));
	cr_assert(eq(u64, stats.list[1].value, 12));
}

Test(stats, what_is_no_counter_is_left_out)
{
	struct vmm_stats stats = {.count = 0};

	put_header(NAME_SIZE, 4);
	put_stat(0, "now", KVM_STATS_TYPE_INSTANT, 1, 1);
	put_stat(1, "most", KVM_STATS_TYPE_PEAK, 1, 2);
	put_stat(2, "how_long", KVM_STATS_TYPE_LOG_HIST, 1, 3);
	put_stat(3, "several", KVM_STATS_TYPE_CUMULATIVE, 2, 4);
	cr_assert(zero(int, vmm_stats_add(&stats, fd)));
	cr_assert(zero(sz, stats.count));
}

Test(stats, a_file_that_is_none_is_eproto_and_changes_nothing)
{
	struct vmm_stats stats = {.count = 0};

	cr_expect(eq(int, vmm_stats_add(&stats, fd), -EPROTO), "an empty one");
	put_header(0, 1);
	cr_expect(eq(int, vmm_stats_add(&stats, fd), -EPROTO), "no names");
	put_header(VMM_STATS_NAME_MAX + 1, 1);
	cr_expect(eq(int, vmm_stats_add(&stats, fd), -EPROTO), "long names");
	put_header(NAME_SIZE, 2);
	put_stat(0, "exits", KVM_STATS_TYPE_CUMULATIVE, 1, 1000);
	put_stat(1, "name without end", KVM_STATS_TYPE_CUMULATIVE, 1, 1);
	cr_expect(eq(int, vmm_stats_add(&stats, fd), -EPROTO), "a name without end");
	put_header(NAME_SIZE, 1000);
	cr_expect(eq(int, vmm_stats_add(&stats, fd), -EPROTO), "it ends before");
	cr_expect(zero(sz, stats.count));
	cr_expect(eq(int, vmm_stats_add(&stats, -1), -EBADF));
}

Test(stats, more_counters_than_there_is_room_for_are_eproto)
{
	struct vmm_stats stats = {.count = VMM_STATS_MAX};

	put_header(NAME_SIZE, 1);
	put_stat(0, "exits", KVM_STATS_TYPE_CUMULATIVE, 1, 1000);
	cr_assert(eq(int, vmm_stats_add(&stats, fd), -EPROTO));
	cr_assert(eq(sz, stats.count, VMM_STATS_MAX));
}

Test(stats, the_document_has_a_version_and_every_counter)
{
	static const struct vmm_stats stats = {
		.memory = 1ULL << 40,
		.cpus = 2,
		.dma_faults = 3,
		.list = {{"exits", 1ULL << 40}, {"io_exits", 0}},
		.count = 2,
	};
	json_int_t version, memory, cpus, faults, exits, io;
	json_t *document;

	cr_assert(zero(int, vmm_stats_write(&stats, fd)));
	lseek(fd, 0, SEEK_SET);
	document = json_loadfd(fd, 0, NULL);
	cr_assert(zero(int,
		       json_unpack_ex(document, NULL, JSON_STRICT,
				      "{s:I, s:I, s:I, s:I, s:{s:I, s:I !} !}", "version", &version,
				      "memory_bytes", &memory, "processors", &cpus, "dma_faults",
				      &faults, "kvm", "exits", &exits, "io_exits", &io)));
	cr_expect(eq(i64, version, 1));
	cr_expect(eq(i64, memory, 1LL << 40));
	cr_expect(eq(i64, cpus, 2));
	cr_expect(eq(i64, faults, 3));
	cr_expect(eq(i64, exits, 1LL << 40));
	cr_expect(zero(i64, io));
	json_decref(document);
	cr_expect(eq(int, vmm_stats_write(&stats, -1), -EIO));
}
