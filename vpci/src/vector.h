/* SPDX-License-Identifier: MIT */
/* A message-signalled vector: an eventfd that a device signals, routed to a message or held. */
#ifndef VPCI_SRC_VECTOR_H
#define VPCI_SRC_VECTOR_H

#include <vpci/function.h>

/**
 * struct vpci_vector - the vector
 * @fd: eventfd, -1 for none
 * @routed: the host has a route for it
 * @open: the route is not masked: the host raises @msi when the eventfd is signalled
 * @pending: it was signalled while not @open
 * @route: the host's number, while @routed
 * @msi: the message, while @routed
 */
struct vpci_vector {
	int fd;
	bool routed;
	bool open;
	bool pending;
	unsigned int route;
	struct vpci_msi msi;
};

/** VPCI_VECTOR_NONE - a vector without an eventfd */
#define VPCI_VECTOR_NONE ((struct vpci_vector){.fd = -1})

/**
 * vpci_vector_init() - create the eventfd
 * @vector: vector, not routed
 *
 * Return: 0, or -errno of eventfd().
 */
int vpci_vector_init(struct vpci_vector *vector);

/**
 * vpci_vector_fini() - end the route and close the eventfd
 * @vector: vector
 * @host: the VMM's services
 */
void vpci_vector_fini(struct vpci_vector *vector, const struct vpci_host *host);

/**
 * vpci_vector_route() - let the vector send a message
 * @vector: vector
 * @host: the VMM's services
 * @msi: the message; one whose address is no interrupt's holds the vector
 *
 * What was signalled while it was held is sent once.
 *
 * Return: 0, or what the host answered: the vector is held then.
 */
int vpci_vector_route(struct vpci_vector *vector, const struct vpci_host *host,
		      const struct vpci_msi *msi);

/**
 * vpci_vector_hold() - keep signals back until the next vpci_vector_route() (the vector is masked)
 * @vector: vector
 * @host: the VMM's services
 */
void vpci_vector_hold(struct vpci_vector *vector, const struct vpci_host *host);

/**
 * vpci_vector_pending() - was it signalled while held?
 * @vector: vector
 *
 * Return: true when it was.
 */
bool vpci_vector_pending(struct vpci_vector *vector);

#endif
