// SPDX-License-Identifier: MIT
/* Frames to and from a card made of memory. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>
#include "e1000e-fake.h"

static void count_bytes(const void *frame, size_t length, bool checked, void *arg)
{
	*(size_t *)arg += length + *(const uint8_t *)frame;
}

Test(e1000e_frames, frames_are_received_from_where_the_card_put_them)
{
	struct e1000e_rx_descriptor *ring;
	size_t sum = 0, done = 99;
	struct fixture f;

	fixture_open(&f, &(struct uldf_e1000e_options){.polled = true});
	ring = (void *)(uintptr_t)card_pair(E1000E_RDBAL);
	for (unsigned int i = 0; i < 3; i++) {
		*(uint8_t *)(uintptr_t)ring[i].address = 7;
		ring[i].length = 100;
		ring[i].status = E1000E_RX_DD | E1000E_RX_EOP;
	}
	ring[1].errors = 1;
	cr_expect(eq(int, uldf_e1000e_receive(f.nic, 2, count_bytes, &sum, &done), 0));
	cr_expect(eq(sz, done, 2));
	cr_expect(eq(sz, sum, 107));
	cr_expect(eq(uint, card.registers[E1000E_RDT / 4], 1));
	cr_expect(eq(int, uldf_e1000e_receive(f.nic, 64, count_bytes, &sum, &done), 0));
	cr_expect(eq(sz, done, 1));
	cr_expect(eq(sz, sum, 214));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

Test(e1000e_frames, a_batch_is_sent_by_one_write_and_what_does_not_fit_is_left)
{
	struct uldf_e1000e_frame list[300];
	struct e1000e_tx_descriptor *ring;
	struct fixture f;
	size_t done = 99;

	for (unsigned int i = 0; i < 300; i++)
		list[i] = (struct uldf_e1000e_frame){.bus = 0x1000 + i, .length = 60 + i};
	fixture_open(&f, &(struct uldf_e1000e_options){.polled = true});
	ring = (void *)(uintptr_t)card_pair(E1000E_TDBAL);
	card.writes = 1;
	cr_expect(eq(int, uldf_e1000e_send(f.nic, list, 300, &done), 0));
	card.writes = -1;
	cr_expect(eq(sz, done, 255));
	cr_expect(eq(uint, card.registers[E1000E_TDT / 4], 255));
	cr_expect(eq(u64, ring[254].address, 0x1000 + 254));
	cr_expect(eq(sz, uldf_e1000e_sent(f.nic), 0));
	ring[254].status = E1000E_TX_DD;
	cr_expect(eq(sz, uldf_e1000e_sent(f.nic), 255));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

Test(e1000e_frames, a_batch_with_an_impossible_frame_is_refused_whole)
{
	static const uint32_t lengths[] = {0, 13, 1519, 65536, UINT32_MAX};
	struct uldf_e1000e_frame list[2] = {{.length = 60}};
	struct fixture f;
	size_t done = 99;

	fixture_open(&f, &(struct uldf_e1000e_options){.polled = true});
	for (unsigned int i = 0; i < 5; i++) {
		list[1].length = lengths[i];
		cr_expect(eq(int, uldf_e1000e_send(f.nic, list, 2, &done), -EINVAL));
	}
	cr_expect(eq(sz, done, 0));
	cr_expect(eq(uint, card.registers[E1000E_TDT / 4], 0));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

Test(e1000e_frames, what_the_card_was_not_told_of_for_sure_counts_as_taken)
{
	struct uldf_e1000e_frame list[2] = {{.length = 60}, {.length = 60}};
	struct fixture f;
	size_t done = 99, lost;

	fixture_open(&f, &(struct uldf_e1000e_options){.polled = true});
	card.writes = 0;
	cr_expect(eq(int, uldf_e1000e_send(f.nic, list, 2, &done), -ENODEV));
	cr_expect(eq(sz, done, 2));
	card.writes = -1;
	cr_expect(eq(sz, uldf_e1000e_sent(f.nic), 0));
	cr_expect(eq(int, uldf_e1000e_restart(f.nic, &lost), 0));
	cr_expect(eq(sz, lost, 2));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

Test(e1000e_frames, longer_frames_are_sent_once_they_are_allowed)
{
	struct uldf_e1000e_frame frame = {.length = ULDF_E1000E_JUMBO_MAX};
	struct fixture f;
	size_t done;

	fixture_open(&f, &(struct uldf_e1000e_options){.polled = true});
	cr_expect(eq(uint, card.registers[E1000E_RCTL / 4] & E1000E_RCTL_LPE, 0));
	cr_expect(eq(int, uldf_e1000e_send(f.nic, &frame, 1, &done), -EINVAL));
	cr_expect(eq(int, uldf_e1000e_set_frame_max(f.nic, ULDF_E1000E_JUMBO_MAX + 1), -ERANGE));
	cr_expect(eq(int, uldf_e1000e_set_frame_max(f.nic, ULDF_E1000E_JUMBO_MAX), 0));
	cr_expect(ne(uint, card.registers[E1000E_RCTL / 4] & E1000E_RCTL_LPE, 0));
	cr_expect(eq(int, uldf_e1000e_send(f.nic, &frame, 1, &done), 0));
	frame.length++;
	cr_expect(eq(int, uldf_e1000e_send(f.nic, &frame, 1, &done), -EINVAL));
	cr_expect(eq(int, uldf_e1000e_set_frame_max(f.nic, 100), 0));
	cr_expect(eq(uint, card.registers[E1000E_RCTL / 4] & E1000E_RCTL_LPE, 0));
	frame.length = ULDF_E1000E_FRAME_MAX;
	cr_expect(eq(int, uldf_e1000e_send(f.nic, &frame, 1, &done), 0));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

static struct {
	size_t length[8];
	uint8_t first[8], last[8];
	bool checked[8];
	unsigned int count;
} heard;

static void hear(const void *frame, size_t length, bool checked, void *arg)
{
	heard.length[heard.count] = length;
	heard.checked[heard.count] = checked;
	heard.first[heard.count] = *(const uint8_t *)frame;
	heard.last[heard.count] = ((const uint8_t *)frame)[length - 1];
	heard.count++;
}

static unsigned int put_frame(unsigned int at, size_t length)
{
	struct e1000e_rx_descriptor *ring = (void *)(uintptr_t)card_pair(E1000E_RDBAL);
	size_t part;

	for (; length; length -= part, at++) {
		part = length < E1000E_BUFFER ? length : E1000E_BUFFER;
		memset((void *)(uintptr_t)ring[at].address, (int)at, E1000E_BUFFER);
		ring[at].length = (uint16_t)part;
		ring[at].status = E1000E_RX_DD | (part == length ? E1000E_RX_EOP : 0);
	}
	return at;
}

Test(e1000e_frames, a_frame_of_several_buffers_is_received_as_one)
{
	struct uldf_e1000e_stats stats;
	unsigned int at = 1;
	struct fixture f;
	size_t done;

	fixture_open(&f, &(struct uldf_e1000e_options){.polled = true});
	cr_assert(eq(int, uldf_e1000e_set_frame_max(f.nic, ULDF_E1000E_JUMBO_MAX), 0));
	at = put_frame(put_frame(0, 100), ULDF_E1000E_JUMBO_MAX);
	cr_assert(eq(uint, at, 6));
	at = put_frame(at, ULDF_E1000E_JUMBO_MAX + 1);
	at = put_frame(at, 4096);
	/* A batch may end within a frame. */
	cr_expect(eq(int, uldf_e1000e_receive(f.nic, 3, hear, NULL, &done), 0));
	cr_expect(eq(sz, done, 3));
	cr_expect(eq(uint, heard.count, 1));
	cr_expect(eq(int, uldf_e1000e_receive(f.nic, 64, hear, NULL, &done), 0));
	cr_expect(eq(sz, done, at - 3));
	cr_assert(eq(uint, heard.count, 3));
	cr_expect(eq(sz, heard.length[1], ULDF_E1000E_JUMBO_MAX));
	cr_expect(eq(u8, heard.first[1], 1));
	cr_expect(eq(u8, heard.last[1], 5));
	cr_expect(eq(sz, heard.length[2], 4096));
	cr_expect(eq(int, uldf_e1000e_stats(f.nic, &stats), 0));
	cr_expect(eq(u64, stats.errors, 1));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

