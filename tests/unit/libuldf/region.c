// SPDX-License-Identifier: MIT
#include "fake.h"

TestSuite(region, .fini = fixture_check_leaks);

Test(region, get_describes_each_and_is_null_beyond)
{
	struct fixture f;

	fixture_init(&f);
	cr_expect(eq(u64, uldf_region_get(f.device, ULDF_BAR0)->size, 0x4000));
	cr_expect(eq(u64, uldf_region_get(f.device, 1)->size, 0));
	cr_expect(eq(ptr, (void *)uldf_region_get(f.device, ULDF_REGION_COUNT), NULL));
	cr_expect(eq(ptr, (void *)uldf_region_get(f.device, UINT32_MAX), NULL));
	fixture_fini(&f);
}

Test(region, accesses_are_refused_before_they_reach_the_backend)
{
	static const struct {
		unsigned int index;
		uint64_t offset;
		unsigned int width;
		int err;
	} cases[] = {
		{ULDF_REGION_COUNT, 0, 4, -EINVAL}, /* index */
		{UINT32_MAX, 0, 4, -EINVAL},
		{0, 0, 0, -EINVAL}, /* width */
		{0, 0, 3, -EINVAL},
		{0, 0, 16, -EINVAL},
		{0, 0, UINT32_MAX, -EINVAL},
		{4, 0, 8, -EINVAL},
		{0, 1, 2, -EINVAL}, /* alignment */
		{0, 2, 4, -EINVAL},
		{0, 4, 8, -EINVAL},
		{0, 0x4000, 1, -ERANGE}, /* range */
		{0, UINT64_MAX, 1, -ERANGE},
		{0, UINT64_MAX - 7, 8, -ERANGE},
		{4, 16, 1, -ERANGE},
		{1, 0, 1, -ERANGE},
		{ULDF_CONFIG, 4096, 4, -ERANGE},
	};
	uint64_t value = 77;
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect(eq(int,
			     uldf_region_read(f.device, cases[i].index, cases[i].offset,
					      cases[i].width, &value),
			     cases[i].err),
			  "case %zu", i);
		cr_expect(eq(int,
			     uldf_region_write(f.device, cases[i].index, cases[i].offset,
					       cases[i].width, 1),
			     cases[i].err),
			  "case %zu", i);
		fixture_expect_reason(f.ctx, "device fake: ");
	}
	cr_expect(eq(u64, value, 77));
	cr_expect(eq(uint, fake.calls, 0));
	fixture_fini(&f);
}

Test(region, accesses_at_the_very_end_pass)
{
	static const struct {
		unsigned int index;
		uint64_t offset;
		unsigned int width;
	} cases[] = {
		{0, 0x3fff, 1}, {0, 0x3ff8, 8}, {4, 12, 4}, {4, 15, 1}, {ULDF_CONFIG, 4088, 8}};
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value;

		cr_expect(eq(int,
			     uldf_region_read(f.device, cases[i].index, cases[i].offset,
					      cases[i].width, &value),
			     0));
		cr_expect(eq(uint, fake.width, cases[i].width));
	}
	fixture_fini(&f);
}

Test(region, write_to_a_read_only_one_is_eperm)
{
	struct fixture f;

	fixture_init(&f);
	cr_expect(eq(int, uldf_region_write(f.device, ULDF_ROM, 0, 4, 1), -EPERM));
	cr_expect(eq(uint, fake.calls, 0));
	cr_expect(eq(int, uldf_region_write(f.device, 0, 0, 4, 0x1234), 0));
	cr_expect(eq(u64, fake.value, 0x1234));
	fixture_fini(&f);
}

Test(region, read_that_fails_leaves_out_alone)
{
	uint64_t value = 77;
	struct fixture f;

	fixture_init(&f);
	fake.answer = -EIO;
	cr_expect(eq(int, uldf_region_read(f.device, 0, 0, 4, &value), -EIO));
	cr_expect(eq(u64, value, 77));
	fixture_fini(&f);
}

