// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "follow.h"

static void follow_mac(struct bridge *bridge)
{
	const uint8_t *mac = bridge->state.mac;
	int err;

	if (!memcmp(mac, uldf_e1000e_mac(bridge->nic), 6))
		return;
	err = uldf_e1000e_set_mac(bridge->nic, mac);
	if (err)
		bridge_end_nic(bridge, err, "cannot set its address");
	else
		printf("uldf-net: %s: address %02x:%02x:%02x:%02x:%02x:%02x\n", bridge->tap.name,
		       mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static void follow_promiscuity(struct bridge *bridge)
{
	bool wanted = bridge->promiscuous || bridge->state.promiscuous;
	int err;

	if (wanted == bridge->is_promiscuous)
		return;
	err = uldf_e1000e_set_promiscuous(bridge->nic, wanted);
	if (err)
		bridge_end_nic(bridge, err, "cannot set whether it is promiscuous");
	else
		bridge->is_promiscuous = wanted;
}

/*
 * A TAP takes any MTU up to 65521, and no call lowers that limit: an MTU that the card cannot carry is put back.
 * Until the host does that, frames that are too long are dropped and counted.
 */
static void refuse_mtu(struct bridge *bridge)
{
	uint32_t mtu = bridge->state.mtu;
	int err;

	if (mtu == bridge->mtu_refused)
		return;
	bridge->mtu_refused = mtu;
	fprintf(stderr, "uldf-net: %s: MTU %u refused, the card carries up to %u: back to %u\n",
		bridge->tap.name, mtu, FOLLOW_MTU_MAX, bridge->mtu);
	err = iface_set_mtu(&bridge->iface, bridge->mtu);
	if (err)
		fprintf(stderr,
			"uldf-net: %s: cannot put the MTU back (%s): ip link set %s mtu %u\n",
			bridge->tap.name, strerror(-err), bridge->tap.name, bridge->mtu);
}

static void follow_mtu(struct bridge *bridge)
{
	uint32_t mtu = bridge->state.mtu;
	int err;

	if (mtu > FOLLOW_MTU_MAX) {
		refuse_mtu(bridge);
		return;
	}
	bridge->mtu_refused = 0;
	if (mtu == bridge->mtu)
		return;
	err = uldf_e1000e_set_frame_max(bridge->nic, mtu + FOLLOW_OVERHEAD);
	if (err) {
		bridge_end_nic(bridge, err, "cannot set its longest frame");
		return;
	}
	bridge->mtu = mtu;
	printf("uldf-net: %s: MTU %u\n", bridge->tap.name, mtu);
}

static void unfollow(struct bridge *bridge)
{
	if (bridge->iface_event)
		event_free(bridge->iface_event);
	bridge->iface_event = NULL;
	iface_close(&bridge->iface);
}

static void iface_told(evutil_socket_t fd, short what, void *arg);

/* The interface may move on while it is looked for. Of one that is deleted, the TAP tells. */
static void follow(struct bridge *bridge)
{
	int err = -ENODEV;

	for (unsigned int tries = 0; err == -ENODEV && tries < 3; tries++)
		err = iface_open(&bridge->iface, &bridge->tap);
	if (!err) {
		bridge->iface_event = event_new(bridge->base, bridge->iface.fd,
						EV_READ | EV_PERSIST, iface_told, bridge);
		if (!bridge->iface_event || event_add(bridge->iface_event, NULL)) {
			unfollow(bridge);
			err = -ENOMEM;
		}
	}
	if (err && err != -EBADFD)
		fprintf(stderr,
			"uldf-net: %s: its address, MTU and promiscuity will not be followed: "
			"%s%s\n",
			bridge->tap.name, strerror(-err),
			err == -EPERM ? " (in another network namespace, that takes CAP_SYS_ADMIN)"
				      : "");
}

/* An interface that moves to another namespace is gone from this one. */
static void iface_told(evutil_socket_t fd, short what, void *arg)
{
	struct bridge *bridge = arg;

	switch (iface_read(&bridge->iface, &bridge->state)) {
	case IFACE_NOTHING:
		return;
	case IFACE_GONE:
		unfollow(bridge);
		follow(bridge);
		return;
	case IFACE_STATE:
		break;
	}
	follow_mac(bridge);
	follow_promiscuity(bridge);
	follow_mtu(bridge);
}

void follow_init(struct bridge *bridge)
{
	memcpy(bridge->state.mac, uldf_e1000e_mac(bridge->nic), sizeof(bridge->state.mac));
	bridge->state.mtu = bridge->mtu;
	follow(bridge);
}

void follow_fini(struct bridge *bridge)
{
	unfollow(bridge);
}
