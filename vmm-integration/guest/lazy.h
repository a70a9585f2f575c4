/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Laziness: requests to unmap wait for the next doorbell, whoever rings it: a map, a full queue, or
 * the timer, GUEST_LAZY_MS later at the most. Their order is that of the queue, so an address is
 * never mapped again before its unmap. It stands below dma-iommu, which knows of strict domains only.
 */
#ifndef GUEST_LAZY_H
#define GUEST_LAZY_H

#include <linux/types.h>

struct iommu_domain;

/* How long a device may reach what its driver has unmapped, in milliseconds. */
#define GUEST_LAZY_MS 10

/**
 * guest_lazy_settle() - choose between lazy and strict
 * @strict: the host demands strict
 *
 * Return: what holds, and why.
 */
const char *guest_lazy_settle(bool strict);

/** guest_lazy_may_wait() - may the end of a domain's mappings wait? Not for memory of user space. */
bool guest_lazy_may_wait(const struct iommu_domain *domain);

/** guest_lazy_wait() - the caller has put requests into the queue: have them served in time */
void guest_lazy_wait(void);

#endif
