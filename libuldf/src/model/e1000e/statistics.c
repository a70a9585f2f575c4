// SPDX-License-Identifier: MIT
/* The counters: they stay at their highest value, and reading clears them. */
#include "model/e1000e/e1000e.h"

void model_e1000e_count(struct e1000e_model *nic, unsigned int offset)
{
	uint32_t *counter = e1000e_register(nic, offset);

	if (*counter != UINT32_MAX)
		++*counter;
}

void model_e1000e_count_bytes(struct e1000e_model *nic, unsigned int offset, size_t bytes)
{
	uint32_t *low = e1000e_register(nic, offset), *high = e1000e_register(nic, offset + 4);
	uint64_t sum = *low | (uint64_t)*high << 32;

	if (__builtin_add_overflow(sum, bytes, &sum))
		sum = UINT64_MAX;
	*low = (uint32_t)sum;
	*high = (uint32_t)(sum >> 32);
}

void model_e1000e_count_length(struct e1000e_model *nic, unsigned int first, size_t bytes)
{
	static const size_t most[] = {64, 127, 255, 511, 1023};
	unsigned int i;

	for (i = 0; i < sizeof(most) / sizeof(most[0]) && bytes > most[i]; i++)
		;
	model_e1000e_count(nic, first + 4 * i);
}

static bool is_low_half(unsigned int offset)
{
	return offset == STAT_GORC || offset == STAT_GOTC || offset == STAT_TOR ||
	       offset == STAT_TOT;
}

uint32_t model_e1000e_statistics_read(struct e1000e_model *nic, unsigned int offset)
{
	uint32_t value = *e1000e_register(nic, offset);

	if (is_low_half(offset))
		return value;
	*e1000e_register(nic, offset) = 0;
	if (is_low_half(offset - 4))
		*e1000e_register(nic, offset - 4) = 0;
	return value;
}
