// SPDX-License-Identifier: MIT
/* The rings of the e1000e model by hand: kinds of descriptors that the driver of this tree does not use, and nonsense. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "opened.h"

TestSuite(e1000e_rings, .fini = opened_check_leaks, .timeout = OPENED_TIMEOUT);

enum {
	CTRL = 0x0000,
	STATUS = 0x0008,
	VET = 0x0038,
	ICR = 0x00c0,
	RCTL = 0x0100,
	TCTL = 0x0400,
	PSRCTL = 0x2170,
	RDBAL = 0x2800,
	RDLEN = 0x2808,
	RDH = 0x2810,
	RDT = 0x2818,
	TDBAL = 0x3800,
	TDLEN = 0x3808,
	TDH = 0x3810,
	TDT = 0x3818,
	CRCERRS = 0x4000,
	MPC = 0x4010,
	GPRC = 0x4074,
	GORCL = 0x4088,
	GORCH = 0x408c,
	RXCSUM = 0x5000,
	RFCTL = 0x5008,
	MTA = 0x5200,
};

#define CTRL_SLU     (1u << 6)
#define CTRL_RST     (1u << 26)
#define CTRL_VME     (1u << 30)
#define RCTL_EN	     (1u << 1)
#define RCTL_UPE     (1u << 3)
#define RCTL_256     (3u << 16)
#define RCTL_SECRC   (1u << 26)
#define RFCTL_EXSTEN (1u << 15)
#define EOP	     (1u << 24)
#define IFCS	     (1u << 25)
#define IC	     (1u << 26)
#define RS	     (1u << 27)
#define VLE	     (1u << 30)

#define PAGE	4096
#define PAGES	64
#define BUS	0x100000u
#define RING	8 /* descriptors of either ring */
#define TX_RING PAGE
#define RX_DATA (8 * PAGE) /* a page for each receive descriptor */
#define TX_DATA (32 * PAGE)
#define GUARD	0x5a

struct card {
	struct opened o;
	struct uldf_memory *memory;
	uint8_t *bytes; /* between two pages that are not mapped */
};

static struct card from, to;

static uint32_t get(struct card *card, unsigned int offset)
{
	return (uint32_t)opened_read(&card->o, offset, 4);
}

static void put(struct card *card, unsigned int offset, uint32_t value)
{
	opened_write(&card->o, offset, 4, value);
}

static uint32_t word(const struct card *card, unsigned int descriptor, unsigned int index)
{
	uint32_t value;

	memcpy(&value, card->bytes + descriptor * 16 + index * 4, sizeof(value));
	return le32toh(value);
}

static void word_put(struct card *card, size_t at, uint32_t value)
{
	value = htole32(value);
	memcpy(card->bytes + at, &value, sizeof(value));
}

static void card_start(struct card *card, uint32_t rctl)
{
	memset(card->bytes, 0, 2 * PAGE);
	for (unsigned int i = 0; i < RING; i++)
		word_put(card, i * 16, BUS + RX_DATA + i * PAGE);
	put(card, CTRL, CTRL_SLU);
	put(card, RDBAL, BUS);
	put(card, RDLEN, RING * 16);
	put(card, RDT, RING - 1);
	put(card, TDBAL, BUS + TX_RING);
	put(card, TDLEN, RING * 16);
	put(card, TCTL, 1u << 1 | 1u << 3);
	put(card, RCTL, rctl | RCTL_EN);
}

static void card_init(struct card *card, const char *address, uint32_t rctl)
{
	struct uldf_mapping piece = {.address = BUS, .size = PAGES * PAGE, .access = ULDF_DMA_BOTH};

	opened_init(&card->o, address);
	card->bytes = aligned_alloc(PAGE, (PAGES + 2) * PAGE);
	memset(card->bytes, GUARD, (PAGES + 2) * PAGE);
	card->bytes += PAGE;
	cr_assert(eq(int,
		     uldf_memory_register(card->o.space, card->bytes, PAGES * PAGE, ULDF_DMA_BOTH,
					  &card->memory),
		     0));
	piece.memory = card->memory;
	cr_assert(eq(int, uldf_space_map(card->o.space, &piece, 1), 0));
	card_start(card, rctl);
}

