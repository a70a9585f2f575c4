// SPDX-License-Identifier: GPL-2.0-or-later
#include <uldf.h>
#include "access.h"

static const char *take_place(struct access *access, const char *word)
{
	bool config = access->region == ULDF_CONFIG;

	if (place_parse(word, config, &access->place))
		return NULL;
	return config ? "not an offset such as 0x10, command or cap_exp+8"
		      : "not an offset such as 0x10 or 16";
}

static const char *take_width(struct access *access, const char *word)
{
	uint64_t width;

	if (!place_number(word, &width) || (width != 1 && width != 2 && width != 4 && width != 8))
		return "not a width: 1, 2, 4 or 8 bytes";
	access->width = (unsigned int)width;
	return NULL;
}

const char *access_take(struct access *access, unsigned int index, const char *word, bool write)
{
	switch (index) {
	case 0:
		access->device = word;
		return NULL;
	case 1:
		return place_region(word, &access->region)
			       ? NULL
			       : "not a region: config, bar0 to bar5, rom";
	case 2:
		return take_place(access, word);
	case 3:
		if (!write)
			return take_width(access, word);
		return place_number(word, &access->value) ? NULL : "not a value such as 0x10 or 16";
	case 4:
		if (write)
			return take_width(access, word);
		break;
	}
	return "one word too many";
}

const char *access_finish(struct access *access, unsigned int words, bool write)
{
	if (!words)
		return "say which device: see uldfctl list";
	if (words == 1)
		return "say which region: config, bar0 to bar5, rom";
	if (words == 2)
		return "say which offset";
	if (write && words == 3)
		return "say which value";
	if (!access->width)
		access->width = access->place.width ? access->place.width : 4;
	if (access->region == ULDF_CONFIG && access->width == 8)
		return "configuration space has registers of 1, 2 and 4 bytes";
	if (write && access->width < 8 && access->value >> 8 * access->width)
		return "the value does not fit the width";
	return NULL;
}
