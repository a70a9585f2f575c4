/* SPDX-License-Identifier: MIT */
/* Which of a device's interrupts the guest has chosen, and their way into it. */
#ifndef VPCI_SRC_INTERRUPTS_H
#define VPCI_SRC_INTERRUPTS_H

#include <uldf/irq.h>
#include "vector.h"
#include "wire.h"

struct vpci_assigned;

/** VPCI_INTERRUPTS_NONE - no type is on: neither MSI nor MSI-X, and INTx is disabled */
#define VPCI_INTERRUPTS_NONE (-1)

/**
 * struct vpci_interrupts - what is on
 * @type: enum uldf_irq_type, or VPCI_INTERRUPTS_NONE
 * @wanted: how many vectors the guest asked for
 * @count: how many of @vectors there are; less than @wanted when the host has too few
 * @vectors: of MSI and MSI-X, without eventfd until they are taken from the host; owned
 * @wires: the line of INTx, or the two of ISA
 */
struct vpci_interrupts {
	int type;
	unsigned int wanted;
	unsigned int count;
	struct vpci_vector *vectors;
	struct vpci_wire wires[2];
};

/**
 * vpci_interrupts_init() - begin with none
 * @interrupts: what to fill
 */
void vpci_interrupts_init(struct vpci_interrupts *interrupts);

/**
 * vpci_interrupts_update() - follow the guest's registers: switch types, mask, route
 * @assigned: function in a slot
 *
 * What could not be switched on stays silent until the guest switches again.
 *
 * Return: 0, or why the type that the guest chose could not be switched on.
 */
int vpci_interrupts_update(struct vpci_assigned *assigned);

/**
 * vpci_interrupts_update_vector() - follow one entry of the MSI-X table
 * @assigned: function in a slot
 * @vector: which entry
 */
void vpci_interrupts_update_vector(struct vpci_assigned *assigned, unsigned int vector);

/**
 * vpci_interrupts_stop() - switch off whatever is on
 * @assigned: function in a slot
 */
void vpci_interrupts_stop(struct vpci_assigned *assigned);

/**
 * vpci_interrupts_pending() - did vectors fire while masked?
 * @assigned: function in a slot
 * @first: first vector, any
 * @count: how many, 1..64
 *
 * Return: a bit for each, the lowest for @first.
 */
uint64_t vpci_interrupts_pending(struct vpci_assigned *assigned, unsigned int first,
				 unsigned int count);

/**
 * vpci_interrupts_held() - which vectors does the device itself hold back, being taken from the host by none?
 * @assigned: function in a slot
 * @first: first vector, any
 * @count: how many, 1..64
 *
 * Return: a bit for each, the lowest for @first. The device's own pending bits tell whether they fired.
 */
uint64_t vpci_interrupts_held(const struct vpci_assigned *assigned, unsigned int first,
			      unsigned int count);

#endif
