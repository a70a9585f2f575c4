/* SPDX-License-Identifier: MIT */
/*
 * What virtio-iommu does with requests: endpoints, domains, and their mappings. It knows neither
 * queues nor PCI, and reaches the VMM through struct vpci_viommu_ops. The caller serialises the
 * calls for one engine.
 */
#ifndef VPCI_SRC_VIOMMU_H
#define VPCI_SRC_VIOMMU_H

#include <sys/queue.h>
#include "viommu_codec.h"

LIST_HEAD(vpci_viommu_endpoints, vpci_viommu_endpoint);

/**
 * struct vpci_viommu_domain - a domain
 * @number: the guest's name for it
 * @bypass: its endpoints reach all of guest RAM
 * @dead: an unmap failed: its endpoints reach nothing, and it has no mappings
 * @handle: the VMM's, unless @bypass or @dead
 * @endpoints: the attached endpoints; empty only during a request
 * @mappings: how many mappings it has, those of the batch not counted
 */
struct vpci_viommu_domain {
	uint32_t number;
	bool bypass;
	bool dead;
	void *handle;
	struct vpci_viommu_endpoints endpoints;
	uint64_t mappings;
};

/** enum vpci_viommu_state - whether the last move of an endpoint succeeded */
enum vpci_viommu_state {
	VPCI_VIOMMU_SETTLED, /* yes: it is in its domain, or where the bypass byte says */
	VPCI_VIOMMU_DUE,     /* no: it reaches nothing until the engine tries again */
	VPCI_VIOMMU_STRANDED, /* no: it reaches nothing until the guest attaches it or resets the device */
};

/**
 * struct vpci_viommu_endpoint - an endpoint
 * @all: link in the engine's list, of those that are there or of those that were removed
 * @peers: link in the domain's list, while @domain
 * @number: its number
 * @domain: where it is attached; NULL for nowhere
 * @state: whether its last move succeeded
 * @count: how many ranges it cannot use
 * @reserved: the ranges
 */
struct vpci_viommu_endpoint {
	LIST_ENTRY(vpci_viommu_endpoint) all;
	LIST_ENTRY(vpci_viommu_endpoint) peers;
	uint32_t number;
	struct vpci_viommu_domain *domain;
	enum vpci_viommu_state state;
	size_t count;
	struct vpci_viommu_reserved reserved[VPCI_VIOMMU_RESERVED];
};

/**
 * struct vpci_viommu_batch - requests that follow each other and become one call of the VMM
 * @domain: the domain of the requests, if there are any
 * @unmap: requests to unmap, else to map
 * @count: how many requests
 * @results: where the result of each request goes
 * @list: the mapping that each asks for
 * @ranges: the range that each wants to end
 */
struct vpci_viommu_batch {
	struct vpci_viommu_domain *domain;
	bool unmap;
	unsigned int count;
	int *results[VPCI_VIOMMU_BATCH];
	union {
		struct vpci_viommu_mapping list[VPCI_VIOMMU_BATCH];
		struct vpci_viommu_range ranges[VPCI_VIOMMU_BATCH];
	};
};

/** enum vpci_viommu_cause - errors that a guest may not notice */
enum vpci_viommu_cause {
	VPCI_VIOMMU_CAUSE_QUOTA, /* a guest wants more mappings than it may have */
	VPCI_VIOMMU_CAUSE_UNMAP, /* the op unmap failed, and a domain died */
	VPCI_VIOMMU_CAUSE_MOVE,	 /* an endpoint could not be moved */
	VPCI_VIOMMU_CAUSES,
};

/**
 * struct vpci_viommu_trouble - the first error of a cause
 * @seen: there was one
 * @told: the VMM was told
 * @subject: number of the domain or endpoint
 * @err: answer of the VMM's op, a negative errno
 */
struct vpci_viommu_trouble {
	bool seen;
	bool told;
	uint32_t subject;
	int err;
};

/**
 * struct vpci_viommu - the engine
 * @ops: the VMM's services
 * @host: first argument of each
 * @config: what the guest is told
 * @boot_bypass: what @config.bypass is after a reset of the system
 * @closed: endpoints in no domain reach nothing, whatever @config.bypass says
 * @due: some endpoints are VPCI_VIOMMU_DUE
 * @lingers: the driver reset the device, and some endpoints that master the bus are still in its domains
 * @page: bytes of a page
 * @most_mappings: quota of mappings
 * @endpoints: all endpoints
 * @removed: those that were removed, and are not back
 * @domains: @config.last_domain + 1 of them, NULL where there is none; owned
 * @batch: requests that wait for vpci_viommu_flush()
 * @troubles: the first error of each cause
 * @counters: counters; vpci_viommu_add() changes them
 */
