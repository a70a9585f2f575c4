// SPDX-License-Identifier: GPL-2.0-or-later
#include "server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_LEAST 8 /* so that the next request is there when a disk of depth 1 has done one */
#define SLOTS_MOST  32
#define SLOT_BYTES  (256 * 1024)
#define PATIENCE    30 /* seconds that the disk may take for a request */
#define AT_ONCE	    32 /* requests and completions handed over in a call */

static struct uldf_disk_request disk_request(const struct server *server, const struct slot *slot)
{
	static const enum uldf_disk_command commands[] = {
		[NBD_READ] = ULDF_DISK_READ,
		[NBD_WRITE] = ULDF_DISK_WRITE,
		[NBD_FLUSH] = ULDF_DISK_FLUSH,
		[NBD_TRIM] = ULDF_DISK_DISCARD,
	};
	const struct nbd_request_header *request = &slot->request;
	struct uldf_disk_request result = {
		.tag = (uint64_t)(slot - server->slots),
		.command = commands[request->type],
	};

	if (request->type == NBD_FLUSH)
		return result;
	result.block = request->offset / server->info->block_size;
	result.blocks = request->length / server->info->block_size;
	if (request->type == NBD_TRIM)
		return result;
	if (request->type == NBD_WRITE && request->flags & NBD_FUA && server->info->fua)
		result.command = ULDF_DISK_WRITE_FUA;
	result.list = &slot->segment;
	result.count = 1;
	result.data = slot->memory->address;
	return result;
}

/* Hands as many to the disk as it takes. */
static void submit(struct server *server)
{
	struct uldf_disk_request requests[AT_ONCE];
	struct slot *slot;
	size_t count, done;
	int err;

	do {
		count = done = 0;
		TAILQ_FOREACH(slot, &server->waiting, entry) {
			if (count == AT_ONCE)
				break;
			requests[count++] = disk_request(server, slot);
		}
		if (!count)
			return;
		err = uldf_disk_submit(server->disk, requests, count, &done);
		server->submitted += (unsigned int)done;
		for (size_t i = 0; i < done; i++)
			TAILQ_REMOVE(&server->waiting, TAILQ_FIRST(&server->waiting), entry);
		if (err) {
			slot = TAILQ_FIRST(&server->waiting);
			TAILQ_REMOVE(&server->waiting, slot, entry);
			reply_to(server, slot, err);
		}
	} while (err || done == AT_ONCE);
}

static void collect(struct server *server)
{
	struct uldf_disk_completion completions[AT_ONCE];
	size_t count;
	int err;

	do {
		err = uldf_disk_poll(server->disk, completions, AT_ONCE, &count);
		for (size_t i = 0; i < count; i++) {
			server->submitted--;
			reply_to(server, &server->slots[completions[i].tag], completions[i].status);
		}
	} while (!err && count == AT_ONCE);
	if (err && !server->err) {
		server->err = err;
		server->closing = true;
	}
}

static bool finished(const struct server *server)
{
	return server->closing && !server->submitted && TAILQ_EMPTY(&server->waiting) &&
	       TAILQ_EMPTY(&server->replies);
}

/* After whatever happened: all that can go on goes on. */
static void proceed(struct server *server)
{
	collect(server);
	submit(server);
	/* What was done at once (or refused) is told at once. */
	collect(server);
	reply_send(server);
	if (finished(server))
		event_base_loopbreak(server->base);
}

void server_stop(struct server *server, int err)
{
	if (!server->err)
		server->err = err;
	server->closing = true;
	uldf_disk_expire(server->disk, PATIENCE);
	proceed(server);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	receive_requests(arg);
	proceed(arg);
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
	proceed(arg);
}

static void on_second(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;

	uldf_disk_expire(server->disk, PATIENCE);
	proceed(server);
}

static int slots_init(struct server *server, struct uldf_space *space)
{
	unsigned int depth = server->info->depth;

	server->count = depth < SLOTS_LEAST ? SLOTS_LEAST : depth < SLOTS_MOST ? depth : SLOTS_MOST;
	server->slots = calloc(server->count, sizeof(*server->slots));
	if (!server->slots)
		return -ENOMEM;
	for (unsigned int i = 0; i < server->count; i++) {
		int err = uldf_buffer_create(space, server->most, &server->slots[i].memory);

		if (err)
			return err;
		TAILQ_INSERT_TAIL(&server->idle, &server->slots[i], entry);
	}
	return 0;
}

int server_init(struct server *server, struct event_base *base, struct uldf_ctx *ctx,
		struct uldf_disk *disk, struct uldf_space *space, bool read_only)
{
	char reason[256] = "";
	uint64_t most;
	int err;

	*server = (struct server){
		.base = base,
		.disk = disk,
		.info = uldf_disk_info(disk),
		.read_only = read_only || uldf_disk_info(disk)->read_only,
		.socket = -1,
	};
	most = (uint64_t)server->info->most_blocks * server->info->block_size;
	server->most = most < SLOT_BYTES ? (uint32_t)most : SLOT_BYTES;
	TAILQ_INIT(&server->idle);
	TAILQ_INIT(&server->waiting);
	TAILQ_INIT(&server->replies);
	err = slots_init(server, space);
	if (!err)
		return 0;
	if (server->slots)
		uldf_reason(ctx, reason, sizeof(reason));
	fprintf(stderr, "uldf-blk: memory for %u requests: %s\n", server->count,
		reason[0] ? reason : strerror(-err));
	return err;
}

static int events_init(struct server *server)
{
	const struct timeval second = {.tv_sec = 1};
	int fd = uldf_disk_fd(server->disk);

	server->readable =
		event_new(server->base, server->socket, EV_READ | EV_PERSIST, on_readable, server);
	server->writable = event_new(server->base, server->socket, EV_WRITE, on_event, server);
	server->second = event_new(server->base, -1, EV_PERSIST, on_second, server);
	if (!server->readable || !server->writable || !server->second)
		return -ENOMEM;
	if (fd >= 0) {
		server->completed =
			event_new(server->base, fd, EV_READ | EV_PERSIST, on_event, server);
		if (!server->completed || event_add(server->completed, NULL))
			return -ENOMEM;
	}
	if (event_add(server->readable, NULL) || event_add(server->second, &second))
		return -ENOMEM;
	return 0;
}

/* A disk without interrupts is asked as long as it has something to do. */
static void loop_polled(struct server *server)
{
	while (!event_base_got_break(server->base)) {
		event_base_loop(server->base,
				EVLOOP_ONCE | (server->submitted ? EVLOOP_NONBLOCK : 0));
		if (event_base_got_break(server->base))
			break;
		if (server->submitted)
			proceed(server);
	}
}

int server_run(struct server *server, int socket)
{
	int err;

	server->socket = socket;
	err = events_init(server);
	if (err)
		return err;
	if (server->completed)
		event_base_dispatch(server->base);
	else
		loop_polled(server);
	return server->err;
}

static void event_end(struct event *event)
{
	if (event)
		event_free(event);
}

void server_fini(struct server *server)
{
	event_end(server->readable);
	event_end(server->writable);
	event_end(server->completed);
	event_end(server->second);
	for (unsigned int i = 0; server->slots && i < server->count; i++)
		uldf_buffer_destroy(server->slots[i].memory);
	free(server->slots);
}
