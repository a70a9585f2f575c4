// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>
#include "judge.h"

TestSuite(judge);

static const struct judge_host good = {
	.kvm = true, .loaded = true, .lockable = UINT64_MAX, .guest = 1 << 30};
static const struct uldf_finding mounted = {
	.verdict = ULDF_USED, .what = "/dev/sda mounted on /mnt", .next = "umount /mnt"};
static const struct uldf_finding unknown = {
	.verdict = ULDF_UNKNOWN, .what = "what driver x does is not known", .next = "find out"};

static struct uldf_host_device device_of(uint8_t number, const char *driver)
{
	struct uldf_host_device device = {.address = {.device = number}, .group = 7};

	strcpy(device.driver, driver);
	return device;
}

static struct judgement judged(const struct judge_device *list, size_t count,
			       const struct judge_host *host)
{
	struct judgement judgement;

	cr_assert(eq(int, judge(list, count, host, &judgement), 0));
	return judgement;
}

static void expect(const struct judgement *judgement, bool program, bool guest, const char *step)
{
	cr_expect(eq(int, judgement->program, program));
	cr_expect(eq(int, judgement->guest, guest));
	cr_expect(eq(str, (char *)judgement->step, (char *)step));
}

Test(judge, an_idle_device_can_be_had)
{
	struct uldf_host_device free = device_of(6, ""), held = device_of(6, "nvme");
	struct judgement judgement = judged(&(struct judge_device){.seen = &free}, 1, &good);

	expect(&judgement, true, true, "uldfctl claim 0000:00:06.0");
	judgement_fini(&judgement);
	judgement = judged(&(struct judge_device){.seen = &held}, 1, &good);
	expect(&judgement, true, true, "uldfctl claim --unbind 0000:00:06.0");
	judgement_fini(&judgement);
}

Test(judge, a_use_is_in_the_way_and_so_is_what_is_unknown_of_a_driver)
{
	struct uldf_host_device held = device_of(6, "nvme"), free = device_of(6, "");
	struct judgement judgement = judged(
		&(struct judge_device){.seen = &held, .findings = &mounted, .count = 1}, 1, &good);

	expect(&judgement, false, false, "uldfctl claim --unbind 0000:00:06.0");
	cr_assert(eq(sz, judgement.count, 1));
	cr_expect(eq(str, judgement.obstacles[0].what, "/dev/sda mounted on /mnt"));
	cr_expect(eq(str, judgement.obstacles[0].next, "umount /mnt"));
	judgement_fini(&judgement);
	judgement = judged(&(struct judge_device){.seen = &held, .findings = &unknown, .count = 1},
			   1, &good);
	cr_assert(eq(sz, judgement.count, 1));
	cr_expect(eq(str, judgement.obstacles[0].what, "unknown: what driver x does is not known"));
	judgement_fini(&judgement);
	judgement = judged(&(struct judge_device){.seen = &free, .findings = &unknown, .count = 1},
			   1, &good);
	expect(&judgement, true, true, "uldfctl claim 0000:00:06.0");
	judgement_fini(&judgement);
}

Test(judge, the_group_comes_along_and_its_uses_are_named)
{
	struct uldf_host_device sata = device_of(6, ""), smbus = device_of(7, "i801_smbus");
	const struct judge_device list[] = {{.seen = &sata},
					    {.seen = &smbus, .findings = &mounted, .count = 1}};
	struct judgement judgement = judged(list, 2, &good);

	expect(&judgement, false, false, "uldfctl claim --group --unbind 0000:00:06.0");
	cr_assert(eq(sz, judgement.count, 1));
	cr_expect(eq(str, judgement.obstacles[0].what,
		     "0000:00:07.0 of its IOMMU group: /dev/sda mounted on /mnt"));
	judgement_fini(&judgement);
}

Test(judge, without_an_iommu_somebody_has_to_be_trusted)
{
	struct uldf_host_device device = device_of(6, "");
	struct judge_host host = good;
	struct judgement judgement;

	device.group = -1;
	judgement = judged(&(struct judge_device){.seen = &device}, 1, &host);
	expect(&judgement, false, false, "uldfctl claim 0000:00:06.0");
	judgement_fini(&judgement);
	host.bare = true;
	judgement = judged(&(struct judge_device){.seen = &device}, 1, &host);
	expect(&judgement, true, true, "uldfctl claim 0000:00:06.0");
	judgement_fini(&judgement);
}

Test(judge, what_only_a_guest_needs_is_in_the_way_of_a_guest_alone)
{
	struct uldf_host_device device = device_of(6, "");
	struct judge_host host = good;
	struct judgement judgement;

	host.kvm = false;
	judgement = judged(&(struct judge_device){.seen = &device}, 1, &host);
	expect(&judgement, true, false, "uldfctl claim 0000:00:06.0");
	judgement_fini(&judgement);
	host = good;
	host.lockable = 64 << 20;
	judgement = judged(&(struct judge_device){.seen = &device}, 1, &host);
	expect(&judgement, true, false, "uldfctl claim 0000:00:06.0");
	cr_assert(eq(sz, judgement.count, 1));
	cr_expect(eq(str, judgement.obstacles[0].what,
		     "a guest of 1024 MiB pins as much, and this user may pin 64 MiB"));
	judgement_fini(&judgement);
}

Test(judge, a_bridge_is_never_had_and_a_claimed_device_needs_no_step)
{
	static const struct uldf_finding bridge = {
		.verdict = ULDF_USED, .what = "it is a bridge", .next = "leave it to the host"};
	struct uldf_host_device port = device_of(6, "pcieport"), claimed = device_of(6, "uldf");
	struct judgement judgement;

	port.bridge = true;
	judgement = judged(&(struct judge_device){.seen = &port, .findings = &bridge, .count = 1},
			   1, &good);
	expect(&judgement, false, false, "");
	judgement_fini(&judgement);
	claimed.claimed = true;
	judgement = judged(&(struct judge_device){.seen = &claimed}, 1, &good);
	expect(&judgement, true, true, "");
	judgement_fini(&judgement);
}

Test(judge, the_module_is_loaded_first)
{
	struct uldf_host_device device = device_of(6, "");
	struct judge_host host = good;
	struct judgement judgement;

	host.loaded = false;
	judgement = judged(&(struct judge_device){.seen = &device}, 1, &host);
	expect(&judgement, true, true, "modprobe uldf; uldfctl claim 0000:00:06.0");
	judgement_fini(&judgement);
}
