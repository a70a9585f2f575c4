// SPDX-License-Identifier: MIT
#include "hostile.h"
#include "splitmix64.h"

uint64_t draw(struct chance *chance)
{
	return splitmix64(&chance->state);
}

uint64_t draw_below(struct chance *chance, uint64_t limit)
{
	return draw(chance) % limit;
}

bool one_in(struct chance *chance, unsigned int times)
{
	return !draw_below(chance, times);
}

uint64_t draw_ram(struct chance *chance)
{
	return RAM + (draw_below(chance, RAM_SIZE) & ~15ull);
}

static uint64_t draw_any(struct chance *chance, const struct machine *machine)
{
	uint64_t value = draw(chance);

	switch (draw_below(chance, 9)) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return value & 0xff;
	case 3:
		return 1ull << (value & 63);
	case 4:
		return (1ull << (value & 63)) - 1;
	case 5:
		return draw_ram(chance);
	case 6:
		return MEM32 + (value & (WINDOW - 1) & ~0xfffull);
	case 7:
		return machine->mem64_base + (value & (WINDOW - 1) & ~0xfffull);
	}
	return value;
}

/* Whether a device that takes it, or half of it, for an address would interrupt a processor. */
static bool interrupts(uint64_t value)
{
	return (uint32_t)value >> 20 == 0xfee || value >> 52 == 0xfee;
}

uint64_t draw_value(struct chance *chance, const struct machine *machine)
{
	uint64_t value;

	do
		value = draw_any(chance, machine);
	while (interrupts(value));
	return value;
}

const struct function *draw_function(struct chance *chance, const struct machine *machine)
{
	return &machine->functions[draw_below(chance, machine->count)];
}
