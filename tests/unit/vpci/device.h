/* SPDX-License-Identifier: MIT */
/* A device behind a backend of libuldf's that is nothing but memory. */
#ifndef UNIT_VPCI_DEVICE_H
#define UNIT_VPCI_DEVICE_H

#include <linux/pci_regs.h>
#include <uldf/event.h>
#include <vpci/assigned.h>
#include "backend.h"
#include "host.h"

#define DEVICE_VECTORS 64
#define DEVICE_BAR     0x8000 /* the most bytes a BAR has */
#define DEVICE_PBA     0x3000 /* in BAR 0, of a card */

struct device {
	struct uldf_device_info info;
	struct uldf_region regions[ULDF_REGION_COUNT];
	uint8_t config[4096];
	uint8_t *bars[6]; /* page-aligned */

	struct uldf_device *handle;
	bool gone;
	unsigned int events;	   /* what happened to it, until that is read */
	unsigned int most_vectors; /* what the host has */
	int reset_error;
	int enable_errors[ULDF_IRQ_TYPES];
	int bind_error;

	/* What was done to it. */
	unsigned int closes, resets, enables, disables, unmasks, region_writes, maps;
	int type; /* of the vectors enabled, -1 for none */
	unsigned int count;
	bool lazy;	    /* vectors are taken from the host as they are bound */
	unsigned int taken; /* of those */
	int fds[DEVICE_VECTORS];
	int unmask_fd;
	uint32_t command; /* written last */
};

/* A card of 4 KiB configuration space: PM at 0xc8, MSI (64 bit, masks, 4) at 0xd0, Express at 0x80,
 * MSI-X (8 entries in BAR 0, page 2; pending bits in page 3) at 0x70; BAR 0: 16 KiB memory that can
 * be mapped, BAR 2: 32 ports. Pin A. */
void device_card(struct device *device);

/* A PIIX3 IDE controller in compatibility mode. */
void device_ide(struct device *device);

/* Stores a little-endian register. */
void device_set(struct device *device, unsigned int offset, unsigned int width, uint32_t value);
uint32_t device_get(const struct device *device, unsigned int offset, unsigned int width);

/* Opens it and makes a function of it. */
struct vpci_function *device_assign(struct device *device);

/* The same, or the error. */
int device_try_assign(struct device *device, char *reason, size_t size, struct vpci_function **out);

/* Fires a vector; one that is not bound pends in the device. */
void device_fire(struct device *device, unsigned int vector);

void device_fini(struct device *device);

#endif
