/* SPDX-License-Identifier: MIT */
/* Frames as bytes: what is in their headers, and their sums. Pure. */
#ifndef ULDF_SRC_MODEL_E1000E_PACKET_H
#define ULDF_SRC_MODEL_E1000E_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ETHERTYPE_AT 12

static inline uint16_t packet_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void packet_put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/**
 * packet_sum() - the ones' complement sum of 16-bit words (RFC 1071)
 * @bytes: the words, the first byte of each the higher one
 * @size: bytes; an odd one counts as the higher half of a word
 * @more: added to it
 *
 * Return: the sum, not complemented.
 */
uint16_t packet_sum(const uint8_t *bytes, size_t size, uint32_t more);

/**
 * packet_fcs() - the frame check sequence (IEEE 802.3 section 3.2.9)
 * @bytes: frame
 * @size: bytes
 *
 * Return: the sequence, whose low byte goes first.
 */
uint32_t packet_fcs(const uint8_t *bytes, size_t size);

/**
 * struct packet_checks - what checksums a frame has
 * @ip: it has one of IPv4
 * @ip_wrong: which is wrong
 * @tcp: it has one of TCP
 * @udp: it has one of UDP
 * @data_wrong: that of TCP or UDP is wrong
 * @ip_id: identification of IPv4, or 0
 */
struct packet_checks {
	bool ip;
	bool ip_wrong;
	bool tcp;
	bool udp;
	bool data_wrong;
	uint16_t ip_id;
};

/* Looks at a frame, whose lengths may be wrong. Fragments have no checksum of TCP or UDP. */
struct packet_checks packet_check(const uint8_t *frame, size_t size);

#endif
