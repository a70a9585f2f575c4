// SPDX-License-Identifier: GPL-2.0-or-later
/* The bridge between a socket in place of a TAP and a card that is flooded: each has its turns. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "bridge.h"

#define FRAME 60
#define TURNS 1000 /* that a flood lasts for */
#define AMID  900  /* batches left */

static struct {
	int fd;		     /* of the card's interrupt */
	int device_fd;	     /* of what happens to the device */
	int wakes;	     /* eventfd that is signalled amid the flood; 0 for none */
	unsigned int floods; /* batches of frames that are there to be received */
	unsigned int received;
	unsigned int most; /* frames received while others waited to be sent */
	unsigned int since;
	unsigned int sent;
	unsigned int events;
	unsigned int link_asked; /* how many batches were left when the link was asked for last */
} fake;

/* ---- the card */

int uldf_e1000e_events(struct uldf_e1000e *nic, unsigned int *events)
{
	eventfd_t fired;

	eventfd_read(fake.fd, &fired);
	*events = fake.events;
	fake.events = 0;
	return 0;
}

int uldf_e1000e_receive(struct uldf_e1000e *nic, size_t most,
			void (*fn)(const void *frame, size_t length, void *arg), void *arg,
			size_t *done)
{
	static const char frame[FRAME];

	*done = 0;
	if (!fake.floods)
		return 0;
	if (fake.floods-- == AMID && fake.wakes)
		eventfd_write(fake.wakes, 1);
	for (; *done < most; (*done)++)
		fn(frame, sizeof(frame), arg);
	fake.received += (unsigned int)most;
	fake.since += (unsigned int)most;
	return 0;
}

int uldf_e1000e_send(struct uldf_e1000e *nic, const struct uldf_e1000e_frame *list, size_t count,
		     size_t *done)
{
	if (fake.since > fake.most)
		fake.most = fake.since;
	fake.since = 0;
	fake.sent += (unsigned int)count;
	*done = count;
	return 0;
}

/* All was sent at once. */
size_t uldf_e1000e_sent(struct uldf_e1000e *nic)
{
	static unsigned int told;
	unsigned int now = fake.sent - told;

	told = fake.sent;
	return now;
}

int uldf_e1000e_link(struct uldf_e1000e *nic, struct uldf_e1000e_link *out)
{
	fake.link_asked = fake.floods;
	*out = (struct uldf_e1000e_link){.up = true, .speed = 1000};
	return 0;
}

int uldf_e1000e_fd(const struct uldf_e1000e *nic)
{
	return fake.fd;
}

int uldf_e1000e_arm(struct uldf_e1000e *nic, unsigned int events)
{
	return 0;
}

void uldf_e1000e_close(struct uldf_e1000e *nic)
{
}

/* ---- its device, and the interface */

int uldf_event_bind(struct uldf_device *device, int fd)
{
	fake.device_fd = fd;
	return 0;
}

int uldf_event_read(struct uldf_device *device, unsigned int *events)
{
	*events = ULDF_EVENT_REMOVED;
	return 0;
}

const struct uldf_device_info *uldf_device_info(const struct uldf_device *device)
{
	static const struct uldf_device_info info = {.address = "fake"};

	return &info;
}

void uldf_reason(struct uldf_ctx *ctx, char *text, size_t size)
{
	*text = '\0';
}

int uldf_buffer_create(struct uldf_space *space, size_t size, struct uldf_buffer **out)
{
	struct uldf_buffer *buffer = calloc(1, sizeof(*buffer));

	buffer->address = calloc(1, size);
	buffer->size = size;
	*out = buffer;
	return 0;
}

void uldf_buffer_destroy(struct uldf_buffer *buffer)
{
	free(buffer->address);
	free(buffer);
}

int tap_carrier(struct tap *tap, bool up)
{
	return 0;
}

/* ---- a bridge in a flood that begins with its first turn */

static struct bridge bridge;
static int ends[2]; /* the test's, the bridge's */

static void init(void)
{
	cr_assert(eq(int, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0));
	fake.fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	fake.floods = TURNS;
	bridge = (struct bridge){.base = event_base_new(), .tap = {.fd = ends[1], .name = "fake"}};
	cr_assert(eq(int, bridge_init(&bridge), 0));
}

static void fini(void)
{
	bridge_fini(&bridge);
	event_base_free(bridge.base);
	close(ends[0]);
	close(ends[1]);
	close(fake.fd);
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
	cr_expect(gt(uint, fake.floods, AMID - 5), "%u batches left", fake.floods);
	close(fd);
}

Test(bridge, frames_are_sent_between_the_batches_of_a_flood)
{
	const struct timeval soon = {.tv_usec = 300000};
	const char frame[FRAME] = {0};
	unsigned int frames = 0;

	while (send(ends[0], frame, sizeof(frame), 0) == sizeof(frame))
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
	cr_expect(gt(uint, fake.floods, AMID - 5), "%u batches left", fake.floods);
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
	cr_expect(lt(uint, fake.link_asked, AMID));
	cr_expect(gt(uint, fake.link_asked, AMID - 5), "%u batches left", fake.link_asked);
	close(fd);
}
