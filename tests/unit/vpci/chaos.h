/* SPDX-License-Identifier: MIT */
/*
 * A bus with functions of every kind, a guest that does anything to it, and a host that fails now and then. After each step
 * chaos_check() looks whether what the host was asked for is what the guest's registers say.
 */
#ifndef UNIT_VPCI_CHAOS_H
#define UNIT_VPCI_CHAOS_H

#include "device.h"
#include "iommu.h"
#include "model.h"
#include "ring.h"

#define CHAOS_VIOMMU   8 /* devfn */
#define CHAOS_MODEL    40
#define CHAOS_DEVICES  3
#define CHAOS_MAPPINGS 16
#define CHAOS_DOMAINS  6

/* What stands in a slot for an assigned device, and comes back after it was pulled. */
struct chaos_device {
	uint8_t devfn;
	struct device device;
	struct vpci_function *function; /* NULL while it is pulled */
	bool noticed;			/* the bus knows that the device is gone */
};

struct chaos {
	uint64_t state; /* of the sequence of random numbers */
	unsigned int step;
	struct host host;
	struct iommu iommu;
	struct vpci_bus *bus;
	struct vpci_function *viommu;
	struct model *model;
	struct chaos_device devices[CHAOS_DEVICES];
	bool failing;	    /* ops fail now */
	bool unsettled;	    /* ops failed since the guest last wrote all registers anew */
	bool unsettled_isa; /* ops failed since the last reset of the bus */
	struct ring requests, events;
	uint32_t domain_of[IOMMU_ENDPOINTS]; /* as the guest knows, 0 for none */
	unsigned int statuses[9];	     /* how often each came */
};

extern struct chaos chaos;

uint64_t chaos_draw(uint64_t limit); /* below the limit; 0 for any */
bool chaos_one_in(unsigned int times);
uint64_t chaos_value(void); /* a value, often on a border or an address of the bus */

/* Creates a device and puts it into its slot. Returns false when the host failed. */
bool chaos_plug(struct chaos_device *slot);
void chaos_unplug(struct chaos_device *slot);

/* The host's ops fail, or do not. */
void chaos_fail(bool on);
void chaos_no_descriptors(bool on);

/* A guest's accesses through ECAM. */
void chaos_config_write(unsigned int devfn, unsigned int offset, unsigned int width,
			uint32_t value);
uint32_t chaos_config_read(unsigned int devfn, unsigned int offset, unsigned int width);

/* Attacks and events, one step each. */
void chaos_access(void);
void chaos_interrupt(void);
void chaos_viommu(void);
void chaos_event(void);

/* The virtio-iommu's ops: those of iommu.h, which move the devices, and fail now and then. */
extern const struct vpci_viommu_ops chaos_viommu_ops;

/* What must be true after any step. */
void chaos_check(void);

#endif
