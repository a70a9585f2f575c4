// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>
#include "offload.h"

static uint8_t bytes[70000];
static struct virtio_net_hdr header;
static struct uldf_e1000e_frame frame;

/* Ethernet, @tags VLAN tags, IPv4 from 192.0.2.1 to 192.0.2.2 or IPv6, @protocol; all else is zero. */
static size_t put_ip(unsigned int tags, unsigned int version, uint8_t protocol)
{
	size_t at = 12;

	for (; tags--; at += 4)
		bytes[at] = 0x81;
	bytes[at] = version == 4 ? 0x08 : 0x86;
	bytes[at + 1] = version == 4 ? 0x00 : 0xdd;
	at += 2;
	bytes[at] = version == 4 ? 0x45 : 0x60;
	if (version == 6) {
		bytes[at + 6] = protocol;
		bytes[at + 8] = 0x20;
		bytes[at + 39] = 1;
		return at + 40;
	}
	bytes[at + 2] = 0x12;
	bytes[at + 9] = protocol;
	bytes[at + 10] = 0x34;
	memcpy(&bytes[at + 12], (const uint8_t[8]){192, 0, 2, 1, 192, 0, 2, 2}, 8);
	return at + 20;
}

static int prepare(size_t start, uint16_t offset, uint8_t gso_type, uint16_t gso_size,
		   uint32_t length)
{
	header = (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = (uint16_t)start,
		.csum_offset = offset,
		.gso_type = gso_type,
		.gso_size = gso_size,
	};
	frame = (struct uldf_e1000e_frame){.bus = 0x1000, .length = length};
	return offload_prepare(&header, bytes, &frame);
}

Test(offload, a_frame_that_asks_for_nothing_stays_as_it_is)
{
	frame = (struct uldf_e1000e_frame){.length = 60};
	cr_expect(eq(int, offload_prepare(&header, bytes, &frame), 0));
	cr_expect(eq(int, frame.checksum_start, 0));
	header.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	cr_expect(eq(int, offload_prepare(&header, bytes, &frame), -EINVAL));
}

Test(offload, a_checksum_of_tcp_or_udp_is_the_cards)
{
	size_t start = put_ip(0, 4, 17);

	cr_expect(eq(int, prepare(start, 6, 0, 0, 42), 0));
	cr_expect(eq(int, frame.checksum_start, 34));
	cr_expect(eq(int, frame.checksum_at, 40));
	cr_expect(frame.udp);
	cr_expect(eq(int, frame.segment, 0));
	start = put_ip(1, 6, 6);
	cr_expect(eq(int, prepare(start, 16, 0, 0, 100), 0));
	cr_expect(eq(int, frame.checksum_start, 58));
	cr_expect(eq(int, frame.checksum_at, 74));
	cr_expect(frame.udp == false);
}

/* ICMPv6 (58) has its checksum at 2; 0xffff - 0x1234 - 0x5600 is what is left to insert. */
Test(offload, other_checksums_are_inserted_at_once)
{
	size_t start = put_ip(0, 6, 58);

	bytes[start] = 0x12;
	bytes[start + 1] = 0x34;
	bytes[start + 8] = 0x56;
	cr_expect(eq(int, prepare(start, 2, 0, 0, (uint32_t)start + 9), 0));
	cr_expect(eq(int, frame.checksum_start, 0));
	cr_expect(eq(u8, bytes[start + 2], 0x97));
	cr_expect(eq(u8, bytes[start + 3], 0xcb));
}

Test(offload, a_checksum_of_zero_is_sent_as_ones)
{
	size_t start = put_ip(0, 4, 47);

	bytes[start] = bytes[start + 1] = 0xff;
	cr_expect(eq(int, prepare(start, 4, 0, 0, (uint32_t)start + 8), 0));
	cr_expect(eq(u8, bytes[start + 4], 0xff));
	cr_expect(eq(u8, bytes[start + 5], 0xff));
}

Test(offload, a_checksum_within_a_tunnel_is_inserted_at_once)
{
	size_t start = put_ip(0, 4, 17) + 50;

	cr_expect(eq(int, prepare(start, 16, 0, 0, 200), 0));
	cr_expect(eq(int, frame.checksum_start, 0));
	cr_expect(eq(u8, bytes[start + 16], 0xff));
}

/* The sum of the addresses is 0x8405, and TCP is 6. */
Test(offload, tcp_over_ipv4_is_cut_by_the_card)
{
	size_t start = put_ip(0, 4, 6);

	bytes[start + 12] = 0x80;
	cr_expect(eq(int, prepare(start, 16, VIRTIO_NET_HDR_GSO_TCPV4, 1448, 9000), 0));
	cr_expect(eq(int, frame.segment, 1448));
	cr_expect(eq(int, frame.header, 66));
	cr_expect(eq(int, frame.ip_start, 14));
	cr_expect(eq(int, frame.ip_version, 4));
	cr_expect(eq(int, bytes[16] | bytes[17] | bytes[24] | bytes[25], 0));
	cr_expect(eq(u8, bytes[start + 16], 0x84));
	cr_expect(eq(u8, bytes[start + 17], 0x0a));
}

Test(offload, tcp_over_ipv6_is_cut_by_the_card)
{
	size_t start = put_ip(0, 6, 6);

	bytes[start + 12] = 0x50;
	bytes[18] = 0x12;
	cr_expect(eq(int, prepare(start, 16, VIRTIO_NET_HDR_GSO_TCPV6, 1440, 9000), 0));
	cr_expect(eq(int, frame.header, 74));
	cr_expect(eq(int, frame.ip_version, 6));
	cr_expect(eq(u8, bytes[18], 0));
	cr_expect(eq(u8, bytes[start + 16], 0x20));
	cr_expect(eq(u8, bytes[start + 17], 0x07));
}

Test(offload, what_does_not_fit_the_frame_is_refused)
{
	size_t start = put_ip(0, 4, 6);

	bytes[start + 12] = 0x50;
	cr_expect(eq(int, prepare(13, 16, 0, 0, 100), -EINVAL));
	cr_expect(eq(int, prepare(start, 65, 0, 0, 100), -EINVAL));
	cr_expect(eq(int, prepare(65535, 65535, 0, 0, 100), -EINVAL));
	cr_expect(eq(int, prepare(start, 16, VIRTIO_NET_HDR_GSO_TCPV4, 0, 9000), -EINVAL));
	cr_expect(eq(int, prepare(start, 16, VIRTIO_NET_HDR_GSO_TCPV4, 1460, 54), -EINVAL));
	cr_expect(eq(int, prepare(start, 16, VIRTIO_NET_HDR_GSO_TCPV6, 1460, 9000), -ENOTSUP));
	cr_expect(eq(int, prepare(start, 16, VIRTIO_NET_HDR_GSO_UDP, 1460, 9000), -ENOTSUP));
	cr_expect(eq(int, prepare(start + 20, 16, VIRTIO_NET_HDR_GSO_TCPV4, 1460, 9000), -ENOTSUP));
	bytes[start + 12] = 0x40;
	cr_expect(eq(int, prepare(start, 16, VIRTIO_NET_HDR_GSO_TCPV4, 1460, 9000), -EINVAL));
}
