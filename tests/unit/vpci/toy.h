/* SPDX-License-Identifier: MIT */
/* A virtio device that only remembers what the transport did with it. */
#ifndef UNIT_VPCI_TOY_H
#define UNIT_VPCI_TOY_H

#include "driver.h"
#include "virtio_pci.h"

#define TOY	     8 /* devfn */
#define TOY_CONFIG   8
#define TOY_FEATURES (DRIVER_VERSION_1 | 0x5)

struct toy {
	struct vpci_virtio virtio;
	unsigned int resets;
	unsigned int rung[VPCI_VIRTIO_QUEUES];
	unsigned int left; /* how often a doorbell leaves something for the next access */
	uint8_t config[TOY_CONFIG];
};

/* Creates one with queues of 16 and 8 entries. */
struct toy *toy_create(void);

/* Puts one into its slot, where the driver finds it. */
struct toy *toy_add(struct vpci_bus *bus, struct driver *driver);

/* Brings it up with MSI-X: queue 0 has vector 1, queue 1 has 2, the configuration 0. */
void toy_bring_up(const struct driver *driver, struct ring rings[2]);

#endif
