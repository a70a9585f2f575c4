/* SPDX-License-Identifier: MIT */
/* The control socket: clients of the same user ask, line by line, while the guest runs. The main thread's. */
#ifndef VMM_CONTROL_H
#define VMM_CONTROL_H

#include <event2/event.h>
#include <event2/listener.h>
#include <sys/queue.h>

#include "reason.h"
#include "requests.h"

#define VMM_CONTROL_CLIENTS 8

struct vmm_control_client;

/**
 * struct vmm_control - the socket; zeroed memory is one that is not open
 * @ops: what requests do
 * @host: first argument of each
 * @path: where the socket is
 * @listener: takes clients
 * @clients: who is there
 * @count: how many
 */
struct vmm_control {
	const struct vmm_request_ops *ops;
	void *host;
	const char *path;
	struct evconnlistener *listener;
	LIST_HEAD(, vmm_control_client) clients;
	unsigned int count;
};

/**
 * vmm_control_open() - make the socket, which its user alone can use
 * @control: zeroed memory
 * @base: event loop of the thread that calls
 * @path: where; a socket there that nobody listens on any more is replaced; must outlive @control
 * @ops: what requests do
 * @host: first argument of each
 * @reason: set on failure
 *
 * Return: 0, -EADDRINUSE somebody listens there, or something else is there, or what the system answers.
 */
int vmm_control_open(struct vmm_control *control, struct event_base *base, const char *path,
		     const struct vmm_request_ops *ops, void *host, struct vmm_reason *reason);

/**
 * vmm_control_close() - send what can be sent at once, and remove the socket
 * @control: open or not
 */
void vmm_control_close(struct vmm_control *control);

#endif
