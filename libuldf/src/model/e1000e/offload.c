// SPDX-License-Identifier: MIT
#include <string.h>
#include "model/e1000e/offload.h"
#include "model/e1000e/packet.h"

#define IPV6_HEADER 40
#define TCP_FIN	    0x01
#define TCP_PSH	    0x08

/* From @start to @end, both within; 0: to the end of the frame. What is at @at counts, too. */
static void insert(uint8_t *frame, size_t size, size_t start, size_t at, size_t end, bool udp)
{
	size_t behind = end && end < size ? end + 1 : size;
	uint16_t sum;

	if (start >= behind || at + 2 > size)
		return;
	sum = (uint16_t)~packet_sum(frame + start, behind - start, 0);
	/* 0 would say that there is none (RFC 768). */
	packet_put16(frame + at, udp && !sum ? 0xffff : sum);
}

void offload_checksums(const struct e1000e_offload *offload, uint8_t *frame, size_t size)
{
	const struct e1000e_context *context = &offload->context;

	if (offload->ip)
		insert(frame, size, context->ip_start, context->ip_at, context->ip_end, false);
	if (offload->data)
		insert(frame, size, context->start, context->at, context->end, !context->tcp);
}

bool offload_is_cuttable(const struct e1000e_offload *offload, size_t size)
{
	const struct e1000e_context *context = &offload->context;

	return context->segment && context->header >= HEADER && context->header < size &&
	       context->header + context->segment + TAG + FCS <= LONGEST;
}

/* Adds to a field of the headers. */
static void add16(uint8_t *frame, size_t header, size_t at, size_t value)
{
	if (at + 2 <= header)
		packet_put16(frame + at, (uint16_t)(packet_get16(frame + at) + value));
}

static void set16(uint8_t *frame, size_t header, size_t at, size_t value)
{
	if (at + 2 <= header)
		packet_put16(frame + at, (uint16_t)value);
}

/* Length, and identification of IPv4. */
static void finish_ip(const struct e1000e_context *context, uint8_t *frame, size_t size,
		      size_t index)
{
	const size_t header = context->header, ip = context->ip_start;

	if (ip >= header)
		return;
	if (context->ipv4) {
		set16(frame, header, ip + 2, size - ip);
		add16(frame, header, ip + 4, index);
	} else {
		set16(frame, header, ip + 4, size - ip - IPV6_HEADER);
	}
}

/* Sequence number, and flags that belong to the last segment; or the length of UDP. */
static void finish_data(const struct e1000e_context *context, uint8_t *frame, size_t size,
			size_t sent, bool last)
{
	const size_t header = context->header, start = context->start;
	uint32_t sequence;

	if (!context->tcp) {
		set16(frame, header, start + 4, size - start);
		return;
	}
	if (start + 14 > header)
		return;
	sequence =
		(uint32_t)packet_get16(frame + start + 4) << 16 | packet_get16(frame + start + 6);
	sequence += (uint32_t)sent;
	packet_put16(frame + start + 4, (uint16_t)(sequence >> 16));
	packet_put16(frame + start + 6, (uint16_t)sequence);
	if (!last)
		frame[start + 13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
}

/* The driver left the length out of the sum of the pseudo header: it differs by segment. */
static void add_length(const struct e1000e_context *context, uint8_t *frame, size_t size)
{
	const size_t at = context->at;

	if (at + 2 <= context->header && context->start < size)
		packet_put16(frame + at,
			     packet_sum(frame + at, 2, (uint32_t)(size - context->start)));
}

size_t offload_segment(const struct e1000e_offload *offload, const uint8_t *data, size_t size,
		       size_t sent, uint8_t *frame)
{
	const struct e1000e_context *context = &offload->context;
	size_t left = size - context->header - sent;
	size_t piece = left < context->segment ? left : context->segment;
	size_t length = context->header + piece;

	memcpy(frame, data, context->header);
	memcpy(frame + context->header, data + context->header + sent, piece);
	finish_ip(context, frame, length, sent / context->segment);
	finish_data(context, frame, length, sent, piece == left);
	if (offload->data)
		add_length(context, frame, length);
	offload_checksums(offload, frame, length);
	return length;
}
