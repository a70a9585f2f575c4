/* SPDX-License-Identifier: MIT */
/*
 * What a card's connector is plugged into: a cable to another model of this process (cable.c), or a TAP
 * interface of the host (tap.c). Frames are whole, without FCS.
 */
#ifndef ULDF_SRC_MODEL_E1000E_WIRE_H
#define ULDF_SRC_MODEL_E1000E_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uldf_ctx;
struct wire;

#define WIRE_FRAME 65536 /* bytes of the longest frame on a wire */
#define WIRE_SHORT \
	60 /* bytes of the shortest frame that a MAC sends (IEEE 802.3 section 4.2.3.3) */

/**
 * struct wire_ops - a kind of wire
 *
 * @close: Unplug and free.
 * @receive: Take the next frame, of up to WIRE_FRAME bytes, and return its length; 0 when none is there.
 * @send: Send a frame, and return 0; a frame that the far end does not take is lost. -EAGAIN when the wire is
 *	full.
 * @carrier: Tell the far end whether this end has a carrier.
 * @up: Return true when the far end has a carrier.
 * @fd: Return the descriptor that is ready when something changed, or -1, and the events of poll(2) to wait
 *	for: more than frames only after a send() that was -EAGAIN.
 */
struct wire_ops {
	void (*close)(struct wire *wire);
	size_t (*receive)(struct wire *wire, void *frame);
	int (*send)(struct wire *wire, const void *frame, size_t size);
	void (*carrier)(struct wire *wire, bool on);
	bool (*up)(struct wire *wire);
	int (*fd)(struct wire *wire, short *events);
};

/* Without a carrier when opened. One thread at a time. */
struct wire {
	const struct wire_ops *ops;
};

/**
 * wire_open_cable() - plug into the cable of that name
 * @ctx: context, for the reason of a failure
 * @name: of a cable with two ends, in this process
 * @out: the wire; untouched on failure
 *
 * Return: 0, -EBUSY both ends are taken, -EINVAL no name, -EMFILE, -ENOMEM.
 */
int wire_open_cable(struct uldf_ctx *ctx, const char *name, struct wire **out);

/**
 * wire_open_tap() - plug into a TAP interface that is there
 * @ctx: context, for the reason of a failure
 * @name: of the interface
 * @out: the wire; untouched on failure
 *
 * Return: 0, -EINVAL no name, -ENODEV no such interface, -EBUSY in use, -EPERM not the caller's, -ENOENT no
 * /dev/net/tun, -ENOMEM.
 */
int wire_open_tap(struct uldf_ctx *ctx, const char *name, struct wire **out);

/**
 * wire_wrap_tap() - a wire over a descriptor that is read and written like a TAP
 * @fd: descriptor that does not block; becomes the wire's, even on failure
 * @out: the wire; untouched on failure
 *
 * Return: 0, -ENOMEM.
 */
int wire_wrap_tap(int fd, struct wire **out);

#endif
