// SPDX-License-Identifier: MIT
/* Region files of several parts, on a BAR that has its MSI-X table in the middle: QEMU's NVMe. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

#define BAR	 0
#define VERSION	 0x08 /* NVMe 1.4 section 3.1: VS, constant */
#define AREA_MAX ULDF_REGION_FD_AREAS

static int areas_fd(int fd, const struct uldf_ioc_region_area *area, uint32_t areas)
{
	struct uldf_ioc_region_fd arg = {
		.argsz = sizeof(arg),
		.index = BAR,
		.areas = areas,
		.area = (uintptr_t)area,
	};
	int ret = call(fd, ULDF_REGION_FD, &arg);

	return ret ?: arg.fd;
}

static int descriptors(void)
{
	int fd = dup(0), count = fd;

	close(fd);
	return count;
}

/* Nothing is made of a list that is refused: the lowest free descriptor stays so. */
static void lists_are_judged(int fd, const struct uldf_ioc_region_area *has)
{
	const struct uldf_ioc_region_area first = {has[0].offset, PAGE};
	const struct uldf_ioc_region_area table = {has[0].size, PAGE};
	const struct {
		const char *what;
		struct uldf_ioc_region_area area[3];
		uint32_t areas;
		int wanted;
	} cases[] = {
		{"an empty part", {first, {has[1].offset, 0}}, 2, -EINVAL},
		{"a crooked offset", {first, {has[1].offset + 1, PAGE}}, 2, -EINVAL},
		{"a crooked size", {first, {has[1].offset, PAGE - 1}}, 2, -EINVAL},
		{"the same part twice", {first, has[1], first}, 3, -EINVAL},
		{"a part within another", {has[0], {PAGE, PAGE}}, 2, -EINVAL},
		{"the same in the other order", {{PAGE, PAGE}, has[0]}, 2, -EINVAL},
		{"a part to the end of numbers", {first, {PAGE, ~0ULL << 12}}, 2, -ERANGE},
		{"a part beyond the end of numbers", {first, {~0ULL << 12, 2 * PAGE}}, 2, -ERANGE},
		{"the table", {first, table, has[1]}, 3, -ERANGE},
		{"a part with the table in it",
		 {{has[0].offset, has[1].offset + has[1].size}},
		 1,
		 -ERANGE},
		{"a part behind the region",
		 {first, {has[1].offset + has[1].size, PAGE}},
		 2,
		 -ERANGE},
	};
	struct uldf_ioc_region_area many[AREA_MAX + 1];
	int before = descriptors();

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_equal(cases[i].wanted, areas_fd(fd, cases[i].area, cases[i].areas), "%s",
			    cases[i].what);
	for (int i = 0; i <= AREA_MAX; i++)
		many[i] = (struct uldf_ioc_region_area){i * PAGE, PAGE};
	check_equal(-E2BIG, areas_fd(fd, many, AREA_MAX + 1), "one part too many");
	check_equal(-E2BIG, areas_fd(fd, many, ~0U), "far too many");
	check_equal(-EFAULT, areas_fd(fd, NULL, 1), "no list");
	check_equal(-EFAULT, areas_fd(fd, (void *)~15UL, 1), "a list in the kernel");
	check(descriptors() == before, "no descriptor was made");
}

static void the_forms_are_told_apart(int fd, const struct uldf_ioc_region_area *has)
{
	struct uldf_ioc_region_fd arg = {.argsz = sizeof(arg), .index = BAR};

	arg.areas = 1;
	arg.area = (uintptr_t)has;
	arg.size = PAGE;
	check_equal(-EINVAL, call(fd, ULDF_REGION_FD, &arg), "a list and a size");
	arg.size = 0;
	arg.offset = PAGE;
	check_equal(-EINVAL, call(fd, ULDF_REGION_FD, &arg), "a list and an offset");
	arg.offset = 0;
	arg.pad = 1;
	check_equal(-EINVAL, call(fd, ULDF_REGION_FD, &arg), "padding");
	arg.pad = 0;
	arg.areas = 0;
	check_equal(-EINVAL, call(fd, ULDF_REGION_FD, &arg), "a list of no length");
	arg.argsz = offsetof(struct uldf_ioc_region_fd, areas);
	arg.size = PAGE;
	arg.areas = 0xdead;
	check_equal(0, call(fd, ULDF_REGION_FD, &arg), "a caller of the first form");
	check(arg.areas == 0xdead, "is written no more than it has");
	close(arg.fd);
}

