// SPDX-License-Identifier: MIT
/* TAP interfaces as wires of the e1000e model: over a socket in their place, and a real one where one can be made. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "model/e1000e/wire.h"
#include "pair.h"

TestSuite(tap, .fini = opened_check_leaks, .timeout = OPENED_TIMEOUT);

static int ends[2];

/* A descriptor that takes and gives frames whole, as a TAP does. */
static struct wire *wire_make(void)
{
	struct wire *wire = NULL;

	cr_assert(eq(int,
		     socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends),
		     0));
	cr_assert(eq(int, wire_wrap_tap(ends[0], &wire), 0));
	return wire;
}

Test(tap, short_frames_are_padded_as_the_far_mac_would)
{
	static uint8_t frame[WIRE_FRAME];
	struct wire *wire = wire_make();

	cr_expect(eq(sz, wire->ops->receive(wire, frame), 0));
	memset(frame, 0xff, sizeof(frame));
	cr_assert(eq(int, (int)write(ends[1], "0123456789abcdefgh", 18), 18));
	cr_expect(eq(sz, wire->ops->receive(wire, frame), 60));
	cr_expect(eq(int, memcmp(frame, "0123456789abcdefgh", 18), 0));
	cr_expect(eq(int, frame[18] | frame[59], 0));
	cr_expect(eq(int, frame[60], 0xff));
	cr_assert(eq(int, (int)write(ends[1], frame, 9014), 9014));
	cr_expect(eq(sz, wire->ops->receive(wire, frame), 9014));
	wire->ops->close(wire);
	close(ends[1]);
}

Test(tap, a_full_wire_is_waited_for)
{
	static uint8_t frame[9000];
	struct wire *wire = wire_make();
	unsigned int sent = 0;
	short events = 0;

	cr_expect(eq(int, wire->ops->fd(wire, &events), ends[0]));
	cr_expect(eq(int, events, POLLIN));
	while (!wire->ops->send(wire, frame, sizeof(frame)))
		cr_assert(lt(uint, sent++, 10000));
	wire->ops->fd(wire, &events);
	cr_expect(eq(int, events, POLLIN | POLLOUT));
	for (unsigned int i = 0; i < sent; i++)
		cr_assert(eq(int, (int)read(ends[1], frame, sizeof(frame)), (int)sizeof(frame)));
	cr_expect(eq(int, wire->ops->send(wire, frame, sizeof(frame)), 0));
	wire->ops->fd(wire, &events);
	cr_expect(eq(int, events, POLLIN));
	wire->ops->close(wire);
	close(ends[1]);
}

Test(tap, an_interface_that_goes_is_a_link_that_goes)
{
	static uint8_t frame[WIRE_FRAME];
	struct wire *wire = wire_make();
	short events;

	cr_expect(wire->ops->up(wire));
	close(ends[1]);
	cr_expect(eq(sz, wire->ops->receive(wire, frame), 0));
	cr_expect(not(wire->ops->up(wire)));
	cr_expect(eq(int, wire->ops->fd(wire, &events), -1), "nothing is waited for any more");
	cr_expect(eq(int, wire->ops->send(wire, frame, 60), 0), "and what is sent is lost");
	wire->ops->close(wire);
}

/* ---- a TAP in a network namespace of this test's own */

static struct side card;

/* Keeps the host's stack from sending frames of its own to interfaces that are made from now on. */
static void keep_silent(void)
{
	int fd = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);

	/* A kernel without IPv6 has no such file. */
	if (fd < 0)
		return;
	cr_assert(eq(int, (int)write(fd, "1", 1), 1));
	close(fd);
}

/* Makes the interface, which lasts as long as the namespace. */
static bool tap_make(const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd, control;
	bool made;

	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	keep_silent();
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	strcpy(request.ifr_name, name);
	made = !ioctl(fd, TUNSETIFF, &request) && !ioctl(fd, TUNSETPERSIST, 1);
	close(fd);
	control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	request.ifr_flags = IFF_UP;
	made = made && !ioctl(control, SIOCSIFFLAGS, &request);
	close(control);
	return made;
}

/* A socket that sees and sends frames of the interface, of the type that side_fill() gives them. */
static int packet_open(const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(0x88b5),
		.sll_ifindex = (int)if_nametoindex(name),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(0x88b5));

	cr_assert(ge(int, fd, 0));
	cr_assert(eq(int, bind(fd, (struct sockaddr *)&address, sizeof(address)), 0));
	return fd;
}

