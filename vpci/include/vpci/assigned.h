/* SPDX-License-Identifier: MIT */
#ifndef VPCI_ASSIGNED_H
#define VPCI_ASSIGNED_H

#include <stddef.h>
#include <vpci/function.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uldf_device;

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

#ifdef __cplusplus
}
#endif

#endif
