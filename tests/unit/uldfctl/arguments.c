// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/redirect.h>
#include <stdio.h>
#include "host.h"
#include "output.h"

TestSuite(arguments);

int verb_list(struct uldf_ctx *ctx, const struct arguments *arguments)
{
	return OUTPUT_DONE;
}

int verb_show(struct uldf_ctx *ctx, const struct arguments *arguments)
{
	return OUTPUT_DONE;
}

int verb_why(struct uldf_ctx *ctx, const struct arguments *arguments)
{
	return OUTPUT_DONE;
}

int verb_trace(struct uldf_ctx *ctx, const struct arguments *arguments)
{
	return OUTPUT_DONE;
}

/* Up to six words after the program's name. */
static void read_words(struct arguments *arguments, const char *const words[6])
{
	static char copies[6][32];
	char *argv[8] = {"uldfctl"};
	int argc = 1;

	for (int i = 0; i < 6 && words[i]; i++) {
		snprintf(copies[i], sizeof(copies[i]), "%s", words[i]);
		argv[argc++] = copies[i];
	}
	arguments_init(arguments, argc, argv);
}

Test(arguments, addresses_are_read_in_both_forms)
{
	struct arguments arguments;

	read_words(&arguments, (const char *const[6]){"claim", "0000:00:06.0", "00:07.0"});
	cr_assert(eq(sz, arguments.count, 2));
	cr_expect(eq(uint, arguments.addresses[0].device, 6));
	cr_expect(eq(uint, arguments.addresses[1].device, 7));
	cr_expect(arguments.verb->run == verb_claim);
	cr_expect(arguments.reprobe && !arguments.unbind && !arguments.dry_run);
	cr_expect(not(arguments.group));
	arguments_fini(&arguments);
}

Test(arguments, show_takes_addresses)
{
	struct arguments arguments;

	read_words(&arguments, (const char *const[6]){"show", "--json", "00:07.0", "00:08.0"});
	cr_expect(arguments.verb->run == verb_show);
	cr_expect(arguments.json);
	cr_expect(eq(sz, arguments.count, 2));
	arguments_fini(&arguments);
}

Test(arguments, of_peek_and_poke_are_a_place_and_what_to_do_there)
{
	struct arguments arguments;

	read_words(&arguments,
		   (const char *const[6]){"peek", "--count=16", "00:07.0", "bar0", "0x10", "2"});
	cr_expect(arguments.verb->run == verb_peek);
	cr_expect(eq(u64, arguments.access.count, 16));
	cr_expect(eq(u64, arguments.access.place.offset, 0x10));
	cr_expect(eq(uint, arguments.access.width, 2));
	read_words(&arguments,
		   (const char *const[6]){"poke", "model:edu", "config", "command", "0x2"});
	cr_expect(arguments.verb->run == verb_poke);
	cr_expect(eq(str, (char *)arguments.access.device, "model:edu"));
	cr_expect(eq(u64, arguments.access.value, 2));
	cr_expect(eq(uint, arguments.access.width, 2));
	cr_expect(eq(u64, arguments.access.count, 1));
	read_words(&arguments, (const char *const[6]){"reset", "00:07.0", "--dry-run"});
	cr_expect(arguments.verb->run == verb_reset && arguments.dry_run);
	arguments_fini(&arguments);
}

Test(arguments, the_memory_of_a_guest_is_a_number_of_mib)
{
	struct arguments arguments;

	read_words(&arguments, (const char *const[6]){"why", "--memory", "2048", "00:07.0"});
	cr_expect(arguments.verb->run == verb_why);
	cr_expect(eq(u64, arguments.memory, 2048));
	arguments_fini(&arguments);
}

Test(arguments, memory_that_is_no_number_is_bad_usage, .exit_code = OUTPUT_USAGE)
{
	struct arguments arguments;

	cr_redirect_stderr();
	read_words(&arguments, (const char *const[6]){"why", "--memory", "2G", "00:07.0"});
}

Test(arguments, groups_are_claimed_and_released_when_told_so)
{
	static const char *const verbs[] = {"claim", "release"};

	for (size_t i = 0; i < 2; i++) {
		struct arguments arguments;

		read_words(&arguments, (const char *const[6]){verbs[i], "--group", "00:07.0"});
		cr_expect(arguments.group);
		cr_expect(eq(sz, arguments.count, 1));
		arguments_fini(&arguments);
	}
}

Test(arguments, functions_of_one_device_are_different_ones)
{
	struct arguments arguments;

	read_words(&arguments,
		   (const char *const[6]){"release", "00:06.0", "00:06.1", "0001:00:06.0"});
	cr_expect(eq(sz, arguments.count, 3));
	arguments_fini(&arguments);
}

Test(arguments, trace_takes_one_file_and_where_to_write)
{
	struct arguments arguments;

	read_words(&arguments, (const char *const[6]){"trace", "--chrome=out.json", "run.trace"});
	cr_expect(eq(str, (char *)arguments.file, "run.trace"));
	cr_expect(eq(str, (char *)arguments.chrome, "out.json"));
	cr_expect(arguments.verb->run == verb_trace);
	cr_expect(eq(int, arguments.json, false));
	arguments_fini(&arguments);
}

static void expect_usage(const char *const words[6])
{
	struct arguments arguments;

	cr_redirect_stderr();
	read_words(&arguments, words);
	cr_assert(false, "it was taken");
}

Test(arguments, an_address_named_twice_is_bad_usage, .exit_code = OUTPUT_USAGE)
{
	expect_usage((const char *const[6]){"claim", "00:06.0", "00:07.0", "00:06.0"});
}

Test(arguments, an_address_named_twice_in_two_forms_is_bad_usage, .exit_code = OUTPUT_USAGE)
{
	expect_usage((const char *const[6]){"release", "0000:00:06.0", "00:06.0"});
}

Test(arguments, what_is_no_address_is_bad_usage, .exit_code = OUTPUT_USAGE)
{
	expect_usage((const char *const[6]){"claim", "0:6"});
}

/* What sysexits.h has, as the manual page says. */
Test(arguments, that_are_wrong_end_it_with_64, .exit_code = 64)
{
	expect_usage((const char *const[6]){"frobnicate"});
}

Test(arguments, no_device_at_all_is_bad_usage, .exit_code = OUTPUT_USAGE)
{
	expect_usage((const char *const[6]){"claim", "--unbind"});
}

Test(arguments, an_access_that_lacks_a_word_is_bad_usage, .exit_code = OUTPUT_USAGE)
{
	expect_usage((const char *const[6]){"poke", "00:06.0", "bar0", "0"});
}

Test(arguments, a_region_that_no_device_has_is_bad_usage, .exit_code = OUTPUT_USAGE)
{
	expect_usage((const char *const[6]){"peek", "00:06.0", "bar6", "0"});
}

Test(arguments, a_count_of_none_is_bad_usage, .exit_code = OUTPUT_USAGE)
{
	expect_usage((const char *const[6]){"peek", "--count=0", "00:06.0", "bar0", "0"});
}

Test(arguments, a_file_that_is_missing_is_bad_usage, .exit_code = OUTPUT_USAGE)
{
	expect_usage((const char *const[6]){"trace", "--json"});
}
