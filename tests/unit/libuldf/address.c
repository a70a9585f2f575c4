// SPDX-License-Identifier: MIT
#include <string.h>
#include "fake.h"

TestSuite(address, .fini = fixture_check_leaks);

Test(address, good_ones_are_read_and_written_in_full)
{
	static const struct {
		const char *text;
		struct uldf_address address;
		const char *full;
	} cases[] = {
		{"0000:00:06.0", {0, 0, 6, 0}, "0000:00:06.0"},
		{"00:06.0", {0, 0, 6, 0}, "0000:00:06.0"},
		{"0001:ff:1f.7", {1, 255, 31, 7}, "0001:ff:1f.7"},
		{"ABCD:Ef:0A.3", {0xabcd, 0xef, 10, 3}, "abcd:ef:0a.3"},
		{"10000:e1:00.0", {0x10000, 0xe1, 0, 0}, "10000:e1:00.0"},
		{"ffffffff:00:00.0", {0xffffffff, 0, 0, 0}, "ffffffff:00:00.0"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct uldf_address *want = &cases[i].address;
		struct uldf_address found;
		char text[ULDF_ADDRESS_TEXT];

		cr_assert(eq(int, uldf_address_parse(cases[i].text, &found), 0), "%s",
			  cases[i].text);
		cr_expect(found.segment == want->segment && found.bus == want->bus &&
				  found.device == want->device && found.function == want->function,
			  "%s", cases[i].text);
		uldf_address_format(&found, text);
		cr_expect(eq(str, text, (char *)cases[i].full));
	}
}

Test(address, bad_ones_are_einval_and_leave_out_alone)
{
	static const char *const cases[] = {
		"",
		":",
		"06.0",
		"0:6.0",
		"00:6.0",
		"00:06",
		"00:06.",
		"00:06.8",
		"00:20.0",
		"00:06.00",
		"00:06.0 ",
		" 00:06.0",
		"000:00:06.0",
		"0000:000:06.0",
		"0000:00:06.0\n",
		"0000:00:06:0",
		"0000:00.06.0",
		"0000:0g:06.0",
		"0000::06.0",
		"0x00:00:06.0",
		"100000000:00:06.0",
		"-001:00:06.0",
		"../../etc",
		"0000:00:06.0/../control",
		"kmod:0000:00:06.0",
	};
	struct uldf_address address, before;

	memset(&address, 0xa5, sizeof(address));
	before = address;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect(eq(int, uldf_address_parse(cases[i], &address), -EINVAL), "'%s'",
			  cases[i]);
		cr_expect(eq(int, memcmp(&address, &before, sizeof(address)), 0), "'%s'", cases[i]);
	}
	cr_expect(eq(int, uldf_address_parse(NULL, &address), -EINVAL));
}
