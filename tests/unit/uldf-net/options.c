// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <stdio.h>
#include "options.h"

/* Up to four words after the program's name. */
static void read_words(struct options *options, const char *const words[4])
{
	static char copies[4][32];
	char *argv[6] = {"uldf-net"};
	int argc = 1;

	for (int i = 0; i < 4 && words[i]; i++) {
		snprintf(copies[i], sizeof(copies[i]), "%s", words[i]);
		argv[argc++] = copies[i];
	}
	options_parse(options, argc, argv);
}

Test(options, a_device_is_enough)
{
	struct options options;

	read_words(&options, (const char *const[4]){"--device", "0000:00:07.0"});
	cr_expect(eq(str, (char *)options.device, "0000:00:07.0"));
	cr_expect(eq(str, (char *)options.tap, "uldf%d"));
	cr_expect(options.nic.polled == false && !options.nic.intx && !options.nic.promiscuous);
	cr_expect(options.offload);
}

Test(options, each_is_kept)
{
	struct options options;

	read_words(&options,
		   (const char *const[4]){"-dx", "--tap=abcdefghijklmno", "--poll", "-P"});
	cr_expect(eq(str, (char *)options.tap, "abcdefghijklmno"));
	cr_expect(options.nic.polled && !options.nic.intx && options.nic.promiscuous);
	read_words(&options, (const char *const[4]){"-dx", "--no-offload"});
	cr_expect(options.offload == false);
	read_words(&options, (const char *const[4]){"-dx", "--intx"});
	cr_expect(options.nic.polled == false && options.nic.intx && !options.nic.promiscuous);
}

static void expect_usage(const char *const words[4])
{
	struct options options;

	cr_redirect_stderr();
	read_words(&options, words);
	cr_fatal("the command line was accepted");
}

#define REFUSED(name, ...)                                         \
	Test(options, name, .exit_code = EXIT_STATUS_USAGE)        \
	{                                                          \
		expect_usage((const char *const[4]){__VA_ARGS__}); \
	}

REFUSED(no_device_is_usage, "--tap", "uldf0")
REFUSED(an_empty_name_is_usage, "-dx", "--tap=")
REFUSED(a_long_name_is_usage, "-dx", "--tap=abcdefghijklmnop")
REFUSED(a_path_is_usage, "-dx", "--tap", "a/b")
REFUSED(polling_with_an_interrupt_is_usage, "-dx", "--poll", "--intx")
REFUSED(an_unknown_option_is_usage, "-dx", "--nonesuch")
REFUSED(a_word_more_is_usage, "-dx", "word")

Test(options, errors_have_their_own_exit_statuses)
{
	cr_expect(eq(int, exit_status(0), 0));
	cr_expect(eq(int, exit_status(-ENODEV), 3));
	cr_expect(eq(int, exit_status(-EBUSY), 4));
	cr_expect(eq(int, exit_status(-EPERM), 5));
	cr_expect(eq(int, exit_status(-EACCES), 5));
	cr_expect(eq(int, exit_status(-EIO), 1));
}
