// SPDX-License-Identifier: MIT
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "msi.h"
#include "vector.h"

static void vector_drain(struct vpci_vector *vector)
{
	eventfd_t count;

	if (vector->fd >= 0 && eventfd_read(vector->fd, &count) == 0)
		vector->pending = true;
}

int vpci_vector_init(struct vpci_vector *vector)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	*vector = (struct vpci_vector){.fd = fd};
	return 0;
}

static void vector_remove(struct vpci_vector *vector, const struct vpci_host *host)
{
	if (vector->routed)
		host->ops->msi_route_remove(host->host, vector->route);
	vector->routed = vector->open = false;
}

void vpci_vector_fini(struct vpci_vector *vector, const struct vpci_host *host)
{
	vector_remove(vector, host);
	if (vector->fd >= 0)
		close(vector->fd);
	*vector = VPCI_VECTOR_NONE;
}

void vpci_vector_hold(struct vpci_vector *vector, const struct vpci_host *host)
{
	if (vector->open)
		host->ops->msi_route_mask(host->host, vector->route);
	vector->open = false;
}

static bool vector_same(const struct vpci_msi *a, const struct vpci_msi *b)
{
	return a->address == b->address && a->data == b->data && a->requester == b->requester;
}

/* The host has a route: gives it the message, if that is another one, and unmasks it. */
static int vector_reopen(struct vpci_vector *vector, const struct vpci_host *host,
			 const struct vpci_msi *msi)
{
	int err = 0;

	if (!vector_same(&vector->msi, msi))
		err = host->ops->msi_route_update(host->host, vector->route, msi);
	if (!err && !vector->open)
		err = host->ops->msi_route_unmask(host->host, vector->route);
	if (err)
		vector_remove(vector, host);
	return err;
}

int vpci_vector_route(struct vpci_vector *vector, const struct vpci_host *host,
		      const struct vpci_msi *msi)
{
	int err;

	if (!vpci_msi_is_interrupt(msi)) {
		vpci_vector_hold(vector, host);
		return 0;
	}
	/* Drained first: whatever comes later is the route's, which also sees what is there. */
	if (!vector->open)
		vector_drain(vector);
	if (vector->routed)
		err = vector_reopen(vector, host, msi);
	else
		err = host->ops->msi_route_add(host->host, vector->fd, msi, &vector->route);
	if (err)
		return err;
	vector->routed = vector->open = true;
	vector->msi = *msi;
	if (vector->pending && !host->ops->msi_send(host->host, msi))
		vector->pending = false;
	return 0;
}

bool vpci_vector_pending(struct vpci_vector *vector)
{
	if (!vector->open)
		vector_drain(vector);
	return vector->pending;
}