/* Waits until the interface has a carrier, or has none: the kernel tells some time after. */
static void await_carrier(const char *name, bool wanted)
{
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {};
	bool running = !wanted;

	strcpy(request.ifr_name, name);
	for (unsigned int i = 0; i < 30000 && running != wanted; i++) {
		cr_assert(eq(int, ioctl(control, SIOCGIFFLAGS, &request), 0));
		running = request.ifr_flags & IFF_RUNNING;
		poll(NULL, 0, 1);
	}
	cr_assert(eq(int, running, wanted), "the carrier of %s", name);
	close(control);
}

static void expect_frame(int fd, size_t length)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	uint8_t frame[PAIR_FRAME];

	cr_assert(eq(int, poll(&wait, 1, 30000), 1), "no frame of %zu bytes", length);
	cr_expect(eq(sz, (size_t)read(fd, frame, sizeof(frame)), length));
	cr_expect(eq(int, memcmp(frame, card.buffer->address, length), 0));
}

/*
 * Sends until frames arrive, and takes them all: the kernel loses in silence what it is to send between the
 * moment when it tells of a carrier and the one when it gives the interface a queue.
 */
static void await_queue(int fd)
{
	const uint8_t *frame = side_fill(&card, 0, uldf_e1000e_mac(card.nic), 60, 0x70);

	for (unsigned int i = 0; i < 300 && !card.count; i++) {
		cr_assert(eq(int, (int)send(fd, frame, 60, 0), 60));
		for (unsigned int j = 0; j < 100 && !side_poll(&card); j++)
			poll(NULL, 0, 1);
	}
	frame = side_fill(&card, 0, uldf_e1000e_mac(card.nic), 60, 0x77);
	cr_assert(eq(int, (int)send(fd, frame, 60, 0), 60));
	for (unsigned int i = 0; i < 30000 && !side_has(&card, 60, 0x77); i++)
		if (!side_poll(&card))
			poll(NULL, 0, 1);
	cr_assert(side_has(&card, 60, 0x77), "no frame arrives");
	card.count = 0;
}

Test(tap, frames_go_both_ways_through_an_interface)
{
	static const struct uldf_e1000e_options polled = {.polled = true};
	static const size_t sizes[] = {60, 61, 1000, 1514};
	struct uldf_e1000e_stats before, stats;
	uint8_t *frame;
	int fd;

	if (!tap_make("wire0"))
		cr_skip_test("no TAP can be made here: it takes root, or user namespaces");
	opened_expect_refusal("model:e1000e?tap=wire1", -ENODEV, "ip tuntap add wire1 mode tap");
	opened_expect_refusal("model:e1000e?tap=lo", -EINVAL, "cannot attach to interface lo");
	side_init(&card, "model:e1000e?tap=wire0", &polled);
	opened_expect_refusal("model:e1000e?tap=wire0", -EBUSY, "another process has it open");
	side_await_link(&card, true);
	await_carrier("wire0", true);
	fd = packet_open("wire0");
	await_queue(fd);
	cr_assert(eq(int, uldf_e1000e_stats(card.nic, &before), 0));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		frame = side_fill(&card, 0, uldf_e1000e_mac(card.nic), sizes[i], (unsigned int)i);
		side_send_one(&card, sizes[i]);
		expect_frame(fd, sizes[i]);
		cr_assert(eq(int, (int)send(fd, frame, sizes[i], 0), (int)sizes[i]));
		side_receive(&card, i + 1);
		cr_expect(side_has(&card, sizes[i], (unsigned int)i));
	}
	frame = side_fill(&card, 0, uldf_e1000e_mac(card.nic), 60, 9);
	for (unsigned int i = 0; i < 300; i++)
		cr_assert(eq(int, (int)send(fd, frame, 60, 0), 60));
	for (unsigned int i = 0; i < 30000; i++) {
		cr_assert(eq(int, uldf_e1000e_stats(card.nic, &stats), 0));
		if (stats.received + stats.missed >= before.received + 304)
			break;
		poll(NULL, 0, 1);
	}
	cr_expect(eq(u64, stats.received - before.received, 4 + 255));
	cr_expect(eq(u64, stats.missed, 45), "those that found no buffer are counted");
	cr_expect(eq(int, uldf_model_unplug(card.o.device), 0));
	await_carrier("wire0", false);
	close(fd);
	side_fini(&card);
}
