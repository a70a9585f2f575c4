/* SPDX-License-Identifier: MIT */
/* A guest with a virtio-iommu: its driver puts requests into memory and rings. */
#ifndef UNIT_VPCI_VIOMMU_GUEST_H
#define UNIT_VPCI_VIOMMU_GUEST_H

#include <linux/virtio_iommu.h>
#include <linux/virtio_pci.h>
#include "driver.h"
#include "iommu.h"

#define VIOMMU	 8 /* devfn */
#define NIC	 16
#define ENTRIES	 512 /* of the ring of requests */
#define PAGE	 0x1000ull
#define FEATURES (DRIVER_VERSION_1 | 0x77)
#define NOTHING	 0xee /* each byte of an answer until the device writes it */

struct viommu_guest {
	struct host host;
	struct iommu iommu;
	struct vpci_bus *bus;
	struct vpci_function *function;
	struct driver driver;
	struct ring requests, events;
	uint64_t next;	 /* free RAM */
	uint8_t *placed; /* what guest_place() wrote last */
	size_t placed_size;
};

extern struct viommu_guest guest;

/* Brings the driver up, with a ring of 512 requests and one of 16 events. */
void guest_bring_up(uint64_t features);

/* The begin and end of a test. */
void guest_start(void);
void guest_end(void);

/* Puts bytes into RAM, at an address of their own. */
uint64_t guest_place(const void *bytes, size_t size);

/* Makes room for an answer, and fills it with NOTHING. */
uint64_t guest_place_answer(size_t size);

/* Adds a request of a part to read and a part to write; returns where its answer will be. */
const uint8_t *guest_add(const void *request, size_t size, size_t room);

/* Expects that the next request came back with so many bytes written. */
void guest_expect_used(uint32_t size);

/* Sends one request and returns its status. */
uint8_t guest_send(const void *request, size_t size);
uint8_t guest_send_attach(uint32_t domain, uint32_t endpoint, uint32_t flags);
uint8_t guest_send_map(uint32_t domain, uint64_t first);
uint8_t guest_send_unmap(uint32_t domain, uint64_t first, uint64_t last);

/* A request to map, readable, at the address plus 1 MiB. */
struct virtio_iommu_req_map guest_map_of(uint32_t domain, uint64_t first, uint64_t pages);

#endif
