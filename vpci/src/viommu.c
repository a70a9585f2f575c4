// SPDX-License-Identifier: MIT
/* The engine's life, its domains, and the requests ATTACH and DETACH. */
#include <errno.h>
#include <linux/virtio_iommu.h>
#include <stdlib.h>
#include <string.h>
#include "viommu.h"

static bool viommu_options_valid(const struct vpci_viommu_options *options)
{
	uint64_t page = options->page_sizes & -options->page_sizes;

	return page >= 4096 && options->input_last != UINT64_MAX &&
	       options->input_first < options->input_last &&
	       !((options->input_first | (options->input_last + 1)) & (page - 1)) &&
	       options->domains >= 2 && options->domains <= VPCI_VIOMMU_DOMAINS;
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
	LIST_INIT(&viommu->removed);
	return 0;
}

void vpci_viommu_note(struct vpci_viommu *viommu, enum vpci_viommu_cause cause, uint32_t subject,
		      int err)
{
	struct vpci_viommu_trouble *trouble = &viommu->troubles[cause];

	if (!trouble->seen)
		*trouble =
			(struct vpci_viommu_trouble){.seen = true, .subject = subject, .err = err};
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
	vpci_viommu_add(&viommu->counters.domains, 1);
	*out = domain;
	return 0;
}

static void viommu_empty_domain(struct vpci_viommu *viommu, struct vpci_viommu_domain *domain)
{
	if (!domain->bypass && !domain->dead)
		viommu->ops->domain_destroy(viommu->host, domain->handle);
	vpci_viommu_add(&viommu->counters.mappings, -domain->mappings);
	domain->mappings = 0;
}

/* Destroys a domain that has no endpoint any more (virtio 1.2 section 5.13.6.4). */
static void viommu_put_domain(struct vpci_viommu *viommu, struct vpci_viommu_domain *domain)
{
	if (!domain || !LIST_EMPTY(&domain->endpoints))
		return;
	viommu_empty_domain(viommu, domain);
	vpci_viommu_add(&viommu->counters.domains, (uint64_t)-1);
	viommu->domains[domain->number] = NULL;
	free(domain);
}

void vpci_viommu_kill(struct vpci_viommu *viommu, struct vpci_viommu_domain *domain, int err)
{
	struct vpci_viommu_endpoint *endpoint;

	LIST_FOREACH(endpoint, &domain->endpoints, peers) {
		int moved = viommu->ops->detach(viommu->host, endpoint->number, false);

		if (moved)
			vpci_viommu_note(viommu, VPCI_VIOMMU_CAUSE_MOVE, endpoint->number, moved);
	}
	viommu_empty_domain(viommu, domain);
	domain->dead = true;
	vpci_viommu_add(&viommu->counters.dead, 1);
	vpci_viommu_note(viommu, VPCI_VIOMMU_CAUSE_UNMAP, domain->number, err);
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

int vpci_viommu_leave(struct vpci_viommu *viommu, struct vpci_viommu_endpoint *endpoint,
		      bool bypass)
{
	struct vpci_viommu_domain *domain = viommu_unlink(endpoint);
	int err = viommu->ops->detach(viommu->host, endpoint->number, bypass);

	viommu_put_domain(viommu, domain);
	return err;
}

/*
 * The request fails with @err: the endpoint leaves its domain, as after DETACH (virtio 1.2 section
 * 5.13.6.3.2), but never to guest RAM.
 */
static int viommu_strand(struct vpci_viommu *viommu, struct vpci_viommu_endpoint *endpoint, int err)
{
	int moved = vpci_viommu_leave(viommu, endpoint, false);

	if (moved)
		vpci_viommu_note(viommu, VPCI_VIOMMU_CAUSE_MOVE, endpoint->number, moved);
	endpoint->state = VPCI_VIOMMU_STRANDED;
	return err;
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
	/* The endpoint reaches nothing before the space that it may still be in ends. */
	if (err)
		viommu_strand(viommu, endpoint, err);
	viommu_put_domain(viommu, before);
	if (err) {
		viommu_put_domain(viommu, domain);
		return err;
	}
	LIST_INSERT_HEAD(&domain->endpoints, endpoint, peers);
	endpoint->domain = domain;
	endpoint->state = VPCI_VIOMMU_SETTLED;
	return 0;
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
		return domain->dead ? -EIO : 0;
	if (domain && domain->dead)
		return viommu_strand(viommu, endpoint, -EIO);
	if (!domain) {
		err = viommu_create_domain(viommu, request->domain, endpoint->number, bypass,
					   &domain);
		if (err)
			return viommu_strand(viommu, endpoint, err);
	}
	return viommu_enter(viommu, endpoint, domain);
}

static int viommu_detach(struct vpci_viommu *viommu, const struct vpci_viommu_request *request)
{
	struct vpci_viommu_endpoint *endpoint = vpci_viommu_find(viommu, request->endpoint);
	int err;

	/* An endpoint left its domain when it was removed. */
	if (!endpoint)
		return vpci_viommu_was_removed(viommu, request->endpoint) ? 0 : -ENOENT;
	/* The driver does not know that the endpoint lost its domain, and Linux warns of a DETACH that fails. */
	if (!endpoint->domain && endpoint->state == VPCI_VIOMMU_STRANDED)
		return 0;
	if (!endpoint->domain || endpoint->domain->number != request->domain)
		return -EINVAL;
	err = vpci_viommu_leave(viommu, endpoint, viommu->config.bypass && !viommu->closed);
	endpoint->state = err ? VPCI_VIOMMU_STRANDED : VPCI_VIOMMU_SETTLED;
	return err;
}

void vpci_viommu_submit(struct vpci_viommu *viommu, const struct vpci_viommu_request *request,
			int *result)
{
	/* A request without a result must not look like a success. */
	*result = -EIO;
	if (request->type == VIRTIO_IOMMU_T_MAP || request->type == VIRTIO_IOMMU_T_UNMAP) {
		vpci_viommu_batch_submit(viommu, request, result);
		return;
	}
	vpci_viommu_flush(viommu);
	*result = request->type == VIRTIO_IOMMU_T_ATTACH ? viommu_attach(viommu, request)
							 : viommu_detach(viommu, request);
}
