/* SPDX-License-Identifier: MIT */
/*
 * Descriptor rings of the 82574, legacy formats (datasheet sections 7.1 and 7.2). Nothing here
 * reaches the device: it is memory on both sides, and what the device wrote is not trusted.
 */
#ifndef ULDF_DRIVERS_E1000E_RING_H
#define ULDF_DRIVERS_E1000E_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	E1000E_RING = 256,    /* descriptors of either ring; a multiple of 8 */
	E1000E_BUFFER = 2048, /* bytes of a receive buffer: RCTL.BSIZE 0 */
};

/* All little-endian. */
struct e1000e_rx_descriptor {
	uint64_t address;
	uint16_t length;
	uint16_t checksum;
	uint8_t status;
	uint8_t errors;
	uint16_t special;
};

struct e1000e_tx_descriptor {
	uint64_t address;
	uint16_t length;
	uint8_t cso;
	uint8_t command;
	uint8_t status;
	uint8_t css;
	uint16_t special;
};

enum {
	E1000E_RX_DD = 1 << 0,	/* status: the device is done with it */
	E1000E_RX_EOP = 1 << 1, /* status: the frame ends here */
	E1000E_RX_ERRORS =
		0x97,		/* CRC, symbol, sequence, carrier, data; not checksums of payload */
	E1000E_TX_EOP = 1 << 0, /* command: the frame ends here */
	E1000E_TX_IFCS = 1 << 1, /* command: append the FCS */
	E1000E_TX_RS = 1 << 3,	 /* command: report status */
	E1000E_TX_DD = 1 << 0,	 /* status: the device is done with it */
};

/* The device fills descriptors from @next on; all but one are its own. */
struct e1000e_rx {
	struct e1000e_rx_descriptor *ring;
	uint64_t buffers; /* bus address of the first of E1000E_RING buffers */
	unsigned int next;
	bool spoiled; /* the frame in progress has a buffer of impossible length */
};

/* Those from @oldest up to @next are the device's. */
struct e1000e_tx {
	struct e1000e_tx_descriptor *ring;
	unsigned int next;
	unsigned int oldest;
	bool reports[E1000E_RING]; /* it was asked to say when this one is done */
};

enum e1000e_rx_found {
	E1000E_RX_NONE,
	E1000E_RX_MORE,	 /* a buffer of a frame that continues in the next */
	E1000E_RX_FRAME, /* the last or only buffer of a frame */
	E1000E_RX_BAD,	 /* the last or only buffer of a damaged frame */
};

/* Gives every buffer to the device. @ring: E1000E_RING descriptors. */
void e1000e_rx_init(struct e1000e_rx *rx, struct e1000e_rx_descriptor *ring, uint64_t buffers);

/*
 * Takes the next descriptor that the device is done with, and makes it ready for reuse. @index: its
 * buffer. @length: bytes in that buffer, 1..E1000E_BUFFER; 0 when they are of no use, which is every BAD
 * buffer and some MORE before one. Call e1000e_rx_tail() once the buffer is read.
 */
enum e1000e_rx_found e1000e_rx_take(struct e1000e_rx *rx, unsigned int *index,
				    unsigned int *length);

/* What to write to RDT: the device may use all descriptors before it. */
unsigned int e1000e_rx_tail(const struct e1000e_rx *rx);

void e1000e_tx_init(struct e1000e_tx *tx, struct e1000e_tx_descriptor *ring);

/* How many frames fit. A full ring would look like an empty one (section 7.2): one stays free. */
unsigned int e1000e_tx_room(const struct e1000e_tx *tx);

/* Appends a frame, for which there is room; @report in the last of a batch. @next goes to TDT. */
void e1000e_tx_put(struct e1000e_tx *tx, uint64_t bus, unsigned int length, bool report);

/* How many frames the device has finished since the last call. */
unsigned int e1000e_tx_reap(struct e1000e_tx *tx);

/* How many frames the device has not finished. */
unsigned int e1000e_tx_pending(const struct e1000e_tx *tx);

#endif