struct vpci_viommu {
	const struct vpci_viommu_ops *ops;
	void *host;
	struct vpci_viommu_config config;
	bool boot_bypass;
	bool closed;
	bool due;
	bool lingers;
	uint64_t page;
	size_t most_mappings;
	struct vpci_viommu_endpoints endpoints;
	struct vpci_viommu_endpoints removed;
	struct vpci_viommu_domain **domains;
	struct vpci_viommu_batch batch;
	struct vpci_viommu_trouble troubles[VPCI_VIOMMU_CAUSES];
	struct vpci_viommu_counters counters;
};

/**
 * vpci_viommu_add() - change a counter, which other threads may read at any time
 * @counter: counter
 * @number: what to add; (uint64_t)-1 to subtract one
 */
static inline void vpci_viommu_add(uint64_t *counter, uint64_t number)
{
	__atomic_fetch_add(counter, number, __ATOMIC_RELAXED);
}

/**
 * vpci_viommu_note() - remember the first error of a cause
 * @viommu: engine
 * @cause: cause
 * @subject: number of the domain or endpoint
 * @err: a negative errno
 */
void vpci_viommu_note(struct vpci_viommu *viommu, enum vpci_viommu_cause cause, uint32_t subject,
		      int err);

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
 * vpci_viommu_was_removed() - was an endpoint removed?
 * @viommu: engine
 * @number: its number
 *
 * Return: true when it was, and did not come back.
 */
bool vpci_viommu_was_removed(const struct vpci_viommu *viommu, uint32_t number);

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
 * vpci_viommu_leave() - take an endpoint out of its domain
 * @viommu: engine
 * @endpoint: endpoint, in a domain or not
 * @bypass: it then reaches all of guest RAM, else nothing
 *
 * Return: what the op detach answered; with an error the endpoint reaches nothing.
 */
int vpci_viommu_leave(struct vpci_viommu *viommu, struct vpci_viommu_endpoint *endpoint,
		      bool bypass);

/**
 * vpci_viommu_kill() - end a domain after its unmap failed
 * @viommu: engine
 * @domain: domain, not dead; its endpoints stay in it and reach nothing
 * @err: what the op unmap answered
 */
void vpci_viommu_kill(struct vpci_viommu *viommu, struct vpci_viommu_domain *domain, int err);

/**
 * vpci_viommu_retry() - move the endpoints that could not be moved earlier
 * @viommu: engine
 */
void vpci_viommu_retry(struct vpci_viommu *viommu);

/**
 * vpci_viommu_close() - put all endpoints to nothing, for good
 * @viommu: engine
 */
void vpci_viommu_close(struct vpci_viommu *viommu);

/**
 * vpci_viommu_submit() - carry a request out, or put it into the batch
 * @viommu: engine
 * @request: ATTACH, DETACH, MAP or UNMAP
 * @result: where 0 or a negative errno goes, at the latest in vpci_viommu_flush(); until then -EIO
 *	is there
 *
 * Requests take effect in their order.
 */
void vpci_viommu_submit(struct vpci_viommu *viommu, const struct vpci_viommu_request *request,
			int *result);

/**
 * vpci_viommu_flush() - carry out the requests in the batch
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
 *
 * An endpoint that a failed request left with nothing stays so.
 */
void vpci_viommu_set_bypass(struct vpci_viommu *viommu, bool bypass);

/**
 * vpci_viommu_leave_driver() - the driver reset the device: end what no endpoint needs any more
 * @viommu: engine
 * @masters: whether the endpoint with a number masters the bus
 * @arg: first argument of @masters
 *
 * Linux from 6.15 on resets the device at shutdown, while the drivers of the endpoints still run, and
 * their last commands need their mappings. So an endpoint that masters the bus stays in its domain
 * until vpci_viommu_quiet() or vpci_viommu_reset(). All others go to where the bypass byte says.
 */
void vpci_viommu_leave_driver(struct vpci_viommu *viommu,
			      bool (*masters)(void *arg, uint32_t number), void *arg);

/**
 * vpci_viommu_quiet() - an endpoint masters the bus no more
 * @viommu: engine
 * @number: the endpoint's number, or another
 */
void vpci_viommu_quiet(struct vpci_viommu *viommu, uint32_t number);

/**
 * vpci_viommu_reset() - end every domain, and put all endpoints to where the bypass byte says
 * @viommu: engine
 */
void vpci_viommu_reset(struct vpci_viommu *viommu);

#endif
