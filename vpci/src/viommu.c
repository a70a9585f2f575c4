// SPDX-License-Identifier: MIT
/* Endpoints, and the domains that they are in. */
#include <errno.h>
#include <linux/virtio_iommu.h>
#include <stdlib.h>
#include <string.h>
#include "viommu.h"

static bool viommu_options_valid(const struct vpci_viommu_options *options)
{
	uint64_t page = options->page_sizes & -options->page_sizes;

	return page && options->input_last != UINT64_MAX &&
	       options->input_first < options->input_last &&
	       !((options->input_first | (options->input_last + 1)) & (page - 1)) &&
	       options->domains >= 1 && options->domains <= VPCI_VIOMMU_DOMAINS;
}

int vpci_viommu_init(struct vpci_viommu *viommu, const struct vpci_viommu_options *options,
		     const struct vpci_viommu_ops *ops, void *host)
{
	if (!viommu_options_valid(options))
		return -EINVAL;
	memset(viommu, 0, sizeof(*viommu));
	viommu->domains = calloc(options->domains, sizeof(struct vpci_viommu_domain *));
	if (!viommu->domains)
		return -ENOMEM;
	viommu->ops = ops;
	viommu->host = host;
	viommu->config = (struct vpci_viommu_config){
		.page_sizes = options->page_sizes,
		.input_first = options->input_first,
		.input_last = options->input_last,
		.last_domain = options->domains - 1,
		.bypass = options->bypass,
	};
	viommu->boot_bypass = options->bypass;
	viommu->page = options->page_sizes & -options->page_sizes;
	viommu->most_mappings = options->mappings;
	LIST_INIT(&viommu->endpoints);
	return 0;
}

struct vpci_viommu_endpoint *vpci_viommu_find(const struct vpci_viommu *viommu, uint32_t number)
{
	struct vpci_viommu_endpoint *endpoint;

	LIST_FOREACH(endpoint, &viommu->endpoints, all)
		if (endpoint->number == number)
			return endpoint;
	return NULL;
}

struct vpci_viommu_domain *vpci_viommu_domain(const struct vpci_viommu *viommu, uint32_t number)
{
	return number <= viommu->config.last_domain ? viommu->domains[number] : NULL;
}

static int viommu_create_domain(struct vpci_viommu *viommu, uint32_t number, uint32_t endpoint,
				bool bypass, struct vpci_viommu_domain **out)
{
	struct vpci_viommu_domain *domain = calloc(1, sizeof(*domain));
	int err = 0;

	if (!domain)
		return -ENOMEM;
	domain->number = number;
	domain->bypass = bypass;
	LIST_INIT(&domain->endpoints);
	if (!bypass)
		err = viommu->ops->domain_create(viommu->host, endpoint, &domain->handle);
	if (err) {
		free(domain);
		return err;
	}
	viommu->domains[number] = domain;
	viommu->counters.domains++;
	*out = domain;
	return 0;
}

/* Destroys a domain that has no endpoint any more (virtio 1.2 section 5.13.6.4). */
static void viommu_put_domain(struct vpci_viommu *viommu, struct vpci_viommu_domain *domain)
{
	if (!domain || !LIST_EMPTY(&domain->endpoints))
		return;
	if (!domain->bypass)
		viommu->ops->domain_destroy(viommu->host, domain->handle);
	viommu->counters.mappings -= domain->mappings.count;
	viommu->counters.domains--;
	vpci_viommu_mappings_clear(&domain->mappings);
	viommu->domains[domain->number] = NULL;
	free(domain);
}

/* Returns the domain that the endpoint was in. The caller puts it after the endpoint's DMA has left it. */
static struct vpci_viommu_domain *viommu_unlink(struct vpci_viommu_endpoint *endpoint)
{
	struct vpci_viommu_domain *domain = endpoint->domain;

	if (domain)
		LIST_REMOVE(endpoint, peers);
	endpoint->domain = NULL;
	return domain;
}

/* When the op fails, the endpoint reaches nothing. */
static int viommu_leave(struct vpci_viommu *viommu, struct vpci_viommu_endpoint *endpoint,
			bool bypass)
{
	struct vpci_viommu_domain *domain = viommu_unlink(endpoint);
	int err = viommu->ops->detach(viommu->host, endpoint->number, bypass);

	viommu_put_domain(viommu, domain);
	return err;
}

/* Refuses a domain that has mappings in ranges that the endpoint cannot use. */
static bool viommu_suits(const struct vpci_viommu_endpoint *endpoint,
			 const struct vpci_viommu_domain *domain)
{
	for (size_t i = 0; i < endpoint->count; i++)
		if (vpci_viommu_mappings_find(&domain->mappings, endpoint->reserved[i].first,
					      endpoint->reserved[i].last))
			return false;
	return true;
}

static int viommu_enter(struct vpci_viommu *viommu, struct vpci_viommu_endpoint *endpoint,
			struct vpci_viommu_domain *domain)
{
	struct vpci_viommu_domain *before = viommu_unlink(endpoint);
	int err;

