/* SPDX-License-Identifier: MIT */
/* Guest RAM by policy 'identity': huge pages that the guest sees at their bus addresses. */
#ifndef VMM_IDENTITY_H
#define VMM_IDENTITY_H

#include "assign.h"
#include "memory.h"
#include "reason.h"

/**
 * struct vmm_identity - what RAM a guest wants
 * @size: bytes, a multiple of @page
 * @page: bytes of a huge page
 * @together: bytes of which one piece is to have room, for kernel and initrd
 * @limit: end of the guest's addresses
 */
struct vmm_identity {
	uint64_t size;
	uint64_t page;
	uint64_t together;
	uint64_t limit;
};

/**
 * vmm_identity_create() - allocate guest RAM whose guest-physical addresses are bus addresses
 * @assign: opened by policy 'identity'; devices reach the memory until it is closed
 * @wanted: what RAM
 * @out: the memory, to be destroyed after @assign is closed; untouched on failure
 * @reason: set on failure
 *
 * The memory has one MiB more, at address 0, that devices do not reach: boot data and ACPI tables lie there, and Linux
 * 5.13 and newer keep their drivers away from it.
 *
 * Return: 0, or a negative errno; -ENOMEM too few huge pages, -ENOSPC their addresses do not suit a guest.
 */
int vmm_identity_create(struct vmm_assign *assign, const struct vmm_identity *wanted,
			struct vmm_memory *out, struct vmm_reason *reason);

/**
 * vmm_identity_host_ram() - find what the guest's windows for BARs have to keep clear of
 * @out: how far the RAM of the host reaches; untouched on failure
 * @reason: set on failure
 *
 * A device that is told to reach another one's BAR by its guest-physical address must not find the host's RAM there.
 *
 * Return: 0, -EPERM the kernel does not tell.
 */
int vmm_identity_host_ram(struct vmm_host_ram *out, struct vmm_reason *reason);

#endif
