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

enum e1000e_rx_found e1000e_rx_take(struct e1000e_rx *rx, unsigned int *index, unsigned int *length)
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
	return E1000E_RING - 1 - e1000e_tx_pending(tx);
}

void e1000e_tx_put(struct e1000e_tx *tx, uint64_t bus, unsigned int length, bool report)
{
	tx->ring[tx->next] = (struct e1000e_tx_descriptor){
		.address = htole64(bus),
		.length = htole16((uint16_t)length),
		.command = E1000E_TX_EOP | E1000E_TX_IFCS | (report ? E1000E_TX_RS : 0),
	};
	tx->reports[tx->next] = report;
	tx->next = after(tx->next);
}

unsigned int e1000e_tx_reap(struct e1000e_tx *tx)
{
	unsigned int unreported = 0, reaped = 0;

	for (unsigned int i = tx->oldest; i != tx->next; i = after(i)) {
		unreported++;
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
	return (tx->next + E1000E_RING - tx->oldest) % E1000E_RING;
}
