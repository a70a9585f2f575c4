// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include "output.h"

TestSuite(output);

Test(output, each_kind_of_error_has_its_exit_status)
{
	static const struct {
		int err;
		int status;
	} cases[] = {
		{0, 0},	     {-EIO, 1},	  {-ENOMEM, 1}, {-EINVAL, 1}, {-ENODEV, 3},
		{-EBUSY, 4}, {-EPERM, 5}, {-EACCES, 5}, {-ENOENT, 6},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect(eq(int, output_status(cases[i].err), cases[i].status), "%d",
			  cases[i].err);
}

Test(output, empty_text_is_null_in_json)
{
	json_t *none = output_text(""), *some = output_text("x");

	cr_expect(eq(int, json_typeof(none), JSON_NULL));
	cr_expect(eq(str, (char *)json_string_value(some), "x"));
	json_decref(none);
	json_decref(some);
}

Test(output, an_answer_that_could_not_be_made_is_a_failure)
{
	cr_expect(eq(int, output_json(NULL), OUTPUT_FAILED));
}