Test(e1000e_frames, a_frame_longer_than_allowed_is_an_error)
{
	struct uldf_e1000e_stats stats;
	struct fixture f;
	size_t done;

	fixture_open(&f, &(struct uldf_e1000e_options){.polled = true});
	put_frame(put_frame(put_frame(0, ULDF_E1000E_FRAME_MAX + 1), 5000), ULDF_E1000E_FRAME_MAX);
	cr_expect(eq(int, uldf_e1000e_receive(f.nic, 64, hear, NULL, &done), 0));
	cr_expect(eq(sz, done, 5));
	cr_expect(eq(uint, heard.count, 1));
	cr_expect(eq(u8, heard.first[0], 4));
	cr_expect(eq(int, uldf_e1000e_stats(f.nic, &stats), 0));
	cr_expect(eq(u64, stats.errors, 2));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

/* Of a frame of several buffers, the last descriptor says so. */
Test(e1000e_frames, whether_a_checksum_was_found_right_is_handed_on)
{
	struct e1000e_rx_descriptor *ring;
	struct fixture f;
	size_t done;

	fixture_open(&f, &(struct uldf_e1000e_options){.polled = true});
	cr_expect(eq(uint, card.registers[E1000E_RXCSUM / 4],
		     E1000E_RXCSUM_IPOFL | E1000E_RXCSUM_TUOFL));
	cr_assert(eq(int, uldf_e1000e_set_frame_max(f.nic, ULDF_E1000E_JUMBO_MAX), 0));
	ring = (void *)(uintptr_t)card_pair(E1000E_RDBAL);
	put_frame(put_frame(put_frame(0, 100), 100), 4000);
	ring[1].status |= E1000E_RX_TCPCS;
	ring[3].status |= E1000E_RX_UDPCS;
	cr_expect(eq(int, uldf_e1000e_receive(f.nic, 64, hear, NULL, &done), 0));
	cr_assert(eq(uint, heard.count, 3));
	cr_expect(heard.checked[0] == false);
	cr_expect(heard.checked[1]);
	cr_expect(heard.checked[2]);
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

static const struct uldf_e1000e_frame cut = {
	.bus = 0x1000,
	.length = ULDF_E1000E_SEGMENTED_MAX,
	.checksum_start = 34,
	.checksum_at = 50,
	.segment = 1460,
	.header = 54,
	.ip_start = 14,
	.ip_version = 4,
};

Test(e1000e_frames, what_the_card_cannot_cut_or_sum_is_refused)
{
	struct uldf_e1000e_frame list[14];
	struct fixture f;
	size_t done;

	for (unsigned int i = 0; i < 14; i++)
		list[i] = cut;
	list[0].length++;
	list[1].checksum_start = 0;
	list[2].udp = true;
	list[3].ip_version = 5;
	list[4].ip_start = 13;
	list[5].ip_start = 24;
	list[6].header = 50;
	list[7].length = 54;
	list[8].segment = 1465; /* longer than the longest frame */
	list[9].bus = 0x1fc7;	/* a page ends within the first bytes of payload */
	list[10].segment = 0;	/* too long as it is */
	list[11] =
		(struct uldf_e1000e_frame){.length = 60, .checksum_start = 13, .checksum_at = 20};
	list[12] =
		(struct uldf_e1000e_frame){.length = 60, .checksum_start = 34, .checksum_at = 33};
	list[13] =
		(struct uldf_e1000e_frame){.length = 60, .checksum_start = 34, .checksum_at = 59};
	fixture_open(&f, &(struct uldf_e1000e_options){.polled = true});
	for (unsigned int i = 0; i < 14; i++)
		cr_expect(eq(int, uldf_e1000e_send(f.nic, &list[i], 1, &done), -EINVAL), "row %u",
			  i);
	cr_expect(eq(uint, card.registers[E1000E_TDT / 4], 0));
	list[8].segment = 1464;
	list[9].bus = 0x1fc6;
	list[13].checksum_at = 58;
	cr_expect(eq(int, uldf_e1000e_send(f.nic, &list[8], 1, &done), 0));
	cr_expect(eq(int, uldf_e1000e_send(f.nic, &list[9], 1, &done), 0));
	cr_expect(eq(int, uldf_e1000e_send(f.nic, &list[13], 1, &done), 0));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}

Test(e1000e_frames, frames_of_many_descriptors_fit_as_their_cost_says)
{
	struct uldf_e1000e_frame list[20];
	struct fixture f;
	size_t done;

	for (unsigned int i = 0; i < 20; i++)
		list[i] = cut;
	cr_expect(eq(uint, uldf_e1000e_cost(&cut), 18));
	list[0].bus = 0x1fff;
	cr_expect(eq(uint, uldf_e1000e_cost(&list[0]), ULDF_E1000E_COST_MAX));
	list[0] = cut;
	fixture_open(&f, &(struct uldf_e1000e_options){.polled = true});
	cr_expect(eq(uint, uldf_e1000e_room(f.nic), 255));
	cr_expect(eq(int, uldf_e1000e_send(f.nic, list, 20, &done), 0));
	cr_expect(eq(sz, done, 14));
	cr_expect(eq(uint, uldf_e1000e_room(f.nic), 255 - 14 * 18));
	cr_expect(eq(int, uldf_e1000e_send(f.nic, list, 1, &done), 0));
	cr_expect(eq(sz, done, 0));
	uldf_e1000e_close(f.nic);
	fixture_fini(&f);
}
