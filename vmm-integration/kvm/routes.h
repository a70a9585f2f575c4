/* SPDX-License-Identifier: MIT */
/* KVM's GSI routing table as plain data: the PC's fixed lines, then one GSI per message. */
#ifndef VMM_ROUTES_H
#define VMM_ROUTES_H

#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>

#define VMM_GSI_LINES 24 /* pins of the IOAPIC; messages use the GSIs from here on */

/**
 * struct vmm_routes - the routing table
 * @table: in the form KVM_SET_GSI_ROUTING takes it
 * @room: entries allocated
 * @max: KVM's limit of entries
 * @index: by GSI, below @max: where in @table its message is, or 0
 */
struct vmm_routes {
	struct kvm_irq_routing *table;
	size_t room;
	size_t max;
	unsigned int *index;
};

/**
 * vmm_routes_init() - the fixed lines of a PC
 * @routes: uninitialised memory
 * @max: KVM's limit of entries, which GSIs are below as well
 *
 * ISA IRQ n goes to the PICs and to IOAPIC pin n, but IRQ 0 to pin 2 (as the MADT says) and IRQ 2,
 * the cascade, nowhere; GSIs 16..23 to the IOAPIC alone.
 *
 * Return: 0, -ENOMEM.
 */
int vmm_routes_init(struct vmm_routes *routes, size_t max);

/**
 * vmm_routes_fini() - free the table
 * @routes: initialised
 */
void vmm_routes_fini(struct vmm_routes *routes);

/**
 * vmm_routes_add() - a GSI for a message
 * @routes: table
 * @address: of the message
 * @data: of the message
 * @gsi: out: the lowest free GSI; untouched on failure
 *
 * Return: 0, -ENOSPC the table is full, -ENOMEM.
 */
int vmm_routes_add(struct vmm_routes *routes, uint64_t address, uint32_t data, unsigned int *gsi);

/**
 * vmm_routes_update() - change the message of a GSI
 * @routes: table
 * @gsi: from vmm_routes_add()
 * @address: of the message
 * @data: of the message
 *
 * Return: 0, -ENOENT no message has this GSI.
 */
int vmm_routes_update(struct vmm_routes *routes, unsigned int gsi, uint64_t address, uint32_t data);

/**
 * vmm_routes_remove() - free the GSI of a message
 * @routes: table
 * @gsi: from vmm_routes_add()
 *
 * Return: 0, -ENOENT no message has this GSI.
 */
int vmm_routes_remove(struct vmm_routes *routes, unsigned int gsi);

#endif
