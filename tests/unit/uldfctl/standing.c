// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include "standing.h"

TestSuite(standing);

static const struct uldf_host_device free_device = {.address = {0, 0, 6, 0}, .group = 5};
static const struct uldf_host_device held = {
	.address = {0, 0, 7, 0}, .driver = "e1000e", .group = 5};
static const struct uldf_host_device claimed = {
	.address = {0, 0, 8, 0}, .driver = "uldf", .group = 5, .claimed = true};
static const struct uldf_host_device port = {.address = {0, 0, 9, 0},
					     .class_code = 0x060400,
					     .driver = "pcieport",
					     .group = 5,
					     .bridge = true};
static const struct uldf_host_device isa = {.address = {0, 0, 31, 0},
					    .class_code = 0x060100,
					    .driver = "lpc_ich",
					    .group = 5,
					    .bridge = true};

static void expect_text(const struct uldf_host_device *device, const char *usage, const char *word,
			const char *text)
{
	const struct uldf_host_device *mate = NULL;
	enum standing standing = standing_of(device, device, 1, &mate);
	char found[200];

	cr_expect(eq(str, (char *)standing_word(standing), (char *)word));
	standing_text(standing, device, mate, usage, found, sizeof(found));
	cr_expect(eq(str, found, (char *)text));
}

Test(standing, is_told_in_a_word_and_in_a_phrase)
{
	expect_text(&free_device, "", "free", "free: claimable");
	expect_text(&held, "", "held", "held by e1000e");
	expect_text(&held, "eth0 is up", "held", "held by e1000e (eth0 is up)");
	expect_text(&claimed, "", "claimed", "claimed");
	expect_text(&port, "", "bridge", "bridge: never");
}

Test(standing, of_a_free_device_depends_on_its_group)
{
	const struct uldf_host_device *mate = NULL;
	char text[200];

	const struct uldf_host_device harmless[] = {free_device, claimed, port};

	cr_expect(eq(int, standing_of(&harmless[0], harmless, 3, &mate), STANDING_FREE));
	cr_expect(eq(ptr, (void *)mate, NULL));

	const struct uldf_host_device list[] = {free_device, claimed, held};

	cr_expect(eq(int, standing_of(&list[0], list, 3, NULL), STANDING_GROUP));
	cr_expect(eq(int, standing_of(&list[0], list, 3, &mate), STANDING_GROUP));
	standing_text(STANDING_GROUP, &list[0], mate, "", text, sizeof(text));
	cr_expect(eq(str, text, "free, but 0000:00:07.0 of its IOMMU group is held by e1000e"));

	const struct uldf_host_device chipset[] = {isa, free_device};

	cr_expect(eq(int, standing_of(&chipset[1], chipset, 2, NULL), STANDING_GROUP));
}

Test(standing, without_iommu_nobody_is_a_group_mate)
{
	struct uldf_host_device list[] = {free_device, held};

	list[0].group = list[1].group = -1;
	cr_expect(eq(int, standing_of(&list[0], list, 2, NULL), STANDING_FREE));
}