	if (domain->bypass)
		err = viommu->ops->detach(viommu->host, endpoint->number, true);
	else
		err = viommu->ops->attach(viommu->host, endpoint->number, domain->handle);
	viommu_put_domain(viommu, before);
	if (!err) {
		LIST_INSERT_HEAD(&domain->endpoints, endpoint, peers);
		endpoint->domain = domain;
		return 0;
	}
	/* The endpoint has left its former domain, as after DETACH (virtio 1.2 section 5.13.6.3.2). */
	viommu_leave(viommu, endpoint, viommu->config.bypass);
	viommu_put_domain(viommu, domain);
	return err;
}

static int viommu_attach(struct vpci_viommu *viommu, const struct vpci_viommu_request *request)
{
	struct vpci_viommu_endpoint *endpoint = vpci_viommu_find(viommu, request->endpoint);
	struct vpci_viommu_domain *domain = vpci_viommu_domain(viommu, request->domain);
	bool bypass = request->flags & VIRTIO_IOMMU_ATTACH_F_BYPASS;
	int err;

	if (request->flags & ~(uint32_t)VIRTIO_IOMMU_ATTACH_F_BYPASS)
		return -EINVAL;
	if (!endpoint)
		return -ENOENT;
	if (request->domain > viommu->config.last_domain)
		return -ERANGE;
	if (domain && domain->bypass != bypass)
		return -EINVAL;
	if (domain && endpoint->domain == domain)
		return 0;
	if (domain && !viommu_suits(endpoint, domain))
		return -ENOTSUP;
	if (!domain) {
		err = viommu_create_domain(viommu, request->domain, endpoint->number, bypass,
					   &domain);
		if (err)
			return err;
	}
	return viommu_enter(viommu, endpoint, domain);
}

static int viommu_detach(struct vpci_viommu *viommu, const struct vpci_viommu_request *request)
{
	struct vpci_viommu_endpoint *endpoint = vpci_viommu_find(viommu, request->endpoint);

	if (!endpoint)
		return -ENOENT;
	if (!endpoint->domain || endpoint->domain->number != request->domain)
		return -EINVAL;
	return viommu_leave(viommu, endpoint, viommu->config.bypass);
}

void vpci_viommu_submit(struct vpci_viommu *viommu, const struct vpci_viommu_request *request,
			int *result)
{
	*result = 0;
	viommu->counters.requests++;
	if (request->type == VIRTIO_IOMMU_T_MAP || request->type == VIRTIO_IOMMU_T_UNMAP) {
		vpci_viommu_batch_submit(viommu, request, result);
		return;
	}
	vpci_viommu_flush(viommu);
	*result = request->type == VIRTIO_IOMMU_T_ATTACH ? viommu_attach(viommu, request)
							 : viommu_detach(viommu, request);
}

void vpci_viommu_set_bypass(struct vpci_viommu *viommu, bool bypass)
{
	struct vpci_viommu_endpoint *endpoint;

	if (viommu->config.bypass == bypass)
		return;
	viommu->config.bypass = bypass;
	LIST_FOREACH(endpoint, &viommu->endpoints, all)
		if (!endpoint->domain)
			viommu_leave(viommu, endpoint, bypass);
}

void vpci_viommu_reset(struct vpci_viommu *viommu)
{
	struct vpci_viommu_endpoint *endpoint;

	LIST_FOREACH(endpoint, &viommu->endpoints, all)
		if (endpoint->domain)
			viommu_leave(viommu, endpoint, viommu->config.bypass);
}

static int viommu_check_reserved(const struct vpci_viommu_reserved *list, size_t count)
{
	unsigned int msi = 0;

	if (count > VPCI_VIOMMU_RESERVED)
		return -E2BIG;
	for (size_t i = 0; i < count; i++) {
		msi += list[i].msi;
		if (list[i].first > list[i].last || msi > 1)
			return -EINVAL;
	}
	return 0;
}

int vpci_viommu_insert(struct vpci_viommu *viommu, uint32_t number,
		       const struct vpci_viommu_reserved *list, size_t count)
{
	struct vpci_viommu_endpoint *endpoint;
	int err = viommu_check_reserved(list, count);

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
	err = viommu->ops->detach(viommu->host, number, viommu->config.bypass);
	if (err) {
		free(endpoint);
		return err;
	}
	LIST_INSERT_HEAD(&viommu->endpoints, endpoint, all);
	return 0;
}

static void viommu_forget(struct vpci_viommu *viommu, struct vpci_viommu_endpoint *endpoint)
{
	viommu_leave(viommu, endpoint, false);
	LIST_REMOVE(endpoint, all);
	free(endpoint);
}

int vpci_viommu_drop(struct vpci_viommu *viommu, uint32_t number)
{
	struct vpci_viommu_endpoint *endpoint = vpci_viommu_find(viommu, number);

	if (!endpoint)
		return -ENOENT;
	viommu_forget(viommu, endpoint);
	return 0;
}

void vpci_viommu_fini(struct vpci_viommu *viommu)
{
	while (!LIST_EMPTY(&viommu->endpoints))
		viommu_forget(viommu, LIST_FIRST(&viommu->endpoints));
	free(viommu->domains);
}
