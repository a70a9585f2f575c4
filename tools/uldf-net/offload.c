// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include "offload.h"

enum {
	ETHERNET = 14,
	TYPE_AT = 12,
	VLAN = 4,
	TCP = 6,
	UDP = 17,
	TCP_CHECKSUM_AT = 16,
	UDP_CHECKSUM_AT = 6,
	REACH = 255, /* offsets in descriptors have 8 bits */
};

/* The header of IP, of a frame that has one. */
struct ip {
	uint8_t start;
	uint8_t version;
	uint8_t protocol; /* of what follows */
	uint16_t end;
};

static uint32_t word_at(const uint8_t *bytes, size_t at)
{
	return (uint32_t)bytes[at] << 8 | bytes[at + 1];
}

static void word_set(uint8_t *bytes, size_t at, uint32_t value)
{
	bytes[at] = (uint8_t)(value >> 8);
	bytes[at + 1] = (uint8_t)value;
}

/* The sum of RFC 1071, not inverted. */
static uint32_t sum(const uint8_t *bytes, size_t from, size_t to)
{
	uint64_t total = 0;

	for (; from + 1 < to; from += 2)
		total += word_at(bytes, from);
	if (from < to)
		total += (uint32_t)bytes[from] << 8;
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint32_t)total;
}

static void insert_checksum(uint8_t *bytes, size_t start, size_t at, size_t length)
{
	uint32_t value = ~sum(bytes, start, length) & 0xffff;

	/* In UDP 0 stands for no checksum (RFC 768); both are zero in this sum. */
	word_set(bytes, at, value ? value : 0xffff);
}

/* Finds the header of IP behind that of Ethernet and VLAN tags. */
static bool find_ip(const uint8_t *bytes, size_t length, struct ip *ip)
{
	size_t at = TYPE_AT;

	while (at + 2 <= length && (word_at(bytes, at) == 0x8100 || word_at(bytes, at) == 0x88a8))
		at += VLAN;
	if (at + 2 + 20 > length || at > REACH - 2)
		return false;
	ip->start = (uint8_t)(at + 2);
	if (word_at(bytes, at) == 0x0800 && bytes[ip->start] >> 4 == 4) {
		ip->version = 4;
		ip->protocol = bytes[ip->start + 9];
		ip->end = (uint16_t)(ip->start + (bytes[ip->start] & 15) * 4);
		return true;
	}
	if (word_at(bytes, at) == 0x86dd && bytes[ip->start] >> 4 == 6 &&
	    ip->start + 40u <= length) {
		ip->version = 6;
		ip->protocol = bytes[ip->start + 6];
		ip->end = (uint16_t)(ip->start + 40);
		return true;
	}
	return false;
}

/* A card may look at the headers itself: it is given only what those say, too. */
static bool is_plain(const struct ip *ip, const struct virtio_net_hdr *header)
{
	if (ip->end != header->csum_start)
		return false;
	return (ip->protocol == TCP && header->csum_offset == TCP_CHECKSUM_AT) ||
	       (ip->protocol == UDP && header->csum_offset == UDP_CHECKSUM_AT);
}

/* Section 7.2.6 of the datasheet: the card fills in lengths and the checksum of IP, and adds lengths to the sum. */
static void prepare_headers(uint8_t *bytes, const struct ip *ip, size_t checksum_at)
{
	size_t addresses = ip->start + (ip->version == 4 ? 12 : 8);
	size_t end = ip->start + (ip->version == 4 ? 20 : 40);
	uint32_t pseudo = sum(bytes, addresses, end) + TCP;

	if (ip->version == 4) {
		word_set(bytes, ip->start + 2, 0);
		word_set(bytes, ip->start + 10, 0);
	} else {
		word_set(bytes, ip->start + 4, 0);
	}
	word_set(bytes, checksum_at, (pseudo & 0xffff) + (pseudo >> 16));
}

static int prepare_segments(const struct virtio_net_hdr *header, uint8_t *bytes,
			    const struct ip *ip, struct uldf_e1000e_frame *frame)
{
	uint8_t type = header->gso_type & (uint8_t)~VIRTIO_NET_HDR_GSO_ECN;
	size_t all;

	if (type != (ip->version == 4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6) ||
	    frame->udp)
		return -ENOTSUP;
	all = frame->checksum_start + (size_t)(bytes[frame->checksum_start + 12] >> 4) * 4;
	if (!header->gso_size || all < frame->checksum_start + 20u || all >= frame->length)
		return -EINVAL;
	if (all > REACH)
		return -ENOTSUP;
	frame->ip_start = ip->start;
	frame->ip_version = ip->version;
	frame->header = (uint8_t)all;
	frame->segment = header->gso_size;
	prepare_headers(bytes, ip, frame->checksum_at);
	return 0;
}

int offload_prepare(const struct virtio_net_hdr *header, uint8_t *bytes,
		    struct uldf_e1000e_frame *frame)
{
	size_t start = header->csum_start, at = start + header->csum_offset;
	bool cut = header->gso_type != VIRTIO_NET_HDR_GSO_NONE;
	struct ip ip;

	if (!(header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return cut ? -EINVAL : 0;
	if (start < ETHERNET || at + 2 > frame->length)
		return -EINVAL;
	if (at > REACH || !find_ip(bytes, frame->length, &ip) || !is_plain(&ip, header)) {
		if (cut)
			return -ENOTSUP;
		insert_checksum(bytes, start, at, frame->length);
		return 0;
	}
	frame->checksum_start = (uint8_t)start;
	frame->checksum_at = (uint8_t)at;
	frame->udp = ip.protocol == UDP;
	return cut ? prepare_segments(header, bytes, &ip, frame) : 0;
}
