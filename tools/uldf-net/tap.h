/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_ULDF_NET_TAP_H
#define TOOLS_ULDF_NET_TAP_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

/* An interface of the host whose frames are read from and written to a descriptor. */
struct tap {
	int fd; /* does not block */
	char name[IFNAMSIZ];
};

/*
 * Frames are read and written behind a struct virtio_net_hdr. With tap_offload() that of a frame that was read may ask
 * for a checksum and for segments.
 */

/*
 * Makes it, down, without carrier. @wanted: its name, with %d for a number that is free. Answers 0,
 * -EBUSY the name is taken, -EPERM without CAP_NET_ADMIN, ...
 */
int tap_open(struct tap *tap, const char *wanted, const uint8_t mac[6]);

/* Lets the host leave checksums of TCP and UDP, and the cutting of TCP into segments, to the card. */
int tap_offload(struct tap *tap);

void tap_close(struct tap *tap);

/* Tells the host whether there is a link. */
int tap_carrier(struct tap *tap, bool up);

#endif
