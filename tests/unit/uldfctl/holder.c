// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/redirect.h>
#include "holder.h"
#include "host.h"
#include "output.h"

TestSuite(holder, .init = host_init);

static const struct uldf_finding mounted = {
	.verdict = ULDF_USED, .detector = "mount", .what = "/dev/sda mounted on /"};
static const struct uldf_finding blind = {
	.verdict = ULDF_UNKNOWN, .detector = "process", .what = "not seen"};
static const struct uldf_finding held = {
	.verdict = ULDF_USED,
	.detector = "process",
	.what = "/dev/uldf/x open in d (process 8)",
	.opener = {.pid = 8, .program = "d", .user = 1000, .started = 1700003661}};
static const struct uldf_finding old = {.verdict = ULDF_USED,
					.detector = "process",
					.what = "/dev/uldf/x open in e (process 9)",
					.opener = {.pid = 9, .program = "e", .user = -1}};
static const struct uldf_finding more = {
	.verdict = ULDF_USED, .detector = "process", .what = "2 more processes"};

static void expect_json(const struct uldf_finding *list, size_t count, const char *wanted)
{
	json_t *rows = holder_json(list, count);
	char *text = json_dumps(rows, JSON_COMPACT | JSON_ENCODE_ANY);

	cr_expect(eq(str, text, (char *)wanted));
	free(text);
	json_decref(rows);
}

Test(holder, is_told_with_program_user_and_time)
{
	const struct uldf_finding list[] = {mounted, held, old, more};

	expect_json(list, 4,
		    "[{\"pid\":8,\"program\":\"d\",\"user\":1000,\"started\":"
		    "\"2023-11-14T23:14:21Z\",\"what\":\"/dev/uldf/x open in d (process 8)\"},"
		    "{\"pid\":9,\"program\":\"e\",\"user\":null,\"started\":null,"
		    "\"what\":\"/dev/uldf/x open in e (process 9)\"}]");
}

Test(holder, of_a_device_that_nobody_has_open_is_none)
{
	expect_json(NULL, 0, "[]");
	expect_json(&mounted, 1, "[]");
}

Test(holder, that_cannot_be_seen_is_null_unless_another_is)
{
	const struct uldf_finding list[] = {blind, held};

	expect_json(&blind, 1, "null");
	cr_expect(holder_unknown(list, 1));
	cr_expect(not(holder_unknown(list, 2)));
	cr_expect(not(holder_unknown(&mounted, 1)));
}

Test(holder, is_named_in_a_refusal, .init = cr_redirect_stderr)
{
	const struct uldf_address address = {.device = 1};
	struct uldf_ctx *ctx;

	host_init();
	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_expect(eq(int, holder_refuse(ctx, &address, NULL), OUTPUT_DONE));
	host.devices[1].usage = "eth0 is up";
	host.devices[1].open = "/dev/uldf/x open in d (process 8)";
	cr_expect(eq(int, holder_refuse(ctx, &address, NULL), OUTPUT_BUSY));
	cr_expect(eq(int, holder_refuse(ctx, &address, "wait"), OUTPUT_BUSY));
	uldf_ctx_destroy(ctx);
	fflush(stderr);
	cr_expect_stderr_eq_str("uldfctl: device 0000:00:01.0: is open: /dev/uldf/x open in d "
				"(process 8): stop it\n"
				"uldfctl: device 0000:00:01.0: is open: /dev/uldf/x open in d "
				"(process 8): stop it, or wait\n");
}
