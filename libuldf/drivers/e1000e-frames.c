// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "e1000e-card.h"

enum {
	HEADER = 14
}; /* of Ethernet: two addresses and a type */

/*
 * A frame to cut has headers of IP and TCP, and a checksum to insert. The first data descriptor has the headers
 * and some of the payload, as the device wants it.
 */
static bool is_cuttable(const struct uldf_e1000e *nic, const struct uldf_e1000e_frame *frame)
{
	if (frame->bus % E1000E_PAGE + frame->header + 4 > E1000E_PAGE)
		return false;
	return frame->checksum_start && !frame->udp && frame->length <= ULDF_E1000E_SEGMENTED_MAX &&
	       (frame->ip_version == 4 || frame->ip_version == 6) && frame->ip_start >= HEADER &&
	       frame->ip_start + 10u < frame->checksum_start &&
	       frame->checksum_at < frame->header && frame->header < frame->length &&
	       frame->header + (uint32_t)frame->segment <= nic->frame_max;
}

static bool is_valid(const struct uldf_e1000e *nic, const struct uldf_e1000e_frame *frame)
{
	if (frame->length < HEADER)
		return false;
	if (frame->checksum_start &&
	    (frame->checksum_start < HEADER || frame->checksum_at < frame->checksum_start ||
	     frame->checksum_at + 2u > frame->length))
		return false;
	return frame->segment ? is_cuttable(nic, frame) : frame->length <= nic->frame_max;
}

unsigned int uldf_e1000e_cost(const struct uldf_e1000e_frame *frame)
{
	uint32_t bytes = (uint32_t)(frame->bus % E1000E_PAGE) + frame->length;

	return (bytes + E1000E_PAGE - 1) / E1000E_PAGE + !!frame->checksum_start;
}

unsigned int uldf_e1000e_room(const struct uldf_e1000e *nic)
{
	return e1000e_tx_room(&nic->tx);
}

int uldf_e1000e_send(struct uldf_e1000e *nic, const struct uldf_e1000e_frame *list, size_t count,
		     size_t *done)
{
	unsigned int room = e1000e_tx_room(&nic->tx), cost = 0;
	size_t fit = 0;

	*done = 0;
	for (size_t i = 0; i < count; i++)
		if (!is_valid(nic, &list[i]))
			return -EINVAL;
	while (fit < count && (cost += uldf_e1000e_cost(&list[fit])) <= room)
		fit++;
	for (size_t i = 0; i < fit; i++)
		e1000e_tx_put(&nic->tx, &list[i], i + 1 == fit);
	/* The card may have been told of them although the write failed. */
	*done = fit;
	return fit ? e1000e_write(nic, E1000E_TDT, nic->tx.next) : 0;
}

size_t uldf_e1000e_sent(struct uldf_e1000e *nic)
{
	return e1000e_tx_reap(&nic->tx);
}

/* Appends a buffer to the frame in progress. */
static void gather(struct uldf_e1000e *nic, const void *buffer, size_t length)
{
	if (!length || !nic->long_frame || nic->gathered + length > nic->frame_max) {
		nic->too_long = true;
		return;
	}
	memcpy(nic->long_frame + nic->gathered, buffer, length);
	nic->gathered += length;
}

/* Ends the frame in progress: hands it to @fn, or counts it as an error. */
static void end_frame(struct uldf_e1000e *nic, bool good, bool checked, const void *frame,
		      size_t length, uldf_e1000e_receive_fn *fn, void *arg)
{
	if (good && !nic->too_long && length <= nic->frame_max)
		fn(frame, length, checked, arg);
	else
		nic->stats.errors++;
	nic->gathered = 0;
	nic->too_long = false;
}

int uldf_e1000e_receive(struct uldf_e1000e *nic, size_t most, uldf_e1000e_receive_fn *fn, void *arg,
			size_t *done)
{
	enum e1000e_rx_found found;
	unsigned int index, length;
	const void *buffer;
	size_t taken = 0;
	bool checked;

	while (taken < most) {
		found = e1000e_rx_take(&nic->rx, &index, &length, &checked);
		if (found == E1000E_RX_NONE)
			break;
		taken++;
		buffer = (char *)nic->buffers->address + (size_t)index * E1000E_BUFFER;
		if (found == E1000E_RX_MORE || nic->gathered || nic->too_long)
			gather(nic, buffer, length);
		if (found == E1000E_RX_MORE)
			continue;
		if (nic->gathered)
			end_frame(nic, found == E1000E_RX_FRAME, checked, nic->long_frame,
				  nic->gathered, fn, arg);
		else
			end_frame(nic, found == E1000E_RX_FRAME, checked, buffer, length, fn, arg);
	}
	*done = taken;
	return taken ? e1000e_write(nic, E1000E_RDT, e1000e_rx_tail(&nic->rx)) : 0;
}

int uldf_e1000e_fd(const struct uldf_e1000e *nic)
{
	return nic->fd;
}

/* Reading ICR clears the causes, and by CTRL_EXT.IAME masks them (section 7.4). */
int uldf_e1000e_events(struct uldf_e1000e *nic, unsigned int *events)
{
	uint64_t count;
	uint32_t causes;
	int err;

	if (nic->fd >= 0 && read(nic->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return -errno;
	err = e1000e_read(nic, E1000E_ICR, &causes);
	if (err)
		return err;
	*events = 0;
	if (causes & (E1000E_INT_RXT0 | E1000E_INT_RXDMT0 | E1000E_INT_RXO))
		*events |= ULDF_E1000E_RECEIVED;
	if (causes & E1000E_INT_TXDW)
		*events |= ULDF_E1000E_SENT;
	if (causes & E1000E_INT_LSC)
		*events |= ULDF_E1000E_LINK;
	return 0;
}

int uldf_e1000e_arm(struct uldf_e1000e *nic, unsigned int events)
{
	uint32_t causes = 0;
	int err;

	if (nic->fd < 0)
		return -EINVAL;
	if (events & ULDF_E1000E_RECEIVED)
		causes |= E1000E_INT_RXT0 | E1000E_INT_RXDMT0 | E1000E_INT_RXO;
	if (events & ULDF_E1000E_SENT)
		causes |= E1000E_INT_TXDW;
	if (events & ULDF_E1000E_LINK)
		causes |= E1000E_INT_LSC;
	err = e1000e_write(nic, E1000E_IMS, causes);
	return err || !nic->intx ? err : uldf_irq_unmask(nic->device);
}

int uldf_e1000e_stats(struct uldf_e1000e *nic, struct uldf_e1000e_stats *out)
{
	static const unsigned int counters[] = {
		E1000E_GPRC,  E1000E_GORCL, E1000E_GORCH, E1000E_GPTC,
		E1000E_GOTCL, E1000E_GOTCH, E1000E_MPC,	  E1000E_CRCERRS,
	};
	uint32_t values[sizeof(counters) / sizeof(counters[0])];
	int err;

	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		err = e1000e_read(nic, counters[i], &values[i]);
		if (err)
			return err;
	}
	nic->stats.received += values[0];
	nic->stats.received_bytes += values[1] | (uint64_t)values[2] << 32;
	nic->stats.sent += values[3];
	nic->stats.sent_bytes += values[4] | (uint64_t)values[5] << 32;
	nic->stats.missed += values[6];
	nic->stats.errors += values[7];
	*out = nic->stats;
	return 0;
}
