// SPDX-License-Identifier: MIT
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <endian.h>
#include <string.h>
#include "e1000e-ring.h"

#define BUFFERS 0x123456000000ull

static struct e1000e_rx_descriptor rx_ring[E1000E_RING];
static struct e1000e_tx_descriptor tx_ring[E1000E_RING];
static struct e1000e_rx rx;
static struct e1000e_tx tx;

/* What the device does with the descriptor it uses next. */
static void device_fills(unsigned int index, unsigned int length, uint8_t status, uint8_t errors)
{
	rx_ring[index].length = htole16((uint16_t)length);
	rx_ring[index].status = status;
	rx_ring[index].errors = errors;
}

static enum e1000e_rx_found take(unsigned int *index, unsigned int *length)
{
	bool checked;

	*index = *length = 99999;
	return e1000e_rx_take(&rx, index, length, &checked);
}

static void put(uint64_t bus, uint32_t length, bool report)
{
	e1000e_tx_put(&tx, &(struct uldf_e1000e_frame){.bus = bus, .length = length}, report);
}

static void expect_bytes(unsigned int index, const uint8_t wanted[16])
{
	const uint8_t *found = (const uint8_t *)&tx_ring[index];

	for (unsigned int i = 0; i < 16; i++)
		cr_expect(eq(u8, found[i], wanted[i]), "descriptor %u, byte %u", index, i);
}

Test(e1000e_ring, descriptors_have_the_layout_of_the_datasheet)
{
	cr_assert(eq(sz, sizeof(struct e1000e_rx_descriptor), 16));
	cr_assert(eq(sz, sizeof(struct e1000e_tx_descriptor), 16));
	cr_assert(eq(sz, sizeof(struct e1000e_tx_context), 16));
	cr_expect(eq(sz, offsetof(struct e1000e_rx_descriptor, status), 12));
	cr_expect(eq(sz, offsetof(struct e1000e_rx_descriptor, errors), 13));
	cr_expect(eq(sz, offsetof(struct e1000e_tx_descriptor, status), 12));
	e1000e_tx_init(&tx, tx_ring);
	put(0x0102030405060000, 1518, true);
	expect_bytes(0, (const uint8_t[16]){0, 0, 6, 5, 4, 3, 2, 1, 0xee, 0x05, 0x10, 0x2b, 0, 0});
}

Test(e1000e_ring, a_frame_has_a_descriptor_for_each_page)
{
	e1000e_tx_init(&tx, tx_ring);
	put(0x10f00, 9230, true);
	cr_assert(eq(uint, tx.next, 4));
	expect_bytes(0, (const uint8_t[16]){0, 0x0f, 1, 0, 0, 0, 0, 0, 0, 0x01, 0x10, 0x22});
	expect_bytes(1, (const uint8_t[16]){0, 0x10, 1, 0, 0, 0, 0, 0, 0, 0x10, 0x10, 0x22});
	expect_bytes(2, (const uint8_t[16]){0, 0x20, 1, 0, 0, 0, 0, 0, 0, 0x10, 0x10, 0x22});
	expect_bytes(3, (const uint8_t[16]){0, 0x30, 1, 0, 0, 0, 0, 0, 0x0e, 0x03, 0x10, 0x2b});
	cr_expect(eq(uint, e1000e_tx_pending(&tx), 1));
	cr_expect(eq(uint, e1000e_tx_reap(&tx), 0));
	tx_ring[3].status = E1000E_TX_DD;
	cr_expect(eq(uint, e1000e_tx_reap(&tx), 1));
	cr_expect(eq(uint, e1000e_tx_room(&tx), E1000E_RING - 1));
	put(0x11000, 4096, true);
	cr_expect(eq(uint, tx.next, 5));
}

