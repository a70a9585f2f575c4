// SPDX-License-Identifier: MIT
#include "fake.h"
#include "kmod/abi.h"

TestSuite(control, .fini = fixture_check_leaks);

Test(control, the_modules_resets_are_understood)
{
	static const struct {
		uint32_t number;
		enum uldf_reset reset;
	} cases[] = {
		{ULDF_RESET_NONE, ULDF_RESET_BY_NOTHING},
		{ULDF_RESET_QUIESCED, ULDF_RESET_BY_QUIESCE},
		{ULDF_RESET_FUNCTION, ULDF_RESET_BY_FUNCTION},
		{ULDF_RESET_FLR, ULDF_RESET_BY_FLR},
		{ULDF_RESET_AF, ULDF_RESET_BY_AF},
		{ULDF_RESET_PM, ULDF_RESET_BY_PM},
		{ULDF_RESET_BUS, ULDF_RESET_BY_BUS},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum uldf_reset reset = (enum uldf_reset)99;

		cr_expect(eq(int, kmod_reset_read(cases[i].number, &reset), 0));
		cr_expect(eq(int, reset, cases[i].reset));
	}
}

Test(control, resets_unknown_here_are_eproto)
{
	static const uint32_t numbers[] = {ULDF_RESET_BUS + 1, 0x7fffffff, 0x80000000, UINT32_MAX};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		enum uldf_reset reset = ULDF_RESET_BY_QUIESCE;

		cr_expect(eq(int, kmod_reset_read(numbers[i], &reset), -EPROTO));
		cr_expect(eq(int, reset, ULDF_RESET_BY_QUIESCE));
	}
}