static volatile uint32_t *map_at(int fd, uint64_t offset, size_t size)
{
	void *at = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, offset);

	return at == MAP_FAILED ? NULL : at;
}

/* Both sides of the table on one descriptor, at the region's own offsets. */
static void both_sides_are_mapped(int fd, const struct uldf_ioc_region_area *has)
{
	const struct uldf_ioc_region_area backwards[] = {has[1], has[0]};
	int file = areas_fd(fd, backwards, 2);
	volatile uint32_t *low, *high, *page;
	uint64_t version = 0;

	need(file >= 0, "a file of both sides");
	check(fcntl(file, F_GETFD) == FD_CLOEXEC, "it is closed on exec");
	low = map_at(file, has[0].offset, has[0].size);
	high = map_at(file, has[1].offset, has[1].size);
	page = map_at(file, PAGE, PAGE);
	need(low && high && page, "map both");
	need(!region_read(fd, BAR, VERSION, 4, &version), "read the version");
	check(version && low[VERSION / 4] == version, "the low side shows the registers");
	check(!*high && !is_gone(page), "the high side can be read, and a page of the low one");
	check(!map_at(file, has[0].size, PAGE) && errno == EINVAL, "the table is not mapped");
	check(!map_at(file, 0, has[0].size + PAGE), "nor reached from below");
	check(!map_at(file, 0, has[1].offset + has[1].size), "nor in the middle of a mapping");
	check(!map_at(file, has[1].offset, has[1].size + PAGE), "nor anything behind the region");
	check(!map_at(file, 1ULL << 40, PAGE), "nor another region");
	check(!map_at(file, ~0ULL << 12, PAGE), "nor anything far away");
	config_write(fd, 4, 2, config_read(fd, 4, 2) & ~2);
	check(is_gone(low) && is_gone(high), "with decoding off both are gone");
	config_write(fd, 4, 2, config_read(fd, 4, 2) | 2);
	check(!is_gone(low) && !is_gone(high), "with decoding on both are back");
	munmap((void *)page, PAGE);
	close(file);
	check(low[VERSION / 4] == version, "mappings outlive their file");
	close(fd);
	check(is_gone(low) && is_gone(high), "and go with the device's close");
	munmap((void *)low, has[0].size);
	munmap((void *)high, has[1].size);
}

/* Parts that touch each other are parts all the same: a mapping lies within one. */
static void parts_may_touch(int fd)
{
	const struct uldf_ioc_region_area parts[] = {{0, PAGE}, {PAGE, PAGE}};
	int file = areas_fd(fd, parts, 2);
	volatile uint32_t *first = map_at(file, 0, PAGE), *second = map_at(file, PAGE, PAGE);

	check(file >= 0 && first && second, "parts that touch are mapped one by one");
	check(!map_at(file, 0, 2 * PAGE) && errno == EINVAL, "but not in one");
	munmap((void *)first, PAGE);
	munmap((void *)second, PAGE);
	close(file);
}

void suite_areas(const struct address *device)
{
	struct uldf_ioc_region_info info = {.argsz = sizeof(info), .index = BAR};
	int fd = device_take(device);

	need(!call(fd, ULDF_REGION_INFO, &info) && info.areas == 2, "a table in the middle");
	lists_are_judged(fd, info.area);
	the_forms_are_told_apart(fd, info.area);
	parts_may_touch(fd);
	both_sides_are_mapped(fd, info.area);
	check_equal(0, release(device, 0, NULL), "release");
}
