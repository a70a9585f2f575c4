// SPDX-License-Identifier: MIT
/*
 * Sending (section 7.2): reads the descriptors of a frame one after the other, gathers its bytes, and puts it
 * on the wire, or its segments. Without a link nothing is read. A descriptor is reported as done when its
 * bytes were read.
 */
#include <errno.h>
#include <string.h>
#include "model/e1000e/offload.h"
#include "model/e1000e/packet.h"

#define BATCH 32 /* descriptors or frames, until others have their turn */
#define DONE  1

/* Of the third word of a descriptor: the command, and of an extended one its type. */
#define COMMAND_EOP  (1u << 24)
#define COMMAND_IFCS (1u << 25)
#define COMMAND_IC   (1u << 26) /* legacy */
#define COMMAND_TSE  (1u << 26) /* extended */
#define COMMAND_RS   (1u << 27)
#define COMMAND_DEXT (1u << 29)
#define COMMAND_VLE  (1u << 30)
#define CONTEXT_TCP  (1u << 24)
#define CONTEXT_IPV4 (1u << 25)
#define TYPE(word)   ((word) >> 20 & 15)
#define TYPE_CONTEXT 0
#define TYPE_DATA    1
#define OPTION_IXSM  (1u << 8) /* of the fourth word */
#define OPTION_TXSM  (1u << 9)

/* ---- to the wire */

