// SPDX-License-Identifier: MIT
/* What the e1000e model does to frames: checksums, which it inserts and verifies, and TCP segments. */
#include <string.h>
#include "pair.h"

TestSuite(e1000e_offload, .fini = opened_check_leaks, .timeout = OPENED_TIMEOUT);

enum {
	ETHERNET = 14,
	IPV4 = 20,
	IPV6 = 40,
	TCP = 20,
	UDP = 8,
	PSH = 0x08,
	FIN = 0x01,
	ACK = 0x10,
};

static struct pair pair;

static const struct uldf_e1000e_options polled = {.polled = true};

static unsigned int get16(const uint8_t *at)
{
	return (unsigned int)at[0] << 8 | at[1];
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static void put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* RFC 1071, one word at a time. */
static unsigned int sum(const uint8_t *bytes, size_t size, unsigned int start)
{
	unsigned int value = start;

	for (size_t i = 0; i < size; i++) {
		value += i % 2 ? bytes[i] : (unsigned int)bytes[i] << 8;
		value = (value & 0xffff) + (value >> 16);
	}
	return value;
}

/* The sum of the pseudo header: addresses, protocol, and @length of what follows. */
static unsigned int pseudo(const uint8_t *frame, bool v6, unsigned int protocol, size_t length)
{
	const uint8_t *ip = frame + ETHERNET;
	unsigned int value = sum(NULL, 0, protocol + (unsigned int)length);

	return v6 ? sum(ip + 8, 32, value) : sum(ip + 12, 8, value);
}

static size_t ip_header(bool v6)
{
	return v6 ? IPV6 : IPV4;
}

/* Headers of IP and of TCP or UDP in front of @payload bytes, without checksums. */
static uint8_t *make(bool v6, bool udp, size_t payload)
{
	const size_t data = (udp ? UDP : TCP) + payload, length = ETHERNET + ip_header(v6) + data;
	uint8_t *frame = side_fill(&pair.left, 0, uldf_e1000e_mac(pair.right.nic), length, 5);
	uint8_t *ip = frame + ETHERNET, *next = ip + ip_header(v6);

	memset(ip, 0, (size_t)(next - ip) + (udp ? UDP : TCP));
	put16(frame + 12, v6 ? 0x86dd : 0x0800);
	ip[0] = v6 ? 0x60 : 0x45;
	ip[v6 ? 6 : 9] = udp ? 17 : 6;
	ip[v6 ? 7 : 8] = 64;
	put16(ip + (v6 ? 4 : 2), (unsigned int)(v6 ? data : IPV4 + data));
	for (unsigned int i = 0; i < (v6 ? 32 : 8); i++)
		ip[(v6 ? 8 : 12) + i] = (uint8_t)(i * 31 + 10);
	if (!v6) {
		put16(ip + 4, 0xfffe);
		put16(ip + 10, ~sum(ip, IPV4, 0) & 0xffff);
	}
	put16(next, 4000);
	put16(next + 2, 5000);
	if (udp) {
		put16(next + 4, (unsigned int)data);
	} else {
		put16(next + 4, 0xffff);
		put16(next + 6, 0xff00);
		next[12] = 0x50;
		next[13] = ACK | PSH | FIN;
	}
	return frame;
}

/* Is each checksum in a frame right, by this test's own sums? */
static bool is_right(const uint8_t *frame, bool v6, bool udp)
{
	const uint8_t *ip = frame + ETHERNET;
	size_t data = v6 ? get16(ip + 4) : get16(ip + 2) - IPV4;

	if (!v6 && sum(ip, IPV4, 0) != 0xffff)
		return false;
	return sum(ip + ip_header(v6), data, pseudo(frame, v6, udp ? 17 : 6, data)) == 0xffff;
}

static void check_insertion(bool v6, bool udp, size_t payload)
{
	const size_t start = ETHERNET + ip_header(v6), at = start + (udp ? 6 : 16);
	const size_t length = start + (udp ? UDP : TCP) + payload;
	uint8_t *frame = make(v6, udp, payload);
	struct uldf_e1000e_frame list = {
		.bus = pair.left.buffer->bus,
		.length = (uint32_t)length,
		.checksum_start = (uint8_t)start,
		.checksum_at = (uint8_t)at,
		.udp = udp,
	};

	put16(frame + at, pseudo(frame, v6, udp ? 17 : 6, length - start));
	side_send(&pair.left, &list, 1);
	side_receive(&pair.right, pair.right.count + 1);
	cr_expect(is_right(pair.right.frame, v6, udp), "IPv%d, %s, %zu bytes", v6 ? 6 : 4,
		  udp ? "UDP" : "TCP", payload);
	cr_expect(pair.right.checked, "and the receiver says so");
	frame[length - 1] ^= 1;
	list.checksum_start = list.checksum_at = 0;
	put16(frame + at, 0x1234);
	side_send(&pair.left, &list, 1);
	side_receive(&pair.right, pair.right.count + 1);
	cr_expect(not(is_right(pair.right.frame, v6, udp)));
	cr_expect(not(pair.right.checked), "a wrong one is found");
}

Test(e1000e_offload, checksums_are_inserted_and_verified)
{
	static const size_t payloads[] = {1, 2, 99, 1400};

	pair_init(&pair, &polled);
	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++)
		for (int kind = 0; kind < 4; kind++)
			check_insertion(kind & 1, kind & 2, payloads[i]);
	pair_fini(&pair);
}

