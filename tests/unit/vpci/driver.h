/* SPDX-License-Identifier: MIT */
/* A guest's driver of a virtio function: it does everything by accesses to the bus. */
#ifndef UNIT_VPCI_DRIVER_H
#define UNIT_VPCI_DRIVER_H

#include "host.h"
#include "ring.h"

#define DRIVER_VERSION_1 (1ull << 32)

/* Status bits. */
enum {
	DRIVER_ACKNOWLEDGE = 1,
	DRIVER_DRIVER = 2,
	DRIVER_OK = 4,
	DRIVER_FEATURES_OK = 8,
	DRIVER_NEEDS_RESET = 0x40,
};

struct driver {
	struct vpci_bus *bus;
	unsigned int devfn;
	uint64_t common, isr, device; /* addresses of the structures */
	uint16_t doorbell;	      /* port of queue 0 */
	unsigned int stride;	      /* ports from one queue to the next */
	unsigned int msix, access;    /* capabilities */
	uint64_t table, pending;      /* addresses */
};

/* Has firmware assign BARs, switches bus mastering on, and finds the structures by their capabilities. */
void driver_find(struct driver *driver, struct vpci_bus *bus, unsigned int devfn);

/* The vendor's capability of a type; asserts that there is one. */
unsigned int driver_capability(struct vpci_bus *bus, unsigned int devfn, unsigned int type);

uint64_t driver_read(const struct driver *driver, unsigned int offset, unsigned int width);
void driver_write(const struct driver *driver, unsigned int offset, unsigned int width,
		  uint64_t value);
uint8_t driver_status(const struct driver *driver);
uint64_t driver_features(const struct driver *driver);

/* Resets the device and accepts features; returns the status. */
uint8_t driver_negotiate(const struct driver *driver, uint64_t features);

/* Sets a queue up and enables it, with a vector or 0xffff. */
void driver_queue(const struct driver *driver, unsigned int index, const struct ring *ring,
		  uint16_t vector);
void driver_ready(const struct driver *driver);
void driver_ring(const struct driver *driver, unsigned int queue);

/* Switches MSI-X on or off, and lets a vector send its number as data. */
void driver_set_msix(const struct driver *driver, bool on);
void driver_unmask(const struct driver *driver, unsigned int vector);
void driver_mask(const struct driver *driver, unsigned int vector);

/* A bus with RAM for rings. */
struct vpci_bus *driver_bus(struct host *host);

#endif
