// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/redirect.h>
#include "host.h"
#include "output.h"

static void release_start(void)
{
	host_init();
	for (unsigned int i = 0; i < 2; i++) {
		host_bind(i, "uldf");
		host.devices[i].seen.claimed = true;
	}
	cr_redirect_stdout();
}

TestSuite(release, .init = release_start);

Test(release, tells_what_reset_a_device_and_who_has_it)
{
	cr_expect(eq(int, host_release(2, false, false, false), OUTPUT_DONE));
	cr_expect_stdout_eq_str("0000:00:00.0: released, reset (FLR), no driver holds it\n"
				"0000:00:01.0: released, reset (FLR), no driver holds it\n");
}

Test(release, of_one_that_fails_holds_up_none)
{
	host.devices[0].release_error = -EBUSY;
	cr_expect(eq(int, host_release(2, false, false, false), OUTPUT_BUSY));
	cr_expect_stdout_eq_str("0000:00:01.0: released, reset (FLR), no driver holds it\n");
}

Test(release, of_one_that_is_open_is_refused_and_holds_up_none)
{
	host.devices[0].open = "/dev/uldf/0000:00:00.0 open in driver (process 1)";
	cr_expect(eq(int, host_release(2, false, false, false), OUTPUT_BUSY));
	cr_expect(eq(uint, host.devices[0].releases, 0));
	cr_expect_stdout_eq_str("0000:00:01.0: released, reset (FLR), no driver holds it\n");
}

Test(release, of_one_that_is_open_is_refused_in_a_dry_run_too)
{
	host.devices[0].open = "/dev/uldf/0000:00:00.0 open in driver (process 1)";
	cr_expect(eq(int, host_release(2, false, true, false), OUTPUT_BUSY));
	cr_expect_stdout_eq_str("0000:00:01.0: would be released\n");
}

Test(release, by_force_takes_what_is_open)
{
	host.devices[0].open = "/dev/uldf/0000:00:00.0 open in driver (process 1)";
	cr_expect(eq(int, host_release_force(), OUTPUT_DONE));
	cr_expect_stdout_eq_str("0000:00:00.0: released, reset (FLR), no driver holds it\n");
}

Test(release, that_gives_a_device_back_to_nobody_is_no_success)
{
	host.devices[0].overridden = true;
	cr_expect(eq(int, host_release(1, false, false, false), OUTPUT_BUSY));
	cr_expect(eq(uint, host.devices[0].releases, 1));
	cr_expect_stdout_eq_str("0000:00:00.0: released, reset (FLR), taken by uldf\n");
}

Test(release, of_a_group_tells_of_every_device_once)
{
	host.devices[0].seen.group = host.devices[1].seen.group = host.devices[2].seen.group = 7;
	cr_expect(eq(int, host_release(2, true, false, false), OUTPUT_DONE));
	cr_expect(eq(uint, host.devices[0].releases + host.devices[1].releases, 1));
	cr_expect_stdout_eq_str("0000:00:00.0: released, reset (bus), no driver holds it\n"
				"0000:00:01.0: released, no driver holds it\n");
}

Test(release, in_a_dry_run_changes_nothing_and_tells_the_same_devices)
{
	host.devices[0].seen.group = host.devices[1].seen.group = 7;
	cr_expect(eq(int, host_release(1, true, true, false), OUTPUT_DONE));
	cr_expect(eq(uint, host.devices[0].releases, 0));
	cr_expect_stdout_eq_str("0000:00:00.0: would be released\n"
				"0000:00:01.0: would be released\n");
}

Test(release, of_what_is_not_claimed_fails_in_a_dry_run_too)
{
	cr_expect(eq(int, host_release(3, false, true, false), OUTPUT_NO_DEVICE));
	cr_expect_stdout_eq_str("0000:00:00.0: would be released\n"
				"0000:00:01.0: would be released\n");
}

Test(release, in_json_has_devices_and_errors_in_one_document)
{
	host.devices[0].overridden = true;
	cr_expect(eq(int, host_release(1, false, false, true), OUTPUT_BUSY));
	cr_expect_stdout_eq_str(
		"{\n  \"version\": 1,\n  \"devices\": [\n    {\n"
		"      \"address\": \"0000:00:00.0\",\n      \"reset\": \"flr\",\n"
		"      \"driver\": \"uldf\"\n    }\n  ],\n  \"dry_run\": false,\n"
		"  \"errors\": [\n    {\n      \"message\": \"device 0000:00:00.0: released, and "
		"taken "
		"by uldf again, as its driver_override says: echo "
		">/sys/bus/pci/devices/0000:00:00.0/driver_override, and release it again\"\n"
		"    }\n  ]\n}\n");
}
