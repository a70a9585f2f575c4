// SPDX-License-Identifier: MIT
#include <string.h>
#include "fake.h"
#include "mounts.h"

TestSuite(mounts, .fini = fixture_check_leaks);

static const char mountinfo[] =
	"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
	"23 22 0:21 / /proc rw,nosuid shared:12 master:3 - proc proc rw\n"
	"24 22 8:16 / /mnt rw - ext4 /dev/sdb rw\n"
	"25 22 8:32 / /media/my\\040disk\\011\\134x rw - vfat /dev/sdc rw\n"
	"26 22 0:42 /@ /srv rw shared:9 - btrfs /dev/nvme0n1p2 rw,subvol=/@\n"
	"27 22 8:16 /sub /again rw - ext4 /dev/sdb rw\n"
	"28 22 0:50 / /odd rw shared:7 - fuse /dev/sdz9x rw\n";

static void expect_found(const char *text, const char *name, unsigned int major, unsigned int minor,
			 const char *point)
{
	const struct mounts_block block = {name, major, minor};
	char path[64] = "untouched";

	cr_expect(eq(int, mounts_find(text, &block, path, sizeof(path)), !!point), "%s", name);
	cr_expect(eq(str, path, (char *)(point ? point : "untouched")));
}

Test(mounts, are_found_by_number_the_first_one)
{
	expect_found(mountinfo, "sda1", 8, 1, "/");
	expect_found(mountinfo, "sdb", 8, 16, "/mnt");
	expect_found(mountinfo, "called-otherwise", 8, 16, "/mnt");
}

Test(mounts, are_found_by_name_where_the_number_is_the_file_systems_own)
{
	expect_found(mountinfo, "nvme0n1p2", 259, 2, "/srv");
}

Test(mounts, points_are_unescaped)
{
	expect_found(mountinfo, "sdc", 8, 32, "/media/my disk\t\\x");
}

Test(mounts, of_other_devices_are_not_found)
{
	expect_found(mountinfo, "sda", 8, 0, NULL);
	expect_found(mountinfo, "sdb1", 8, 17, NULL);
	expect_found(mountinfo, "sdz9", 65, 9, NULL);
	expect_found(mountinfo, "nvme0n1", 259, 0, NULL);
	expect_found(mountinfo, "", 1, 1, NULL);
}

Test(mounts, of_malformed_lines_are_none)
{
	static const char *const texts[] = {
		"",
		"\n",
		"\n\n\n",
		"22",
		"22 1",
		"22 1 8:x / / rw - ext4 /dev/sda rw\n",
		"22 1 :\n",
		"22 1 9:9",
		"22 1 9:9 / /x rw shared:1 ext4 /dev/sda rw",
		"22 1 9:9 / /x rw - ext4\n/dev/sda\n",
		"22 1 9:9 / /x rw -",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_found(texts[i], "sda", 8, 0, NULL);
}

Test(mounts, a_point_is_cut_to_its_buffer)
{
	const struct mounts_block block = {"sdc", 8, 32};
	char path[6] = "xxxxx";

	cr_expect(mounts_find(mountinfo, &block, path, sizeof(path)));
	cr_expect(eq(str, path, "/medi"));
}

Test(mounts, a_broken_escape_is_kept_as_it_is)
{
	expect_found("1 1 8:0 / /a\\04 rw - x y z\n", "sda", 8, 0, "/a\\04");
	expect_found("1 1 8:0 / /a\\999 rw - x y z\n", "sda", 8, 0, "/a\\999");
	expect_found("1 1 8:0 / \\", "sda", 8, 0, "\\");
}

Test(mounts, swap_is_found_by_name)
{
	static const char swaps[] = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
				    "/dev/sda2                               partition\t1\t0\t-2\n"
				    "/swapfile                               file\t1\t0\t-3\n"
				    "/dev/dm-1\tpartition\t1\t0\t-4";

	cr_expect(mounts_find_swap(swaps, "sda2"));
	cr_expect(mounts_find_swap(swaps, "dm-1"));
	cr_expect(not(mounts_find_swap(swaps, "sda")));
	cr_expect(not(mounts_find_swap(swaps, "sda22")));
	cr_expect(not(mounts_find_swap(swaps, "swapfile")));
	cr_expect(not(mounts_find_swap("", "sda")));
}

Test(mounts, default_route_is_found_by_interface)
{
	static const char routes[] = "Iface\tDestination\tGateway "
				     "\tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
				     "eth0\t00000000\t0202000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
				     "eth1\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";

	cr_expect(mounts_find_route(routes, "eth0"));
	cr_expect(not(mounts_find_route(routes, "eth1")));
	cr_expect(not(mounts_find_route(routes, "eth")));
	cr_expect(not(mounts_find_route("", "eth0")));
}

Test(mounts, default_route_of_ipv6_is_found_by_interface)
{
#define ZERO "00000000000000000000000000000000"
	static const char routes[] =
		ZERO " 00 " ZERO " 00 fe800000000000000000000000000001 00000400 00000001 00000000 "
		     "00000003     eth0\n"
		     "fe800000000000000000000000000000 40 " ZERO " 00 " ZERO " 00000100 00000001 "
		     "00000000 00000001     eth1\n";

	cr_expect(mounts_find_route6(routes, "eth0"));
	cr_expect(not(mounts_find_route6(routes, "eth1")));
	cr_expect(not(mounts_find_route6("00 00\n", "eth0")));
}
