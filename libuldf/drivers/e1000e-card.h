/* SPDX-License-Identifier: MIT */
#ifndef ULDF_DRIVERS_E1000E_CARD_H
#define ULDF_DRIVERS_E1000E_CARD_H

#include <uldf/drivers/e1000e.h>
#include "e1000e-registers.h"
#include "e1000e-ring.h"

struct uldf_e1000e {
	struct uldf_device *device;
	struct uldf_buffer *rings;   /* the receive ring, behind it the transmit ring */
	struct uldf_buffer *buffers; /* E1000E_RING of E1000E_BUFFER bytes, to receive into */
	struct e1000e_rx rx;
	struct e1000e_tx tx;
	struct uldf_e1000e_stats stats;
	uint8_t mac[6];
	bool intx;
	bool promiscuous;
	uint32_t frame_max;  /* bytes of a frame, without FCS */
	uint8_t *long_frame; /* the frame in progress, of several buffers; NULL before LPE */
	size_t gathered;     /* bytes in it */
	bool too_long;	     /* the frame in progress exceeds @frame_max */
	int fd;		     /* -1 when polled */
};

/*
 * Registers are reached by call, not by mapping: four accesses serve a batch of frames, and a card
 * that is pulled answers -ENODEV instead of ending the process with SIGBUS.
 */
int e1000e_read(struct uldf_e1000e *nic, unsigned int offset, uint32_t *out);
int e1000e_write(struct uldf_e1000e *nic, unsigned int offset, uint32_t value);

/* Stops and resets the card (section 4.6.2); -ETIMEDOUT when it does not come back. */
int e1000e_reset(struct uldf_e1000e *nic);

/* Reads the card's address, after a reset (section 4.6.5.1). */
int e1000e_read_mac(struct uldf_e1000e *nic);

/* Starts a card that was just reset (sections 4.6.3 to 4.6.6); rings, buffers and the address are there. */
int e1000e_start(struct uldf_e1000e *nic);

#endif