static void card_fini(struct card *card)
{
	uldf_device_close(card->o.device);
	uldf_space_destroy(card->o.space);
	uldf_ctx_destroy(card->o.ctx);
	for (unsigned int i = 0; i < PAGE; i++) {
		cr_assert(eq(int, card->bytes[(int)i - PAGE], GUARD), "written below");
		cr_assert(eq(int, card->bytes[PAGES * PAGE + i], GUARD), "written above");
	}
	free(card->bytes - PAGE);
}

static void cards_init(uint32_t rctl)
{
	card_init(&from, "model:e1000e?peer=rings&mac=02:00:00:00:00:01", 0);
	card_init(&to, "model:e1000e?peer=rings&mac=02:00:00:00:00:02", rctl);
	opened_wait(&from.o, STATUS, 2, 2);
	opened_wait(&to.o, STATUS, 2, 2);
}

static void cards_fini(void)
{
	card_fini(&from);
	card_fini(&to);
}

/* A frame of @size bytes to the other card. */
static uint8_t *frame_fill(size_t size)
{
	uint8_t *frame = from.bytes + TX_DATA;

	for (size_t i = 0; i < size; i++)
		frame[i] = (uint8_t)(i * 3 + 1);
	memcpy(frame, "\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x88\xb5", 14);
	return frame;
}

/* Hands over a descriptor for the frame, and waits until it was read. */
static void send(uint32_t third, uint32_t fourth)
{
	uint32_t at = get(&from, TDT), next = (at + 1) % RING;

	word_put(&from, TX_RING + at * 16, BUS + TX_DATA);
	word_put(&from, TX_RING + at * 16 + 4, 0);
	word_put(&from, TX_RING + at * 16 + 8, third);
	word_put(&from, TX_RING + at * 16 + 12, fourth);
	put(&from, TDT, next);
	opened_wait(&from.o, TDH, UINT32_MAX, next);
}

static void await_frames(uint32_t head)
{
	opened_wait(&to.o, RDH, UINT32_MAX, head);
}

static const uint8_t *received(unsigned int descriptor)
{
	return to.bytes + RX_DATA + descriptor * PAGE;
}

static unsigned int sum(const uint8_t *bytes, size_t size)
{
	unsigned int value = 0;

	for (size_t i = 0; i < size; i++) {
		value += i % 2 ? bytes[i] : (unsigned int)bytes[i] << 8;
		value = (value & 0xffff) + (value >> 16);
	}
	return value;
}

Test(e1000e_rings, a_legacy_descriptor_has_its_checksum_inserted)
{
	uint8_t *frame;

	cards_init(RCTL_SECRC);
	frame = frame_fill(101);
	frame[50] = frame[51] = 0;
	send(101 | 50u << 16 | EOP | IFCS | IC | RS, 20u << 8);
	await_frames(1);
	cr_expect(eq(u32, word(&from, TX_RING / 16, 3) & 1, 1), "it is reported as done");
	cr_expect(eq(uint, sum(received(0) + 20, 81), 0xffff));
	cr_expect(eq(int, memcmp(received(0), frame, 50), 0));
	cr_expect(eq(int, memcmp(received(0) + 52, frame + 52, 49), 0));
	send(101 | 100u << 16 | EOP | IFCS | IC, 20u << 8);
	await_frames(2);
	cr_expect(eq(int, memcmp(received(1), frame, 101), 0),
		  "an offset at the end inserts nothing");
	cr_expect(eq(u32, word(&from, TX_RING / 16 + 1, 3) & 1, 0), "no report was asked for");
	cards_fini();
}