Test(region, map_takes_what_lies_in_one_area)
{
	void *address = NULL;
	struct fixture f;

	fixture_init(&f);
	cr_expect(eq(int, uldf_region_map(f.device, 0, 0x2000, 0x2000, &address), 0));
	cr_expect(eq(uint, fake.pages, 2));
	uldf_region_unmap(f.device, address, 0x2000);
	cr_expect(eq(int, uldf_region_map(f.device, 0, 0x3000, 0x1000, &address), 0));
	uldf_region_unmap(f.device, address, 0x1000);
	uldf_region_unmap(f.device, NULL, 0x1000);
	cr_expect(eq(uint, fake.pages, 0));
	fixture_fini(&f);
}

static const struct {
	unsigned int index;
	uint64_t offset;
	size_t size;
	int err;
} not_mappable[] = {
	{ULDF_REGION_COUNT, 0, 0x1000, -EINVAL},
	{0, 0, 0, -EINVAL},
	{0, 0x800, 0x1000, -EINVAL},
	{0, 0, 0x800, -EINVAL},
	{0, 0x1000, 0x1000, -ERANGE}, /* the gap */
	{0, 0, 0x2000, -ERANGE},
	{0, 0, 0x4000, -ERANGE}, /* over the gap */
	{0, 0x3000, 0x2000, -ERANGE},
	{0, UINT64_MAX - 0xfff, 0x1000, -ERANGE},
	{0, 0x2000, SIZE_MAX - 0xfff, -ERANGE},
	{4, 0, 0x1000, -ENOTSUP}, /* ports */
	{1, 0, 0x1000, -ENOTSUP}, /* absent */
	{ULDF_CONFIG, 0, 0x1000, -ENOTSUP},
};

Test(region, map_of_anything_else_is_refused)
{
	void *address = (void *)0x1234;
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < sizeof(not_mappable) / sizeof(not_mappable[0]); i++)
		cr_expect(
			eq(int,
			   uldf_region_map(f.device, not_mappable[i].index, not_mappable[i].offset,
					   not_mappable[i].size, &address),
			   not_mappable[i].err),
			"case %zu", i);
	cr_expect(eq(ptr, address, (void *)0x1234));
	cr_expect(eq(uint, fake.calls, 0));
	fixture_fini(&f);
}

Test(region, fd_of_anything_else_is_refused)
{
	struct fixture f;
	int fd = -77;

	fixture_init(&f);
	for (size_t i = 0; i < sizeof(not_mappable) / sizeof(not_mappable[0]); i++)
		cr_expect(eq(int,
			     uldf_region_fd(f.device, not_mappable[i].index, not_mappable[i].offset,
					    not_mappable[i].size, true, &fd),
			     not_mappable[i].err),
			  "case %zu", i);
	cr_expect(eq(int, fd, -77));
	cr_expect(eq(uint, fake.calls, 0));
	fixture_fini(&f);
}

Test(region, fd_is_enotsup_where_the_backend_has_none)
{
	struct fixture f;
	int fd = -77;

	fixture_init(&f);
	cr_expect(eq(int, uldf_region_fd(f.device, 0, 0x2000, 0x1000, true, &fd), -ENOTSUP));
	fixture_expect_reason(f.ctx, "backend fake has no files for parts of regions");
	cr_expect(eq(int, fd, -77));
	fixture_fini(&f);
}

/* What the op below was asked; it answers 5. */
static struct uldf_area asked;
static bool asked_writable;

static int fd_make(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size,
		   bool writable, int *out)
{
	asked = (struct uldf_area){.offset = offset, .size = size};
	asked_writable = writable;
	*out = 5;
	return 0;
}

Test(region, fd_is_of_the_part_asked_for)
{
	struct uldf_backend_ops ops = fake_ops;
	struct fixture f;
	int fd = -1;

	ops.region_fd = fd_make;
	fixture_init(&f);
	f.device->ops = &ops;
	cr_expect(eq(int, uldf_region_fd(f.device, 0, 0x2000, 0x2000, true, &fd), 0));
	cr_expect(eq(int, fd, 5));
	cr_expect(asked.offset == 0x2000 && asked.size == 0x2000 && asked_writable);
	fixture_fini(&f);
}
