// SPDX-License-Identifier: GPL-2.0-or-later
#include "reset-how.h"

const char *reset_how_text(enum uldf_reset how)
{
	static const char *const texts[] = {
		[ULDF_RESET_BY_NOTHING] = "not reset",
		[ULDF_RESET_BY_QUIESCE] = "stopped, not reset",
		[ULDF_RESET_BY_FUNCTION] = "reset",
		[ULDF_RESET_BY_FLR] = "reset (FLR)",
		[ULDF_RESET_BY_AF] = "reset (AF FLR)",
		[ULDF_RESET_BY_PM] = "reset (PM)",
		[ULDF_RESET_BY_BUS] = "reset (bus)",
	};

	return texts[how];
}

const char *reset_how_word(uint64_t how)
{
	static const char *const words[] = {
		[ULDF_RESET_BY_NOTHING] = "none",
		[ULDF_RESET_BY_QUIESCE] = "quiesced",
		[ULDF_RESET_BY_FUNCTION] = "function",
		[ULDF_RESET_BY_FLR] = "flr",
		[ULDF_RESET_BY_AF] = "af",
		[ULDF_RESET_BY_PM] = "pm",
		[ULDF_RESET_BY_BUS] = "bus",
	};

	return how < sizeof(words) / sizeof(words[0]) ? words[how] : NULL;
}
