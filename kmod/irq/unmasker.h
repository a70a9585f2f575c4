/* SPDX-License-Identifier: GPL-2.0-only */
/* An eventfd that unmasks INTx whenever it is signalled. */
#ifndef ULDF_UNMASKER_H
#define ULDF_UNMASKER_H

#include "device/device.h"

int uldf_unmasker_create(struct uldf_device *udev, int fd, const struct eventfd_ctx *signalled,
			 void (*unmask)(struct uldf_device *udev), struct uldf_unmasker **out);
bool uldf_unmasker_listens(const struct uldf_unmasker *unmasker, const struct eventfd_ctx *event);
void uldf_unmasker_destroy(struct uldf_unmasker *unmasker);

#endif
