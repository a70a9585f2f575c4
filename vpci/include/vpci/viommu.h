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
 * @domain_create: create an address space without mappings, for the endpoint that will be attached to it first. Gives
 *	a handle through @domain. Return 0 or a negative errno.
 * @domain_destroy: destroy an address space with the mappings that are left in it; no endpoint is attached.
 * @attach: from now on the endpoint reaches what @domain maps and nothing else; when it returns, nothing that the
 *	endpoint reached before is reachable. The endpoint may have been attached to another domain, which exists until
 *	the op returns. On failure the endpoint reaches nothing. Return 0, -ENOTSUP the endpoint cannot share the domain
 *	with those that are in it, or another negative errno.
 * @detach: from now on the endpoint is in no domain, and reaches all of guest RAM at its guest-physical addresses with
 *	@bypass, nothing without; when it returns, nothing else is reachable. It may be in no domain already. On
 *	failure the endpoint reaches nothing. Return 0 or a negative errno.
 * @map: make 1..VPCI_VIOMMU_BATCH mappings, all of them or none. They overlap nothing that is mapped in @domain, nor
 *	each other; whether a target is guest RAM, or something else that endpoints of the guest may reach, is the op's
 *	to check: the function does not. Return 0, -EFAULT a target is not, or another negative errno.
 * @unmap: end 1..VPCI_VIOMMU_BATCH mappings, each exactly as made by @map; when it returns, no endpoint can reach them,
 *	in no cache of an IOMMU either. Return 0 or a negative errno: the guest is told that the device has failed, and
 *	the function takes the mappings for gone.
 *
 * Called from any thread that accesses the bus or calls the functions below, one at a time for each function. They must
 * call neither the bus nor those functions. What they return is told to the guest as a status: -ENOTSUP, -EINVAL,
 * -ERANGE, -ENOENT, -EFAULT, -ENOMEM and -ENOSPC as what they are, all else as an error of the device.
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

#ifdef __cplusplus
}
#endif

#endif
