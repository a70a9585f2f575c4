// SPDX-License-Identifier: MIT
/* Against the sysfs of whatever machine this is: only what holds on every one is expected. */
#include <string.h>
#include "fake.h"

TestSuite(discover, .fini = fixture_check_leaks);

/* In a segment that no machine has. */
static const struct uldf_address nowhere = {.segment = 0xfffffffe};

Test(discover, lists_functions_in_order_and_finds_each_again)
{
	struct uldf_host_device *list = NULL, one;
	struct uldf_ctx *ctx;
	size_t count = 0;

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_assert(eq(int, uldf_discover(ctx, &list, &count), 0));
	for (size_t i = 0; i < count; i++) {
		char text[ULDF_ADDRESS_TEXT], before[ULDF_ADDRESS_TEXT];

		uldf_address_format(&list[i].address, text);
		cr_expect(eq(int, uldf_discover_one(ctx, &list[i].address, &one), 0), "%s", text);
		cr_expect(one.vendor == list[i].vendor && one.device == list[i].device, "%s", text);
		if (!i || list[i].address.segment != list[i - 1].address.segment)
			continue;
		uldf_address_format(&list[i - 1].address, before);
		cr_expect(strcmp(before, text) < 0, "%s before %s", before, text);
	}
	uldf_discover_free(list);
	uldf_discover_free(NULL);
	uldf_ctx_destroy(ctx);
}

Test(discover, one_that_is_not_there_is_enodev)
{
	struct uldf_host_device one = {.vendor = 0x1234};
	struct uldf_ctx *ctx;

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_expect(eq(int, uldf_discover_one(ctx, &nowhere, &one), -ENODEV));
	cr_expect(eq(u16, one.vendor, 0x1234));
	fixture_expect_reason(ctx, "device fffffffe:00:00.0: no such device: see uldfctl list");
	uldf_ctx_destroy(ctx);
}

Test(discover, usage_of_an_absent_device_is_enodev)
{
	struct uldf_usage *found = NULL;
	struct uldf_ctx *ctx;
	char usage[64] = "before";

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_expect(eq(int, uldf_discover_usage(ctx, &nowhere, usage, sizeof(usage)), -ENODEV));
	cr_expect(eq(str, usage, "before"));
	fixture_expect_reason(ctx, "device fffffffe:00:00.0: no such device: see uldfctl list");
	cr_expect(eq(int, uldf_discover_usage(ctx, &nowhere, usage, 0), -EINVAL));
	cr_expect(eq(int, uldf_usage_create(ctx, &nowhere, 1, false, &found), -ENODEV));
	cr_expect(eq(ptr, found, NULL));
	uldf_ctx_destroy(ctx);
}
