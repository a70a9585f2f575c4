/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in place of the card, its device and the interface's socket; tests set and see all of it. */
#ifndef TESTS_UNIT_ULDF_NET_FAKE_H
#define TESTS_UNIT_ULDF_NET_FAKE_H

#include <linux/virtio_net.h>
#include "bridge.h"

#define FAKE_FRAME 60  /* bytes of what it receives */
#define FAKE_AMID  900 /* floods left when it wakes */

struct fake {
	int fd;		     /* of the card's interrupt */
	int device_fd;	     /* of what happens to the device */
	int wakes;	     /* eventfd that is signalled amid the flood; 0 for none */
	unsigned int floods; /* batches of frames that are there to be received */
	unsigned int received;
	unsigned int most; /* frames received while others waited to be sent */
	unsigned int since;
	unsigned int sent;
	bool hangs; /* it finishes no frame */
	bool link_down;
	int restart_err; /* what its restart answers */
	unsigned int restarts;
	unsigned int unsent;	       /* frames that it has not finished */
	unsigned int armed;	       /* events, by the last call */
	struct uldf_e1000e_frame last; /* frame that was sent */
	bool checked;		       /* of the frames that it receives */
	uint32_t longest;	       /* bytes of a frame that was sent */
	unsigned int events;
	unsigned int link_asked; /* how many batches were left when the link was asked for last */
	uint8_t mac[6];
	bool promiscuous;
	uint32_t frame_max;
	int iface_err;		   /* what iface_open() answers */
	unsigned int iface_opened; /* times */
	enum iface_told told;	   /* what iface_read() answers next */
	struct iface_state state;  /* and the state that it tells */
	unsigned int mtu_put_back; /* times */
	uint32_t mtu;		   /* that was asked for last */
};

extern struct fake fake;

/* Makes what bridge_init() takes: the interface is one of two sockets, @ends[0] the other, for the test. */
void fake_bridge_make(struct bridge *bridge, int ends[2]);

/* Ends the bridge and what fake_bridge_make() made. */
void fake_bridge_end(struct bridge *bridge, int ends[2]);

/* Sends a frame of @length zeros to a bridge, behind @header or NULL for one that asks for nothing. */
bool fake_send(int fd, const struct virtio_net_hdr *header, size_t length);

#endif
