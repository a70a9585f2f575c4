// SPDX-License-Identifier: MIT
#include <string.h>
#include "model/options.h"
#include "opened.h"

TestSuite(options, .fini = opened_check_leaks);

Test(options, what_is_malformed_is_einval_and_says_why)
{
	static const struct {
		const char *address;
		const char *reason;
	} cases[] = {
		{"model:", "no such model: there are edu, e1000e, ide, nvme"},
		{"model:edy", "model:edy: no such model: there are edu, e1000e, ide, nvme"},
		{"model:edu:0000:00:06.0", "no such model"},
		{"model:edu?", "'' is no option"},
		{"model:edu?size", "'size' is no option: an option is NAME=VALUE"},
		{"model:edu?=1", "'=1' is no option"},
		{"model:edu?a=1&", "'' is no option"},
		{"model:edu?a=1&a=2", "option a is given twice"},
		{"model:edu?a=1", "model:edu: no option a: it has no options"},
		{"model:edu?a=%", "option a: % stands before two hexadecimal digits"},
		{"model:edu?a=%2", "option a: % stands before"},
		{"model:edu?a=%2g", "option a: % stands before"},
		{"model:edu?a=%00", "option a: % stands before"},
		{"model:edu?a=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k=&l=&m=", "more than 12 options"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		opened_expect_refusal(cases[i].address, -EINVAL, cases[i].reason);
}

static struct uldf_ctx *ctx;
static struct model_options options;

static void parse(const char *rest)
{
	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_assert(eq(int, model_options_parse(ctx, rest, &options), 0));
}

static void finish(void)
{
	model_options_fini(&options);
	uldf_ctx_destroy(ctx);
}

Test(options, values_are_found_by_their_names)
{
	static const char *const known[] = {"file", "other", "empty", NULL};
	static const char *const less[] = {"file", "other", NULL};
	char reason[256];

	parse("nvme?file=/tmp/a%26b%3f%25=c&empty=&other=x:y");
	cr_expect(eq(str, (char *)options.model, "nvme"));
	cr_expect(eq(str, (char *)model_option_text(&options, "file"), "/tmp/a&b?%=c"));
	cr_expect(eq(str, (char *)model_option_text(&options, "empty"), ""));
	cr_expect(eq(str, (char *)model_option_text(&options, "other"), "x:y"));
	cr_expect(eq(ptr, (void *)model_option_text(&options, "fil"), NULL));
	cr_expect(eq(int, model_options_check(&options, known), 0));
	cr_expect(eq(int, model_options_check(&options, less), -EINVAL));
	uldf_reason(ctx, reason, sizeof(reason));
	cr_expect(eq(str, reason, "model:nvme: no option empty: it has file and other"));
	finish();
}

Test(options, sizes_are_numbers_with_a_unit)
{
	static const struct {
		const char *rest;
		int err;
		uint64_t size;
	} cases[] = {
		{"m", 0, 77},
		{"m?size=0", 0, 0},
		{"m?size=4096", 0, 4096},
		{"m?size=1K", 0, 1024},
		{"m?size=64M", 0, 64 << 20},
		{"m?size=3G", 0, UINT64_C(3) << 30},
		{"m?size=16777215T", 0, UINT64_C(16777215) << 40},
		{"m?size=16777216T", -EINVAL, 77},
		{"m?size=18446744073709551616", -EINVAL, 77},
		{"m?size=", -EINVAL, 77},
		{"m?size=-1", -EINVAL, 77},
		{"m?size= 1", -EINVAL, 77},
		{"m?size=M", -EINVAL, 77},
		{"m?size=1m", -EINVAL, 77},
		{"m?size=1MB", -EINVAL, 77},
		{"m?size=1M ", -EINVAL, 77},
		{"m?size=0x10", -EINVAL, 77},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t size = 77;

		parse(cases[i].rest);
		cr_expect(eq(int, model_option_size(&options, "size", &size), cases[i].err), "%s",
			  cases[i].rest);
		cr_expect(eq(u64, size, cases[i].size), "%s", cases[i].rest);
		finish();
	}
}
