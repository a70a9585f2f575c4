// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "counters.h"

static const struct uldf_address address = {.device = 6};
static char root[] = "/tmp/counters.XXXXXX";

static void counters_write(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/class/uldf/0000:00:06.0/%s", root, name);
	file = fopen(path, "we");
	cr_assert(ne(ptr, file, NULL));
	fputs(text, file);
	fclose(file);
}

static void counters_start(void)
{
	static const char *const folders[] = {"/class", "/class/uldf", "/class/uldf/0000:00:06.0"};
	char path[128];

	cr_assert(ne(ptr, mkdtemp(root), NULL));
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", root, folders[i]);
		mkdir(path, 0700);
	}
	counters_write("opens", "3\n");
	counters_write("resets", "4\n");
	counters_write("interrupts", "500\n");
	counters_write("space_mappings", "6\n");
	counters_write("space_mapped", "70\n");
	counters_write("space_unmapped", "64\n");
}

static int counters_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void counters_stop(void)
{
	nftw(root, counters_remove, 16, FTW_DEPTH | FTW_PHYS);
}

TestSuite(counters, .init = counters_start, .fini = counters_stop);

Test(counters, of_a_claimed_device_are_told)
{
	struct counters counters;
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	json_t *object;

	counters_read(root, &address, &counters);
	cr_assert(counters.known);
	counters_print(&counters, to);
	fclose(to);
	cr_expect(eq(str, text,
		     "since the claim: opened 3, reset 4 times; 500 interrupts; 6 mappings now, 70 "
		     "made and 64 ended in its space\n"));
	free(text);
	object = counters_json(&counters);
	text = json_dumps(object, JSON_COMPACT);
	cr_expect(eq(str, text,
		     "{\"opens\":3,\"resets\":4,\"interrupts\":500,\"space_mappings\":6,"
		     "\"space_mapped\":70,\"space_unmapped\":64}"));
	free(text);
	json_decref(object);
}

Test(counters, of_another_device_are_not_known)
{
	const struct uldf_address other = {.device = 7};
	struct counters counters;
	json_t *object;

	counters_read(root, &other, &counters);
	cr_expect(not(counters.known));
	object = counters_json(&counters);
	cr_expect(eq(int, json_typeof(object), JSON_NULL));
	json_decref(object);
}

Test(counters, of_which_one_is_damaged_are_not_known)
{
	struct counters counters;

	counters_write("space_mapped", "many\n");
	counters_read(root, &address, &counters);
	cr_expect(not(counters.known));
}