Test(e1000e_rings, a_legacy_receive_descriptor_tells_of_the_frame)
{
	cards_init(RCTL_SECRC);
	frame_fill(200);
	put(&to, RXCSUM, 14);
	send(200 | EOP | IFCS, 0);
	await_frames(1);
	cr_expect(eq(u32, word(&to, 0, 0), BUS + RX_DATA), "the address stays");
	cr_expect(eq(u32, word(&to, 0, 2) & 0xffff, 200));
	cr_expect(eq(u32, word(&to, 0, 2) >> 16, sum(received(0) + 14, 186)));
	cr_expect(eq(u32, word(&to, 0, 3), 1 | 2 | 4), "done, end, no checksum of a protocol");
	cr_expect(eq(u32, get(&to, GPRC), 1));
	cr_expect(eq(u32, get(&to, GPRC), 0), "reading clears");
	cr_expect(eq(u32, get(&to, GORCL), 204));
	cr_expect(eq(u32, get(&to, GORCL), 204), "but not the low half of a pair");
	cr_expect(eq(u32, get(&to, GORCH), 0));
	cr_expect(eq(u32, get(&to, GORCL), 0));
	cards_fini();
}

Test(e1000e_rings, an_extended_receive_descriptor_tells_of_the_frame)
{
	const uint8_t *fcs;

	cards_init(0);
	put(&to, RFCTL, RFCTL_EXSTEN);
	put(&to, RXCSUM, 1u << 13);
	memcpy(frame_fill(60) + 14, "123456789", 9);
	send(60 | EOP | IFCS, 0);
	await_frames(1);
	cr_expect(eq(u32, word(&to, 0, 0), 0));
	cr_expect(eq(u32, word(&to, 0, 1), 0));
	cr_expect(eq(u32, word(&to, 0, 2), 1 | 2 | 4));
	cr_expect(eq(u32, word(&to, 0, 3), 64), "with FCS, which is not stripped");
	/* The FCS over a frame with its own FCS is always this one (IEEE 802.3 section 3.2.9). */
	fcs = received(0) + 60;
	memcpy(from.bytes + TX_DATA + 60, fcs, 4);
	send(64 | EOP, 0);
	await_frames(2);
	cr_expect(eq(int, memcmp(received(1), received(0), 64), 0), "a frame with its own FCS");
	from.bytes[TX_DATA + 30] ^= 1;
	send(64 | EOP, 0);
	frame_fill(60);
	send(60 | EOP | IFCS, 0);
	await_frames(3);
	cr_expect(eq(int, received(2)[30], (uint8_t)(30 * 3 + 1)), "one with a wrong FCS is lost");
	cards_fini();
}

Test(e1000e_rings, a_frame_fills_as_many_buffers_as_it_needs)
{
	uint8_t *frame;

	cards_init(RCTL_SECRC | RCTL_256);
	frame = frame_fill(600);
	send(600 | EOP | IFCS, 0);
	await_frames(3);
	for (unsigned int i = 0; i < 3; i++) {
		size_t size = i < 2 ? 256 : 88;

		cr_expect(eq(u32, word(&to, i, 2) & 0xffff, (uint32_t)size));
		cr_expect(eq(u32, word(&to, i, 3) & 3, i < 2 ? 1 : 3));
		cr_expect(eq(int, memcmp(received(i), frame + (size_t)i * 256, size), 0));
	}
	cr_expect(eq(u32, get(&to, ICR) & (1u << 7 | 1u << 4), 1u << 7 | 1u << 4),
		  "four are left of eight: half is the threshold");
	send(1300 | EOP | IFCS, 0);
	opened_wait(&to.o, MPC, 1, 1);
	cr_expect(eq(u32, get(&to, RDH), 3), "what does not fit whole is missed whole");
	cr_expect(eq(u32, get(&to, ICR) & 1u << 6, 1u << 6));
	cards_fini();
}

