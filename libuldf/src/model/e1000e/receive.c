// SPDX-License-Identifier: MIT
/*
 * Receiving (section 7.1): takes frames from the wire, drops what the filter does not want, and writes the rest
 * to the buffers that the driver gave. There is no FIFO: a frame that does not find buffers for all of it is
 * missed.
 */
#include <string.h>
#include "model/e1000e/e1000e.h"
#include "model/e1000e/packet.h"

#define BATCH	 32   /* frames, until others have their turn */
#define SHORTEST 60   /* bytes of a frame without FCS */
#define BUFFERS	 4    /* of a packet split descriptor */
#define NORMAL	 1522 /* bytes of the longest frame with FCS, RCTL.LPE not set */

/* Status and errors, the second 24 bits above in extended descriptors, 8 in legacy ones. */
enum {
	STATUS_DD = 1 << 0,
	STATUS_EOP = 1 << 1,
	STATUS_IXSM = 1 << 2,
	STATUS_VP = 1 << 3,
	STATUS_UDPCS = 1 << 4,
	STATUS_TCPCS = 1 << 5,
	STATUS_IPCS = 1 << 6,
	STATUS_PIF = 1 << 7,
	ERROR_TCPE = 1 << 5,
	ERROR_IPE = 1 << 6,
};

/* What the last descriptor of a frame tells. */
struct verdict {
	uint32_t status;
	uint32_t errors;
	uint16_t checksum;
	uint16_t ip_id;
	uint16_t tag;
};

static uint32_t get(const struct e1000e_model *nic, unsigned int offset)
{
	return nic->registers[offset / 4];
}

/* Bytes of the buffers of a descriptor; all but packet split descriptors have one. */
struct buffers {
	size_t size[BUFFERS];
	bool split;
};

static uint32_t buffer_size(const struct e1000e_model *nic)
{
	static const uint32_t sizes[2][4] = {{2048, 1024, 512, 256}, {2048, 16384, 8192, 4096}};
	const uint32_t control = get(nic, REG_RCTL);

	if (RCTL_FLXBUF(control))
		return RCTL_FLXBUF(control) * 1024;
	return sizes[!!(control & RCTL_BSEX)][RCTL_BSIZE(control)];
}

/* PSRCTL has the first size in units of 128 bytes, the others in KiB. */
static struct buffers buffers_get(const struct e1000e_model *nic)
{
	const uint32_t split = get(nic, REG_PSRCTL);
	struct buffers buffers = {.split = get(nic, REG_RCTL) & RCTL_DTYP};

	buffers.size[0] = buffers.split ? (split & 0x7f) * 128 : buffer_size(nic);
	for (unsigned int i = 1; buffers.split && i < BUFFERS; i++)
		buffers.size[i] = (split >> 8 * i & 0x3f) * 1024;
	return buffers;
}

/* Bytes that go to a descriptor. Only the first of a frame uses its first buffer if there are several. */
static size_t buffers_room(const struct buffers *buffers, bool first)
{
	size_t room = first || !buffers->split ? buffers->size[0] : 0;

	for (unsigned int i = 1; i < BUFFERS; i++)
		room += buffers->size[i];
	return room;
}

/* Descriptors that the driver gave and that were not used, in units of 16 bytes, as RDH and RDT are. */
static uint32_t descriptors_free(const struct e1000e_model *nic)
{
	uint32_t size = e1000e_ring_size(nic, REG_RDLEN);
	uint32_t head = get(nic, REG_RDH), tail = get(nic, REG_RDT);

	return head < size && tail < size ? (tail + size - head) % size : 0;
}

/* ---- what is told of a frame (section 7.1.10) */

static void verdict_check(const struct e1000e_model *nic, size_t size, struct verdict *verdict)
{
	const struct packet_checks checks = packet_check(nic->rx.frame, size);
	const uint32_t wanted = get(nic, REG_RXCSUM), start = wanted & 0xff;
	uint32_t status = 0;

	if (checks.ip && wanted & RXCSUM_IPOFL) {
		status |= STATUS_IPCS;
		verdict->errors |= checks.ip_wrong ? ERROR_IPE : 0;
	}
	if ((checks.tcp || checks.udp) && wanted & RXCSUM_TUOFL) {
		status |= checks.tcp ? STATUS_TCPCS : STATUS_UDPCS;
		verdict->errors |= checks.data_wrong ? ERROR_TCPE : 0;
	}
	verdict->status |= status ? status : STATUS_IXSM;
	if (wanted & RXCSUM_PCSD)
		return;
	verdict->ip_id = checks.ip_id;
	if (start < size)
		verdict->checksum = packet_sum(nic->rx.frame + start, size - start, 0);
}

