// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>
#include "pinned.h"

TestSuite(pinned);

/* What is printed of @said. The caller frees it. */
static char *printed(const char *said)
{
	FILE *from = fmemopen((void *)said, strlen(said), "r");
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	cr_assert(from && to);
	pinned_print(from, to);
	fclose(from);
	fclose(to);
	return text;
}

Test(pinned, each_user_has_a_line)
{
	char *text = printed("0 1048576\n4000000000 4096\n");

	cr_expect(eq(str, text,
		     "pinned by user 0 (root): 1024 KiB\n"
		     "pinned by user 4000000000 (no name): 4 KiB\n"));
	free(text);
}

Test(pinned, of_one_user_is_found)
{
	static char said[] = "1000 4096\n0 8192\nnone\n1001 1 2\n";
	FILE *from = fmemopen(said, strlen(said), "r");
	uint64_t bytes = 7;

	cr_assert(ne(ptr, from, NULL));
	cr_expect(pinned_of(from, 0, &bytes));
	cr_expect(eq(u64, bytes, 8192));
	rewind(from);
	cr_expect(not(pinned_of(from, 1001, &bytes)));
	cr_expect(eq(u64, bytes, 8192));
	fclose(from);
}

Test(pinned, a_line_of_another_form_is_passed_over)
{
	char *text = printed("root 4096\n1\n0 4096 more\n\n0 8192\n");

	cr_expect(eq(str, text, "pinned by user 0 (root): 8 KiB\n"));
	free(text);
}
