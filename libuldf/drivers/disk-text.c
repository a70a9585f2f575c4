// SPDX-License-Identifier: MIT
#include "disk-text.h"

void disk_text(char *out, const uint8_t *in, size_t size, unsigned int swap)
{
	size_t length = 0, end = 0;

	for (size_t i = 0; i < size; i++) {
		uint8_t c = in[i ^ swap];

		if ((!c || c == ' ') && !length)
			continue;
		if (!c)
			c = ' ';
		out[length++] = c < 0x20 || c > 0x7e ? '?' : (char)c;
		if (c != ' ')
			end = length;
	}
	out[end] = '\0';
}
