// SPDX-License-Identifier: MIT
/* Who is at work in a slot. */
#include "bus_state.h"

void vpci_slot_drop(struct vpci_bus *bus, int *held)
{
	if (*held >= 0)
		pthread_mutex_unlock(&bus->slots[*held].lock);
	*held = -1;
}

enum vpci_try vpci_slot_try(struct vpci_bus *bus, uint8_t devfn, int *held)
{
	struct vpci_slot *slot = &bus->slots[devfn];

	if (*held != devfn || !slot->function || slot->away)
		vpci_slot_drop(bus, held);
	if (!slot->function || slot->away) {
		pthread_mutex_unlock(&bus->lock);
		return VPCI_TRY_NOBODY;
	}
	if (*held == devfn || !pthread_mutex_trylock(&slot->lock)) {
		pthread_mutex_unlock(&bus->lock);
		return VPCI_TRY_ENTERED;
	}
	pthread_mutex_unlock(&bus->lock);
	pthread_mutex_lock(&slot->lock);
	*held = devfn;
	pthread_mutex_lock(&bus->lock);
	return VPCI_TRY_AGAIN;
}

struct vpci_function *vpci_slot_enter(struct vpci_bus *bus, uint8_t devfn)
{
	pthread_mutex_lock(&bus->slots[devfn].lock);
	return bus->slots[devfn].function;
}

void vpci_slot_leave(struct vpci_bus *bus, uint8_t devfn)
{
	pthread_mutex_unlock(&bus->slots[devfn].lock);
}
