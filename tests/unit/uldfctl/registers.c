// SPDX-License-Identifier: GPL-2.0-or-later
/* peek and poke, on a device made of software. */
#include <criterion/redirect.h>
#include <stdio.h>
#include "host.h"
#include "output.h"

static void registers_start(void)
{
	host_init();
	cr_redirect_stdout();
	cr_redirect_stderr();
}

TestSuite(registers, .init = registers_start);

static int run(int (*verb)(struct uldf_ctx *ctx, const struct arguments *arguments),
	       const struct arguments *arguments)
{
	struct uldf_ctx *ctx;
	int status;

	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	if (arguments->json)
		output_json_begin();
	status = output_json_end(verb(ctx, arguments));
	uldf_ctx_destroy(ctx);
	fflush(stdout);
	fflush(stderr);
	return status;
}

static int peek(const char *device, unsigned int region, struct place place, unsigned int width,
		uint64_t count)
{
	return run(verb_peek, &(struct arguments){.access = {.device = device,
							     .region = region,
							     .place = place,
							     .width = width,
							     .count = count}});
}

Test(registers, of_a_bar_are_read)
{
	cr_expect(eq(int, peek("model:edu", ULDF_BAR0, (struct place){.offset = 0}, 4, 1),
		     OUTPUT_DONE));
	cr_expect_stdout_eq_str("0x010000ed\n");
}

Test(registers, of_configuration_space_are_dumped)
{
	cr_expect(eq(int, peek("model:edu", ULDF_CONFIG, (struct place){.offset = 0}, 2, 10),
		     OUTPUT_DONE));
	cr_expect_stdout_eq_str("0000: 1234 11e8 0402 0010 0010 00ff 0000 0000\n"
				"0010: 0000 e000\n");
}

Test(registers, behind_a_capability_are_found)
{
	cr_expect(eq(int,
		     peek("model:edu", ULDF_CONFIG,
			  (struct place){.base = PLACE_STANDARD, .id = 0x05}, 1, 1),
		     OUTPUT_DONE));
	cr_expect_stdout_eq_str("0x05\n");
}

Test(registers, that_are_not_there_are_refused)
{
	cr_expect(eq(int, peek("model:edu", ULDF_BAR5, (struct place){.offset = 0}, 4, 1),
		     OUTPUT_FAILED));
	cr_expect(eq(int,
		     peek("model:edu", ULDF_CONFIG,
			  (struct place){.base = PLACE_STANDARD, .id = 0x11}, 1, 1),
		     OUTPUT_FAILED));
	cr_expect(eq(int, peek("model:edu", ULDF_BAR0, (struct place){.offset = 0xffffc}, 4, 2),
		     OUTPUT_FAILED));
	cr_expect(eq(int, peek("model:none", ULDF_BAR0, (struct place){.offset = 0}, 4, 1),
		     OUTPUT_FAILED));
	cr_expect_stdout_eq_str("");
}

static int poke(unsigned int region, uint64_t offset, unsigned int width, uint64_t value,
		bool dry_run, bool json)
{
	return run(verb_poke, &(struct arguments){.dry_run = dry_run,
						  .json = json,
						  .access = {.device = "model:edu",
							     .region = region,
							     .place = {.offset = offset},
							     .width = width,
							     .value = value,
							     .count = 1}});
}

Test(registers, of_a_bar_are_written)
{
	cr_expect(eq(int, poke(ULDF_BAR0, 4, 4, 0x12345678, false, false), OUTPUT_DONE));
	cr_expect_stdout_eq_str("model:edu: bar0+0x4 set to 0x12345678\n");
}

Test(registers, of_configuration_space_are_read_back)
{
	cr_expect(eq(int, poke(ULDF_CONFIG, 4, 2, 0x402, false, true), OUTPUT_DONE));
	cr_expect_stdout_eq_str("{\n  \"version\": 1,\n  \"device\": \"model:edu\",\n"
				"  \"region\": \"config\",\n  \"offset\": 4,\n  \"width\": 2,\n"
				"  \"value\": \"0402\",\n  \"read_back\": \"0402\",\n"
				"  \"dry_run\": false\n}\n");
}

Test(registers, that_do_not_take_a_write_are_told)
{
	cr_expect(eq(int, poke(ULDF_CONFIG, 0x10, 4, 0x12345670, false, false), OUTPUT_PERMISSION));
	cr_expect_stdout_eq_str("model:edu: config+0x10 set to 0xe0000000\n");
	cr_expect_stderr_eq_str(
		"uldfctl: device model:edu: config 0x10 reads 0xe0000000: bits 0xf2345670 did not "
		"take: they are read-only, cleared by ones, or the host's (man 4 uldf)\n");
}

Test(registers, for_bus_mastering_are_refused)
{
	cr_expect(eq(int, poke(ULDF_CONFIG, 4, 2, 6, false, false), OUTPUT_PERMISSION));
	cr_expect_stdout_eq_str("");
	cr_expect_stderr_eq_str(
		"uldfctl: device model:edu: bus mastering (bit 2 of command) takes a driver that "
		"gives the device a space: leave the bit out\n");
}

Test(registers, are_not_written_in_a_dry_run)
{
	cr_expect(eq(int, poke(ULDF_CONFIG, 4, 2, 6, true, false), OUTPUT_DONE));
	cr_expect_stdout_eq_str("model:edu: config+0x4 would be set to 0x0006\n");
}