Test(e1000e_rings, a_packet_split_descriptor_has_four_buffers)
{
	uint8_t *frame;

	cards_init(RCTL_SECRC | 1u << 5 | 1u << 10);
	for (unsigned int i = 0; i < 8; i++)
		word_put(&to, i * 8, BUS + RX_DATA + i * PAGE);
	put(&to, PSRCTL, 2u << 0 | 1u << 8 | 0u << 16 | 1u << 24);
	frame = frame_fill(3000);
	send(3000 | EOP | IFCS, 0);
	await_frames(4);
	/* 256 + 1024 + 0 + 1024 bytes, then 696 that skip the first buffer */
	cr_expect(eq(u32, word(&to, 0, 2) & 3, 1));
	cr_expect(eq(u32, word(&to, 0, 3) & 0xffff, 256));
	cr_expect(eq(u32, word(&to, 1, 0), 1024u << 16));
	cr_expect(eq(u32, word(&to, 1, 1), 1024u << 16));
	cr_expect(eq(int, memcmp(received(0), frame, 256), 0));
	cr_expect(eq(int, memcmp(received(1), frame + 256, 1024), 0));
	cr_expect(eq(int, memcmp(received(3), frame + 1280, 1024), 0));
	cr_expect(eq(int, memcmp(received(5), frame + 2304, 696), 0));
	cr_expect(eq(u32, word(&to, 2, 2) & 3, 3));
	cr_expect(eq(u32, word(&to, 2, 3) & 0xffff, 0));
	cr_expect(eq(u32, word(&to, 3, 0), 696u << 16));
	cards_fini();
}

/* A frame to the group, and one to the card itself: the first that arrives is in the next descriptor. */
static void send_to_group(uint32_t head)
{
	memcpy(frame_fill(60), "\x01\x00\x5e\x12\x34\x56", 6);
	send(60 | EOP | IFCS, 0);
	frame_fill(60);
	send(60 | EOP | IFCS, 0);
	await_frames((head + 1) % RING);
}

Test(e1000e_rings, the_multicast_table_chooses_by_twelve_bits)
{
	static const uint32_t bits[4] = {0x563, 0xac6, 0x58d, 0x634}; /* by RCTL.MO */
	uint32_t head = 0;

	cards_init(RCTL_SECRC);
	for (unsigned int i = 0; i < 4; i++) {
		put(&to, RCTL, RCTL_EN | RCTL_SECRC | i << 12);
		send_to_group(head);
		cr_expect(eq(int, received(head)[0], 2), "the bit is not set");
		cr_expect(eq(u32, word(&to, head, 3) & 0x80, 0), "its own address is exact");
		head = (head + 1) % RING;
		put(&to, MTA + 4 * (bits[i] / 32), 1u << bits[i] % 32);
		send_to_group((head + 1) % RING);
		cr_expect(eq(int, received(head)[0], 1), "offset %u", i);
		cr_expect(eq(u32, word(&to, head, 3) & 0x80, 0x80), "the table is inexact");
		put(&to, MTA + 4 * (bits[i] / 32), 0);
		head = (head + 2) % RING;
		put(&to, RDT, (head + RING - 1) % RING);
	}
	cards_fini();
}

Test(e1000e_rings, tags_are_inserted_and_stripped)
{
	uint8_t *frame;

	cards_init(RCTL_SECRC);
	frame = frame_fill(100);
	put(&from, CTRL, CTRL_SLU | CTRL_VME);
	send(100 | EOP | IFCS | VLE, 0x2123u << 16);
	await_frames(1);
	cr_expect(eq(u32, word(&to, 0, 2) & 0xffff, 104));
	cr_expect(eq(int, memcmp(received(0) + 12, "\x81\x00\x21\x23\x88\xb5", 6), 0));
	put(&to, CTRL, CTRL_SLU | CTRL_VME);
	send(100 | EOP | IFCS | VLE, 0x2123u << 16);
	await_frames(2);
	cr_expect(eq(u32, word(&to, 1, 2) & 0xffff, 100));
	cr_expect(eq(u32, word(&to, 1, 3) >> 16, 0x2123));
	cr_expect(eq(u32, word(&to, 1, 3) & 8, 8));
	cr_expect(eq(int, memcmp(received(1), frame, 100), 0));
	cards_fini();
}

