/* SPDX-License-Identifier: MIT */
#ifndef VPCI_VIOMMU_H
#define VPCI_VIOMMU_H

#include <stddef.h>
#include <vpci/function.h>

#ifdef __cplusplus
extern "C" {
#endif

/** VPCI_VIOMMU_RESERVED - the most reserved ranges of an endpoint */
#define VPCI_VIOMMU_RESERVED 16

/** VPCI_VIOMMU_BATCH - the most mappings in one call of the VMM, and the most requests in one doorbell */
#define VPCI_VIOMMU_BATCH 256

/** VPCI_VIOMMU_DOMAINS - the most domains of a guest */
#define VPCI_VIOMMU_DOMAINS 65536

/** enum - what an endpoint may do with a mapping, or tried to do */
enum {
	VPCI_VIOMMU_READ = 1 << 0,
	VPCI_VIOMMU_WRITE = 1 << 1,
};

/**
 * struct vpci_viommu_reserved - virtual addresses that a guest cannot map
 * @first: first address
 * @last: last address
 * @msi: message-signalled interrupts are written there
 */
struct vpci_viommu_reserved {
	uint64_t first;
	uint64_t last;
	bool msi;
};

/**
 * struct vpci_viommu_mapping - virtual addresses that lead to guest-physical ones
 * @address: first virtual address, page-aligned
 * @target: first guest-physical address, page-aligned; @target + @size does not wrap
 * @size: bytes, a multiple of the page size
 * @access: VPCI_VIOMMU_* bits, at least one
 */
struct vpci_viommu_mapping {
	uint64_t address;
	uint64_t target;
	uint64_t size;
	unsigned int access;
};

/**
 * struct vpci_viommu_ops - what the function asks of the VMM
 * @domain_create: create an address space without mappings. @endpoint is the one that attaches to it first. Gives a
 *	handle through @domain. Return 0 or a negative errno.
 * @domain_destroy: destroy an address space with the mappings that are left in it. No endpoint is attached.
 * @attach: move an endpoint to a domain. When the op returns, the endpoint reaches what the domain maps and nothing
 *	else. A domain that the endpoint was in before exists until the op returns. On failure the endpoint reaches
 *	nothing. Return 0, -ENOTSUP the endpoint cannot share the domain with those that are in it, or another
 *	negative errno.
 * @detach: take an endpoint out of its domain, if it is in one. When the op returns, the endpoint reaches all of guest
 *	RAM at its guest-physical addresses with @bypass, and nothing without. On failure the endpoint reaches nothing.
 *	Return 0 or a negative errno.
 * @map: make 1..VPCI_VIOMMU_BATCH mappings, all of them or none. The mappings overlap neither each other nor what
 *	@domain maps. The op checks the targets, which the function does not: each must be guest RAM, or memory of a
 *	device that the guest's endpoints may reach. Return 0, -EFAULT a target is neither, or another negative errno.
 * @unmap: end 1..VPCI_VIOMMU_BATCH mappings, each exactly as @map made it. When the op returns, no endpoint reaches
 *	them, and no IOMMU has them in a cache. Return 0 or a negative errno: the function then answers the guest with
 *	an error of the device, and takes the mappings for gone.
 *
 * The function calls one op at a time, from any thread that accesses the bus or calls the functions below. An op calls
 * neither of both, and their callers hold no lock that an op takes. The guest sees a negative errno as a status:
 * -ENOTSUP, -EINVAL, -ERANGE, -ENOENT, -EFAULT, -ENOMEM and -ENOSPC have their own, all others are an error of the
 * device.
 */
struct vpci_viommu_ops {
	int (*domain_create)(void *host, uint32_t endpoint, void **domain);
	void (*domain_destroy)(void *host, void *domain);
	int (*attach)(void *host, uint32_t endpoint, void *domain);
	int (*detach)(void *host, uint32_t endpoint, bool bypass);
	int (*map)(void *host, void *domain, const struct vpci_viommu_mapping *list, size_t count);
	int (*unmap)(void *host, void *domain, const struct vpci_viommu_mapping *list,
		     size_t count);
};

/**
 * struct vpci_viommu_options - what a guest gets
 * @page_sizes: a bit for each page size that the IOMMU maps well; the lowest is the page size of all mappings
 * @input_first: first virtual address, page-aligned
 * @input_last: last virtual address, the end of a page, less than UINT64_MAX
 * @domains: the most domains, 1..VPCI_VIOMMU_DOMAINS
 * @mappings: the most mappings in all domains together
 * @bypass: endpoints that are in no domain reach all of guest RAM, until the guest's driver writes otherwise
 */
struct vpci_viommu_options {
	uint64_t page_sizes;
	uint64_t input_first;
	uint64_t input_last;
	unsigned int domains;
	size_t mappings;
	bool bypass;
};

/**
 * struct vpci_viommu_fault - an access that an endpoint was refused
 * @endpoint: who
 * @address: virtual address
 * @access: VPCI_VIOMMU_* bits of what it tried
 */
struct vpci_viommu_fault {
	uint32_t endpoint;
	uint64_t address;
	unsigned int access;
};

/**
 * struct vpci_viommu_counters - what happened since the function was created
 * @requests: requests that the guest made
 * @maps: mappings made
 * @unmaps: mappings ended by the guest
 * @map_calls: calls of the op map
 * @unmap_calls: calls of the op unmap
 * @domains: domains now
 * @mappings: mappings now
 * @faults: faults that the guest was told of
 * @faults_dropped: faults that it was not, without a driver or a buffer for them
 */
struct vpci_viommu_counters {
	uint64_t requests;
	uint64_t maps;
	uint64_t unmaps;
	uint64_t map_calls;
	uint64_t unmap_calls;
	uint64_t domains;
	uint64_t mappings;
	uint64_t faults;
	uint64_t faults_dropped;
};

/**
 * vpci_viommu_create() - create a function that is an IOMMU for the guest (virtio 1.2 section 5.13)
 * @options: what the guest gets; copied
 * @ops: the VMM's services; must outlive the function
 * @host: first argument of every op
 * @out: the function, to be given to vpci_bus_add() of a bus whose host has the op memory, else that answers -ENOTSUP;
 *	untouched on failure
 *
 * A doorbell is served in the thread that writes it: when the write returns, the answers are in the queue. Requests to
 * map that follow each other become one call of @ops. A reset by the guest's driver ends every domain, and puts
 * the endpoints to where the bypass byte says; a reset of the bus gives that byte the value of @options as well.
 *
 * A doorbell serves up to VPCI_VIOMMU_BATCH requests. The queue holds no more of them, unless a guest gives the same
 * descriptors twice: what is left over then waits for the next doorbell.
 *
 * The functions below are thread-safe until the function is destroyed. Until then it calls @ops, for the last time to
 * leave the endpoints that nobody removed with nothing.
 *
 * Return: 0, -EINVAL options, -ENOMEM.
 */
int vpci_viommu_create(const struct vpci_viommu_options *options, const struct vpci_viommu_ops *ops,
		       void *host, struct vpci_function **out);

/**
 * vpci_viommu_add_endpoint() - put an endpoint behind the IOMMU
 * @function: one of vpci_viommu_create()
 * @endpoint: its number: the requester id, bus << 8 | devfn, where VIOT says so
 * @list: virtual addresses that it cannot use; copied
 * @count: how many, up to VPCI_VIOMMU_RESERVED
 *
 * The caller ensures that the endpoint reaches nothing before the call. The call puts it into no domain, by the op
 * detach.
 *
 * Return: 0, -EEXIST it is there already, -E2BIG @count, -EINVAL a range ends before it begins or there are several for
 * interrupts, -ENOMEM, or what the op detach answered: then it is not added.
 */
int vpci_viommu_add_endpoint(struct vpci_function *function, uint32_t endpoint,
			     const struct vpci_viommu_reserved *list, size_t count);

/**
 * vpci_viommu_remove_endpoint() - take an endpoint away; it reaches nothing afterwards
 * @function: one of vpci_viommu_create()
 * @endpoint: its number
 *
 * Return: 0, -ENOENT no such endpoint.
 */
int vpci_viommu_remove_endpoint(struct vpci_function *function, uint32_t endpoint);

/**
 * vpci_viommu_report_fault() - tell the guest of an access that the IOMMU refused
 * @function: one of vpci_viommu_create()
 * @fault: the access
 *
 * Return: 0, -ENOENT no such endpoint, -ENOSPC dropped: the guest has no driver that is ready, or it gave no buffer.
 */
int vpci_viommu_report_fault(struct vpci_function *function, const struct vpci_viommu_fault *fault);

/**
 * vpci_viommu_count() - read the counters
 * @function: one of vpci_viommu_create()
 * @out: the counters
 */
void vpci_viommu_count(struct vpci_function *function, struct vpci_viommu_counters *out);

#ifdef __cplusplus
}
#endif

#endif
