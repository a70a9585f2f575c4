/* SPDX-License-Identifier: MIT */
/*
 * The e1000e model: a network card of the Intel 82574L ("Intel 82574 GbE Controller Family Datasheet",
 * revision 3.4; all sections are that document's), with one queue each way. Its connector is plugged into a
 * wire (wire.h). Frames are work of the model's thread. The model's lock protects all.
 *
 * Not there: flash, expansion ROM, manageability, wake-up, time stamps, header split, receive side scaling,
 * flow control. Other than on the card, there is function level reset. Interrupts are not throttled and not delayed: ITR, EITR, RDTR, RADV, TIDV and TADV keep what is
 * written and do nothing.
 */
#ifndef ULDF_SRC_MODEL_E1000E_E1000E_H
#define ULDF_SRC_MODEL_E1000E_E1000E_H

#include <endian.h>
#include "model/e1000e/registers.h"
#include "model/e1000e/wire.h"
#include "model/model.h"

#define NVM_WORDS  64
#define DESCRIPTOR 16 /* bytes of a descriptor of either ring */
#define GATHERED \
	(128u    \
	 << 10) /* bytes of the longest frame to cut into segments; datasheet: 64 KiB and headers */
#define LONGEST 16384 /* bytes of a frame with FCS, RCTL.LPE set */
#define FCS	4     /* bytes */
#define HEADER	14    /* bytes of Ethernet's: two addresses and a type */
#define TAG	4     /* bytes of a VLAN tag */

/* What a context descriptor says (section 7.2.6). */
struct e1000e_context {
	uint8_t ip_start;
	uint8_t ip_at;	 /* of the checksum */
	uint16_t ip_end; /* offset of the last byte; 0 for the end of the frame */
	uint8_t start;
	uint8_t at;
	uint16_t end;
	uint8_t header;	  /* bytes in front of the payload of each segment */
	uint16_t segment; /* bytes of payload */
	bool tcp;
	bool ipv4;
};

/* How to finish the frame that was gathered. */
struct e1000e_offload {
	bool cut;  /* into segments */
	bool ip;   /* insert the checksum of IP */
	bool data; /* insert that of TCP or UDP */
	bool tag;  /* insert a VLAN tag */
	bool fcs;  /* append the FCS: else the frame has one */
	uint16_t vlan;
	struct e1000e_context context;
};

struct e1000e_tx {
	struct e1000e_context contexts[2]; /* the second for frames to cut */
	struct e1000e_offload offload;
	size_t size;  /* bytes gathered */
	bool begun;   /* a frame's first descriptor was read, its last was not */
	bool bad;     /* the frame is too long, or memory was refused: it is not sent */
	bool whole;   /* the frame waits for room on the wire */
	size_t sent;  /* bytes of its payload that left in segments */
	bool stopped; /* a read of memory was refused: until a reset */
	uint8_t data[GATHERED];
	uint8_t frame[WIRE_FRAME]; /* what leaves */
};

struct e1000e_rx {
	bool stopped;
	uint8_t frame[WIRE_FRAME + TAG + FCS];
};

struct e1000e_model {
	uint32_t registers[REGISTERS / 4];
	uint16_t nvm[NVM_WORDS];
	uint16_t phy[32];
	bool offers;	     /* the wire was told that there is a carrier */
	bool phy_up;	     /* the PHY has a link */
	uint16_t page;	     /* of the PHY's registers from 16 on */
	bool up;	     /* the MAC has a link */
	uint32_t pending;    /* causes that messages were sent for */
	uint32_t io_address; /* IOADDR, in BAR 2 */
	struct wire *wire;   /* or NULL */
	struct e1000e_tx tx;
	struct e1000e_rx rx;
};

static inline struct e1000e_model *e1000e_of(const struct model *model)
{
	return model->priv;
}

static inline uint32_t *e1000e_register(struct e1000e_model *nic, unsigned int offset)
{
	return &nic->registers[offset / 4];
}

/* Descriptors of a ring: LEN is in units of 8 of them. */
static inline uint32_t e1000e_ring_size(const struct e1000e_model *nic, unsigned int len)
{
	return nic->registers[len / 4] / DESCRIPTOR;
}

/* ---- access.c */
uint64_t model_e1000e_read(struct model *model, unsigned int bar, uint64_t offset,
			   unsigned int width);
void model_e1000e_write(struct model *model, unsigned int bar, uint64_t offset, unsigned int width,
			uint64_t value);
/* Gives registers their reset values (section 4.6.2). */
void model_e1000e_registers_reset(struct model *model);

/* ---- cause.c: interrupts (section 7.4) */
/* Sets causes. */
void model_e1000e_cause(struct model *model, uint32_t causes);
/* Interrupts for what is pending, after a change of causes or mask. */
void model_e1000e_interrupt(struct model *model);
uint32_t model_e1000e_icr_read(struct model *model);
void model_e1000e_icr_write(struct model *model, uint32_t value);

/* ---- link.c: the PHY and the link */
void model_e1000e_phy_reset(struct model *model);
void model_e1000e_mdic_write(struct model *model, uint32_t value);
/* Follows the wire, the PHY and CTRL. */
void model_e1000e_link_follow(struct model *model);

/* ---- nvm.c */
void model_e1000e_nvm_init(struct e1000e_model *nic, const uint8_t mac[6]);
/* Loads the address from the NVM into RAL and RAH (section 10.2.5.21). */
void model_e1000e_nvm_load(struct e1000e_model *nic);
void model_e1000e_eerd_write(struct e1000e_model *nic, uint32_t value);
void model_e1000e_eewr_write(struct e1000e_model *nic, uint32_t value);

/* ---- statistics.c */
void model_e1000e_count(struct e1000e_model *nic, unsigned int offset);
/* Adds bytes to a pair of registers. */
void model_e1000e_count_bytes(struct e1000e_model *nic, unsigned int offset, size_t bytes);
/* One of the six registers by length, @bytes with FCS. */
void model_e1000e_count_length(struct e1000e_model *nic, unsigned int first, size_t bytes);
uint32_t model_e1000e_statistics_read(struct e1000e_model *nic, unsigned int offset);

/* ---- filter.c (section 7.1.1) */
/* Does the card receive a frame? @inexact: it does so by the multicast table alone. */
bool model_e1000e_filter(const struct e1000e_model *nic, const uint8_t *frame, bool *inexact);

/* ---- receive.c, transmit.c: do some of it and return true when there is more */
bool model_e1000e_receive(struct model *model);
bool model_e1000e_transmit(struct model *model);

#endif
