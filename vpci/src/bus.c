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
	pthread_mutex_init(&bus->lock, NULL);
	for (unsigned int i = 0; i < VPCI_SLOTS; i++)
		pthread_mutex_init(&bus->slots[i].lock, NULL);
	vpci_bus_add(bus, 0, bridge);
	*out = bus;
	return 0;
err_free_bus:
	free(bus);
	return err;
}

/* The first device number with none of its functions there. */
static int bus_free_device(struct vpci_bus *bus)
{
	int found = -ENOSPC;

	pthread_mutex_lock(&bus->lock);
	for (int devfn = 0; found < 0 && devfn < VPCI_SLOTS; devfn += 8) {
		bool taken = false;

		for (int i = 0; i < 8; i++)
			taken |= bus->slots[devfn + i].function != NULL;
		if (!taken)
			found = devfn;
	}
	pthread_mutex_unlock(&bus->lock);
	return found;
}

/* Into an empty slot, whose lock is held. */
static int bus_attach(struct vpci_bus *bus, uint8_t devfn, struct vpci_function *function)
{
	struct vpci_slot *slot = &bus->slots[devfn];
	int err = 0;

	function->bus = bus;
	function->devfn = devfn;
	function->line = function->driven = false;
	vpci_config_remember(&function->config);
	pthread_mutex_lock(&bus->lock);
	slot->function = function;
	slot->away = true;
	pthread_mutex_unlock(&bus->lock);
	if (function->ops->attach)
		err = function->ops->attach(function);
	pthread_mutex_lock(&bus->lock);
	if (err) {
		vpci_decode_hide(bus, function);
		slot->function = NULL;
	}
	slot->away = false;
	vpci_decode_update(bus);
	pthread_mutex_unlock(&bus->lock);
	if (err)
		function->bus = NULL;
	return err;
}

int vpci_bus_add(struct vpci_bus *bus, int devfn, struct vpci_function *function)
{
	bool any = devfn == -1;
	int err;

	if (devfn < -1 || devfn >= VPCI_SLOTS)
		return -EINVAL;
	do {
		if (any)
			devfn = bus_free_device(bus);
		if (devfn < 0)
			return devfn;
		err = vpci_slot_enter(bus, (uint8_t)devfn)
			      ? -EEXIST
			      : bus_attach(bus, (uint8_t)devfn, function);
		vpci_slot_leave(bus, (uint8_t)devfn);
		/* Another thread may have taken the slot that was free. */
	} while (any && err == -EEXIST);
	return err ? err : devfn;
}

/* Out of its slot, whose lock is held. */
static void bus_detach(struct vpci_bus *bus, struct vpci_function *function)
{
	pthread_mutex_lock(&bus->lock);
	vpci_decode_hide(bus, function);
	function->line = false;
	vpci_line_update(function);
	bus->slots[function->devfn].function = NULL;
	vpci_decode_update(bus);
	pthread_mutex_unlock(&bus->lock);
	if (function->ops->detach)
		function->ops->detach(function);
	function->bus = NULL;
}

static int bus_remove(struct vpci_bus *bus, uint8_t devfn)
{
	struct vpci_function *function = vpci_slot_enter(bus, devfn);

	if (function)
		bus_detach(bus, function);
	vpci_slot_leave(bus, devfn);
	/* It may take long, and the slot is free. */
	vpci_function_destroy(function);
	return function ? 0 : -ENODEV;
}

int vpci_bus_remove(struct vpci_bus *bus, uint8_t devfn)
{
	return devfn ? bus_remove(bus, devfn) : -EINVAL;
}

static bool bus_away(struct vpci_bus *bus, uint8_t devfn)
{
	bool away;

	pthread_mutex_lock(&bus->lock);
	away = bus->slots[devfn].function && bus->slots[devfn].away;
	pthread_mutex_unlock(&bus->lock);
	return away;
}

