// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>
#include "bridge.h"
#include "follow.h"
#include "offload.h"

enum {
	ARENA = 512 * 1024, /* bytes of the frames that wait for the card to send them */
	BATCH = 64,	    /* frames in one direction before it is the other's turn */
	HEADER = 14,	    /* bytes of the shortest frame */
};

void bridge_end(struct bridge *bridge, int err, const char *what)
{
	if (bridge->ended)
		return;
	bridge->ended = true;
	bridge->err = err;
	if (what)
		fprintf(stderr, "uldf-net: %s\n", what);
	event_base_loopbreak(bridge->base);
}

/* A device that is gone, or shut after an error, answers nothing but -ENODEV. */
static void bridge_end_gone(struct bridge *bridge)
{
	unsigned int events = 0;
	char text[128];

	uldf_event_read(bridge->device, &events);
	snprintf(text, sizeof(text), "device %s %s", uldf_device_info(bridge->device)->address,
		 !(events & ULDF_EVENT_REMOVED) && events & (ULDF_EVENT_ERROR | ULDF_EVENT_RESET)
			 ? "was shut after an error on the bus"
			 : "was removed");
	bridge_end(bridge, -ENODEV, text);
}

void bridge_end_nic(struct bridge *bridge, int err, const char *what)
{
	char reason[256], text[400];

	if (err == -ENODEV) {
		bridge_end_gone(bridge);
		return;
	}
	uldf_reason(bridge->ctx, reason, sizeof(reason));
	snprintf(text, sizeof(text), "device %s: %s: %s", uldf_device_info(bridge->device)->address,
		 what, reason[0] ? reason : strerror(-err));
	bridge_end(bridge, err, text);
}

static void arm(struct bridge *bridge, unsigned int events)
{
	int err = bridge->polled ? 0 : uldf_e1000e_arm(bridge->nic, events);

	if (err)
		bridge_end_nic(bridge, err, "cannot unmask its interrupt");
}

/* Of the card: what it sends in one piece. */
static uint32_t frame_max(const struct bridge *bridge)
{
	return bridge->mtu + FOLLOW_OVERHEAD > ULDF_E1000E_FRAME_MAX ? bridge->mtu + FOLLOW_OVERHEAD
								     : ULDF_E1000E_FRAME_MAX;
}

/* Of the interface: the card cuts what is longer than its own. */
static uint32_t read_max(const struct bridge *bridge)
{
	return bridge->offload ? ULDF_E1000E_SEGMENTED_MAX : frame_max(bridge);
}

/* Finds room for one more frame. A byte beyond the longest tells a frame that is longer. */
static bool has_room(struct bridge *bridge, size_t *at)
{
	return arena_find(&bridge->arena, read_max(bridge) + 1, at);
}

static bool is_full(struct bridge *bridge)
{
	size_t at;

	return uldf_e1000e_room(bridge->nic) < ULDF_E1000E_COST_MAX || !has_room(bridge, &at);
}

/* Waiting frames stay in the interface's queue while there is no room. */
void bridge_update_room(struct bridge *bridge)
{
	size_t sent = uldf_e1000e_sent(bridge->nic);
	bool full;

	bridge->counts.sent += sent;
	arena_give(&bridge->arena, (unsigned int)sent);
	watchdog_start(bridge);
	full = is_full(bridge);
	if (full && event_pending(bridge->tap_event, EV_READ, NULL)) {
		event_del(bridge->tap_event);
		arm(bridge, ULDF_E1000E_SENT);
	} else if (!full && !event_pending(bridge->tap_event, EV_READ, NULL)) {
		event_add(bridge->tap_event, NULL);
	}
}

static bool is_fit(const struct bridge *bridge, const struct uldf_e1000e_frame *frame)
{
	if (frame->segment)
		return frame->header + (uint32_t)frame->segment <= frame_max(bridge);
	return frame->length <= frame_max(bridge);
}