Test(e1000e_offload, a_sum_of_udp_that_is_zero_is_sent_as_ones)
{
	const size_t start = ETHERNET + IPV4, at = start + 6, length = start + UDP + 40;
	uint8_t *frame;

	pair_init(&pair, &polled);
	frame = make(false, true, 40);
	put16(frame + at, pseudo(frame, false, 17, length - start));
	/* One word of the payload makes up for all others. */
	put16(frame + length - 2, 0);
	put16(frame + length - 2, ~sum(frame + start, length - start, 0) & 0xffff);
	side_send(&pair.left,
		  &(struct uldf_e1000e_frame){.bus = pair.left.buffer->bus,
					      .length = (uint32_t)length,
					      .checksum_start = (uint8_t)start,
					      .checksum_at = (uint8_t)at,
					      .udp = true},
		  1);
	side_receive(&pair.right, 1);
	cr_expect(eq(uint, get16(pair.right.frame + at), 0xffff));
	cr_expect(is_right(pair.right.frame, false, true));
	pair_fini(&pair);
}

Test(e1000e_offload, a_datagram_without_checksum_is_not_told_as_checked)
{
	pair_init(&pair, &polled);
	make(false, true, 40);
	side_send_one(&pair.left, ETHERNET + IPV4 + UDP + 40);
	side_receive(&pair.right, 1);
	cr_expect(not(pair.right.checked));
	make(false, true, 40);
	((uint8_t *)pair.left.buffer->address)[ETHERNET + 10] ^= 1;
	side_send_one(&pair.left, ETHERNET + IPV4 + UDP + 40);
	side_receive(&pair.right, 2);
	cr_expect(not(pair.right.checked), "nor one whose header is damaged");
	pair_fini(&pair);
}

/* ---- segments */

static struct {
	bool v6;
	size_t segment;
	size_t payload;
	size_t seen; /* bytes of payload */
	unsigned int count;
	const uint8_t *original;
} cut;

/* Each segment is as if software had made it. */
static void look_at_segment(struct side *side)
{
	const size_t header = ETHERNET + ip_header(cut.v6) + TCP, left = cut.payload - cut.seen;
	const size_t piece = left < cut.segment ? left : cut.segment;
	const uint8_t *ip = side->frame + ETHERNET, *tcp = ip + ip_header(cut.v6);
	const uint8_t flags = left > cut.segment ? ACK : ACK | PSH | FIN;

	cr_assert(eq(sz, side->length, header + piece < 60 ? 60 : header + piece));
	cr_expect(eq(uint, get16(ip + (cut.v6 ? 4 : 2)),
		     (unsigned int)(TCP + piece + (cut.v6 ? 0 : IPV4))));
	if (!cut.v6)
		cr_expect(eq(uint, get16(ip + 4), (0xfffe + cut.count) & 0xffff));
	cr_expect(eq(u32, get32(tcp + 4), (uint32_t)(0xffffff00 + cut.seen)));
	cr_expect(eq(uint, tcp[13], flags), "segment %u", cut.count);
	cr_expect(is_right(side->frame, cut.v6, false), "segment %u", cut.count);
	cr_expect(side->checked);
	cr_expect(
		eq(int, memcmp(side->frame + header, cut.original + header + cut.seen, piece), 0));
	cut.seen += piece;
	cut.count++;
}

static void check_segments(bool v6, size_t segment, size_t payload)
{
	const size_t ip = ETHERNET, start = ip + ip_header(v6), header = start + TCP;
	uint8_t *frame = make(v6, false, payload);
	const struct uldf_e1000e_frame list = {
		.bus = pair.left.buffer->bus,
		.length = (uint32_t)(header + payload),
		.checksum_start = (uint8_t)start,
		.checksum_at = (uint8_t)(start + 16),
		.segment = (uint16_t)segment,
		.header = (uint8_t)header,
		.ip_start = ETHERNET,
		.ip_version = v6 ? 6 : 4,
	};

	put16(frame + ip + (v6 ? 4 : 2), 0);
	if (!v6)
		put16(frame + ip + 10, 0);
	put16(frame + start + 16, pseudo(frame, v6, 6, 0));
	cut = (typeof(cut)){.v6 = v6, .segment = segment, .payload = payload, .original = frame};
	side_send(&pair.left, &list, 1);
	side_receive(&pair.right, pair.right.count + (payload + segment - 1) / segment);
	cr_expect(eq(sz, cut.seen, payload));
}

Test(e1000e_offload, a_frame_is_cut_into_segments)
{
	static const struct {
		size_t segment;
		size_t payload;
	} cases[] = {{1460, 1}, {1460, 1460}, {1460, 1461}, {1440, 64000}, {536, 20000}, {1, 9}};

	pair_init(&pair, &polled);
	pair.right.look = look_at_segment;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		check_segments(false, cases[i].segment, cases[i].payload);
		check_segments(true, cases[i].segment > 1440 ? 1440 : cases[i].segment,
			       cases[i].payload);
	}
	pair_fini(&pair);
}
