/* SPDX-License-Identifier: GPL-2.0-only */
/* The vectors of a device: enabling and freeing them, and binding eventfds. */
#ifndef ULDF_VECTOR_H
#define ULDF_VECTOR_H

#include "core/call.h"
#include "device/device.h"

extern const struct uldf_call uldf_vector_calls[];

void uldf_vectors_init(struct uldf_device *udev);
void uldf_vectors_quiet(struct uldf_device *udev);
void uldf_vectors_free(struct uldf_device *udev);
u64 uldf_vectors_fired(struct uldf_device *udev);

#endif
