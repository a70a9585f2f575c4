/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains: what the endpoints in them reach. All is done in the caller's context, which may be
 * atomic: requests wait in the queue until the caller syncs, the queue is full, or somebody else
 * rings.
 */
#ifndef GUEST_DOMAIN_H
#define GUEST_DOMAIN_H

#include <linux/iommu.h>
#include "compat.h"
#include "table.h"

struct guest_endpoint;
struct virtio_iommu_req_map;

/**
 * struct guest_domain - a domain
 * @domain: the kernel's part
 * @number: its number at the device
 * @endpoints: how many endpoints are in it; without one the device does not know it
 * @failures: requests to map that failed
 * @table: what it maps
 *
 * The queue's lock protects @endpoints, and changes of @failures and of the entries of @table.
 */
struct guest_domain {
	struct iommu_domain domain;
	u32 number;
	unsigned int endpoints;
	unsigned int failures;
	struct guest_table table;
};

/** guest_domain_alloc() - the op; returns NULL when there is no memory or no number */
struct iommu_domain *guest_domain_alloc(guest_alloc_arg arg);

/** guest_domain_detach() - take an endpoint out of its domain, if it is in one; the caller holds the queue's lock */
void guest_domain_detach(struct guest_endpoint *endpoint);

/** guest_domain_failed() - did the device refuse some of what the caller mapped? */
bool guest_domain_failed(struct guest_domain *domain, u64 address, size_t size);

/** guest_domain_refused() - a request to map failed; the caller holds the queue's lock */
void guest_domain_refused(const struct virtio_iommu_req_map *request);

extern const struct iommu_domain_ops guest_domain_ops;

#endif
