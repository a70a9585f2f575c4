/* SPDX-License-Identifier: MIT */
/*
 * Descriptor rings of the 82574: legacy receive descriptors, extended transmit descriptors (datasheet
 * sections 7.1 and 7.2). Nothing here reaches the device: it is memory on both sides, and what the
 * device wrote is not trusted.
 */
#ifndef ULDF_DRIVERS_E1000E_RING_H
#define ULDF_DRIVERS_E1000E_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uldf/drivers/e1000e.h>

enum {
	E1000E_RING = 256,    /* descriptors of either ring; a multiple of 8 */
	E1000E_BUFFER = 2048, /* bytes of a receive buffer: RCTL.BSIZE 0 */
	E1000E_PAGE = 4096,   /* no transmit descriptor crosses a multiple of that */
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

/* A data descriptor (section 7.2.10). */
struct e1000e_tx_descriptor {
	uint64_t address;
	uint32_t length; /* bytes 20 bits, type 4, command 8 */
	uint8_t status;
	uint8_t options;
	uint16_t special;
};

/* A TCP/IP context descriptor (section 7.2.6): offsets for the data descriptors behind it. */
struct e1000e_tx_context {
	uint8_t ip_start;
	uint8_t ip_checksum;
	uint16_t ip_end; /* offset of the last byte of the header of IP */
	uint8_t start;	 /* of the bytes that the checksum of TCP or UDP covers */
	uint8_t checksum;
	uint16_t end;	 /* 0: of the frame */
	uint32_t length; /* payload 20 bits, type 4, command 8 */
	uint8_t status;
	uint8_t header; /* bytes in front of the payload of each segment */
	uint16_t segment;
};

enum {
	E1000E_RX_DD = 1 << 0,	  /* status: the device is done with it */
	E1000E_RX_EOP = 1 << 1,	  /* status: the frame ends here */
	E1000E_RX_IXSM = 1 << 2,  /* status: ignore the bits about checksums */
	E1000E_RX_UDPCS = 1 << 4, /* status: the device computed the checksum of UDP */
	E1000E_RX_TCPCS = 1 << 5, /* status: the device computed that of TCP */
	E1000E_RX_TCPE = 1 << 5,  /* errors: the checksum of TCP or UDP is wrong */
	E1000E_RX_IPE = 1 << 6,	  /* errors: that of IP is */
	/* errors: CRC, symbol, sequence, carrier, data; not checksums of payload */
	E1000E_RX_ERRORS = 0x97,
};

/* Type and command of extended transmit descriptors, in their length. */
enum {
	E1000E_TX_DATA = 1 << 20, /* a data descriptor, not a context descriptor */
	E1000E_TX_EOP = 1 << 24,  /* data: the frame ends here */
	E1000E_TX_IFCS = 1 << 25, /* data: append the FCS */
	E1000E_TX_TCP = 1 << 24,  /* context: TCP, not UDP */
	E1000E_TX_IP = 1 << 25,	  /* context: IPv4, not IPv6 */
	E1000E_TX_TSE = 1 << 26,  /* both: cut the frame into segments */
	E1000E_TX_RS = 1 << 27,	  /* data: report status */
	E1000E_TX_DEXT = 1 << 29, /* both: the descriptor is extended */
};

enum {
	E1000E_TX_DD = 1 << 0,	 /* status: the device is done with it */
	E1000E_TX_IXSM = 1 << 0, /* options: insert the checksum of IP */
	E1000E_TX_TXSM = 1 << 1, /* options: insert that of TCP or UDP */
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
	bool ends[E1000E_RING];	   /* a frame ends with it */
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
 * buffer and some MORE before one. @checked: the device found the checksum of TCP or
 * UDP right. Call e1000e_rx_tail() once the buffer is read.
 */
enum e1000e_rx_found e1000e_rx_take(struct e1000e_rx *rx, unsigned int *index, unsigned int *length,
				    bool *checked);

/* What to write to RDT: the device may use all descriptors before it. */
unsigned int e1000e_rx_tail(const struct e1000e_rx *rx);

void e1000e_tx_init(struct e1000e_tx *tx, struct e1000e_tx_descriptor *ring);

/* How many descriptors are free. A full ring would look like an empty one (section 7.2): one stays free. */
unsigned int e1000e_tx_room(const struct e1000e_tx *tx);

/* Appends a frame, for which there is room; @report in the last of a batch. @next goes to TDT. */
void e1000e_tx_put(struct e1000e_tx *tx, const struct uldf_e1000e_frame *frame, bool report);

/* How many frames the device has finished since the last call. */
unsigned int e1000e_tx_reap(struct e1000e_tx *tx);

/* How many frames the device has not finished. */
unsigned int e1000e_tx_pending(const struct e1000e_tx *tx);

#endif
