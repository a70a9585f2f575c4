// SPDX-License-Identifier: MIT
/*
 * A libFuzzer target: the driver of the 82574 and a card that lies. "driver-e1000e --seed FILE" makes an input to
 * begin with.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "e1000e-registers.h"
#include "e1000e-ring.h"
#include "hostile.h"

#define CALLS_MOST 64
#define FRAMES	   8
#define PAGE	   4096
#define MEMORY	   (17 * PAGE) /* the longest frame that the card cuts */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "the driver: %s\n", what);
	abort();
}

/* ---- the card: sends all it is given, and receives when it is told to ----------------------------------- */

static uint32_t get(uint32_t offset)
{
	return *hostile_register(0, offset);
}

static void *descriptor(uint32_t low, uint32_t index)
{
	uint64_t ring = get(low) | (uint64_t)get(low + 4) << 32;

	return hostile_reach(ring + index * UINT64_C(16), 16);
}

static void cause(uint32_t bits)
{
	*hostile_register(0, E1000E_ICR) |= bits;
	if (get(E1000E_IMS) & bits)
		hostile_interrupt(0);
}

static void send(void)
{
	uint32_t *head = hostile_register(0, E1000E_TDH), tail = get(E1000E_TDT);

	for (unsigned int i = 0; i < E1000E_RING && *head != tail; i++) {
		struct e1000e_tx_descriptor *found = descriptor(E1000E_TDBAL, *head);

		if (found && le32toh(found->length) & E1000E_TX_RS)
			found->status |= E1000E_TX_DD;
		*head = (*head + 1) % E1000E_RING;
	}
	cause(E1000E_INT_TXDW);
}

/* A frame, or a piece of one, of any length and with any status. */
static void receive(struct input *input)
{
	uint32_t *head = hostile_register(0, E1000E_RDH);
	struct e1000e_rx_descriptor *found = descriptor(E1000E_RDBAL, *head % E1000E_RING);
	uint16_t length = (uint16_t)input_take(input, 2);

	if (!found || *head == get(E1000E_RDT))
		return;
	found->length = htole16(length);
	found->errors = (uint8_t)input_take(input, 1);
	found->status = (uint8_t)input_take(input, 1) | E1000E_RX_DD;
	*head = (*head + 1) % E1000E_RING;
	cause(E1000E_INT_RXT0);
}

static void reset_registers(void)
{
	*hostile_register(0, E1000E_STATUS) = E1000E_STATUS_LU | E1000E_STATUS_FD | 2 << 6;
	*hostile_register(0, E1000E_EECD) = E1000E_EECD_AUTO_RD;
	*hostile_register(0, E1000E_RAL0) = 0x12005452;
	*hostile_register(0, E1000E_RAH0) = 0x80005634;
}

static uint64_t card_read(unsigned int bar, uint32_t offset, unsigned int width, uint64_t stored)
{
	if (offset == E1000E_ICR)
		*hostile_register(0, offset) = 0;
	return stored;
}

static void card_write(unsigned int bar, uint32_t offset, unsigned int width, uint64_t value)
{
	if (offset == E1000E_CTRL)
		*hostile_register(0, offset) &= ~(uint32_t)E1000E_CTRL_RST;
	if (offset == E1000E_CTRL && value & E1000E_CTRL_RST)
		reset_registers();
	if (offset == E1000E_TDT)
		send();
}

static const struct hostile_kind card = {
	.sizes = {0x20000},
	.vectors = {[ULDF_IRQ_INTX] = 1, [ULDF_IRQ_MSI] = 1},
	.id = 0x10d38086,
	.class_code = 0x020000,
	.reset = reset_registers,
	.read = card_read,
	.write = card_write,
	.mischief = receive,
};

/* ---- who uses it ---------------------------------------------------------------------------------------- */

static struct {
	struct uldf_e1000e *nic;
	struct uldf_buffer *buffer;
	size_t in_flight; /* frames sent and not counted as such */
	uint32_t frame_max;
	unsigned int sum; /* of what came, so that it is looked at */
} user;

static void take(const void *frame, size_t length, bool checked, void *arg)
{
	const uint8_t *bytes = frame;

	if (!length || length > user.frame_max)
		fail("handed on a frame of a length that none has");
	for (size_t i = 0; i < length; i++)
		user.sum += bytes[i];
}

