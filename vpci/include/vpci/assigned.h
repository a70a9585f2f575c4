/* SPDX-License-Identifier: MIT */
#ifndef VPCI_ASSIGNED_H
#define VPCI_ASSIGNED_H

#include <stddef.h>
#include <vpci/function.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uldf_device;
struct vpci_bus;

/**
 * vpci_assigned_create() - a function that is a real device
 * @device: an open device, attached to a space by the caller; the function owns it from here on,
 *	on success only, and closes it when destroyed
 * @reason: where a one-line reason of a failure goes; may be NULL
 * @size: bytes at @reason
 * @out: the function, to be given to vpci_bus_add(); untouched on failure
 *
 * Return: 0, -ENOTSUP the device cannot be assigned, -ENODEV gone, -ENOMEM, -EMFILE.
 */
int vpci_assigned_create(struct uldf_device *device, char *reason, size_t size,
			 struct vpci_function **out);

/**
 * vpci_assigned_move() - move the device of a function to another space, for an op of struct
 * vpci_viommu_ops
 * @bus: bus
 * @devfn: slot of the function
 * @move: moves @device, and returns 0 or a negative errno; does not call the bus
 * @arg: second argument of @move
 *
 * Waits until no other thread is at work in the slot, and keeps others out of it meanwhile. A move
 * switches the device's bus mastering off; after a move that succeeded the call switches it on
 * again if the guest has it on.
 *
 * Takes the lock of the slot of @devfn. Lock order: the slot of an IOMMU comes before the slot of
 * an assigned function. So the caller may be an op that an IOMMU calls, and never an op that an
 * assigned function calls.
 *
 * A device that is gone is moved like others: @move takes it out of a space that may end next.
 *
 * Return: 0, -ENODEV no assigned function is at @devfn or its device is gone, or what @move
 * returned.
 */
int vpci_assigned_move(struct vpci_bus *bus, uint8_t devfn,
		       int (*move)(struct uldf_device *device, void *arg), void *arg);

#ifdef __cplusplus
}
#endif

#endif
