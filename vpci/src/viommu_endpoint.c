// SPDX-License-Identifier: MIT
/* The list of endpoints, and their moves at resets and by the bypass byte. */
#include <errno.h>
#include <stdlib.h>
#include "viommu.h"

static struct vpci_viommu_endpoint *endpoint_look(const struct vpci_viommu_endpoints *list,
						  uint32_t number)
{
	struct vpci_viommu_endpoint *endpoint;

	LIST_FOREACH(endpoint, list, all)
		if (endpoint->number == number)
			return endpoint;
	return NULL;
}

struct vpci_viommu_endpoint *vpci_viommu_find(const struct vpci_viommu *viommu, uint32_t number)
{
	return endpoint_look(&viommu->endpoints, number);
}

bool vpci_viommu_was_removed(const struct vpci_viommu *viommu, uint32_t number)
{
	return endpoint_look(&viommu->removed, number);
}

/* Moves an endpoint to where the bypass byte says, or remembers that this is still due. */
static void endpoint_settle(struct vpci_viommu *viommu, struct vpci_viommu_endpoint *endpoint)
{
	int err = vpci_viommu_leave(viommu, endpoint, viommu->config.bypass && !viommu->closed);

	endpoint->state = err ? VPCI_VIOMMU_DUE : VPCI_VIOMMU_SETTLED;
	if (!err)
		return;
	viommu->due = true;
	vpci_viommu_note(viommu, VPCI_VIOMMU_CAUSE_MOVE, endpoint->number, err);
}

void vpci_viommu_retry(struct vpci_viommu *viommu)
{
	struct vpci_viommu_endpoint *endpoint;

	if (!viommu->due)
		return;
	viommu->due = false;
	LIST_FOREACH(endpoint, &viommu->endpoints, all)
		if (endpoint->state == VPCI_VIOMMU_DUE)
			endpoint_settle(viommu, endpoint);
}

void vpci_viommu_set_bypass(struct vpci_viommu *viommu, bool bypass)
{
	struct vpci_viommu_endpoint *endpoint;

	if (viommu->config.bypass == bypass) {
		vpci_viommu_retry(viommu);
		return;
	}
	viommu->config.bypass = bypass;
	LIST_FOREACH(endpoint, &viommu->endpoints, all)
		if (!endpoint->domain && endpoint->state != VPCI_VIOMMU_STRANDED)
			endpoint_settle(viommu, endpoint);
}

void vpci_viommu_leave_driver(struct vpci_viommu *viommu,
			      bool (*masters)(void *arg, uint32_t number), void *arg)
{
	struct vpci_viommu_endpoint *endpoint;

	viommu->lingers = false;
	LIST_FOREACH(endpoint, &viommu->endpoints, all) {
		if (endpoint->domain && masters(arg, endpoint->number))
			viommu->lingers = true;
		else if (endpoint->domain || endpoint->state != VPCI_VIOMMU_SETTLED)
			endpoint_settle(viommu, endpoint);
	}
}

void vpci_viommu_quiet(struct vpci_viommu *viommu, uint32_t number)
{
	struct vpci_viommu_endpoint *endpoint = vpci_viommu_find(viommu, number);

	if (viommu->lingers && endpoint && endpoint->domain)
		endpoint_settle(viommu, endpoint);
}

void vpci_viommu_reset(struct vpci_viommu *viommu)
{
	struct vpci_viommu_endpoint *endpoint;

	viommu->lingers = false;
	LIST_FOREACH(endpoint, &viommu->endpoints, all)
		if (endpoint->domain || endpoint->state != VPCI_VIOMMU_SETTLED)
			endpoint_settle(viommu, endpoint);
}

void vpci_viommu_close(struct vpci_viommu *viommu)
{
	struct vpci_viommu_endpoint *endpoint;

	viommu->closed = true;
	viommu->lingers = false;
	LIST_FOREACH(endpoint, &viommu->endpoints, all)
		endpoint_settle(viommu, endpoint);
}

static int endpoint_check_reserved(const struct vpci_viommu_reserved *list, size_t count)
{
	unsigned int msi = 0;

	if (count > VPCI_VIOMMU_RESERVED)
		return -E2BIG;
	for (size_t i = 0; i < count; i++) {
		msi += list[i].msi;
		if (list[i].first > list[i].last || msi > 1)
			return -EINVAL;
		for (size_t j = 0; j < i; j++)
			if (list[i].first <= list[j].last && list[j].first <= list[i].last)
				return -EINVAL;
	}
	return 0;
}

int vpci_viommu_insert(struct vpci_viommu *viommu, uint32_t number,
		       const struct vpci_viommu_reserved *list, size_t count)
{
	struct vpci_viommu_endpoint *endpoint, *before = endpoint_look(&viommu->removed, number);
	int err = endpoint_check_reserved(list, count);

	if (err)
		return err;
	if (vpci_viommu_find(viommu, number))
		return -EEXIST;
	endpoint = calloc(1, sizeof(*endpoint));
	if (!endpoint)
		return -ENOMEM;
	endpoint->number = number;
	endpoint->count = count;
	for (size_t i = 0; i < count; i++)
		endpoint->reserved[i] = list[i];
	err = viommu->ops->detach(viommu->host, number, viommu->config.bypass && !viommu->closed);
	if (err) {
		free(endpoint);
		return err;
	}
	if (before)
		LIST_REMOVE(before, all);
	free(before);
	LIST_INSERT_HEAD(&viommu->endpoints, endpoint, all);
	return 0;
}

static void endpoint_remove(struct vpci_viommu *viommu, struct vpci_viommu_endpoint *endpoint)
{
	int err = vpci_viommu_leave(viommu, endpoint, false);

	if (err)
		vpci_viommu_note(viommu, VPCI_VIOMMU_CAUSE_MOVE, endpoint->number, err);
	LIST_REMOVE(endpoint, all);
}

int vpci_viommu_drop(struct vpci_viommu *viommu, uint32_t number)
{
	struct vpci_viommu_endpoint *endpoint = vpci_viommu_find(viommu, number);

	if (!endpoint)
		return -ENOENT;
	endpoint_remove(viommu, endpoint);
	LIST_INSERT_HEAD(&viommu->removed, endpoint, all);
	return 0;
}

void vpci_viommu_fini(struct vpci_viommu *viommu)
{
	struct vpci_viommu_endpoint *endpoint;

	while ((endpoint = LIST_FIRST(&viommu->endpoints))) {
		endpoint_remove(viommu, endpoint);
		free(endpoint);
	}
	while ((endpoint = LIST_FIRST(&viommu->removed))) {
		LIST_REMOVE(endpoint, all);
		free(endpoint);
	}
	free(viommu->domains);
}
