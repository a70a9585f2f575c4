// SPDX-License-Identifier: MIT
/* Which BARs are decoded where, and which pieces of them the guest reaches without exits. */
#include "bus_state.h"

#define DECODE_PAGE 4096

static bool decode_within(const struct vpci_range *range, uint64_t base, uint64_t size)
{
	return base >= range->base && size <= range->size &&
	       base - range->base <= range->size - size;
}

/*
 * A guest may write any address into a BAR. Outside of the windows its RAM and the platform's
 * devices live, and there the BAR is not decoded.
 */
static bool decode_allowed(const struct vpci_layout *layout, const struct vpci_bar *bar,
			   uint64_t base)
{
	if (bar->fixed)
		return true;
	if (bar->type == VPCI_BAR_PORTS)
		return decode_within(&layout->ports, base, bar->size);
	return decode_within(&layout->mem32, base, bar->size) ||
	       decode_within(&layout->mem64, base, bar->size);
}

static void decode_fill(struct vpci_bus *bus)
{
	bus->decode_count = 0;
	for (unsigned int i = 0; i < VPCI_SLOTS; i++) {
		struct vpci_function *function = bus->slots[i].function;

		for (unsigned int j = 0; function && j < VPCI_BARS; j++) {
			const struct vpci_bar *bar = &function->config.bar[j];
			uint64_t base;

			if (!vpci_config_bar_base(&function->config, j, &base) ||
			    !decode_allowed(&bus->layout, bar, base))
				continue;
			bus->decodes[bus->decode_count++] = (struct vpci_decode){
				.function = function,
				.bar = j,
				.ports = bar->type == VPCI_BAR_PORTS,
				.base = base,
				.size = bar->size,
			};
		}
	}
}

static bool decode_overlaps(const struct vpci_decode *decode, bool ports, uint64_t address,
			    uint64_t size)
{
	return decode->ports == ports && address < decode->base + decode->size &&
	       decode->base < address + size;
}

const struct vpci_decode *vpci_decode_find(const struct vpci_bus *bus, bool ports, uint64_t address,
					   unsigned int size)
{
	for (unsigned int i = 0; i < bus->decode_count; i++)
		if (decode_overlaps(&bus->decodes[i], ports, address, size))
			return &bus->decodes[i];
	return NULL;
}

/*
 * May the guest see a window there that reaches beyond its BAR? Then it begins a page, in which nobody else answers:
 * firmware lays BARs out so, a guest need not.
 */
static bool decode_page_is_free(const struct vpci_bus *bus, const struct vpci_decode *own,
				const struct vpci_window *window)
{
	uint64_t base = own->base + window->offset;

	if (base & (DECODE_PAGE - 1) || (!decode_within(&bus->layout.mem32, base, window->size) &&
					 !decode_within(&bus->layout.mem64, base, window->size)))
		return false;
	for (unsigned int i = 0; i < bus->decode_count; i++)
		if (&bus->decodes[i] != own &&
		    decode_overlaps(&bus->decodes[i], false, base, window->size))
			return false;
	return true;
}

/* Where a window belongs; false when nowhere: not decoded, or a BAR before it covers some of it. */
static bool decode_place(const struct vpci_bus *bus, const struct vpci_function *function,
			 const struct vpci_window *window, uint64_t *guest)
{
	const struct vpci_decode *own = NULL;

	for (unsigned int i = 0; i < bus->decode_count && !own; i++)
		if (bus->decodes[i].function == function && bus->decodes[i].bar == window->bar)
			own = &bus->decodes[i];
	if (!own)
		return false;
	for (const struct vpci_decode *other = bus->decodes; other < own; other++)
		if (decode_overlaps(other, false, own->base + window->offset, window->size))
			return false;
	if (window->offset + window->size > own->size && !decode_page_is_free(bus, own, window))
		return false;
	*guest = own->base + window->offset;
	return true;
}

static struct vpci_host_window decode_window(const struct vpci_function *function,
					     const struct vpci_window *window)
{
	return (struct vpci_host_window){
		.guest = window->guest,
		.address = window->address,
		.size = window->size,
		.devfn = function->devfn,
		.bar = window->bar,
		.offset = window->offset,
	};
}

/* Where the host cannot show it, accesses come to the bus. */
static void decode_add(struct vpci_bus *bus, const struct vpci_function *function,
		       struct vpci_window *window)
{
	const struct vpci_host_window shown = decode_window(function, window);

	window->shown = !bus->host.ops->window_add(bus->host.host, &shown, &window->number);
}

static void decode_remove(struct vpci_bus *bus, const struct vpci_function *function,
			  struct vpci_window *window)
{
	const struct vpci_host_window shown = decode_window(function, window);

	if (window->shown)
		bus->host.ops->window_remove(bus->host.host, window->number, &shown);
	window->shown = false;
}

void vpci_decode_hide(struct vpci_bus *bus, struct vpci_function *function)
{
	for (unsigned int i = 0; i < function->window_count; i++)
		decode_remove(bus, function, &function->windows[i]);
}

/* One pass removes what is wrong, the other adds what is missing. */
static void decode_windows(struct vpci_bus *bus, bool add)
{
	for (unsigned int i = 0; i < VPCI_SLOTS; i++) {
		struct vpci_function *function = bus->slots[i].function;

		for (unsigned int j = 0; function && j < function->window_count; j++) {
			struct vpci_window *window = &function->windows[j];
			uint64_t guest = 0;
			bool place = !function->gone && !bus->slots[i].away &&
				     decode_place(bus, function, window, &guest);

			if (!add && window->shown && (!place || guest != window->guest))
				decode_remove(bus, function, window);
			if (!add || window->shown || !place)
				continue;
			window->guest = guest;
			decode_add(bus, function, window);
		}
	}
}

void vpci_decode_update(struct vpci_bus *bus)
{
	decode_fill(bus);
	decode_windows(bus, false);
	decode_windows(bus, true);
}
