// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/redirect.h>
#include "host.h"
#include "output.h"

static void reset_start(void)
{
	host_init();
	for (unsigned int i = 0; i < 2; i++) {
		host_bind(i, "uldf");
		host.devices[i].seen.claimed = true;
	}
	cr_redirect_stdout();
	cr_redirect_stderr();
}

TestSuite(reset, .init = reset_start);

static int reset(size_t count, bool dry_run, bool json)
{
	struct uldf_address addresses[HOST_DEVICES];
	const struct arguments arguments = {
		.addresses = addresses, .count = count, .dry_run = dry_run, .json = json};
	struct uldf_ctx *ctx;
	int status;

	for (uint8_t i = 0; i < count; i++)
		addresses[i] = (struct uldf_address){.device = i};
	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	if (json)
		output_json_begin();
	status = output_json_end(verb_reset(ctx, &arguments));
	uldf_ctx_destroy(ctx);
	fflush(stdout);
	fflush(stderr);
	return status;
}

Test(reset, in_a_dry_run_tells_which)
{
	cr_expect(eq(int, reset(2, true, false), OUTPUT_DONE));
	cr_expect_stdout_eq_str("0000:00:00.0: would be reset\n0000:00:01.0: would be reset\n");
}

Test(reset, of_what_is_not_claimed_is_refused_and_holds_up_none)
{
	host.devices[0].seen.claimed = false;
	cr_expect(eq(int, reset(2, true, true), OUTPUT_NO_DEVICE));
	cr_expect_stdout_eq_str(
		"{\n  \"version\": 1,\n  \"devices\": [\n    {\n"
		"      \"address\": \"0000:00:01.0\",\n      \"reset\": null\n    }\n  ],\n"
		"  \"dry_run\": true,\n  \"errors\": [\n    {\n      \"message\": \"device "
		"0000:00:00.0: not claimed: uldfctl claim 0000:00:00.0\"\n    }\n  ]\n}\n");
}

Test(reset, of_what_is_open_is_refused_and_its_process_named)
{
	host.devices[0].open = "/dev/uldf/0000:00:00.0 open in driver (process 1)";
	cr_expect(eq(int, reset(1, false, false), OUTPUT_BUSY));
	cr_expect_stdout_eq_str("");
	cr_expect_stderr_eq_str("uldfctl: device 0000:00:00.0: is open: /dev/uldf/0000:00:00.0 "
				"open in driver (process 1): stop it\n");
}
