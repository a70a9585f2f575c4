// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include "server.h"

static uint32_t reply_size(const struct slot *slot)
{
	return NBD_REPLY_SIZE +
	       (slot->request.type == NBD_READ && !slot->err ? slot->request.length : 0);
}

void reply_to(struct server *server, struct slot *slot, int err)
{
	slot->err = err;
	slot->sent = 0;
	nbd_reply_write(slot->header, slot->request.cookie, err);
	TAILQ_INSERT_TAIL(&server->replies, slot, entry);
}

static ssize_t send_part(const struct server *server, struct slot *slot)
{
	uint32_t size = reply_size(slot), data = slot->sent;
	struct iovec parts[2];
	struct msghdr message = {.msg_iov = parts};

	if (slot->sent < NBD_REPLY_SIZE) {
		parts[message.msg_iovlen++] = (struct iovec){
			slot->header + slot->sent,
			NBD_REPLY_SIZE - slot->sent,
		};
		data = NBD_REPLY_SIZE;
	}
	if (data < size)
		parts[message.msg_iovlen++] = (struct iovec){
			(char *)slot->memory->address + (data - NBD_REPLY_SIZE),
			size - data,
		};
	return sendmsg(server->socket, &message, MSG_NOSIGNAL);
}

void reply_send(struct server *server)
{
	struct slot *slot;

	while ((slot = TAILQ_FIRST(&server->replies))) {
		ssize_t sent = send_part(server, slot);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN) {
			event_add(server->writable, NULL);
			return;
		}
		/* Nobody is there to be told. */
		if (sent < 0) {
			server->closing = true;
			slot->sent = reply_size(slot);
		} else {
			slot->sent += (uint32_t)sent;
		}
		if (slot->sent < reply_size(slot))
			continue;
		TAILQ_REMOVE(&server->replies, slot, entry);
		TAILQ_INSERT_TAIL(&server->idle, slot, entry);
		if (!server->closing)
			event_add(server->readable, NULL);
	}
}
