/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of the interface as the host sets it, read by rtnetlink in the network namespace that the interface
 * is in. follow.c calls it.
 */
#ifndef TOOLS_ULDF_NET_IFACE_H
#define TOOLS_ULDF_NET_IFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "tap.h"

struct iface_state {
	uint8_t mac[6];
	uint32_t mtu;
	bool promiscuous; /* by ip link, a packet socket or a bridge */
};

struct iface {
	int fd; /* rtnetlink, does not block; -1 for none */
	unsigned int index;
};

enum iface_told {
	IFACE_NOTHING,
	IFACE_STATE, /* a new state */
	IFACE_GONE,  /* the interface was deleted or moved to another namespace */
};

/*
 * Begins to listen, and asks for the state. Answers 0 or -errno: -EBADFD deleted, -ENODEV moved meanwhile, -EPERM
 * without CAP_SYS_ADMIN in another namespace, ...
 */
int iface_open(struct iface *iface, const struct tap *tap);

void iface_close(struct iface *iface);

/* Reads all messages that wait; the last one counts. @state: members that a message has are replaced. */
enum iface_told iface_read(struct iface *iface, struct iface_state *state);

/* Asks the kernel for another MTU. Answers 0 or -errno of the request; does not wait for its answer. */
int iface_set_mtu(struct iface *iface, uint32_t mtu);

/* Reads messages of rtnetlink about the interface @index. Pure. */
enum iface_told iface_parse(const void *messages, size_t size, unsigned int index,
			    struct iface_state *state);

#endif
