// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/redirect.h>
#include <signal.h>
#include "host.h"
#include "output.h"

static void claim_start(void)
{
	host_init();
	cr_redirect_stdout();
}

TestSuite(claim, .init = claim_start);

static void expect_untouched(unsigned int n)
{
	cr_expect(eq(uint, host.devices[n].claims, 0), "device %u", n);
	cr_expect(eq(uint, host.devices[n].unbinds, 0), "device %u", n);
}

Test(claim, takes_what_nobody_holds)
{
	cr_expect(eq(int, host_claim(2, false, false, false), OUTPUT_DONE));
	cr_expect(host.devices[0].seen.claimed && host.devices[1].seen.claimed);
	cr_expect_stdout_eq_str("0000:00:00.0: claimed\n0000:00:01.0: claimed\n");
}

Test(claim, takes_a_device_from_its_driver_when_told_to)
{
	host_bind(1, "ata_piix");
	cr_expect(eq(int, host_claim(2, true, false, false), OUTPUT_DONE));
	cr_expect(eq(uint, host.devices[1].unbinds, 1));
	cr_expect(eq(uint, host.devices[1].looks, 2), "looked at before all, and right before");
	cr_expect(not(host.unbound_unheld));
	cr_expect(eq(uint, host.holding, 0));
	cr_expect_stdout_eq_str(
		"0000:00:00.0: claimed\n0000:00:01.0: claimed, unbound from ata_piix\n");
}

Test(claim, of_a_held_device_is_refused_with_no_side_effect)
{
	host_bind(1, "ata_piix");
	cr_expect(eq(int, host_claim(2, false, false, false), OUTPUT_BUSY));
	expect_untouched(0);
	expect_untouched(1);
	cr_expect_stdout_eq_str("");
}

Test(claim, of_a_device_in_use_is_refused_and_so_is_what_is_unknown)
{
	host_bind(1, "ata_piix");
	host.devices[1].usage = "/dev/sda mounted on /mnt";
	cr_expect(eq(int, host_claim(2, true, false, false), OUTPUT_BUSY));
	host.devices[1].usage = NULL;
	host.devices[1].unknown = "/dev/sda cannot be opened";
	cr_expect(eq(int, host_claim(2, true, false, false), OUTPUT_BUSY));
	expect_untouched(0);
	expect_untouched(1);
	cr_expect(eq(uint, host.holding, 0));
}

Test(claim, dry_runs_refuse_what_is_in_use_or_not_allowed)
{
	host_bind(0, "ata_piix");
	host.check_error = -EPERM;
	cr_expect(eq(int, host_claim(1, true, true, false), OUTPUT_PERMISSION));
	host.check_error = -ENOENT;
	cr_expect(eq(int, host_claim(1, true, true, false), OUTPUT_NO_MODULE));
	host.check_error = 0;
	host.devices[0].usage = "/dev/sda mounted on /mnt";
	cr_expect(eq(int, host_claim(1, true, true, false), OUTPUT_BUSY));
}

Test(claim, of_a_device_without_a_driver_is_refused_for_a_use_that_is_seen_only)
{
	host.devices[0].unknown = "processes cannot be looked at";
	cr_expect(eq(int, host_claim(1, false, false, false), OUTPUT_DONE));
	host.devices[1].usage = "the text console is on it";
	cr_expect(eq(int, host_claim(2, false, false, false), OUTPUT_BUSY));
	expect_untouched(1);
}

Test(claim, by_force_takes_what_is_in_use)
{
	host_bind(0, "ata_piix");
	host.devices[0].usage = "/dev/sda mounted on /mnt";
	host.devices[0].later = "/dev/sda mounted on /srv";
	cr_expect(eq(int, host_claim_force(), OUTPUT_DONE));
	cr_expect(eq(uint, host.devices[0].unbinds, 1));
	cr_expect(host.devices[0].seen.claimed);
}

Test(claim, a_refusal_says_what_uses_the_device_and_what_to_do)
{
	host_bind(0, "nvme");
	host.devices[0].usage = "/dev/nvme0n1 mounted on /mnt";
	host.devices[0].unknown = "something";
	cr_redirect_stderr();
	cr_expect(eq(int, host_claim(1, true, false, false), OUTPUT_BUSY));
	host.devices[0].usage = host.devices[0].unknown = NULL;
	cr_expect(eq(int, host_claim(1, false, false, false), OUTPUT_BUSY));
	host.devices[0].usage = "eth0 is up";
	cr_expect(eq(int, host_claim(1, false, false, false), OUTPUT_BUSY));
	fflush(stderr);
	cr_expect_stderr_eq_str(
		"uldfctl: device 0000:00:00.0: held by nvme, /dev/nvme0n1 mounted on /mnt, "
		"unknown: something: stop it\n"
		"uldfctl: device 0000:00:00.0: held by nvme: uldfctl claim --unbind 0000:00:00.0\n"
		"uldfctl: device 0000:00:00.0: held by nvme, eth0 is up: stop it; then uldfctl "
		"claim --unbind 0000:00:00.0\n");
}

