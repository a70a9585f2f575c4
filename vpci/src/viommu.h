/* SPDX-License-Identifier: MIT */
/*
 * What virtio-iommu does with requests: endpoints, domains, and their mappings. It knows neither queues nor PCI, and
 * reaches the VMM through struct vpci_viommu_ops. The caller serialises the calls for one engine.
 */
#ifndef VPCI_SRC_VIOMMU_H
#define VPCI_SRC_VIOMMU_H

#include <sys/queue.h>
#include "viommu_codec.h"
#include "viommu_mappings.h"

LIST_HEAD(vpci_viommu_endpoints, vpci_viommu_endpoint);

/**
 * struct vpci_viommu_domain - a domain
 * @number: the guest's name for it
 * @bypass: its endpoints reach all of guest RAM
 * @handle: the VMM's, unless @bypass
 * @endpoints: who is attached; never empty but while a request is at work
 * @mappings: its mappings, those of the batch too
 */
struct vpci_viommu_domain {
	uint32_t number;
	bool bypass;
	void *handle;
	struct vpci_viommu_endpoints endpoints;
	struct vpci_viommu_mappings mappings;
};

/**
 * struct vpci_viommu_endpoint - an endpoint
 * @all: link in the engine's list
 * @peers: link in the domain's list, while @domain
 * @number: its number
 * @domain: where it is attached; NULL for nowhere
 * @count: how many ranges it cannot use
 * @reserved: the ranges
 */
struct vpci_viommu_endpoint {
	LIST_ENTRY(vpci_viommu_endpoint) all;
	LIST_ENTRY(vpci_viommu_endpoint) peers;
	uint32_t number;
	struct vpci_viommu_domain *domain;
	size_t count;
	struct vpci_viommu_reserved reserved[VPCI_VIOMMU_RESERVED];
};

/**
 * struct vpci_viommu_batch - requests that follow each other and become one call of the VMM
 * @domain: whose mappings; NULL for none
 * @unmap: requests to unmap, else to map
 * @err: what failed of the requests to unmap already
 * @requests: how many requests
 * @pieces: how many mappings: one for each request to map, any number for each to unmap
 * @results: where the result of each request goes
 * @list: the mappings
 */
struct vpci_viommu_batch {
	struct vpci_viommu_domain *domain;
	bool unmap;
	int err;
	unsigned int requests;
	unsigned int pieces;
	int *results[VPCI_VIOMMU_BATCH];
	struct vpci_viommu_mapping list[VPCI_VIOMMU_BATCH];
};

/**
 * struct vpci_viommu - the engine
 * @ops: the VMM's services
 * @host: first argument of each
 * @config: what the guest is told
 * @boot_bypass: what @config.bypass is after a reset of the system
 * @page: bytes of a page
 * @most_mappings: quota of mappings
 * @endpoints: all endpoints
 * @domains: @config.last_domain + 1 of them, NULL where there is none; owned
 * @batch: what is not done yet
 * @counters: what happened
 */
struct vpci_viommu {
	const struct vpci_viommu_ops *ops;
	void *host;
	struct vpci_viommu_config config;
	bool boot_bypass;
	uint64_t page;
	size_t most_mappings;
	struct vpci_viommu_endpoints endpoints;
	struct vpci_viommu_domain **domains;
	struct vpci_viommu_batch batch;
	struct vpci_viommu_counters counters;
};

/**
 * vpci_viommu_init() - begin without endpoints
 * @viommu: engine
 * @options: what the guest gets
 * @ops: the VMM's services
 * @host: first argument of each
 *
 * Return: 0, -EINVAL options, -ENOMEM.
 */
int vpci_viommu_init(struct vpci_viommu *viommu, const struct vpci_viommu_options *options,
		     const struct vpci_viommu_ops *ops, void *host);

/**
 * vpci_viommu_fini() - end every domain and forget the endpoints, which reach nothing afterwards
 * @viommu: engine
 */
void vpci_viommu_fini(struct vpci_viommu *viommu);

/**
 * vpci_viommu_find() - find an endpoint
 * @viommu: engine
 * @number: its number
 *
 * Return: the endpoint, or NULL.
 */
struct vpci_viommu_endpoint *vpci_viommu_find(const struct vpci_viommu *viommu, uint32_t number);

/**
 * vpci_viommu_domain() - find a domain
 * @viommu: engine
 * @number: what the guest calls it
 *
 * Return: the domain, or NULL.
 */
struct vpci_viommu_domain *vpci_viommu_domain(const struct vpci_viommu *viommu, uint32_t number);

/**
 * vpci_viommu_insert() - see vpci_viommu_add_endpoint()
 * @viommu: engine
 * @number: the endpoint's number
 * @list: ranges that it cannot use
 * @count: how many
 *
 * Return: as vpci_viommu_add_endpoint().
 */
int vpci_viommu_insert(struct vpci_viommu *viommu, uint32_t number,
		       const struct vpci_viommu_reserved *list, size_t count);

/**
 * vpci_viommu_drop() - see vpci_viommu_remove_endpoint()
 * @viommu: engine
 * @number: the endpoint's number
 *
 * Return: as vpci_viommu_remove_endpoint().
 */
int vpci_viommu_drop(struct vpci_viommu *viommu, uint32_t number);

/**
 * vpci_viommu_submit() - carry a request out, or put it into the batch
 * @viommu: engine
 * @request: ATTACH, DETACH, MAP or UNMAP
 * @result: where 0 or a negative errno goes, at the latest in vpci_viommu_flush(); until then 0 is there
 *
 * Requests take effect in their order.
 */
void vpci_viommu_submit(struct vpci_viommu *viommu, const struct vpci_viommu_request *request,
			int *result);

/**
 * vpci_viommu_flush() - carry out what is in the batch
 * @viommu: engine
 */
void vpci_viommu_flush(struct vpci_viommu *viommu);

/**
 * vpci_viommu_batch_submit() - the part of vpci_viommu_submit() for MAP and UNMAP
 * @viommu: engine
 * @request: the request
 * @result: as there
 */
void vpci_viommu_batch_submit(struct vpci_viommu *viommu, const struct vpci_viommu_request *request,
			      int *result);

/**
 * vpci_viommu_set_bypass() - let endpoints that are in no domain reach all of guest RAM, or nothing
 * @viommu: engine
 * @bypass: which
 */
void vpci_viommu_set_bypass(struct vpci_viommu *viommu, bool bypass);

/**
 * vpci_viommu_reset() - end every domain
 * @viommu: engine
 */
void vpci_viommu_reset(struct vpci_viommu *viommu);

#endif
