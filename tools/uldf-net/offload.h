/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work that the host leaves to the card: from the terms of a TAP to those of the card. Pure. */
#ifndef TOOLS_ULDF_NET_OFFLOAD_H
#define TOOLS_ULDF_NET_OFFLOAD_H

#include <linux/virtio_net.h>
#include <uldf/drivers/e1000e.h>

/*
 * Fills the members of @frame that say what the card inserts and cuts, and rewrites the headers in @bytes as the card
 * wants them. @frame->length is that of @bytes. Inserts a checksum itself when it is not that of a plain TCP or
 * UDP over IP. Answers 0, -EINVAL when @header does not fit the frame, -ENOTSUP when the card cannot cut it.
 */
int offload_prepare(const struct virtio_net_hdr *header, uint8_t *bytes,
		    struct uldf_e1000e_frame *frame);

#endif
