// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sys/socket.h>
#include "server.h"

/* What is wrong with a request before the disk sees it. */
static int request_check(const struct server *server, const struct nbd_request_header *request)
{
	uint32_t block_size = server->info->block_size, most = server->most;

	switch (request->type) {
	case NBD_FLUSH:
		return 0;
	case NBD_TRIM:
		most = UINT32_MAX;
		/* fall through */
	case NBD_WRITE:
		if (server->read_only)
			return -EROFS;
		break;
	case NBD_READ:
		break;
	default:
		return -EINVAL;
	}
	if (!request->length || request->length > most ||
	    (request->offset | request->length) % block_size)
		return -EINVAL;
	return request->offset / block_size >= server->info->blocks ? -ERANGE : 0;
}

/* Bytes into @data, or nowhere. Return: how many; 0 for none now, or at the end. */
static size_t receive_bytes(struct server *server, void *data, size_t size)
{
	ssize_t got = recv(server->socket, data, size, 0);

	if (got > 0)
		return (size_t)got;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	/* Whoever goes without a word, in the middle of a request even, has gone all the same. */
	server->closing = true;
	return 0;
}

static void request_end(struct server *server, int err)
{
	struct slot *slot = server->receiving;

	server->receiving = NULL;
	server->received = 0;
	if (err)
		reply_to(server, slot, err);
	else
		TAILQ_INSERT_TAIL(&server->waiting, slot, entry);
}

/* The header is there. */
static void request_begin(struct server *server)
{
	struct slot *slot = TAILQ_FIRST(&server->idle);
	struct nbd_request_header *request = &slot->request;
	int err = nbd_request_read(server->header, request);

	if (err || request->type == NBD_DISCONNECT_REQUEST) {
		server->err = err;
		server->closing = true;
		return;
	}
	TAILQ_REMOVE(&server->idle, slot, entry);
	err = request_check(server, request);
	slot->err = err;
	slot->sent = 0;
	slot->segment = (struct uldf_segment){slot->memory->bus, request->length};
	server->receiving = slot;
	if (request->type != NBD_WRITE)
		request_end(server, err);
	else if (!request->length)
		request_end(server, -EINVAL);
	else
		server->refused = err ? request->length : 0;
}

static bool receive_header(struct server *server)
{
	size_t got;

	if (TAILQ_EMPTY(&server->idle))
		return false;
	got = receive_bytes(server, server->header + server->received,
			    NBD_REQUEST_SIZE - server->received);
	server->received += got;
	if (server->received == NBD_REQUEST_SIZE)
		request_begin(server);
	return got;
}

/* Data of a request that is refused has to be read all the same. */
static bool receive_refused(struct server *server)
{
	uint8_t nowhere[4096];
	size_t got = receive_bytes(server, nowhere,
				   server->refused < sizeof(nowhere) ? server->refused
								     : sizeof(nowhere));

	server->refused -= (uint32_t)got;
	if (!server->refused)
		request_end(server, server->receiving->err);
	return got;
}

static bool receive_data(struct server *server)
{
	struct slot *slot = server->receiving;
	size_t there = server->received - NBD_REQUEST_SIZE, got;

	if (server->refused)
		return receive_refused(server);
	got = receive_bytes(server, (char *)slot->memory->address + there,
			    slot->request.length - there);
	server->received += got;
	if (server->received == NBD_REQUEST_SIZE + (size_t)slot->request.length)
		request_end(server, 0);
	return got;
}

void receive_requests(struct server *server)
{
	while (!server->closing) {
		if (!(server->receiving ? receive_data(server) : receive_header(server)))
			break;
	}
	/* A slot that is given back wakes it again. */
	if (server->closing || (!server->receiving && TAILQ_EMPTY(&server->idle)))
		event_del(server->readable);
}
