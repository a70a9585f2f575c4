// SPDX-License-Identifier: MIT
#include "model/e1000e/packet.h"

#define HEADER	   14
#define TYPE_IPV4  0x0800
#define TYPE_IPV6  0x86dd
#define TYPE_VLAN  0x8100
#define IPV4	   20 /* bytes of a header without options */
#define IPV6	   40
#define TCP	   20
#define UDP	   8
#define PROTO_TCP  6
#define PROTO_UDP  17
#define FRAGMENTED 0x3fff /* more fragments, or an offset */

uint16_t packet_sum(const uint8_t *bytes, size_t size, uint32_t more)
{
	uint64_t sum = more;

	for (size_t i = 0; i + 1 < size; i += 2)
		sum += packet_get16(bytes + i);
	if (size % 2)
		sum += (uint64_t)bytes[size - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint32_t packet_fcs(const uint8_t *bytes, size_t size)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (unsigned int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

/* @pseudo: the sum of the addresses; @data: the header of TCP or UDP, in front of @size bytes. */
static void check_data(struct packet_checks *checks, uint8_t protocol, uint32_t pseudo,
		       const uint8_t *data, size_t size)
{
	bool udp = protocol == PROTO_UDP && size >= UDP;

	if (udp && size >= packet_get16(data + 4) && packet_get16(data + 4) >= UDP)
		size = packet_get16(data + 4);
	/* A checksum of 0 is none (RFC 768). */
	checks->udp = udp && packet_get16(data + 6);
	checks->tcp = protocol == PROTO_TCP && size >= TCP;
	if (checks->udp || checks->tcp)
		checks->data_wrong =
			packet_sum(data, size, pseudo + protocol + (uint32_t)size) != 0xffff;
}

static void check_ipv4(struct packet_checks *checks, const uint8_t *ip, size_t size)
{
	size_t header, total;

	if (size < IPV4 || ip[0] >> 4 != 4)
		return;
	header = (size_t)(ip[0] & 15) * 4;
	total = packet_get16(ip + 2);
	if (header < IPV4 || header > total || total > size)
		return;
	checks->ip = true;
	checks->ip_wrong = packet_sum(ip, header, 0) != 0xffff;
	checks->ip_id = packet_get16(ip + 4);
	if (!(packet_get16(ip + 6) & FRAGMENTED))
		check_data(checks, ip[9], packet_sum(ip + 12, 8, 0), ip + header, total - header);
}

/* Extension headers are not looked behind. */
static void check_ipv6(struct packet_checks *checks, const uint8_t *ip, size_t size)
{
	size_t payload;

	if (size < IPV6 || ip[0] >> 4 != 6)
		return;
	payload = packet_get16(ip + 4);
	if (payload <= size - IPV6)
		check_data(checks, ip[6], packet_sum(ip + 8, 32, 0), ip + IPV6, payload);
}

struct packet_checks packet_check(const uint8_t *frame, size_t size)
{
	struct packet_checks checks = {};
	size_t at = ETHERTYPE_AT;

	if (size >= HEADER + 4 && packet_get16(frame + at) == TYPE_VLAN)
		at += 4;
	if (size < at + 2)
		return checks;
	switch (packet_get16(frame + at)) {
	case TYPE_IPV4:
		check_ipv4(&checks, frame + at + 2, size - at - 2);
		break;
	case TYPE_IPV6:
		check_ipv6(&checks, frame + at + 2, size - at - 2);
		break;
	}
	return checks;
}
