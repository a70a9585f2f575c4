// SPDX-License-Identifier: MIT
/* What can be said of claims without root, or without the module. */
#include <unistd.h>
#include "fake.h"

TestSuite(claim, .fini = fixture_check_leaks);

Test(claim, without_the_module_is_enoent_and_says_so)
{
	const struct uldf_address nowhere = {.segment = 0xfffffffe};
	enum uldf_reset reset = ULDF_RESET_BY_QUIESCE;
	struct uldf_ctx *ctx;

	if (!access("/dev/uldf/control", F_OK))
		cr_skip_test("the module is loaded here");
	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_expect(eq(int, uldf_claim_check(ctx), -ENOENT));
	fixture_expect_reason(ctx, "uldf.ko is not loaded: modprobe uldf");
	cr_expect(eq(int, uldf_claim(ctx, &nowhere), -ENOENT));
	fixture_expect_reason(ctx, "uldf.ko is not loaded: modprobe uldf");
	cr_expect(eq(int, uldf_claim_group(ctx, &nowhere), -ENOENT));
	cr_expect(eq(int, uldf_release(ctx, &nowhere, ULDF_GIVING_GROUP, &reset), -ENOENT));
	cr_expect(eq(int, uldf_release(ctx, &nowhere, ULDF_GIVING_TO_DRIVERS, &reset), -ENOENT));
	fixture_expect_reason(ctx, "uldf.ko is not loaded: modprobe uldf");
	cr_expect(eq(int, reset, ULDF_RESET_BY_QUIESCE));
	uldf_ctx_destroy(ctx);
}
