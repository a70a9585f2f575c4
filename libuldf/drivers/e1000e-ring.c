// SPDX-License-Identifier: MIT
#include <endian.h>
#include <string.h>
#include "e1000e-ring.h"

static unsigned int after(unsigned int index)
{
	return (index + 1) % E1000E_RING;
}

/* The device writes a descriptor's status last: what it wrote before is there once that is seen. */
static bool is_done(const uint8_t *status, uint8_t done)
{
	return __atomic_load_n(status, __ATOMIC_ACQUIRE) & done;
}

void e1000e_rx_init(struct e1000e_rx *rx, struct e1000e_rx_descriptor *ring, uint64_t buffers)
{
	*rx = (struct e1000e_rx){.ring = ring, .buffers = buffers};
	memset(ring, 0, E1000E_RING * sizeof(*ring));
	for (unsigned int i = 0; i < E1000E_RING; i++)
		ring[i].address = htole64(buffers + (uint64_t)i * E1000E_BUFFER);
}

static bool is_checked(const struct e1000e_rx_descriptor *found)
{
	return !(found->status & E1000E_RX_IXSM) &&
	       !(found->errors & (E1000E_RX_TCPE | E1000E_RX_IPE)) &&
	       found->status & (E1000E_RX_TCPCS | E1000E_RX_UDPCS);
}

enum e1000e_rx_found e1000e_rx_take(struct e1000e_rx *rx, unsigned int *index, unsigned int *length,
				    bool *checked)
{
	struct e1000e_rx_descriptor *descriptor = &rx->ring[rx->next];
	struct e1000e_rx_descriptor found;
	bool spoiled;

	if (!is_done(&descriptor->status, E1000E_RX_DD))
		return E1000E_RX_NONE;
	found = *(volatile struct e1000e_rx_descriptor *)descriptor;
	*descriptor = (struct e1000e_rx_descriptor){
		.address = htole64(rx->buffers + (uint64_t)rx->next * E1000E_BUFFER),
	};
	*index = rx->next;
	*length = le16toh(found.length);
	*checked = is_checked(&found);
	rx->next = after(rx->next);
	spoiled = rx->spoiled || !*length || *length > E1000E_BUFFER;
	rx->spoiled = spoiled && !(found.status & E1000E_RX_EOP);
	if (found.status & E1000E_RX_EOP && found.errors & E1000E_RX_ERRORS)
		spoiled = true;
	if (spoiled)
		*length = 0;
	if (!(found.status & E1000E_RX_EOP))
		return E1000E_RX_MORE;
	return spoiled ? E1000E_RX_BAD : E1000E_RX_FRAME;
}

unsigned int e1000e_rx_tail(const struct e1000e_rx *rx)
{
	return (rx->next + E1000E_RING - 1) % E1000E_RING;
}

void e1000e_tx_init(struct e1000e_tx *tx, struct e1000e_tx_descriptor *ring)
{
	*tx = (struct e1000e_tx){.ring = ring};
	memset(ring, 0, E1000E_RING * sizeof(*ring));
}

unsigned int e1000e_tx_room(const struct e1000e_tx *tx)
{
	return E1000E_RING - 1 - (tx->next + E1000E_RING - tx->oldest) % E1000E_RING;
}

static void tx_append(struct e1000e_tx *tx, const void *descriptor, bool end, bool report)
{
	memcpy(&tx->ring[tx->next], descriptor, sizeof(*tx->ring));
	tx->ends[tx->next] = end;
	tx->reports[tx->next] = report;
	tx->next = after(tx->next);
}

/* Section 7.2.6. The payload of a frame to cut excludes its headers. */
static void put_context(struct e1000e_tx *tx, const struct uldf_e1000e_frame *frame)
{
	struct e1000e_tx_context context = {
		.start = frame->checksum_start,
		.checksum = frame->checksum_at,
	};
	uint32_t length = E1000E_TX_DEXT | (frame->udp ? 0 : E1000E_TX_TCP);

	if (frame->segment) {
		context.ip_start = frame->ip_start;
		context.header = frame->header;
		context.segment = htole16(frame->segment);
		length |= E1000E_TX_TSE | (frame->length - frame->header);
	}
	if (frame->segment && frame->ip_version == 4) {
		context.ip_checksum = (uint8_t)(frame->ip_start + 10);
		context.ip_end = htole16((uint16_t)(frame->checksum_start - 1));
		length |= E1000E_TX_IP;
	}
	context.length = htole32(length);
	tx_append(tx, &context, false, false);
}

void e1000e_tx_put(struct e1000e_tx *tx, const struct uldf_e1000e_frame *frame, bool report)
{
	const uint32_t command = E1000E_TX_DEXT | E1000E_TX_DATA | E1000E_TX_IFCS |
				 (frame->segment ? E1000E_TX_TSE : 0);
	const uint8_t options = (frame->checksum_start ? E1000E_TX_TXSM : 0) |
				(frame->segment && frame->ip_version == 4 ? E1000E_TX_IXSM : 0);
	uint32_t piece;

	if (frame->checksum_start)
		put_context(tx, frame);
	for (uint32_t at = 0; at < frame->length; at += piece) {
		struct e1000e_tx_descriptor data = {
			.address = htole64(frame->bus + at),
			.options = options,
		};
		bool end;

		piece = E1000E_PAGE - (frame->bus + at) % E1000E_PAGE;
		end = frame->length - at <= piece;
		if (end)
			piece = frame->length - at;
		data.length = htole32(command | piece | (end ? E1000E_TX_EOP : 0) |
				      (end && report ? E1000E_TX_RS : 0));
		tx_append(tx, &data, end, end && report);
	}
}

unsigned int e1000e_tx_reap(struct e1000e_tx *tx)
{
	unsigned int unreported = 0, reaped = 0;

	for (unsigned int i = tx->oldest; i != tx->next; i = after(i)) {
		unreported += tx->ends[i];
		if (!tx->reports[i])
			continue;
		if (!is_done(&tx->ring[i].status, E1000E_TX_DD))
			break;
		reaped += unreported;
		unreported = 0;
		tx->oldest = after(i);
	}
	return reaped;
}

unsigned int e1000e_tx_pending(const struct e1000e_tx *tx)
{
	unsigned int frames = 0;

	for (unsigned int i = tx->oldest; i != tx->next; i = after(i))
		frames += tx->ends[i];
	return frames;
}
