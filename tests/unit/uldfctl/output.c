// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/redirect.h>
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

Test(output, what_failed_is_a_document_of_errors, .init = cr_redirect_stdout)
{
	output_json_begin();
	output_error("device %s: gone", "x");
	cr_expect(eq(int, output_json_end(OUTPUT_NO_DEVICE), OUTPUT_NO_DEVICE));
	fflush(stdout);
	cr_expect_stdout_eq_str("{\n  \"version\": 1,\n  \"errors\": [\n    {\n"
				"      \"message\": \"device x: gone\"\n    }\n  ]\n}\n");
}

Test(output, without_json_nothing_is_printed_at_the_end, .init = cr_redirect_stdout)
{
	output_error("gone");
	cr_expect(eq(int, output_json_end(OUTPUT_FAILED), OUTPUT_FAILED));
	fflush(stdout);
	cr_expect_stdout_eq_str("");
}

Test(output, a_document_that_is_printed_as_it_goes_ends_with_the_errors, .init = cr_redirect_stdout)
{
	output_json_begin();
	output_json_open("records");
	fputs("{}", stdout);
	output_error("damaged");
	cr_expect(eq(int, output_json_close(), OUTPUT_DONE));
	cr_expect(eq(int, output_json_end(OUTPUT_FAILED), OUTPUT_FAILED));
	fflush(stdout);
	cr_expect_stdout_eq_str("{\"version\": 1, \"records\": [\n{}\n], \"errors\": "
				"[{\"message\":\"damaged\"}]}\n");
}

Test(output, identifiers_have_the_digits_of_lspci)
{
	json_t *id = output_hex(0x1af4, 4), *code = output_hex(0x20000, 6);

	cr_expect(eq(str, (char *)json_string_value(id), "1af4"));
	cr_expect(eq(str, (char *)json_string_value(code), "020000"));
	json_decref(id);
	json_decref(code);
}