Test(claim, of_a_device_that_came_into_use_meanwhile_is_refused)
{
	host_bind(1, "ata_piix");
	host.devices[1].later = "/dev/sda mounted on /mnt";
	cr_expect(eq(int, host_claim(2, true, false, false), OUTPUT_BUSY));
	cr_expect(eq(uint, host.devices[1].unbinds, 0));
	cr_expect(eq(str, host.devices[1].seen.driver, "ata_piix"));
	cr_expect(not(host.devices[0].seen.claimed));
}

Test(claim, unbinds_no_driver_that_was_not_looked_at)
{
	host_bind(0, "nvme");
	host.devices[0].taken_by = "vfio-pci";
	cr_expect(eq(int, host_claim(1, true, false, false), OUTPUT_BUSY));
	cr_expect(eq(uint, host.devices[0].unbinds, 0));
	cr_expect(eq(str, host.devices[0].seen.driver, "vfio-pci"));
	cr_expect(eq(uint, host.devices[0].claims, 2), "the claim says who holds it");
}

Test(claim, says_unbound_of_what_was_unbound_only)
{
	host_bind(0, "nvme");
	host_bind(1, "e1000e");
	/* The driver of the first one lets go of it by itself. */
	host.devices[0].taken_by = "";
	cr_expect(eq(int, host_claim(2, true, false, true), OUTPUT_DONE));
	cr_expect(eq(uint, host.devices[0].unbinds, 0));
	cr_expect_stdout_eq_str("{\n"
				"  \"version\": 1,\n"
				"  \"devices\": [\n"
				"    {\n"
				"      \"address\": \"0000:00:00.0\",\n"
				"      \"unbound\": null\n"
				"    },\n"
				"    {\n"
				"      \"address\": \"0000:00:01.0\",\n"
				"      \"unbound\": \"e1000e\"\n"
				"    }\n"
				"  ],\n"
				"  \"dry_run\": false\n"
				"}\n");
}

Test(claim, dry_runs_change_nothing_and_say_what_would_be)
{
	host_bind(1, "e1000e");
	cr_expect(eq(int, host_claim(2, true, true, false), OUTPUT_DONE));
	expect_untouched(0);
	expect_untouched(1);
	cr_expect_stdout_eq_str("0000:00:00.0: would be claimed\n"
				"0000:00:01.0: would be claimed, unbound from e1000e\n");
}

Test(claim, gives_all_back_when_one_fails)
{
	host_bind(1, "ata_piix");
	host_bind(2, "nvme");
	host.devices[2].claim_error = -EPERM;
	cr_expect(eq(int, host_claim(4, true, false, false), OUTPUT_PERMISSION));
	cr_expect(eq(uint, host.devices[0].releases, 1));
	cr_expect(not(host.devices[0].reprobed_by_release), "nobody held it before");
	cr_expect(eq(uint, host.devices[1].releases, 1));
	cr_expect(host.devices[1].reprobed_by_release);
	cr_expect(eq(uint, host.devices[2].releases, 0));
	cr_expect(eq(uint, host.devices[2].reprobes, 1));
	expect_untouched(3);
	cr_expect(eq(uint, host.devices[3].releases, 0));
	cr_expect_stdout_eq_str("");
}

Test(claim, a_driver_that_cannot_be_unbound_is_a_failure)
{
	host_bind(0, "nvme");
	host.devices[0].unbind_error = -EACCES;
	cr_expect(eq(int, host_claim(1, true, false, false), OUTPUT_PERMISSION));
	cr_expect(eq(uint, host.devices[0].reprobes, 0));
	cr_expect(eq(str, host.devices[0].seen.driver, "nvme"));
}

static volatile sig_atomic_t claimed_when_interrupted = -1;

static void count_claimed(int number)
{
	claimed_when_interrupted = 0;
	for (unsigned int i = 0; i < HOST_DEVICES; i++)
		claimed_when_interrupted += host.devices[i].seen.claimed;
}

Test(claim, signals_wait_until_all_is_claimed)
{
	host.raise = SIGTERM;
	signal(SIGTERM, count_claimed);
	cr_expect(eq(int, host_claim(3, false, false, false), OUTPUT_DONE));
	cr_expect(eq(int, claimed_when_interrupted, 3));
	cr_expect(not(host.signals_were_open));
}

