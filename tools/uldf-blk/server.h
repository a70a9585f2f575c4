/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests on their way: received from the socket into a slot, waiting for the disk, with the disk,
 * replied. A slot has memory that the disk reaches, so data is moved once, by the socket.
 */
#ifndef ULDF_BLK_SERVER_H
#define ULDF_BLK_SERVER_H

#include <event2/event.h>
#include <sys/queue.h>
#include <uldf/drivers/disk.h>
#include "nbd.h"

struct slot {
	TAILQ_ENTRY(slot) entry;
	struct nbd_request_header request;
	struct uldf_buffer *memory;
	struct uldf_segment segment; /* the part of it that the request takes */
	int err;
	uint8_t header[NBD_REPLY_SIZE];
	uint32_t sent; /* bytes of the reply, its data included */
};

TAILQ_HEAD(slot_list, slot);

struct server {
	struct event_base *base;
	struct uldf_disk *disk;
	const struct uldf_disk_info *info;
	uint32_t most; /* bytes in a request */
	bool read_only;
	int socket;
	struct slot *slots;
	unsigned int count;
	struct slot_list idle;
	struct slot_list waiting; /* for the disk */
	struct slot_list replies;
	unsigned int submitted;

	uint8_t header[NBD_REQUEST_SIZE]; /* of the request that is being received */
	size_t received;		  /* bytes of it and its data */
	struct slot *receiving;		  /* once the header is there */
	uint32_t refused;		  /* bytes of its data that go nowhere */
	bool closing;			  /* no more requests will come */
	int err;			  /* why it cannot go on */

	struct event *readable;
	struct event *writable;
	struct event *completed; /* NULL when the disk is polled */
	struct event *second;
};

/* Return: 0, or a negative errno after it was told on stderr. Untouched memory is all that fini needs. */
int server_init(struct server *server, struct event_base *base, struct uldf_ctx *ctx,
		struct uldf_disk *disk, struct uldf_space *space, bool read_only);
/* Serves until the other end goes, and all is done that it asked for. Return: 0, or what failed. */
int server_run(struct server *server, int socket);
/* Ends server_run() with @err once the disk has answered what it was given. */
void server_stop(struct server *server, int err);
void server_fini(struct server *server);

/* ---- receive.c: from the socket to the waiting */
void receive_requests(struct server *server);

/* ---- reply.c: from the disk to the socket */
/* Ends a request without the disk, or with it. */
void reply_to(struct server *server, struct slot *slot, int err);
void reply_send(struct server *server);

#endif