static struct uldf_e1000e_frame frame(struct input *input)
{
	uint8_t byte = (uint8_t)input_take(input, 1);
	struct uldf_e1000e_frame out = {
		.bus = user.buffer->bus + (byte & 0x3f),
		.length = (uint32_t)input_take(input, 2),
	};

	if (byte & 0x40) {
		out.checksum_start = 34;
		out.checksum_at = 50;
	}
	if (byte & 0x80) {
		out.segment = 1448;
		out.header = 54;
		out.ip_start = 14;
		out.ip_version = 4;
	}
	return out;
}

static void send_frames(struct input *input)
{
	struct uldf_e1000e_frame list[FRAMES];
	size_t count = input_take(input, 1) % FRAMES, done = 0;

	for (size_t i = 0; i < count; i++)
		list[i] = frame(input);
	uldf_e1000e_send(user.nic, list, count, &done);
	if (done > count)
		fail("took more frames than there were");
	user.in_flight += done;
}

static void count_sent(void)
{
	size_t sent = uldf_e1000e_sent(user.nic);

	if (sent > user.in_flight)
		fail("sent more frames than there were");
	user.in_flight -= sent;
}

/* After a failure nothing but its end is allowed. */
static bool restart(void)
{
	size_t lost = 0;

	if (uldf_e1000e_restart(user.nic, &lost))
		return false;
	if (lost > user.in_flight)
		fail("lost more frames than there were");
	user.in_flight = 0;
	return true;
}

static void set_frame_max(struct input *input)
{
	uint32_t bytes = (uint32_t)input_take(input, 2);

	/* what came before may be as long as was allowed then */
	if (bytes > user.frame_max && bytes <= ULDF_E1000E_JUMBO_MAX)
		user.frame_max = bytes;
	uldf_e1000e_set_frame_max(user.nic, bytes);
}

static bool one_call(struct input *input)
{
	struct uldf_e1000e_stats stats;
	struct uldf_e1000e_link link;
	unsigned int events;
	uint8_t mac[6] = {2};
	size_t done;

	switch (input_take(input, 1) % 12) {
	case 0:
	case 1:
		send_frames(input);
		return true;
	case 2:
	case 3:
		count_sent();
		return true;
	case 4:
	case 5:
	case 6:
		uldf_e1000e_receive(user.nic, input_take(input, 1), take, NULL, &done);
		return true;
	case 7:
		uldf_e1000e_events(user.nic, &events);
		return true;
	case 8:
		uldf_e1000e_arm(user.nic, (unsigned int)input_take(input, 1));
		return true;
	case 9:
		return restart();
	case 10:
		set_frame_max(input);
		return true;
	default:
		uldf_e1000e_stats(user.nic, &stats);
		uldf_e1000e_link(user.nic, &link);
		uldf_e1000e_set_mac(user.nic, mac);
		uldf_e1000e_set_promiscuous(user.nic, input_take(input, 1) & 1);
		return true;
	}
}

static void use(struct uldf_space *space, struct input *input)
{
	user.in_flight = 0;
	user.frame_max = ULDF_E1000E_FRAME_MAX;
	if (uldf_buffer_create(space, MEMORY, &user.buffer))
		fail("left no room for a buffer");
	for (unsigned int i = 0; i < CALLS_MOST && input->left && one_call(input); i++)
		;
	uldf_e1000e_close(user.nic);
	uldf_buffer_destroy(user.buffer);
}

/* Frames are sent, and three come: a short one, one of two buffers, and one that is damaged. */
static const uint8_t seed[] = {255, 0, 10, 0, 0x24, 11, 0, 2,  0, 60, 0, 0xc0, 0, 4, 2,
			       8,   7, 0,  0, 0,    0,	7, 60, 0, 0,  3, 4,    9, 9, 5};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	hostile_main(*argc, *argv, seed, sizeof(seed));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	struct uldf_space *space;
	struct uldf_device *device = hostile_open(&card, &input, &space);
	uint8_t byte = (uint8_t)input_take(&input, 1);
	const struct uldf_e1000e_options options = {
		.polled = byte & 1, .intx = byte & 2, .promiscuous = byte & 4};

	if (!uldf_e1000e_open(device, space, &options, &user.nic))
		use(space, &input);
	hostile_close(device, space);
	return 0;
}