/* Reads one frame to @at; answers its length, 0 for none that can be sent, or -errno. */
static int read_frame(struct bridge *bridge, size_t at, struct uldf_e1000e_frame *frame)
{
	uint8_t *bytes = (uint8_t *)bridge->frames->address + at;
	struct virtio_net_hdr header;
	const struct iovec parts[] = {
		{&header, sizeof(header)},
		{bytes, (size_t)read_max(bridge) + 1},
	};
	ssize_t length = readv(bridge->tap.fd, parts, 2);

	if (length < 0)
		return -errno;
	length -= (ssize_t)sizeof(header);
	if (length < HEADER || length > read_max(bridge)) {
		bridge->counts.unfit++;
		return 0;
	}
	*frame = (struct uldf_e1000e_frame){
		.bus = bridge->frames->bus + at,
		.length = (uint32_t)length,
	};
	if (offload_prepare(&header, bytes, frame) || !is_fit(bridge, frame)) {
		bridge->counts.unfit++;
		return 0;
	}
	arena_take(&bridge->arena, at, (size_t)length);
	return (int)length;
}

static void from_tap(evutil_socket_t fd, short what, void *arg)
{
	struct bridge *bridge = arg;
	struct uldf_e1000e_frame list[BATCH];
	unsigned int room = uldf_e1000e_room(bridge->nic);
	size_t count = 0, done, at;
	int err = 0;

	for (unsigned int tries = 0; tries < BATCH && room >= ULDF_E1000E_COST_MAX; tries++) {
		if (!has_room(bridge, &at))
			break;
		err = read_frame(bridge, at, &list[count]);
		if (err < 0)
			break;
		if (err)
			room -= uldf_e1000e_cost(&list[count++]);
	}
	if (err < 0 && err != -EAGAIN && err != -EINTR)
		bridge_end(bridge, err,
			   err == -EBADFD ? "the interface was deleted" : strerror(-err));
	if (count) {
		err = uldf_e1000e_send(bridge->nic, list, count, &done);
		if (err) {
			bridge_end_nic(bridge, err, "cannot send");
			return;
		}
		assert(done == count);
	}
	bridge_update_room(bridge);
}

/* An interface that is down refuses frames (-EIO); nobody wants them then. */
static void to_tap(const void *frame, size_t length, bool checked, void *arg)
{
	struct bridge *bridge = arg;
	struct virtio_net_hdr header = {
		.flags = checked && bridge->offload ? VIRTIO_NET_HDR_F_DATA_VALID : 0,
	};
	const struct iovec parts[] = {{&header, sizeof(header)}, {(void *)frame, length}};

	if (writev(bridge->tap.fd, parts, 2) != (ssize_t)(sizeof(header) + length))
		bridge->counts.refused++;
}

void bridge_update_link(struct bridge *bridge)
{
	struct uldf_e1000e_link link;
	int err = uldf_e1000e_link(bridge->nic, &link);
	unsigned int speed;

	if (err) {
		bridge_end_nic(bridge, err, "cannot tell its link");
		return;
	}
	speed = link.up ? link.speed : 0;
	if (bridge->speed_told && speed == bridge->speed)
		return;
	bridge->speed_told = true;
	bridge->speed = speed;
	tap_carrier(&bridge->tap, link.up);
	if (link.up)
		printf("uldf-net: %s: link at %u Mb/s\n", bridge->tap.name, speed);
	else
		printf("uldf-net: %s: no link\n", bridge->tap.name);
}

int bridge_restart(struct bridge *bridge)
{
	size_t lost;
	int err = uldf_e1000e_restart(bridge->nic, &lost);

	if (err)
		return err;
	bridge->counts.resets++;
	bridge->counts.lost += lost;
	arena_give(&bridge->arena, bridge->arena.count);
	bridge_update_room(bridge);
	bridge_update_link(bridge);
	arm(bridge, ULDF_E1000E_RECEIVED | ULDF_E1000E_LINK);
	return 0;
}

static void link_due(evutil_socket_t fd, short what, void *arg)
{
	bridge_update_link(arg);
}

/* Takes a batch from the card; answers whether there may be more. */
static bool from_nic(struct bridge *bridge)
{
	size_t done = 0;
	int err = uldf_e1000e_receive(bridge->nic, BATCH, to_tap, bridge, &done);

	if (err)
		bridge_end_nic(bridge, err, "cannot receive");
	bridge_update_room(bridge);
	return done == BATCH;
}

/*
 * Interrupts stay masked as long as batches are full. The next batch waits for a timer of no time, which
 * the loop looks at after all its descriptors: an event that is activated in its own callback would
 * keep the loop from them.
 */
