/* SPDX-License-Identifier: MIT */
/* What a guest has cost: KVM's counters, added up over its processors, and those of its IOMMU, as JSON. */
#ifndef VMM_STATS_H
#define VMM_STATS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vpci/viommu.h>

#define VMM_STATS_MAX	   128
#define VMM_STATS_NAME_MAX 48

/**
 * struct vmm_stat - a counter
 * @name: KVM's name of it
 * @value: the sum
 */
struct vmm_stat {
	char name[VMM_STATS_NAME_MAX];
	uint64_t value;
};

/**
 * struct vmm_stats - what a guest has cost
 * @memory: bytes of its RAM
 * @cpus: its processors
 * @dma_faults: accesses of its devices that the host's IOMMU refused, as far as the host's kernel told
 * @list: counters, in KVM's order
 * @count: how many
 * @has_viommu: it has an IOMMU
 * @strict: the guest's driver of the IOMMU is to be strict
 * @viommu: the IOMMU's counters
 */
struct vmm_stats {
	uint64_t memory;
	unsigned int cpus;
	uint64_t dma_faults;
	struct vmm_stat list[VMM_STATS_MAX];
	size_t count;
	bool has_viommu;
	bool strict;
	struct vpci_viommu_counters viommu;
};

/**
 * vmm_stats_add() - add the counters of a machine or a processor
 * @stats: the sums so far
 * @fd: KVM's binary statistics (Documentation/virt/kvm/api.rst in Linux, KVM_GET_STATS_FD)
 *
 * Takes what only grows and is one number; histograms and what is true for a moment are left out.
 *
 * Return: 0, -EPROTO no such file, or more counters than VMM_STATS_MAX, or what reading it answers; @stats is as it was.
 */
int vmm_stats_add(struct vmm_stats *stats, int fd);

/**
 * vmm_stats_json() - tell them as JSON
 * @stats: what a guest has cost
 *
 * The document is {"version": 1, "memory_bytes": N, "processors": N, "dma_faults": N, "kvm": {NAME: N, ...}}, with an
 * IOMMU also "viommu": {"strict": BOOL, NAME: N, ...}: the policy demanded, and the members of struct
 * vpci_viommu_counters.
 *
 * Return: the document, a new reference; NULL without memory.
 */
json_t *vmm_stats_json(const struct vmm_stats *stats);

/**
 * vmm_stats_write() - write vmm_stats_json()
 * @stats: what a guest has cost
 * @fd: file, written from its offset on
 *
 * Return: 0, -ENOMEM, or -EIO it could not be written whole.
 */
int vmm_stats_write(const struct vmm_stats *stats, int fd);

#endif
