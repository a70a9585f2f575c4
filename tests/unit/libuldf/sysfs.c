// SPDX-License-Identifier: MIT
#include "fake.h"
#include "sysfs.h"

TestSuite(sysfs, .fini = fixture_check_leaks);

Test(sysfs, resources_are_read)
{
	static const char text[] = "0x00000000febc0000 0x00000000febdffff 0x0000000000040200\n"
				   "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
				   "0x000000000000c040 0x000000000000c05f 0x0000000000040101\n"
				   "0x0000007000000000 0x0000007000003fff 0x000000000014220c\n"
				   "0x00000000000001f0 0x00000000000001f7 0x0000000000000110\n"
				   "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
				   "0x00000000feb80000 0x00000000febbffff 0x0000000000046200\n"
				   "0x0000000000000000 0x0000000000000000 0x0000000000000000\n";
	struct uldf_region regions[ULDF_REGION_COUNT] = {[1] = {.size = 77}, [7] = {.size = 256}};

	cr_assert(eq(int, sysfs_parse_resources(text, regions), 0));
	cr_expect(regions[0].size == 0x20000 && regions[0].address == 0xfebc0000 &&
		  regions[0].writable && !regions[0].ports && !regions[0].is64);
	cr_expect(regions[1].size == 0);
	cr_expect(regions[2].size == 0x20 && regions[2].ports && regions[2].address == 0xc040);
	cr_expect(regions[3].size == 0x4000 && regions[3].is64 && regions[3].prefetchable);
	cr_expect(regions[4].size == 8 && regions[4].ports && regions[4].fixed);
	cr_expect(regions[ULDF_ROM].size == 0x40000 && !regions[ULDF_ROM].writable);
	cr_expect(regions[ULDF_CONFIG].size == 256, "what is not told stays");
}

Test(sysfs, text_that_is_something_else_is_eproto)
{
	static const char *const cases[] = {
		"",
		"what",
		"0x1 0x2 0x3\n",
		"0x2000 0x1fff 0x200\n0 0 0\n0 0 0\n0 0 0\n0 0 0\n0 0 0\n0 0 0\n",
	};
	struct uldf_region regions[ULDF_REGION_COUNT];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect(eq(int, sysfs_parse_resources(cases[i], regions), -EPROTO), "'%s'",
			  cases[i]);
}

Test(sysfs, a_reset_is_named_only_where_there_is_one_way)
{
	cr_expect(eq(int, sysfs_parse_reset("flr\n"), ULDF_RESET_BY_FLR));
	cr_expect(eq(int, sysfs_parse_reset("af_flr\n"), ULDF_RESET_BY_AF));
	cr_expect(eq(int, sysfs_parse_reset("pm\n"), ULDF_RESET_BY_PM));
	cr_expect(eq(int, sysfs_parse_reset("bus\n"), ULDF_RESET_BY_BUS));
	cr_expect(eq(int, sysfs_parse_reset("flr pm bus\n"), ULDF_RESET_BY_FUNCTION));
	cr_expect(eq(int, sysfs_parse_reset("device_specific\n"), ULDF_RESET_BY_FUNCTION));
	cr_expect(eq(int, sysfs_parse_reset(""), ULDF_RESET_BY_FUNCTION));
}

Test(sysfs, a_device_that_is_not_there_is_enodev)
{
	struct uldf_region regions[ULDF_REGION_COUNT];
	char users[8] = "x";

	cr_expect(eq(int, sysfs_resources("fffffffe:00:00.0", regions), -ENODEV));
	sysfs_group_users(-1, "fffffffe:00:00.0", "vfio-pci", users, sizeof(users));
	cr_expect(eq(str, users, ""));
}