static void nic_fired(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval next_turn;
	struct bridge *bridge = arg;
	unsigned int events = 0;
	int err = uldf_e1000e_events(bridge->nic, &events);

	if (err) {
		bridge_end_nic(bridge, err, "cannot tell why it interrupts");
		return;
	}
	if (events & ULDF_E1000E_LINK)
		bridge_update_link(bridge);
	if (from_nic(bridge))
		event_add(bridge->more_event, &next_turn);
	else
		arm(bridge, ULDF_E1000E_RECEIVED | ULDF_E1000E_LINK |
				    (is_full(bridge) ? ULDF_E1000E_SENT : 0));
}

static void device_happened(evutil_socket_t fd, short what, void *arg)
{
	bridge_end_gone(arg);
}

/* A backend that cannot tell of such events is no worse for it: calls then answer -ENODEV. */
static int listen_to_device(struct bridge *bridge)
{
	int err;

	bridge->device_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (bridge->device_fd < 0)
		return -errno;
	err = uldf_event_bind(bridge->device, bridge->device_fd);
	if (err == -ENOTSUP)
		return 0;
	if (err)
		return err;
	bridge->device_event = event_new(bridge->base, bridge->device_fd, EV_READ | EV_PERSIST,
					 device_happened, bridge);
	return !bridge->device_event || event_add(bridge->device_event, NULL) ? -ENOMEM : 0;
}

/* Without interrupts the link is looked at once a second. */
static int listen_to_nic(struct bridge *bridge)
{
	static const struct timeval second = {.tv_sec = 1};

	if (bridge->polled) {
		bridge->link_event = event_new(bridge->base, -1, EV_PERSIST, link_due, bridge);
		return !bridge->link_event || event_add(bridge->link_event, &second) ? -ENOMEM : 0;
	}
	bridge->nic_event = event_new(bridge->base, uldf_e1000e_fd(bridge->nic),
				      EV_READ | EV_PERSIST, nic_fired, bridge);
	bridge->more_event = evtimer_new(bridge->base, nic_fired, bridge);
	if (!bridge->more_event)
		return -ENOMEM;
	return !bridge->nic_event || event_add(bridge->nic_event, NULL) ? -ENOMEM : 0;
}

static int listen_to_tap(struct bridge *bridge)
{
	bridge->tap_event =
		event_new(bridge->base, bridge->tap.fd, EV_READ | EV_PERSIST, from_tap, bridge);
	return !bridge->tap_event || event_add(bridge->tap_event, NULL) ? -ENOMEM : 0;
}

int bridge_init(struct bridge *bridge)
{
	int err;

	bridge->device_fd = bridge->iface.fd = -1;
	bridge->mtu = ULDF_E1000E_FRAME_MAX - FOLLOW_OVERHEAD;
	bridge->is_promiscuous = bridge->promiscuous;
	arena_init(&bridge->arena, ARENA);
	if ((err = uldf_buffer_create(bridge->space, ARENA, &bridge->frames)) ||
	    (err = watchdog_init(bridge)) || (err = listen_to_device(bridge)) ||
	    (err = listen_to_tap(bridge)) || (err = listen_to_nic(bridge))) {
		bridge_end_nic(bridge, err, "cannot carry frames");
		bridge_fini(bridge);
		return err;
	}
	follow_init(bridge);
	return 0;
}

void bridge_fini(struct bridge *bridge)
{
	struct event *const list[] = {bridge->tap_event, bridge->nic_event, bridge->more_event,
				      bridge->device_event, bridge->link_event};

	for (unsigned int i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (list[i])
			event_free(list[i]);
	follow_fini(bridge);
	watchdog_fini(bridge);
	if (bridge->device_fd >= 0) {
		uldf_event_bind(bridge->device, -1);
		close(bridge->device_fd);
	}
	uldf_e1000e_close(bridge->nic);
	uldf_buffer_destroy(bridge->frames);
}

static void poll_nic(struct bridge *bridge)
{
	while (!bridge->ended) {
		event_base_loop(bridge->base, EVLOOP_NONBLOCK);
		from_nic(bridge);
	}
}

int bridge_run(struct bridge *bridge)
{
	bridge_update_link(bridge);
	if (bridge->polled) {
		poll_nic(bridge);
	} else {
		arm(bridge, ULDF_E1000E_RECEIVED | ULDF_E1000E_LINK);
		if (!bridge->ended)
			event_base_dispatch(bridge->base);
	}
	return bridge->err;
}
