/* SPDX-License-Identifier: MIT */
/* A real device in a slot: what the files of the assigned function share. */
#ifndef VPCI_SRC_ASSIGNED_FUNCTION_H
#define VPCI_SRC_ASSIGNED_FUNCTION_H

#include <uldf.h>
#include <vpci/assigned.h>
#include "filter.h"
#include "interrupts.h"
#include "msix.h"

/* Protected by the lock of its slot. */
struct vpci_assigned {
	struct vpci_function function;
	struct uldf_device *device;
	uint16_t
		command; /* bits of the device's command register that stay as the host left them */
	struct vpci_shown shown;
	struct vpci_msix msix;
	struct vpci_interrupts interrupts;
	unsigned int reported; /* causes, a bit for each, that the VMM was told of */
};

/**
 * vpci_assigned_from() - the assigned function that a function is
 * @function: one with the assigned ops
 *
 * Return: it.
 */
static inline struct vpci_assigned *vpci_assigned_from(struct vpci_function *function)
{
	return (struct vpci_assigned *)((char *)function -
					offsetof(struct vpci_assigned, function));
}

/**
 * vpci_assigned_note() - remember that the device is gone, or was shut off, and tell the VMM: everything reads as
 *	ones then
 * @assigned: function in a slot
 * @err: what a call of libuldf answered
 *
 * Return: @err.
 */
int vpci_assigned_note(struct vpci_assigned *assigned, int err);

/**
 * vpci_assigned_look() - see what happened to the device, and tell the VMM
 * @assigned: function in a slot
 */
void vpci_assigned_look(struct vpci_assigned *assigned);

/**
 * vpci_assigned_report_vector() - tell the VMM that the host did not give a vector
 * @assigned: function in a slot
 * @vector: which
 * @err: what libuldf or eventfd() answered
 */
void vpci_assigned_report_vector(struct vpci_assigned *assigned, unsigned int vector, int err);

/**
 * vpci_assigned_report_route() - tell the VMM that it did not give a route
 * @assigned: function in a slot
 * @vector: which
 * @err: what the VMM answered
 */
void vpci_assigned_report_route(struct vpci_assigned *assigned, unsigned int vector, int err);

/**
 * vpci_assigned_init_config() - model the device's configuration space
 * @assigned: function with its device
 * @reason: where a one-line reason of a failure goes
 * @size: bytes at @reason
 *
 * Return: 0, -ENOTSUP a bridge, -ENODEV, -ENOMEM.
 */
int vpci_assigned_init_config(struct vpci_assigned *assigned, char *reason, size_t size);

/**
 * vpci_assigned_push_command() - carry the guest's command register to the device
 * @assigned: function
 *
 * The device goes on decoding its regions whatever the guest says: what the guest switches is what
 * the bus decodes.
 */
void vpci_assigned_push_command(struct vpci_assigned *assigned);

/* Ops of struct vpci_function_ops. */
void vpci_assigned_config_read(struct vpci_function *function, unsigned int offset,
			       unsigned int width, uint32_t *value);
void vpci_assigned_config_write(struct vpci_function *function, unsigned int offset,
				unsigned int width, uint32_t value);
uint64_t vpci_assigned_bar_read(struct vpci_function *function, unsigned int bar, uint64_t offset,
				unsigned int width);
void vpci_assigned_bar_write(struct vpci_function *function, unsigned int bar, uint64_t offset,
			     unsigned int width, uint64_t value);

/**
 * vpci_assigned_init_bars() - give the model the device's BARs
 * @assigned: function with its device
 *
 * Return: 0, -ENOTSUP a region no BAR can stand for.
 */
int vpci_assigned_init_bars(struct vpci_assigned *assigned);

/**
 * vpci_assigned_map() - map what the guest may reach directly: all mappable areas but the pages of
 *	the MSI-X table and of its pending bits
 * @assigned: function with BARs and MSI-X known
 */
void vpci_assigned_map(struct vpci_assigned *assigned);

/**
 * vpci_assigned_unmap() - undo vpci_assigned_map()
 * @assigned: function
 */
void vpci_assigned_unmap(struct vpci_assigned *assigned);

#endif