/* Ethernet, IPv4 without options, UDP at 34 with its checksum at 40; then TCP at 34 with its checksum at 50. */
Test(e1000e_ring, a_checksum_to_insert_is_described_by_a_context)
{
	struct uldf_e1000e_frame frame = {
		.bus = 0x1000,
		.length = 100,
		.checksum_start = 34,
		.checksum_at = 40,
		.udp = true,
	};

	e1000e_tx_init(&tx, tx_ring);
	e1000e_tx_put(&tx, &frame, true);
	cr_assert(eq(uint, tx.next, 2));
	expect_bytes(0, (const uint8_t[16]){0, 0, 0, 0, 34, 40, 0, 0, 0, 0, 0, 0x20});
	expect_bytes(1, (const uint8_t[16]){0, 0x10, 0, 0, 0, 0, 0, 0, 100, 0, 0x10, 0x2b, 0, 2});
	cr_expect(eq(uint, e1000e_tx_pending(&tx), 1));
	tx_ring[1].status = E1000E_TX_DD;
	cr_expect(eq(uint, e1000e_tx_reap(&tx), 1));
	frame.checksum_at = 50;
	frame.udp = false;
	e1000e_tx_put(&tx, &frame, true);
	expect_bytes(2, (const uint8_t[16]){0, 0, 0, 0, 34, 50, 0, 0, 0, 0, 0, 0x21});
}

Test(e1000e_ring, a_frame_to_cut_is_described_by_a_context)
{
	struct uldf_e1000e_frame frame = {
		.bus = 0x1000,
		.length = 54 + 5000,
		.checksum_start = 34,
		.checksum_at = 50,
		.segment = 1460,
		.header = 54,
		.ip_start = 14,
		.ip_version = 4,
	};

	e1000e_tx_init(&tx, tx_ring);
	e1000e_tx_put(&tx, &frame, true);
	cr_assert(eq(uint, tx.next, 3));
	/* 5000 bytes of payload; TSE, IP, TCP; segments of 1460 */
	expect_bytes(0, (const uint8_t[16]){14, 24, 33, 0, 34, 50, 0, 0, 0x88, 0x13, 0, 0x27, 0, 54,
					    0xb4, 0x05});
	expect_bytes(1, (const uint8_t[16]){0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0x10, 0x10, 0x26, 0, 3});
	expect_bytes(2,
		     (const uint8_t[16]){0, 0x20, 0, 0, 0, 0, 0, 0, 0xbe, 0x03, 0x10, 0x2f, 0, 3});
	/* IPv6 has no checksum of its own. */
	frame.ip_version = 6;
	frame.checksum_start = 54;
	frame.checksum_at = 70;
	frame.header = 74;
	frame.length = 74 + 4000;
	e1000e_tx_put(&tx, &frame, true);
	cr_assert(eq(uint, tx.next, 5));
	expect_bytes(3, (const uint8_t[16]){14, 0, 0, 0, 54, 70, 0, 0, 0xa0, 0x0f, 0, 0x25, 0, 74,
					    0xb4, 0x05});
	expect_bytes(4,
		     (const uint8_t[16]){0, 0x10, 0, 0, 0, 0, 0, 0, 0xea, 0x0f, 0x10, 0x2f, 0, 2});
}

Test(e1000e_ring, a_checksum_is_right_when_the_device_says_so_of_all_headers)
{
	static const struct {
		uint8_t status;
		uint8_t errors;
		bool checked;
	} table[] = {
		{0, 0, false},
		{E1000E_RX_TCPCS, 0, true},
		{E1000E_RX_UDPCS, 0, true},
		{E1000E_RX_TCPCS | E1000E_RX_IXSM, 0, false},
		{E1000E_RX_TCPCS, E1000E_RX_TCPE, false},
		{E1000E_RX_UDPCS, E1000E_RX_IPE, false},
	};
	unsigned int index, length;
	bool checked;

	e1000e_rx_init(&rx, rx_ring, BUFFERS);
	for (unsigned int i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		device_fills(i, 60, E1000E_RX_DD | E1000E_RX_EOP | table[i].status,
			     table[i].errors);
		cr_assert(eq(int, e1000e_rx_take(&rx, &index, &length, &checked), E1000E_RX_FRAME));
		cr_expect(eq(int, checked, table[i].checked), "row %u", i);
	}
}

