// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <uldf.h>
#include "place.h"

TestSuite(place);

Test(place, regions_have_names)
{
	static const struct {
		const char *name;
		unsigned int region;
	} cases[] = {{"bar0", ULDF_BAR0},
		     {"BAR5", ULDF_BAR5},
		     {"rom", ULDF_ROM},
		     {"Config", ULDF_CONFIG}};
	static const char *const others[] = {"", "bar", "bar6", "bar00", "0", "conf"};
	unsigned int region = 77;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_expect(not(place_region(others[i], &region)), "%s", others[i]);
	cr_expect(eq(uint, region, 77));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect(place_region(cases[i].name, &region), "%s", cases[i].name);
		cr_expect(eq(uint, region, cases[i].region));
	}
	cr_expect(eq(str, (char *)place_region_name(ULDF_ROM), "rom"));
}

Test(place, numbers_are_decimal_or_hexadecimal)
{
	static const struct {
		const char *text;
		uint64_t value;
	} cases[] = {{"0", 0},	   {"010", 10},	  {"4096", 4096},
		     {"0x10", 16}, {"0Xfe", 254}, {"0xffffffffffffffff", UINT64_MAX}};
	static const char *const others[] = {"",
					     "0x",
					     "-1",
					     "+1",
					     " 1",
					     "1 ",
					     "1k",
					     "ff",
					     "0x-1",
					     "18446744073709551616",
					     "0x10000000000000000"};
	uint64_t value = 77;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_expect(not(place_number(others[i], &value)), "%s", others[i]);
	cr_expect(eq(u64, value, 77));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect(place_number(cases[i].text, &value), "%s", cases[i].text);
		cr_expect(eq(u64, value, cases[i].value));
	}
}

Test(place, registers_of_configuration_space_have_names)
{
	static const struct {
		const char *text;
		struct place place;
	} cases[] = {
		{"0x3e", {PLACE_REGION, 0, 0x3e, 0}},
		{"command", {PLACE_REGION, 0, 0x04, 2}},
		{"STATUS", {PLACE_REGION, 0, 0x06, 2}},
		{"vendor", {PLACE_REGION, 0, 0x00, 2}},
		{"VENDOR_ID", {PLACE_REGION, 0, 0x00, 2}},
		{"revision", {PLACE_REGION, 0, 0x08, 1}},
		{"class_device", {PLACE_REGION, 0, 0x0a, 2}},
		{"base_address_5", {PLACE_REGION, 0, 0x24, 4}},
		{"subsystem_id", {PLACE_REGION, 0, 0x2e, 2}},
		{"interrupt_pin", {PLACE_REGION, 0, 0x3d, 1}},
		{"status+1", {PLACE_REGION, 0, 0x07, 0}},
		{"cap_exp+0x08", {PLACE_STANDARD, 0x10, 8, 0}},
		{"CAP_MSI", {PLACE_STANDARD, 0x05, 0, 0}},
		{"cap11+2", {PLACE_STANDARD, 0x11, 2, 0}},
		{"ecap_aer+4", {PLACE_EXTENDED, 0x0001, 4, 0}},
		{"ECAP0010", {PLACE_EXTENDED, 0x0010, 0, 0}},
	};
	struct place place;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct place *wanted = &cases[i].place;

		cr_assert(place_parse(cases[i].text, true, &place), "%s", cases[i].text);
		cr_expect(eq(int, place.base, wanted->base), "%s", cases[i].text);
		cr_expect(eq(uint, place.id, wanted->id), "%s", cases[i].text);
		cr_expect(eq(u64, place.offset, wanted->offset), "%s", cases[i].text);
		cr_expect(eq(uint, place.width, wanted->width), "%s", cases[i].text);
	}
}

Test(place, of_other_names_there_is_none)
{
	static const char *const others[] = {"",
					     "commander",
					     "cap",
					     "cap_",
					     "cap_none",
					     "cap1",
					     "cap100",
					     "ecap10",
					     "cap_exp+",
					     "cap_exp+x",
					     "cap_exp+-1",
					     "+4",
					     "0x10+4",
					     "cap_exp-4",
					     "cap_exp+4+4",
					     "command+0x1000",
					     "cap_exp+0xffffffffffffffff",
					     "a_name_that_is_longer_than_any_register_has"};
	struct place place = {.offset = 77};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_expect(not(place_parse(others[i], true, &place)), "%s", others[i]);
	cr_expect(not(place_parse("command", false, &place)));
	cr_expect(not(place_parse("cap_exp", false, &place)));
	cr_expect(eq(u64, place.offset, 77));
	cr_expect(place_parse("0x100000", false, &place));
	cr_expect(eq(u64, place.offset, 0x100000));
}
