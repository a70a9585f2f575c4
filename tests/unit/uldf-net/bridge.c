// SPDX-License-Identifier: GPL-2.0-or-later
/* The bridge between a socket in place of a TAP and a card that is flooded: each has its turns. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "fake.h"

#define TURNS 1000 /* that a flood lasts for */

/* ---- a bridge in a flood that begins with its first turn */

static struct bridge bridge;
static int ends[2]; /* the test's, the bridge's */

static void init(void)
{
	fake_bridge_make(&bridge, ends);
	eventfd_write(fake.fd, 1);
	fake.floods = TURNS;
	cr_assert(eq(int, bridge_init(&bridge), 0));
}

static void fini(void)
{
	fake_bridge_end(&bridge, ends);
}

TestSuite(bridge, .init = init, .fini = fini, .timeout = 60);

static void end(evutil_socket_t fd, short what, void *arg)
{
	bridge_end(&bridge, 0, NULL);
}

/* As a signal does, or anything that has a descriptor. */
Test(bridge, a_descriptor_is_looked_at_in_a_flood)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	fake.wakes = fd;
	event_base_once(bridge.base, fd, EV_READ, end, NULL, NULL);
	cr_expect(eq(int, bridge_run(&bridge), 0));
	cr_expect(gt(uint, fake.floods, FAKE_AMID - 5), "%u batches left", fake.floods);
	close(fd);
}

Test(bridge, frames_are_sent_between_the_batches_of_a_flood)
{
	const struct timeval soon = {.tv_usec = 300000};
	unsigned int frames = 0;

	while (fake_send(ends[0], NULL, FAKE_FRAME))
		frames++;
	cr_assert(gt(uint, frames, 64));
	event_base_once(bridge.base, -1, EV_TIMEOUT, end, NULL, &soon);
	cr_expect(eq(int, bridge_run(&bridge), 0));
	cr_expect(eq(uint, fake.sent, frames));
	cr_expect(le(uint, fake.most, 2 * 64), "%u frames came before others were sent", fake.most);
}

Test(bridge, a_device_that_is_pulled_in_a_flood_ends_it)
{
	fake.wakes = fake.device_fd;
	cr_expect(eq(int, bridge_run(&bridge), -ENODEV));
	cr_expect(gt(uint, fake.floods, FAKE_AMID - 5), "%u batches left", fake.floods);
}

static void change_link(evutil_socket_t fd, short what, void *arg)
{
	fake.events = ULDF_E1000E_LINK;
}

Test(bridge, a_change_of_the_link_is_seen_in_a_flood)
{
	const struct timeval soon = {.tv_usec = 300000};
	int fd = eventfd(0, EFD_CLOEXEC);

	fake.wakes = fd;
	event_base_once(bridge.base, fd, EV_READ, change_link, NULL, NULL);
	event_base_once(bridge.base, -1, EV_TIMEOUT, end, NULL, &soon);
	cr_expect(eq(int, bridge_run(&bridge), 0));
	cr_expect(lt(uint, fake.link_asked, FAKE_AMID));
	cr_expect(gt(uint, fake.link_asked, FAKE_AMID - 5), "%u batches left", fake.link_asked);
	close(fd);
}

static uint8_t received_flags(void)
{
	char frame[sizeof(struct virtio_net_hdr) + FAKE_FRAME + 1];
	struct virtio_net_hdr header;

	fake.floods = 1;
	event_base_once(bridge.base, -1, EV_TIMEOUT, end, NULL, &(const struct timeval){0, 1000});
	cr_assert(eq(int, bridge_run(&bridge), 0));
	cr_assert(eq(long, recv(ends[0], frame, sizeof(frame), 0), sizeof(frame) - 1));
	memcpy(&header, frame, sizeof(header));
	return header.flags;
}

Test(bridge, the_host_is_told_that_a_checksum_was_found_right)
{
	bridge.offload = fake.checked = true;
	cr_expect(eq(u8, received_flags(), VIRTIO_NET_HDR_F_DATA_VALID));
}

Test(bridge, the_host_is_not_told_of_checksums_without_offload)
{
	fake.checked = true;
	cr_expect(eq(u8, received_flags(), 0));
}

Test(bridge, the_host_is_not_told_of_checksums_that_are_not_right)
{
	bridge.offload = true;
	cr_expect(eq(u8, received_flags(), 0));
}

/* Ethernet, IPv4, TCP: 50000 bytes, to be cut into frames of @segment bytes. */
static void send_tcp(uint16_t segment)
{
	static uint8_t bytes[sizeof(struct virtio_net_hdr) + 50000];
	const struct virtio_net_hdr header = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		.gso_size = segment,
		.csum_start = 34,
		.csum_offset = 16,
	};
	uint8_t *frame = bytes + sizeof(header);

	memcpy(bytes, &header, sizeof(header));
	frame[12] = 0x08;
	frame[14] = 0x45;
	frame[23] = 6;
	frame[46] = 0x50;
	cr_assert(eq(long, send(ends[0], bytes, sizeof(bytes), 0), sizeof(bytes)));
	event_base_loop(bridge.base, EVLOOP_NONBLOCK);
}

Test(bridge, what_the_host_leaves_to_the_card_gets_there)
{
	fake.floods = 0;
	bridge.offload = true;
	send_tcp(1460);
	cr_assert(eq(uint, fake.sent, 1));
	cr_expect(eq(u32, fake.last.length, 50000));
	cr_expect(eq(int, fake.last.segment, 1460));
	cr_expect(eq(int, fake.last.header, 54));
	cr_expect(eq(int, fake.last.checksum_at, 50));
}

/* Left in the queue from before the MTU was lowered. */
Test(bridge, segments_longer_than_the_mtu_are_dropped)
{
	fake.floods = 0;
	bridge.offload = true;
	send_tcp(8960);
	cr_expect(eq(uint, fake.sent, 0));
	cr_expect(eq(u64, bridge.counts.unfit, 1));
	cr_expect(eq(uint, bridge.arena.count, 0));
}