/* ---- what goes wrong */

Test(e1000e_rings, memory_that_is_refused_stops_sending_until_a_reset)
{
	struct uldf_dma_fault fault;

	cards_init(RCTL_SECRC);
	frame_fill(60);
	word_put(&from, TX_RING, 0x40000000);
	word_put(&from, TX_RING + 8, 60 | EOP | IFCS | RS);
	put(&from, TDT, 1);
	for (unsigned int i = 0; i < 30000 && !uldf_model_fault(from.o.device, &fault); i++)
		usleep(1000);
	cr_expect(eq(u64, fault.address, 0x40000000));
	cr_expect(not(fault.write));
	cr_expect(eq(u32, get(&from, TDH), 0));
	put(&from, CTRL, CTRL_RST);
	card_start(&from, 0);
	opened_wait(&from.o, STATUS, 2, 2);
	send(60 | EOP | IFCS, 0);
	await_frames(1);
	cards_fini();
}

/* One after the other, of a seed: what is written where, and what the rings hold. */
static uint32_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 16);
}

static void write_nonsense(struct card *card, uint64_t *seed)
{
	static const unsigned int known[] = {0x0000, 0x0018, 0x0020, 0x00c8, 0x00d0, 0x00e4, 0x0100,
					     0x0400, 0x2800, 0x2808, 0x2810, 0x2818, 0x3800, 0x3808,
					     0x3810, 0x3818, 0x5000, 0x5008, 0x5400, 0x5404};
	const unsigned int list = sizeof(known) / sizeof(known[0]);
	unsigned int at = next(seed) % 8 ? known[next(seed) % list] : next(seed) % 0x20000;
	unsigned int width = 1u << next(seed) % 4;
	uint32_t value = next(seed);

	if (at == RDBAL || at == TDBAL)
		value = BUS + value % (PAGES * PAGE + PAGE);
	else if (next(seed) % 2)
		value &= 0x1ff;
	opened_write(&card->o, at & ~(width - 1), width, value);
	if (!(next(seed) % 16))
		opened_read(&card->o, next(seed) % 0x20000 & ~7u, 8);
}

Test(e1000e_rings, nonsense_is_survived_and_stays_in_what_is_mapped)
{
	uint64_t seed = 0x1234567;

	cards_init(RCTL_UPE);
	for (unsigned int i = 0; i < 20000; i++) {
		struct card *card = next(&seed) % 2 ? &from : &to;

		write_nonsense(card, &seed);
		for (unsigned int j = 0; j < 16; j++)
			word_put(card, next(&seed) % (PAGES * PAGE / 4) * 4,
				 next(&seed) % 2 ? BUS + next(&seed) % (PAGES * PAGE)
						 : next(&seed));
		if (i % 500)
			continue;
		put(card, CTRL, CTRL_RST);
		card_start(card, RCTL_UPE);
	}
	put(&from, CTRL, CTRL_RST);
	put(&to, CTRL, CTRL_RST);
	card_start(&from, 0);
	card_start(&to, RCTL_SECRC | RCTL_UPE);
	put(&from, 0x0020, 1u << 26 | 1u << 21 | 0x8000);
	put(&to, 0x0020, 1u << 26 | 1u << 21 | 0x8000);
	opened_wait(&from.o, STATUS, 2, 2);
	opened_wait(&to.o, STATUS, 2, 2);
	frame_fill(60);
	send(60 | EOP | IFCS, 0);
	for (unsigned int i = 0; i < 30000 && !get(&to, RDH); i++)
		usleep(1000);
	cr_expect(ne(u32, get(&to, RDH), 0), "after a reset frames arrive");
	cards_fini();
}
