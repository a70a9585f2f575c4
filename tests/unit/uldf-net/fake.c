// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "fake.h"

struct fake fake;

void fake_bridge_make(struct bridge *bridge, int ends[2])
{
	cr_assert(eq(int, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0));
	fake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	*bridge = (struct bridge){.base = event_base_new(), .tap = {.fd = ends[1], .name = "fake"}};
}

void fake_bridge_end(struct bridge *bridge, int ends[2])
{
	bridge_fini(bridge);
	event_base_free(bridge->base);
	close(ends[0]);
	close(ends[1]);
	close(fake.fd);
}

bool fake_send(int fd, const struct virtio_net_hdr *header, size_t length)
{
	static char frame[70000];

	if (header)
		memcpy(frame, header, sizeof(*header));
	else
		memset(frame, 0, sizeof(*header));
	return send(fd, frame, sizeof(*header) + length, 0) > 0;
}

/* ---- the card */

int uldf_e1000e_events(struct uldf_e1000e *nic, unsigned int *events)
{
	eventfd_t fired;

	eventfd_read(fake.fd, &fired);
	*events = fake.events;
	fake.events = 0;
	return 0;
}

int uldf_e1000e_receive(struct uldf_e1000e *nic, size_t most, uldf_e1000e_receive_fn *fn, void *arg,
			size_t *done)
{
	static const char frame[FAKE_FRAME];

	*done = 0;
	if (!fake.floods)
		return 0;
	if (fake.floods-- == FAKE_AMID && fake.wakes)
		eventfd_write(fake.wakes, 1);
	for (; *done < most; (*done)++)
		fn(frame, sizeof(frame), fake.checked, arg);
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
	fake.unsent += (unsigned int)count;
	fake.last = list[count - 1];
	for (size_t i = 0; i < count; i++)
		if (list[i].length > fake.longest)
			fake.longest = list[i].length;
	*done = count;
	return 0;
}

unsigned int uldf_e1000e_room(const struct uldf_e1000e *nic)
{
	return 255 - fake.unsent;
}

unsigned int uldf_e1000e_cost(const struct uldf_e1000e_frame *frame)
{
	return 1;
}

/* It sends all at once, or nothing. */
size_t uldf_e1000e_sent(struct uldf_e1000e *nic)
{
	unsigned int now = fake.hangs ? 0 : fake.unsent;

	fake.unsent -= now;
	return now;
}

int uldf_e1000e_restart(struct uldf_e1000e *nic, size_t *lost)
{
	if (fake.restart_err)
		return fake.restart_err;
	fake.restarts++;
	fake.armed = 0;
	*lost = fake.unsent;
	fake.unsent = 0;
	return 0;
}

int uldf_e1000e_link(struct uldf_e1000e *nic, struct uldf_e1000e_link *out)
{
	fake.link_asked = fake.floods;
	*out = (struct uldf_e1000e_link){.up = !fake.link_down, .speed = 1000};
	return 0;
}

int uldf_e1000e_fd(const struct uldf_e1000e *nic)
{
	return fake.fd;
}

int uldf_e1000e_arm(struct uldf_e1000e *nic, unsigned int events)
{
	fake.armed = events;
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

const uint8_t *uldf_e1000e_mac(const struct uldf_e1000e *nic)
{
	return fake.mac;
}

int uldf_e1000e_set_mac(struct uldf_e1000e *nic, const uint8_t mac[6])
{
	memcpy(fake.mac, mac, 6);
	return 0;
}

int uldf_e1000e_set_promiscuous(struct uldf_e1000e *nic, bool on)
{
	fake.promiscuous = on;
	return 0;
}

int uldf_e1000e_set_frame_max(struct uldf_e1000e *nic, uint32_t bytes)
{
	fake.frame_max = bytes;
	return 0;
}

int iface_open(struct iface *iface, const struct tap *tap)
{
	fake.iface_opened++;
	iface->fd = fake.iface_err ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return fake.iface_err;
}

void iface_close(struct iface *iface)
{
	if (iface->fd >= 0)
		close(iface->fd);
	iface->fd = -1;
}

enum iface_told iface_read(struct iface *iface, struct iface_state *state)
{
	eventfd_t count;

	eventfd_read(iface->fd, &count);
	if (fake.told == IFACE_STATE)
		*state = fake.state;
	return fake.told;
}

int iface_set_mtu(struct iface *iface, uint32_t mtu)
{
	fake.mtu_put_back++;
	fake.mtu = mtu;
	return 0;
}