/* With CTRL.VME the tag goes to the descriptor. */
static size_t tag_strip(struct e1000e_model *nic, size_t size, struct verdict *verdict)
{
	uint8_t *at = nic->rx.frame + ETHERTYPE_AT;

	if (!(get(nic, REG_CTRL) & CTRL_VME) || packet_get16(at) != (get(nic, REG_VET) & 0xffff))
		return size;
	verdict->tag = packet_get16(at + 2);
	verdict->status |= STATUS_VP;
	memmove(at, at + TAG, size - ETHERTYPE_AT - TAG);
	return size - TAG;
}

static size_t fcs_append(struct e1000e_model *nic, size_t size)
{
	uint32_t fcs = htole32(packet_fcs(nic->rx.frame, size));

	memcpy(nic->rx.frame + size, &fcs, FCS);
	return size + FCS;
}

/* ---- descriptors */

/* Section 7.1.4: legacy ones keep the address of the buffer. */
static void write_legacy(struct model *model, uint64_t at, uint64_t buffer, size_t size,
			 const struct verdict *verdict)
{
	const uint32_t words[] = {
		htole32((uint32_t)buffer),
		htole32((uint32_t)(buffer >> 32)),
		htole32((uint32_t)size | (uint32_t)verdict->checksum << 16),
		htole32(verdict->status | verdict->errors << 8 | (uint32_t)verdict->tag << 16),
	};

	model_dma_post(model, at, words, sizeof(words));
}

/* Section 7.1.5: the status is in the third word, and is written last. */
static void write_extended(struct model *model, uint64_t at, size_t size,
			   const struct verdict *verdict)
{
	const uint32_t first[] = {0, htole32(verdict->ip_id | (uint32_t)verdict->checksum << 16)};
	const uint32_t last = htole32((uint32_t)size | (uint32_t)verdict->tag << 16);
	const uint32_t status = htole32(verdict->status | verdict->errors << 24);

	model_dma_write(model, at, first, sizeof(first));
	model_dma_write(model, at + 12, &last, sizeof(last));
	model_dma_post(model, at + 8, &status, sizeof(status));
}

/* A packet split descriptor, whose header was not split: the lengths of all buffers are behind the status. */
static void write_split(struct model *model, uint64_t at, const size_t lengths[BUFFERS],
			const struct verdict *verdict)
{
	const uint32_t first[] = {0, htole32(verdict->ip_id | (uint32_t)verdict->checksum << 16)};
	const uint32_t last[] = {
		htole32((uint32_t)lengths[0] | (uint32_t)verdict->tag << 16),
		htole32((uint32_t)lengths[1] << 16),
		htole32((uint32_t)lengths[2] | (uint32_t)lengths[3] << 16),
	};
	const uint32_t status = htole32(verdict->status | verdict->errors << 24);

	model_dma_write(model, at, first, sizeof(first));
	model_dma_write(model, at + 12, last, sizeof(last));
	model_dma_post(model, at + 8, &status, sizeof(status));
}

/*
 * Fills the buffers of the next descriptor with @size bytes, for which they have room. What memory refuses of
 * the buffers is lost, as writes are not answered.
 */
static bool descriptor_fill(struct model *model, const struct buffers *buffers,
			    const uint8_t *bytes, size_t size, bool first,
			    const struct verdict *verdict)
{
	struct e1000e_model *nic = e1000e_of(model);
	uint32_t *head = e1000e_register(nic, REG_RDH);
	uint64_t at = (get(nic, REG_RDBAL) | (uint64_t)get(nic, REG_RDBAH) << 32) +
		      (uint64_t)*head * DESCRIPTOR;
	const unsigned int count = buffers->split ? BUFFERS : 1;
	size_t lengths[BUFFERS] = {}, left = size;
	uint64_t address[BUFFERS];

	if (model_dma_read(model, at, address, count * sizeof(address[0]))) {
		nic->rx.stopped = true;
		return false;
	}
	for (unsigned int i = buffers->split && !first; i < count; i++) {
		lengths[i] = left < buffers->size[i] ? left : buffers->size[i];
		if (lengths[i])
			model_dma_write(model, le64toh(address[i]), bytes + size - left,
					lengths[i]);
		left -= lengths[i];
	}
	if (buffers->split)
		write_split(model, at, lengths, verdict);
	else if (get(nic, REG_RFCTL) & RFCTL_EXSTEN)
		write_extended(model, at, size, verdict);
	else
		write_legacy(model, at, le64toh(address[0]), size, verdict);
	*head = (*head + (buffers->split ? 2 : 1)) % e1000e_ring_size(nic, REG_RDLEN);
	return true;
}

