// SPDX-License-Identifier: MIT
#include "fake.h"

TestSuite(backend, .fini = fixture_check_leaks);

Test(backend, a_bare_address_means_the_best_one)
{
	const char *rest = NULL;

	cr_expect(eq(ptr, (void *)backend_find("0000:00:06.0", &rest), (void *)&kmod_backend));
	cr_expect(eq(str, (char *)rest, "0000:00:06.0"));
	cr_expect(eq(ptr, (void *)backend_find("00:06.0", &rest), (void *)&kmod_backend));
	cr_expect(eq(str, (char *)rest, "00:06.0"));
}

Test(backend, a_prefix_chooses_and_is_cut_off)
{
	const char *rest = NULL;

	cr_expect(eq(ptr, (void *)backend_find("kmod:0000:00:06.0", &rest), (void *)&kmod_backend));
	cr_expect(eq(str, (char *)rest, "0000:00:06.0"));
}

Test(backend, unknown_prefixes_are_none)
{
	static const char *const cases[] = {"",	     "kmod",	 "kmo:00:06.0", "kmod2:00:06.0",
					    "Kmod:", ":00:06.0", "what is this"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *rest = "untouched";

		cr_expect(eq(ptr, (void *)backend_find(cases[i], &rest), NULL), "'%s'", cases[i]);
		cr_expect(eq(str, (char *)rest, "untouched"));
	}
}
