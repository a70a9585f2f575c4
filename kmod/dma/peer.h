/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers of devices as memory of a space. */
#ifndef ULDF_DMA_PEER_H
#define ULDF_DMA_PEER_H

#include "core/call.h"
#include "device/device.h"

extern const struct uldf_call uldf_peer_calls[];

void uldf_peers_end(struct uldf_device *udev);

#endif
