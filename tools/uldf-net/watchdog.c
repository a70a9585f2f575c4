// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include "bridge.h"

#define LIMIT 5 /* seconds */

static void restart(struct bridge *bridge)
{
	unsigned int frames = bridge->arena.count;
	int err = bridge_restart(bridge);

	bridge->watchdog.idle = 0;
	if (err) {
		bridge_end_nic(bridge, err, "sends nothing, and a reset does not help");
		return;
	}
	if (!bridge->watchdog.said)
		fprintf(stderr,
			"uldf-net: device %s: sent nothing for %u s, so it was reset: %u frames "
			"lost\n",
			uldf_device_info(bridge->device)->address, LIMIT, frames);
	bridge->watchdog.said = true;
}

/* Without a link frames wait in the card, however long. */
void watchdog_look(struct bridge *bridge)
{
	struct watchdog *watchdog = &bridge->watchdog;

	bridge_update_room(bridge);
	if (bridge->counts.sent != watchdog->sent) {
		watchdog->sent = bridge->counts.sent;
		watchdog->idle = 0;
		watchdog->said = false;
		return;
	}
	if (!bridge->arena.count || !bridge->speed)
		watchdog->idle = 0;
	else if (++watchdog->idle >= LIMIT)
		restart(bridge);
}

static void due(evutil_socket_t fd, short what, void *arg)
{
	watchdog_look(arg);
	watchdog_start(arg);
}

void watchdog_start(struct bridge *bridge)
{
	static const struct timeval second = {.tv_sec = 1};

	if (bridge->arena.count && !event_pending(bridge->watchdog.event, EV_TIMEOUT, NULL))
		event_add(bridge->watchdog.event, &second);
}

int watchdog_init(struct bridge *bridge)
{
	bridge->watchdog.event = evtimer_new(bridge->base, due, bridge);
	return bridge->watchdog.event ? 0 : -ENOMEM;
}

void watchdog_fini(struct bridge *bridge)
{
	if (bridge->watchdog.event)
		event_free(bridge->watchdog.event);
	bridge->watchdog.event = NULL;
}
