// SPDX-License-Identifier: MIT
#include "fake.h"

TestSuite(backend, .fini = fixture_check_leaks);

static struct uldf_ctx *context(void)
{
	struct uldf_ctx *ctx;

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	return ctx;
}

Test(backend, a_prefix_chooses_and_is_cut_off)
{
	static const struct {
		const char *address;
		const struct uldf_backend_ops *ops;
	} cases[] = {
		{"kmod:0000:00:06.0", &kmod_backend},
		{"vfio:0000:00:06.0", &vfio_backend},
		{"uio:0000:00:06.0", &uio_backend},
	};
	struct uldf_ctx *ctx = context();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct uldf_backend_ops *ops = NULL;
		const char *rest = NULL;

		cr_expect(eq(int, backend_find(ctx, cases[i].address, &rest, &ops), 0));
		cr_expect(eq(ptr, (void *)ops, (void *)cases[i].ops));
		cr_expect(eq(str, (char *)rest, "0000:00:06.0"));
	}
	uldf_ctx_destroy(ctx);
}

Test(backend, a_bare_address_of_no_device_is_enodev)
{
	const struct uldf_backend_ops *ops = &fake_ops;
	struct uldf_ctx *ctx = context();
	const char *rest = "untouched";

	cr_expect(eq(int, backend_find(ctx, "fffffffe:00:00.0", &rest, &ops), -ENODEV));
	cr_expect(eq(ptr, (void *)ops, (void *)&fake_ops));
	cr_expect(eq(str, (char *)rest, "untouched"));
	fixture_expect_reason(ctx, "device fffffffe:00:00.0: no such device");
	uldf_ctx_destroy(ctx);
}

Test(backend, a_driver_means_the_backend_that_goes_with_it)
{
	cr_expect(eq(ptr, (void *)backend_of_driver("uldf"), (void *)&kmod_backend));
	cr_expect(eq(ptr, (void *)backend_of_driver("vfio-pci"), (void *)&vfio_backend));
	cr_expect(eq(ptr, (void *)backend_of_driver("uio_pci_generic"), (void *)&uio_backend));
	cr_expect(eq(ptr, (void *)backend_of_driver("nvme"), NULL));
	cr_expect(eq(ptr, (void *)backend_of_driver(""), NULL));
}

Test(backend, unknown_prefixes_are_einval)
{
	static const char *const cases[] = {"",	     "kmod",	 "kmo:00:06.0", "kmod2:00:06.0",
					    "Kmod:", ":00:06.0", "what is this"};
	struct uldf_ctx *ctx = context();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct uldf_backend_ops *ops = &fake_ops;
		const char *rest = "untouched";

		cr_expect(eq(int, backend_find(ctx, cases[i], &rest, &ops), -EINVAL), "'%s'",
			  cases[i]);
		cr_expect(eq(ptr, (void *)ops, (void *)&fake_ops));
		cr_expect(eq(str, (char *)rest, "untouched"));
		fixture_expect_reason(ctx, "not an address such as");
	}
	uldf_ctx_destroy(ctx);
}
