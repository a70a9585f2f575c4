// SPDX-License-Identifier: MIT
/* The bus: its life, and who stands in which slot. */
#include <errno.h>
#include <stdlib.h>
#include "bus_state.h"

#define BUS_MIB 0x100000ull

static bool bus_range_valid(const struct vpci_range *range, uint64_t limit)
{
	uint64_t last;

	if (!range->size)
		return true;
	return !__builtin_add_overflow(range->base, range->size - 1, &last) && last <= limit;
}

static bool bus_ranges_overlap(const struct vpci_range *a, const struct vpci_range *b)
{
	return a->size && b->size && a->base <= b->base + (b->size - 1) &&
	       b->base <= a->base + (a->size - 1);
}

static bool bus_layout_valid(const struct vpci_layout *layout)
{
	const struct vpci_range *ecam = &layout->ecam;

	/* Kept below the last byte, so that an end never wraps. */
	return bus_range_valid(ecam, UINT64_MAX - 1) &&
	       bus_range_valid(&layout->ports, UINT16_MAX) &&
	       bus_range_valid(&layout->mem32, UINT32_MAX) &&
	       bus_range_valid(&layout->mem64, UINT64_MAX - 1) &&
	       !((ecam->base | ecam->size) & (BUS_MIB - 1)) && ecam->size <= 256 * BUS_MIB &&
	       !bus_ranges_overlap(ecam, &layout->mem32) &&
	       !bus_ranges_overlap(ecam, &layout->mem64) &&
	       !bus_ranges_overlap(&layout->mem32, &layout->mem64);
}

int vpci_bus_create(const struct vpci_layout *layout, const struct vpci_host_ops *ops, void *host,
		    struct vpci_bus **out)
{
	struct vpci_function *bridge;
	struct vpci_bus *bus;
	int err;

	if (!bus_layout_valid(layout))
		return -EINVAL;
	bus = calloc(1, sizeof(*bus));
	if (!bus)
		return -ENOMEM;
	bus->layout = *layout;
	bus->host = (struct vpci_host){.ops = ops, .host = host};
	err = vpci_host_bridge_create(&bridge);
	if (err)
		goto err_free_bus;
	err = -pthread_mutex_init(&bus->lock, NULL);
	if (err)
		goto err_destroy_bridge;
	vpci_bus_add(bus, 0, bridge);
	*out = bus;
	return 0;
err_destroy_bridge:
	vpci_function_destroy(bridge);
err_free_bus:
	free(bus);
	return err;
}

/* The first device number with none of its functions there. */
static int bus_free_device(const struct vpci_bus *bus)
{
	for (int devfn = 0; devfn < VPCI_SLOTS; devfn += 8) {
		bool taken = false;

		for (int i = 0; i < 8; i++)
			taken |= bus->slots[devfn + i] != NULL;
		if (!taken)
			return devfn;
	}
	return -ENOSPC;
}

static int bus_attach(struct vpci_bus *bus, uint8_t devfn, struct vpci_function *function)
{
	int err = 0;

	function->bus = bus;
	function->devfn = devfn;
	function->line = function->driven = false;
	vpci_config_remember(&function->config);
	if (function->ops->attach)
		err = function->ops->attach(function);
	if (err) {
		function->bus = NULL;
		return err;
	}
	bus->slots[devfn] = function;
	vpci_decode_update(bus);
	return 0;
}

int vpci_bus_add(struct vpci_bus *bus, int devfn, struct vpci_function *function)
{
	int err;

	if (devfn < -1 || devfn >= VPCI_SLOTS)
		return -EINVAL;
	pthread_mutex_lock(&bus->lock);
	if (devfn < 0)
		devfn = bus_free_device(bus);
	if (devfn < 0)
		err = devfn;
	else if (bus->slots[devfn])
		err = -EEXIST;
	else
		err = bus_attach(bus, (uint8_t)devfn, function);
	pthread_mutex_unlock(&bus->lock);
	return err ? err : devfn;
}

static void bus_detach(struct vpci_bus *bus, struct vpci_function *function)
{
	vpci_decode_hide(bus, function);
	function->line = false;
	vpci_line_update(function);
	bus->slots[function->devfn] = NULL;
	vpci_decode_update(bus);
	if (function->ops->detach)
		function->ops->detach(function);
	function->bus = NULL;
	vpci_function_destroy(function);
}

int vpci_bus_remove(struct vpci_bus *bus, uint8_t devfn)
{
	int err = 0;

	if (!devfn)
		return -EINVAL;
	pthread_mutex_lock(&bus->lock);
	if (bus->slots[devfn])
		bus_detach(bus, bus->slots[devfn]);
	else
		err = -ENODEV;
	pthread_mutex_unlock(&bus->lock);
	return err;
}

int vpci_bus_check(struct vpci_bus *bus)
{
	int gone = 0;

	pthread_mutex_lock(&bus->lock);
	for (unsigned int i = 0; i < VPCI_SLOTS; i++) {
		struct vpci_function *function = bus->slots[i];

		if (!function)
			continue;
		if (!function->gone && function->ops->check)
			function->ops->check(function);
		gone += function->gone;
	}
	pthread_mutex_unlock(&bus->lock);
	return gone;
}

int vpci_bus_reset(struct vpci_bus *bus)
{
	int first = 0;

	pthread_mutex_lock(&bus->lock);
	bus->config_address = 0;
	for (unsigned int i = 0; i < VPCI_SLOTS; i++) {
		int err = bus->slots[i] ? vpci_function_reset(bus->slots[i]) : 0;

		first = first ? first : err;
	}
	pthread_mutex_unlock(&bus->lock);
	return first;
}

void vpci_bus_destroy(struct vpci_bus *bus)
{
	if (!bus)
		return;
	for (unsigned int i = 0; i < VPCI_SLOTS; i++)
		if (bus->slots[i])
			bus_detach(bus, bus->slots[i]);
	pthread_mutex_destroy(&bus->lock);
	free(bus);
}