Test(e1000e_ring, every_buffer_is_the_devices_at_first_and_all_but_one_may_be_used)
{
	unsigned int index, length;

	memset(rx_ring, 0xff, sizeof(rx_ring));
	e1000e_rx_init(&rx, rx_ring, BUFFERS);
	for (unsigned int i = 0; i < E1000E_RING; i++) {
		cr_assert(eq(u64, le64toh(rx_ring[i].address), BUFFERS + 2048ull * i));
		cr_assert(eq(int, rx_ring[i].status, 0));
	}
	cr_expect(eq(uint, e1000e_rx_tail(&rx), E1000E_RING - 1));
	cr_expect(eq(int, take(&index, &length), E1000E_RX_NONE));
}

Test(e1000e_ring, frames_come_in_order_and_their_buffers_go_back)
{
	unsigned int index, length;

	e1000e_rx_init(&rx, rx_ring, BUFFERS);
	for (unsigned int i = 0; i < 3 * E1000E_RING; i++) {
		device_fills(i % E1000E_RING, 60 + i, E1000E_RX_DD | E1000E_RX_EOP, 0);
		cr_assert(eq(int, take(&index, &length), E1000E_RX_FRAME));
		cr_assert(eq(uint, index, i % E1000E_RING));
		cr_assert(eq(uint, length, 60 + i));
		cr_assert(eq(int, rx_ring[index].status, 0));
		cr_assert(eq(u64, le64toh(rx_ring[index].address), BUFFERS + 2048ull * index));
		cr_assert(eq(uint, e1000e_rx_tail(&rx), index));
		cr_assert(eq(int, take(&index, &length), E1000E_RX_NONE));
	}
}

Test(e1000e_ring, damaged_and_impossible_frames_are_bad)
{
	static const struct {
		unsigned int length;
		uint8_t errors;
		enum e1000e_rx_found found;
	} table[] = {
		{64, 0x01, E1000E_RX_BAD},   /* CRC */
		{64, 0x02, E1000E_RX_BAD},   /* symbol */
		{64, 0x04, E1000E_RX_BAD},   /* sequence */
		{64, 0x10, E1000E_RX_BAD},   /* carrier extension */
		{64, 0x80, E1000E_RX_BAD},   /* data */
		{64, 0x20, E1000E_RX_FRAME}, /* TCP checksum: the receiver's to judge */
		{64, 0x40, E1000E_RX_FRAME}, /* IP checksum */
		{0, 0, E1000E_RX_BAD},	     {1, 0, E1000E_RX_FRAME},	{2048, 0, E1000E_RX_FRAME},
		{2049, 0, E1000E_RX_BAD},    {65535, 0, E1000E_RX_BAD},
	};
	unsigned int index, length;

	e1000e_rx_init(&rx, rx_ring, BUFFERS);
	for (unsigned int i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		device_fills(i, table[i].length, E1000E_RX_DD | E1000E_RX_EOP, table[i].errors);
		cr_expect(eq(int, take(&index, &length), (int)table[i].found), "row %u", i);
		cr_expect(eq(uint, length, table[i].found == E1000E_RX_FRAME ? table[i].length : 0),
			  "row %u", i);
	}
}