/* Leaves those alone that are being reset: their windows are hidden. */
enum vpci_presence vpci_bus_presence(struct vpci_bus *bus, uint8_t devfn)
{
	enum vpci_presence presence = VPCI_PRESENT;
	struct vpci_function *function;

	if (bus_away(bus, devfn))
		return VPCI_AWAY;
	function = vpci_slot_enter(bus, devfn);
	if (function && !function->gone && function->ops->check)
		function->ops->check(function);
	if (function && function->gone)
		presence = function->broken ? VPCI_BROKEN : VPCI_GONE;
	vpci_slot_leave(bus, devfn);
	return presence;
}

int vpci_bus_check(struct vpci_bus *bus)
{
	int gone = 0;

	for (unsigned int i = 0; i < VPCI_SLOTS; i++) {
		enum vpci_presence presence = vpci_bus_presence(bus, (uint8_t)i);

		gone += presence == VPCI_BROKEN || presence == VPCI_GONE;
	}
	return gone;
}

static bool bus_is_iommu(const struct vpci_function *function)
{
	return function && function->ops->iommu;
}

bool vpci_bus_masters(struct vpci_bus *bus, unsigned int devfn)
{
	const struct vpci_function *function;
	bool masters;

	pthread_mutex_lock(&bus->lock);
	function = devfn < VPCI_SLOTS ? bus->slots[devfn].function : NULL;
	masters = function && vpci_function_masters(function);
	pthread_mutex_unlock(&bus->lock);
	return masters;
}

static bool bus_listens(struct vpci_bus *bus, uint8_t devfn)
{
	bool listens;

	pthread_mutex_lock(&bus->lock);
	listens =
		bus_is_iommu(bus->slots[devfn].function) && bus->slots[devfn].function->ops->quiet;
	pthread_mutex_unlock(&bus->lock);
	return listens;
}

void vpci_bus_quiet(struct vpci_bus *bus, uint8_t devfn)
{
	for (unsigned int i = 0; i < VPCI_SLOTS; i++) {
		struct vpci_function *function;

		if (!bus_listens(bus, (uint8_t)i))
			continue;
		function = vpci_slot_enter(bus, (uint8_t)i);
		/* Another may stand there by now. */
		if (bus_is_iommu(function) && function->ops->quiet)
			function->ops->quiet(function, devfn);
		vpci_slot_leave(bus, (uint8_t)i);
	}
}

static int bus_reset_slot(struct vpci_bus *bus, uint8_t devfn, bool iommu)
{
	struct vpci_function *function = vpci_slot_enter(bus, devfn);
	int err = 0;

	if (function && bus_is_iommu(function) == iommu)
		err = vpci_function_reset(function);
	vpci_slot_leave(bus, devfn);
	return err;
}

/* An IOMMU may let all functions reach all of guest RAM after its reset: those must have stopped their DMA by then. */
int vpci_bus_reset(struct vpci_bus *bus)
{
	int first = 0;

	pthread_mutex_lock(&bus->lock);
	bus->config_address = 0;
	pthread_mutex_unlock(&bus->lock);
	for (unsigned int i = 0; i < 2 * VPCI_SLOTS; i++) {
		int err = bus_reset_slot(bus, (uint8_t)(i % VPCI_SLOTS), i >= VPCI_SLOTS);

		first = first ? first : err;
	}
	return first;
}

void vpci_bus_destroy(struct vpci_bus *bus)
{
	if (!bus)
		return;
	/* An IOMMU puts the others to nothing while they are there. */
	for (unsigned int i = 0; i < VPCI_SLOTS; i++)
		if (bus_is_iommu(bus->slots[i].function))
			bus_remove(bus, (uint8_t)i);
	for (unsigned int i = 0; i < VPCI_SLOTS; i++)
		bus_remove(bus, (uint8_t)i);
	for (unsigned int i = 0; i < VPCI_SLOTS; i++)
		pthread_mutex_destroy(&bus->slots[i].lock);
	pthread_mutex_destroy(&bus->lock);
	free(bus);
}
