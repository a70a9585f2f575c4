// SPDX-License-Identifier: MIT
/*
 * Cables between two models of this process. Each end has the frames that are on their way to it, and an
 * eventfd for when they come and when the far end changes. The list of cables is the process's, as the two
 * models may be of two contexts.
 *
 * Locks: a model's, then the list's, then a cable's.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>
#include "ctx.h"
#include "eventfds.h"
#include "model/e1000e/wire.h"

#define QUEUE (1u << 18) /* bytes on their way to an end; a power of two */

struct cable;

struct end {
	struct wire wire;
	struct cable *cable;
	int fd; /* eventfd; -1 for an end that nobody is plugged into */
	bool carrier;
	bool waits;	/* a frame of this end found the far end's queue full */
	uint32_t first; /* of the bytes queued; counts on, modulo 2^32 */
	uint32_t last;
	uint8_t queue[QUEUE]; /* frames, each behind its length */
};

struct cable {
	LIST_ENTRY(cable) entry; /* in the list, whose lock protects this and the name */
	char *name;
	pthread_mutex_t lock; /* protects the ends */
	struct end ends[2];
};

static struct {
	pthread_mutex_t lock;
	LIST_HEAD(, cable) list;
} cables = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct end *end_of(struct wire *wire)
{
	return (struct end *)wire;
}

static struct end *end_far(struct end *end)
{
	return end == &end->cable->ends[0] ? &end->cable->ends[1] : &end->cable->ends[0];
}

/* ---- the queue of an end */

static void queue_copy_in(struct end *end, const void *bytes, uint32_t size)
{
	uint32_t at = end->last % QUEUE, first = QUEUE - at < size ? QUEUE - at : size;

	memcpy(end->queue + at, bytes, first);
	memcpy(end->queue, (const char *)bytes + first, size - first);
	end->last += size;
}

static void queue_copy_out(struct end *end, void *bytes, uint32_t size)
{
	uint32_t at = end->first % QUEUE, first = QUEUE - at < size ? QUEUE - at : size;

	memcpy(bytes, end->queue + at, first);
	memcpy((char *)bytes + first, end->queue, size - first);
	end->first += size;
}

/* ---- ops */

static size_t cable_receive(struct wire *wire, void *frame)
{
	struct end *end = end_of(wire), *far = end_far(end);
	uint32_t size = 0;

	pthread_mutex_lock(&end->cable->lock);
	if (end->first == end->last) {
		eventfds_drain(end->fd);
	} else {
		queue_copy_out(end, &size, sizeof(size));
		queue_copy_out(end, frame, size);
		if (far->waits)
			eventfds_signal(far->fd);
		far->waits = false;
	}
	pthread_mutex_unlock(&end->cable->lock);
	return size;
}

static int cable_send(struct wire *wire, const void *frame, size_t size)
{
	struct end *end = end_of(wire), *far = end_far(end);
	uint32_t length = (uint32_t)size;
	int err = 0;

	pthread_mutex_lock(&end->cable->lock);
	if (!far->carrier || !end->carrier || size > WIRE_FRAME) {
		/* lost */
	} else if (QUEUE - (far->last - far->first) < sizeof(length) + length) {
		end->waits = true;
		err = -EAGAIN;
	} else {
		if (far->first == far->last)
			eventfds_signal(far->fd);
		queue_copy_in(far, &length, sizeof(length));
		queue_copy_in(far, frame, length);
	}
	pthread_mutex_unlock(&end->cable->lock);
	return err;
}

static void cable_carrier(struct wire *wire, bool on)
{
	struct end *end = end_of(wire);

	pthread_mutex_lock(&end->cable->lock);
	if (end->carrier != on)
		eventfds_signal(end_far(end)->fd);
	end->carrier = on;
	pthread_mutex_unlock(&end->cable->lock);
}

static bool cable_up(struct wire *wire)
{
	struct end *end = end_of(wire);
	bool up;

	pthread_mutex_lock(&end->cable->lock);
	up = end_far(end)->carrier;
	pthread_mutex_unlock(&end->cable->lock);
	return up;
}

static int cable_fd(struct wire *wire, short *events)
{
	return end_of(wire)->fd;
}

/* ---- plugging; the list is locked */

static void cable_free(struct cable *cable)
{
	pthread_mutex_destroy(&cable->lock);
	free(cable->name);
	free(cable);
}

/* Leaves the end as if nobody had been there: what was on its way is lost. */
static void cable_close(struct wire *wire)
{
	struct end *end = end_of(wire), *far = end_far(end);
	struct cable *cable = end->cable;
	bool last;

	pthread_mutex_lock(&cables.lock);
	pthread_mutex_lock(&cable->lock);
	close(end->fd);
	end->fd = -1;
	end->carrier = end->waits = far->waits = false;
	end->first = end->last = far->first = far->last = 0;
	eventfds_signal(far->fd);
	last = far->fd < 0;
	pthread_mutex_unlock(&cable->lock);
	if (last) {
		LIST_REMOVE(cable, entry);
		cable_free(cable);
	}
	pthread_mutex_unlock(&cables.lock);
}

static const struct wire_ops cable_ops = {
	.close = cable_close,
	.receive = cable_receive,
	.send = cable_send,
	.carrier = cable_carrier,
	.up = cable_up,
	.fd = cable_fd,
};

static struct cable *cable_create(const char *name)
{
	struct cable *cable = calloc(1, sizeof(*cable));

	if (!cable)
		return NULL;
	cable->name = strdup(name);
	if (!cable->name) {
		free(cable);
		return NULL;
	}
	pthread_mutex_init(&cable->lock, NULL);
	for (unsigned int i = 0; i < 2; i++) {
		cable->ends[i].wire.ops = &cable_ops;
		cable->ends[i].cable = cable;
		cable->ends[i].fd = -1;
	}
	LIST_INSERT_HEAD(&cables.list, cable, entry);
	return cable;
}

static struct cable *cable_find(const char *name)
{
	struct cable *cable;

	LIST_FOREACH(cable, &cables.list, entry)
		if (!strcmp(cable->name, name))
			return cable;
	return cable_create(name);
}

/* Plugs into an end that is free; a cable whose ends are both free is not kept. */
static int cable_plug(struct cable *cable, struct end **out)
{
	struct end *end = &cable->ends[cable->ends[0].fd >= 0];
	int fd;

	if (end->fd >= 0)
		return -EBUSY;
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0) {
		int err = -errno;

		if (end_far(end)->fd < 0) {
			LIST_REMOVE(cable, entry);
			cable_free(cable);
		}
		return err;
	}
	pthread_mutex_lock(&cable->lock);
	end->fd = fd;
	pthread_mutex_unlock(&cable->lock);
	*out = end;
	return 0;
}

int wire_open_cable(struct uldf_ctx *ctx, const char *name, struct wire **out)
{
	struct cable *cable;
	struct end *end = NULL;
	int err = -ENOMEM;

	if (!*name)
		return ctx_fail(
			ctx, -EINVAL,
			"model:e1000e: option peer is empty: give both cards of a cable one "
			"name");
	pthread_mutex_lock(&cables.lock);
	cable = cable_find(name);
	if (cable)
		err = cable_plug(cable, &end);
	pthread_mutex_unlock(&cables.lock);
	if (err == -EBUSY)
		return ctx_fail(ctx, err,
				"model:e1000e: two cards of this process are on the cable %s "
				"already: close one, or take another name",
				name);
	if (err)
		return ctx_fail(ctx, err, "model:e1000e: cannot plug into the cable %s: %s", name,
				ctx_strerror(err));
	*out = &end->wire;
	return 0;
}