static void count_sent(struct e1000e_model *nic, size_t size)
{
	static const uint8_t broadcast[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	const uint8_t *frame = nic->tx.frame;

	size += FCS;
	model_e1000e_count(nic, STAT_GPTC);
	model_e1000e_count(nic, STAT_TPT);
	model_e1000e_count_bytes(nic, STAT_GOTC, size);
	model_e1000e_count_bytes(nic, STAT_TOT, size);
	model_e1000e_count_length(nic, STAT_PTC64, size);
	if (!memcmp(frame, broadcast, sizeof(broadcast)))
		model_e1000e_count(nic, STAT_BPTC);
	else if (frame[0] & 1)
		model_e1000e_count(nic, STAT_MPTC);
}

/* The tag goes behind the addresses. */
static size_t tag_insert(struct e1000e_model *nic, size_t size)
{
	uint8_t *at = nic->tx.frame + ETHERTYPE_AT;

	memmove(at + TAG, at, size - ETHERTYPE_AT);
	packet_put16(at, (uint16_t)*e1000e_register(nic, REG_VET));
	packet_put16(at + 2, nic->tx.offload.vlan);
	return size + TAG;
}

/* Makes the next frame for the wire. */
static size_t frame_make(struct e1000e_model *nic)
{
	struct e1000e_tx *tx = &nic->tx;
	size_t size = tx->size;

	if (tx->offload.cut) {
		size = offload_segment(&tx->offload, tx->data, size, tx->sent, tx->frame);
	} else {
		memcpy(tx->frame, tx->data, size);
		offload_checksums(&tx->offload, tx->frame, size);
	}
	if (tx->offload.tag)
		size = tag_insert(nic, size);
	if (size < WIRE_SHORT && *e1000e_register(nic, REG_TCTL) & TCTL_PSP) {
		memset(tx->frame + size, 0, WIRE_SHORT - size);
		size = WIRE_SHORT;
	}
	return size;
}

/* Returns false when the wire is full. */
static bool frame_send(struct e1000e_model *nic)
{
	struct e1000e_tx *tx = &nic->tx;
	size_t size = frame_make(nic);

	if (nic->wire->ops->send(nic->wire, tx->frame, size))
		return false;
	count_sent(nic, size);
	tx->whole = false;
	if (tx->offload.cut) {
		tx->sent += tx->offload.context.segment;
		tx->whole = tx->sent < tx->size - tx->offload.context.header;
	}
	return true;
}

/* A frame without a right FCS of its own, where the card appends none, is lost on the wire. */
static bool has_fcs(struct e1000e_tx *tx)
{
	uint32_t fcs;

	if (tx->size <= HEADER + FCS)
		return false;
	tx->size -= FCS;
	memcpy(&fcs, tx->data + tx->size, FCS);
	return le32toh(fcs) == packet_fcs(tx->data, tx->size);
}

/* The frame's last descriptor was read. What cannot be sent is dropped here. */
static void frame_end(struct e1000e_model *nic)
{
	struct e1000e_tx *tx = &nic->tx;
	bool cut = tx->offload.cut;

	tx->begun = false;
	tx->sent = 0;
	if (!tx->bad && !tx->offload.fcs && !cut)
		tx->bad = !has_fcs(tx);
	if (cut)
		tx->whole = !tx->bad && offload_is_cuttable(&tx->offload, tx->size);
	else
		tx->whole = !tx->bad && tx->size >= HEADER && tx->size <= LONGEST - FCS - TAG;
	if (cut)
		model_e1000e_count(nic, tx->whole ? STAT_TSCTC : STAT_TSCTFC);
}

/* ---- descriptors: four words each */

static void context_take(struct e1000e_model *nic, const uint32_t word[4])
{
	nic->tx.contexts[!!(word[2] & COMMAND_TSE)] = (struct e1000e_context){
		.ip_start = (uint8_t)word[0],
		.ip_at = (uint8_t)(word[0] >> 8),
		.ip_end = (uint16_t)(word[0] >> 16),
		.start = (uint8_t)word[1],
		.at = (uint8_t)(word[1] >> 8),
		.end = (uint16_t)(word[1] >> 16),
		.header = (uint8_t)(word[3] >> 8),
		.segment = (uint16_t)(word[3] >> 16),
		.tcp = word[2] & CONTEXT_TCP,
		.ipv4 = word[2] & CONTEXT_IPV4,
	};
}

/* What the first descriptor of a frame says of all of it. */
static void frame_begin(struct e1000e_model *nic, const uint32_t word[4])
{
	struct e1000e_tx *tx = &nic->tx;
	bool cut = word[2] & COMMAND_DEXT && word[2] & COMMAND_TSE;

	tx->begun = true;
	tx->bad = false;
	tx->size = 0;
	tx->offload = (struct e1000e_offload){.cut = cut};
	if (!(word[2] & COMMAND_DEXT))
		return;
	tx->offload.ip = word[3] & OPTION_IXSM;
	tx->offload.data = word[3] & OPTION_TXSM;
	tx->offload.context = tx->contexts[cut];
}

/* What its last descriptor says. */
static void frame_finish(struct e1000e_model *nic, const uint32_t word[4])
{
	struct e1000e_offload *offload = &nic->tx.offload;

	offload->fcs = word[2] & COMMAND_IFCS;
	offload->tag = word[2] & COMMAND_VLE && *e1000e_register(nic, REG_CTRL) & CTRL_VME;
	offload->vlan = (uint16_t)(word[3] >> 16);
	if (word[2] & COMMAND_DEXT || !(word[2] & COMMAND_IC))
		return;
	/* A legacy descriptor has its offsets with it; 0 stays 0, as no protocol is known. */
	offload->data = true;
	offload->context = (struct e1000e_context){
		.start = (uint8_t)(word[3] >> 8), .at = (uint8_t)(word[2] >> 16), .tcp = true};
}

/* Reads the bytes that a descriptor names. What memory refuses ends sending. */
static void bytes_gather(struct model *model, const uint32_t word[4])
{
	struct e1000e_tx *tx = &e1000e_of(model)->tx;
	uint32_t size = word[2] & (word[2] & COMMAND_DEXT ? 0xfffff : 0xffff);

	if (tx->bad || size > GATHERED - tx->size) {
		tx->bad = true;
		return;
	}
	if (model_dma_read(model, word[0] | (uint64_t)word[1] << 32, tx->data + tx->size, size))
		tx->bad = tx->stopped = true;
	else
		tx->size += size;
}

static void descriptor_take(struct model *model, const uint32_t word[4])
{
	struct e1000e_model *nic = e1000e_of(model);

	if (word[2] & COMMAND_DEXT && TYPE(word[2]) == TYPE_CONTEXT) {
		context_take(nic, word);
		return;
	}
	if (!nic->tx.begun)
		frame_begin(nic, word);
	bytes_gather(model, word);
	if (!(word[2] & COMMAND_EOP) || nic->tx.stopped)
		return;
	frame_finish(nic, word);
	frame_end(nic);
}

/* Reads the next descriptor and what it names. Returns false when there is none to read now. */
static bool descriptor_read(struct model *model)
{
	struct e1000e_model *nic = e1000e_of(model);
	uint32_t *head = e1000e_register(nic, REG_TDH), tail = *e1000e_register(nic, REG_TDT);
	const uint32_t size = e1000e_ring_size(nic, REG_TDLEN);
	uint64_t at = *e1000e_register(nic, REG_TDBAL) | (uint64_t)*e1000e_register(nic, REG_TDBAH)
								 << 32;
	uint32_t word[DESCRIPTOR / 4], done;

	if (*head == tail || *head >= size || tail >= size || !model_masters(model))
		return false;
	at += (uint64_t)*head * DESCRIPTOR;
	if (model_dma_read(model, at, word, sizeof(word))) {
		nic->tx.stopped = true;
		return false;
	}
	for (unsigned int i = 0; i < DESCRIPTOR / 4; i++)
		word[i] = le32toh(word[i]);
	descriptor_take(model, word);
	if (nic->tx.stopped)
		return false;
	*head = (*head + 1) % size;
	if (word[2] & COMMAND_RS) {
		done = htole32(word[3] | DONE);
		model_dma_post(model, at + DESCRIPTOR - sizeof(done), &done, sizeof(done));
		model_e1000e_cause(model, CAUSE_TXDW | (*head == tail ? CAUSE_TXQE : 0));
	} else if (*head == tail) {
		model_e1000e_cause(model, CAUSE_TXQE);
	}
	return true;
}

bool model_e1000e_transmit(struct model *model)
{
	struct e1000e_model *nic = e1000e_of(model);

	for (unsigned int i = 0; i < BATCH; i++) {
		if (!nic->up || nic->tx.stopped || !(*e1000e_register(nic, REG_TCTL) & TCTL_EN) ||
		    *e1000e_register(nic, REG_CTRL) & CTRL_MASTER_DISABLE)
			return false;
		if (!(nic->tx.whole ? frame_send(nic) : descriptor_read(model)))
			return false;
	}
	return true;
}
