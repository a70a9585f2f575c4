// SPDX-License-Identifier: MIT
#include <string.h>
#include "fake.h"

TestSuite(ctx, .fini = fixture_check_leaks);

Test(ctx, has_no_reason_at_first)
{
	struct uldf_ctx *ctx;
	char reason[8] = "before";

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	uldf_reason(ctx, reason, sizeof(reason));
	cr_expect(eq(str, reason, ""));
	uldf_ctx_destroy(ctx);
}

Test(ctx, fail_answers_the_error_and_keeps_the_last_reason)
{
	struct uldf_ctx *ctx;
	char reason[256];

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_expect(eq(int, ctx_fail(ctx, -EBUSY, "first"), -EBUSY));
	cr_expect(eq(int, ctx_fail(ctx, -EPERM, "%s %d", "second", 2), -EPERM));
	uldf_reason(ctx, reason, sizeof(reason));
	cr_expect(eq(str, reason, "second 2"));
	uldf_ctx_destroy(ctx);
}

Test(ctx, reason_is_cut_to_the_buffer_and_terminated)
{
	char reason[5] = "xxxx", none = 'x';
	struct uldf_ctx *ctx;

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	ctx_fail(ctx, -EIO, "a long story");
	uldf_reason(ctx, reason, sizeof(reason));
	cr_expect(eq(str, reason, "a lo"));
	uldf_reason(ctx, &none, 0);
	cr_expect(eq(chr, none, 'x'));
	uldf_ctx_destroy(ctx);
}

Test(ctx, reason_of_any_length_fits_in_256_bytes)
{
	char reason[300], text[1000];
	struct uldf_ctx *ctx;

	memset(text, 'y', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	ctx_fail(ctx, -EIO, "%s", text);
	uldf_reason(ctx, reason, sizeof(reason));
	cr_expect(eq(sz, strlen(reason), 255));
	uldf_ctx_destroy(ctx);
}

Test(ctx, reason_is_one_line_that_a_terminal_does_not_act_on)
{
	struct uldf_ctx *ctx;
	char reason[64];

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	ctx_fail(ctx, -EIO, "mounted on /a\nb\033[2J\177");
	uldf_reason(ctx, reason, sizeof(reason));
	cr_expect(eq(str, reason, "mounted on /a?b?[2J?"));
	uldf_ctx_destroy(ctx);
}

Test(ctx, destroy_takes_null)
{
	uldf_ctx_destroy(NULL);
}
