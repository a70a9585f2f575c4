// SPDX-License-Identifier: MIT
/* Where findings say that the driver was. The suite is linked with the library, and compiled with -g. */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "checked.h"
#include "fake.h"

TestSuite(check_source, .fini = fixture_check_leaks);

/* Maps, and leaves the line of the call in @line. */
__attribute__((noinline)) static int maps(struct checked *c, int *line)
{
	const struct uldf_mapping piece = {c->memory, 0, 0x100000, PAGE, ULDF_DMA_BOTH};
	int err;

	*line = __LINE__ + 1;
	err = uldf_space_map(c->space, &piece, 1);
	return err;
}

__attribute__((noinline)) static int unmaps(struct checked *c, int *line)
{
	const struct uldf_mapping piece = {.address = 0x100000, .size = 2 * PAGE};
	int err;

	*line = __LINE__ + 1;
	err = uldf_space_unmap(c->space, &piece, 1);
	return err;
}

/* A compiler may add to the function's name, as in maps.isra.0. */
static void expect_place(const char *place, const char *function, int line)
{
	char number[32];

	snprintf(number, sizeof(number), "check-source.c:%d", line);
	cr_expect(eq(int, strncmp(place, function, strlen(function)), 0), "'%s'", place);
	cr_expect(strstr(place, "() at ") != NULL, "'%s'", place);
	cr_expect(strstr(place, number) != NULL, "'%s', expected in it '%s'", place, number);
}

Test(check_source, a_finding_names_the_lines_of_the_driver_that_made_both_calls)
{
	int map_line, unmap_line;
	struct checked c;

	checked_init(&c);
	cr_expect(eq(int, maps(&c, &map_line), 0));
	cr_expect(eq(int, unmaps(&c, &unmap_line), -ENOENT));
	checked_expect(&c, ULDF_CHECK_UNMAP_OTHER, "mapped are");
	expect_place(c.call_at, "unmaps", unmap_line);
	expect_place(c.made_at, "maps", map_line);
	cr_expect(eq(int, checked_unmap(&c, 0x100000, PAGE), 0));
	checked_fini(&c);
}

/* As on a machine without libdw: exported functions have names, with offsets in place of lines. */
Test(check_source, without_libdw_a_place_is_a_function_and_an_offset)
{
	struct source_place place;

	source_find(NULL, (const char *)(uintptr_t)&getenv + 4, &place);
	cr_expect(strstr(place.text, "+0x4 in ") != NULL, "'%s'", place.text);
	cr_expect(strstr(place.text, "libc.so.6") != NULL, "'%s'", place.text);
	cr_expect(eq(int, place.own, false));
}

Test(check_source, code_without_debug_information_is_a_function_and_an_offset)
{
	struct source *source = source_open();
	struct source_place place;

	cr_assert(ne(ptr, source, NULL), "libdw is missing: make deps");
	source_find(source, (const char *)(uintptr_t)&event_base_new + 4, &place);
	cr_expect(eq(int, strncmp(place.text, "event_base_new+0x4 in /", 23), 0), "'%s'",
		  place.text);
	source_find(source, (const void *)16, &place);
	cr_expect(eq(str, place.text, "0xf"));
	source_close(source);
}
