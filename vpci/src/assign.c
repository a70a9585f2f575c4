// SPDX-License-Identifier: MIT
/* What firmware does before a boot: addresses for BARs, interrupt lines, decoding on. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdlib.h>
#include "bus_state.h"

/* Memory BARs do not share pages, so that each can be mapped alone. */
#define ASSIGN_PAGE 4096

/**
 * struct assign_item - a BAR that wants an address
 * @devfn: whose
 * @bar: which
 * @type: what it asks for
 * @size: what it takes, a power of two; also its alignment
 * @base: what it gets
 */
struct assign_item {
	uint8_t devfn;
	unsigned int bar;
	enum vpci_bar_type type;
	uint64_t size;
	uint64_t base;
};

/**
 * struct assign_pool - a window as it is used up, from its base on
 * @next: first free address
 * @left: how many are left
 */
struct assign_pool {
	uint64_t next;
	uint64_t left;
};

static bool assign_take(struct assign_pool *pool, uint64_t size, uint64_t *base)
{
	uint64_t gap = -pool->next & (size - 1);

	if (gap > pool->left || size > pool->left - gap)
		return false;
	*base = pool->next + gap;
	pool->next += gap + size;
	pool->left -= gap + size;
	return true;
}

static int assign_larger_first(const void *a, const void *b)
{
	const struct assign_item *one = a, *two = b;

	return (one->size < two->size) - (one->size > two->size);
}

static size_t assign_collect(struct vpci_bus *bus, struct assign_item *items)
{
	size_t count = 0;

	pthread_mutex_lock(&bus->lock);
	for (unsigned int i = 0; i < VPCI_SLOTS * VPCI_BARS; i++) {
		struct vpci_function *function = bus->slots[i / VPCI_BARS].function;
		const struct vpci_bar *bar;

		if (!function)
			continue;
		bar = &function->config.bar[i % VPCI_BARS];
		if (bar->type == VPCI_BAR_NONE || bar->fixed)
			continue;
		items[count] = (struct assign_item){
			.devfn = function->devfn,
			.bar = i % VPCI_BARS,
			.type = bar->type,
			.size = bar->size,
		};
		if (bar->type != VPCI_BAR_PORTS && bar->size < ASSIGN_PAGE)
			items[count].size = ASSIGN_PAGE;
		count++;
	}
	pthread_mutex_unlock(&bus->lock);
	qsort(items, count, sizeof(*items), assign_larger_first);
	return count;
}

static int assign_place(const struct vpci_layout *layout, struct assign_item *items, size_t count)
{
	struct assign_pool ports = {layout->ports.base, layout->ports.size};
	struct assign_pool mem32 = {layout->mem32.base, layout->mem32.size};
	struct assign_pool mem64 = {layout->mem64.base, layout->mem64.size};

	for (size_t i = 0; i < count; i++) {
		struct assign_item *item = &items[i];
		bool found;

		if (item->type == VPCI_BAR_PORTS)
			found = assign_take(&ports, item->size, &item->base);
		else
			found = (item->type == VPCI_BAR_MEM64 &&
				 assign_take(&mem64, item->size, &item->base)) ||
				assign_take(&mem32, item->size, &item->base);
		if (!found)
			return -ENOSPC;
	}
	return 0;
}

static void assign_move(struct vpci_bus *bus, const struct assign_item *item)
{
	struct vpci_function *function = vpci_slot_enter(bus, item->devfn);

	pthread_mutex_lock(&bus->lock);
	if (function)
		vpci_config_move_bar(&function->config, item->bar, item->base);
	pthread_mutex_unlock(&bus->lock);
	vpci_slot_leave(bus, item->devfn);
}

static void assign_command(struct vpci_function *function, bool on)
{
	uint32_t command = 0;

	for (unsigned int i = 0; on && i < VPCI_BARS; i++) {
		if (function->config.bar[i].type == VPCI_BAR_PORTS)
			command |= PCI_COMMAND_IO;
		else if (function->config.bar[i].type != VPCI_BAR_NONE)
			command |= PCI_COMMAND_MEMORY;
	}
	vpci_space_write(function, PCI_COMMAND, 2, command);
}

static void assign_switch(struct vpci_bus *bus, bool on)
{
	for (unsigned int i = 0; i < VPCI_SLOTS; i++) {
		struct vpci_function *function = vpci_slot_enter(bus, (uint8_t)i);

		if (function && on && function->config.value[PCI_INTERRUPT_PIN])
			vpci_space_write(function, PCI_INTERRUPT_LINE, 1,
					 vpci_function_gsi(function));
		if (function)
			assign_command(function, on);
		vpci_slot_leave(bus, (uint8_t)i);
	}
}

int vpci_bus_assign(struct vpci_bus *bus)
{
	struct assign_item *items = calloc(VPCI_SLOTS * VPCI_BARS, sizeof(*items));
	size_t count;
	int err;

	if (!items)
		return -ENOMEM;
	assign_switch(bus, false);
	count = assign_collect(bus, items);
	err = assign_place(&bus->layout, items, count);
	if (!err) {
		for (size_t i = 0; i < count; i++)
			assign_move(bus, &items[i]);
		assign_switch(bus, true);
	}
	free(items);
	return err;
}