Test(claim, signals_wait_until_all_is_given_back)
{
	host.raise = SIGINT;
	host.devices[2].claim_error = -EIO;
	signal(SIGINT, count_claimed);
	cr_expect(eq(int, host_claim(3, false, false, false), OUTPUT_FAILED));
	cr_expect(eq(int, claimed_when_interrupted, 0));
	cr_expect(not(host.signals_were_open));
}

/* The first and the third device share a group. */
static void group_start(void)
{
	claim_start();
	host.devices[0].seen.group = host.devices[2].seen.group = 5;
	host.devices[1].seen.group = 6;
	host.devices[3].seen.group = 5;
	host.devices[3].seen.bridge = true;
}

TestSuite(claim_group, .init = group_start);

Test(claim_group, says_who_comes_along)
{
	cr_expect(eq(int, host_claim_group(false, true), OUTPUT_DONE));
	expect_untouched(0);
	expect_untouched(2);
	cr_expect_stdout_eq_str("0000:00:00.0: would be claimed\n0000:00:02.0: would be claimed\n");
}

Test(claim_group, takes_all_from_their_drivers_when_told_to)
{
	host.devices[3].seen.group = -1;
	host_bind(2, "i2c_i801");
	cr_expect(eq(int, host_claim_group(false, false), OUTPUT_BUSY));
	expect_untouched(2);
	cr_expect(eq(int, host_claim_group(true, false), OUTPUT_DONE));
	cr_expect(host.devices[0].seen.claimed && host.devices[2].seen.claimed);
	cr_expect(not(host.devices[1].seen.claimed));
	cr_expect(eq(uint, host.devices[2].unbinds, 1));
	cr_expect_stdout_eq_str(
		"0000:00:00.0: claimed\n0000:00:02.0: claimed, unbound from i2c_i801\n");
}

Test(claim_group, gives_the_unbound_back_when_it_fails)
{
	host.devices[3].seen.group = -1;
	host_bind(0, "ahci");
	host_bind(2, "i2c_i801");
	host.devices[2].claim_error = -EPERM;
	cr_expect(eq(int, host_claim_group(true, false), OUTPUT_PERMISSION));
	cr_expect(eq(uint, host.devices[0].reprobes, 1));
	cr_expect(eq(uint, host.devices[2].reprobes, 1));
	cr_expect(eq(uint, host.devices[0].releases, 0));
	cr_expect_stdout_eq_str("");
}

Test(claim_group, gives_a_first_group_back_when_a_second_fails)
{
	struct uldf_address addresses[] = {{.device = 0}, {.device = 1}};
	struct arguments arguments = {.addresses = addresses, .count = 2, .group = true};
	struct uldf_ctx *ctx;

	host.devices[3].seen.group = -1;
	host.devices[1].claim_error = -EPERM;
	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_expect(eq(int, verb_claim(ctx, &arguments), OUTPUT_PERMISSION));
	uldf_ctx_destroy(ctx);
	cr_expect(not(host.devices[0].seen.claimed || host.devices[2].seen.claimed));
	cr_expect(eq(uint, host.devices[0].releases + host.devices[2].releases, 1));
}

Test(claim_group, looks_at_all_of_it_right_before)
{
	host.devices[3].seen.group = -1;
	host_bind(0, "ahci");
	host_bind(2, "i2c_i801");
	host.devices[2].later = "its chip 0-0050 is held by ee1004";
	cr_expect(eq(int, host_claim_group(true, false), OUTPUT_BUSY));
	cr_expect(eq(uint, host.devices[0].unbinds + host.devices[2].unbinds, 0));
	cr_expect(eq(uint, host.holding, 0));
}

Test(claim_group, keeps_groups_together_in_whatever_order_they_are_named)
{
	struct uldf_address addresses[] = {{.device = 0}, {.device = 1}, {.device = 2}};
	struct arguments arguments = {
		.addresses = addresses, .count = 3, .group = true, .unbind = true};
	struct uldf_ctx *ctx;

	host.devices[3].seen.group = -1;
	host_bind(0, "ahci");
	host_bind(2, "i2c_i801");
	cr_assert(eq(int, uldf_ctx_create(&ctx), 0));
	cr_expect(eq(int, verb_claim(ctx, &arguments), OUTPUT_DONE));
	uldf_ctx_destroy(ctx);
	cr_expect(eq(uint, host.devices[0].claims + host.devices[2].claims, 2));
	cr_expect(eq(uint, host.devices[0].unbinds + host.devices[2].unbinds, 2));
}