static bool frame_store(struct model *model, size_t size, const struct verdict *verdict)
{
	static const struct verdict more = {.status = STATUS_DD};
	struct e1000e_model *nic = e1000e_of(model);
	const struct buffers buffers = buffers_get(nic);
	size_t piece;

	for (size_t at = 0; at < size; at += piece) {
		size_t room = buffers_room(&buffers, !at);
		bool last = size - at <= room;

		piece = last ? size - at : room;
		if (!descriptor_fill(model, &buffers, nic->rx.frame + at, piece, !at,
				     last ? verdict : &more))
			return false;
	}
	return true;
}

/* ---- frames */

static void count_received(struct e1000e_model *nic, size_t size)
{
	static const uint8_t broadcast[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	model_e1000e_count(nic, STAT_GPRC);
	model_e1000e_count_bytes(nic, STAT_GORC, size + FCS);
	model_e1000e_count_length(nic, STAT_PRC64, size + FCS);
	if (!memcmp(nic->rx.frame, broadcast, sizeof(broadcast)))
		model_e1000e_count(nic, STAT_BPRC);
	else if (nic->rx.frame[0] & 1)
		model_e1000e_count(nic, STAT_MPRC);
}

static void frame_miss(struct model *model)
{
	struct e1000e_model *nic = e1000e_of(model);

	model_e1000e_count(nic, STAT_MPC);
	model_e1000e_count(nic, STAT_RNBC);
	model_e1000e_cause(model, CAUSE_RXO);
}

/* How many units of descriptors a frame takes; 0 when no number of them is enough. */
static size_t frame_cost(const struct e1000e_model *nic, size_t size)
{
	const struct buffers buffers = buffers_get(nic);
	const size_t first = buffers_room(&buffers, true), more = buffers_room(&buffers, false);
	const size_t unit = buffers.split ? 2 : 1;

	if (size <= first)
		return unit;
	return more ? unit * (1 + (size - first + more - 1) / more) : 0;
}

static bool has_room(const struct model *model, size_t size)
{
	const struct e1000e_model *nic = e1000e_of(model);
	const size_t cost = frame_cost(nic, size);

	return model_masters(model) && !nic->rx.stopped &&
	       !(get(nic, REG_CTRL) & CTRL_MASTER_DISABLE) && cost && cost <= descriptors_free(nic);
}

/* Section 7.1.8: half, a quarter or an eighth of the ring is left. */
static bool is_low(const struct e1000e_model *nic, uint32_t before)
{
	uint32_t threshold =
		e1000e_ring_size(nic, REG_RDLEN) >> (RCTL_RDMTS(get(nic, REG_RCTL)) + 1);

	return before > threshold && descriptors_free(nic) <= threshold;
}

static void frame_deliver(struct model *model, size_t size, bool inexact)
{
	struct e1000e_model *nic = e1000e_of(model);
	const uint32_t before = descriptors_free(nic);
	struct verdict verdict = {.status = STATUS_DD | STATUS_EOP | (inexact ? STATUS_PIF : 0)};
	size_t stored;

	verdict_check(nic, size, &verdict);
	stored = tag_strip(nic, size, &verdict);
	if (!(get(nic, REG_RCTL) & RCTL_SECRC))
		stored = fcs_append(nic, stored);
	if (!has_room(model, stored) || !frame_store(model, stored, &verdict)) {
		frame_miss(model);
		return;
	}
	count_received(nic, size);
	model_e1000e_cause(model, CAUSE_RXT0 | (is_low(nic, before) ? CAUSE_RXDMT0 : 0));
}

static void frame_take(struct model *model, size_t size)
{
	struct e1000e_model *nic = e1000e_of(model);
	const uint32_t control = get(nic, REG_RCTL);
	bool inexact;

	if (!nic->up || !(control & RCTL_EN))
		return;
	model_e1000e_count(nic, STAT_TPR);
	model_e1000e_count_bytes(nic, STAT_TOR, size + FCS);
	if (size < SHORTEST) {
		model_e1000e_count(nic, STAT_RUC);
		return;
	}
	if (!model_e1000e_filter(nic, nic->rx.frame, &inexact))
		return;
	if (size + FCS > (control & RCTL_LPE ? LONGEST : NORMAL)) {
		model_e1000e_count(nic, STAT_ROC);
		return;
	}
	frame_deliver(model, size, inexact);
}

bool model_e1000e_receive(struct model *model)
{
	struct e1000e_model *nic = e1000e_of(model);
	size_t size;

	for (unsigned int i = 0; nic->wire && i < BATCH; i++) {
		size = nic->wire->ops->receive(nic->wire, nic->rx.frame);
		if (!size)
			return false;
		frame_take(model, size);
	}
	return nic->wire;
}