Test(e1000e_ring, a_frame_of_several_buffers_is_bad_when_one_of_them_is)
{
	static const struct {
		unsigned int length;
		uint8_t status;
		uint8_t errors;
		enum e1000e_rx_found found;
		unsigned int given;
	} table[] = {
		{2048, E1000E_RX_DD, 0, E1000E_RX_MORE, 2048},
		{2048, E1000E_RX_DD, 0xff, E1000E_RX_MORE, 2048}, /* errors count at the end */
		{100, E1000E_RX_DD | E1000E_RX_EOP, 0, E1000E_RX_FRAME, 100},
		{2048, E1000E_RX_DD, 0, E1000E_RX_MORE, 2048},
		{3000, E1000E_RX_DD, 0, E1000E_RX_MORE, 0},
		{2048, E1000E_RX_DD, 0, E1000E_RX_MORE, 0},
		{100, E1000E_RX_DD | E1000E_RX_EOP, 0, E1000E_RX_BAD, 0},
		{0, E1000E_RX_DD, 0, E1000E_RX_MORE, 0},
		{100, E1000E_RX_DD | E1000E_RX_EOP, 0, E1000E_RX_BAD, 0},
		{2048, E1000E_RX_DD, 0, E1000E_RX_MORE, 2048},
		{100, E1000E_RX_DD | E1000E_RX_EOP, 1, E1000E_RX_BAD, 0},
		{100, E1000E_RX_DD | E1000E_RX_EOP, 0, E1000E_RX_FRAME, 100},
	};
	unsigned int index, length;

	e1000e_rx_init(&rx, rx_ring, BUFFERS);
	for (unsigned int i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		device_fills(i, table[i].length, table[i].status, table[i].errors);
		cr_expect(eq(int, take(&index, &length), (int)table[i].found), "row %u", i);
		cr_expect(eq(uint, index, i));
		cr_expect(eq(uint, length, table[i].given), "row %u", i);
	}
}

Test(e1000e_ring, one_descriptor_of_the_send_ring_stays_free)
{
	e1000e_tx_init(&tx, tx_ring);
	cr_assert(eq(uint, e1000e_tx_room(&tx), E1000E_RING - 1));
	for (unsigned int i = 0; i < E1000E_RING - 1; i++)
		put(BUFFERS, 60, true);
	cr_expect(eq(uint, e1000e_tx_room(&tx), 0));
	cr_expect(eq(uint, e1000e_tx_pending(&tx), E1000E_RING - 1));
	cr_expect(ne(uint, tx.next, tx.oldest));
	tx_ring[0].status = E1000E_TX_DD;
	cr_expect(eq(uint, e1000e_tx_reap(&tx), 1));
	cr_expect(eq(uint, e1000e_tx_pending(&tx), E1000E_RING - 2));
	cr_expect(eq(uint, e1000e_tx_room(&tx), 1));
}

Test(e1000e_ring, a_batch_is_done_when_its_last_frame_is)
{
	e1000e_tx_init(&tx, tx_ring);
	for (unsigned int i = 0; i < 5; i++)
		put(BUFFERS, 60, i == 2 || i == 4);
	for (unsigned int i = 0; i < 5; i++)
		cr_expect(eq(int, !!(le32toh(tx_ring[i].length) & E1000E_TX_RS), i == 2 || i == 4));
	cr_expect(eq(uint, e1000e_tx_reap(&tx), 0));
	tx_ring[0].status = E1000E_TX_DD; /* not asked for: says nothing of the batch */
	cr_expect(eq(uint, e1000e_tx_reap(&tx), 0));
	tx_ring[4].status = E1000E_TX_DD; /* out of order: the first batch is not done */
	cr_expect(eq(uint, e1000e_tx_reap(&tx), 0));
	tx_ring[2].status = E1000E_TX_DD;
	cr_expect(eq(uint, e1000e_tx_reap(&tx), 5));
	cr_expect(eq(uint, e1000e_tx_reap(&tx), 0));
	cr_expect(eq(uint, e1000e_tx_room(&tx), E1000E_RING - 1));
}

/* The device also writes its status over descriptors that are used again afterwards. */
Test(e1000e_ring, rounds_of_the_send_ring_do_not_see_the_status_of_the_last)
{
	unsigned int reaped = 0;

	e1000e_tx_init(&tx, tx_ring);
	for (unsigned int i = 0; i < 3 * E1000E_RING; i += 2) {
		put(BUFFERS, 60, false);
		put(BUFFERS, 60, true);
		cr_assert(eq(uint, e1000e_tx_reap(&tx), 0));
		tx_ring[(i + 1) % E1000E_RING].status = E1000E_TX_DD;
		reaped += e1000e_tx_reap(&tx);
		cr_assert(eq(uint, reaped, i + 2));
	}
}
