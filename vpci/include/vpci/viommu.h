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

/** VPCI_VIOMMU_BATCH - the most mappings or ranges in one call of the VMM, and the most requests in one doorbell */
#define VPCI_VIOMMU_BATCH 256

/** VPCI_VIOMMU_DOMAINS - the most domains of a guest */
#define VPCI_VIOMMU_DOMAINS 65536

/**
 * VPCI_VIOMMU_STRICT - bit of the policy: a driver ends mappings before it says that they ended
 *
 * The policy is data of the vendor in the configuration space (virtio 1.2 section 4.1.4.8, vendor
 * 0x1af4): 16 bits, little-endian, and the characters "uldf" behind them.
 */
#define VPCI_VIOMMU_STRICT 0x1

/** enum - what an endpoint may do with a mapping, or tried to do */
enum {
	VPCI_VIOMMU_READ = 1 << 0,
	VPCI_VIOMMU_WRITE = 1 << 1,
	VPCI_VIOMMU_MMIO = 1 << 2, /* of mappings only: the target is the memory of a device */
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
 * @access: VPCI_VIOMMU_* bits, at least one of READ and WRITE
 */
struct vpci_viommu_mapping {
	uint64_t address;
	uint64_t target;
	uint64_t size;
	unsigned int access;
};

/**
 * struct vpci_viommu_range - virtual addresses of whole pages
 * @first: first address
 * @last: last address
 */
struct vpci_viommu_range {
	uint64_t first;
	uint64_t last;
};

/**
 * struct vpci_viommu_ops - what the function asks of the VMM
 * @domain_create: provide an address space without mappings, a new one or one that @domain_destroy
 *	gave back. @endpoint is the first that will attach. Gives a handle through @domain. Return 0
 *	or a negative errno.
 * @domain_destroy: take an address space back with the mappings that are left in it, those of a
 *	failed @unmap too. No endpoint is attached. The VMM may give the same handle out again by
 *	@domain_create, once the space is empty.
 * @attach: move an endpoint to a domain. When the op returns, the endpoint reaches what the domain
 *	maps and nothing else. A domain that the endpoint was in before exists until the op returns.
 *	On failure the endpoint reaches nothing. Return 0, -ENOTSUP the endpoint cannot share the
 *	domain with those that are in it, or cannot use some of its mappings, or another negative errno.
 * @detach: take an endpoint out of its domain, if it is in one. When the op returns, the endpoint
 *	reaches all of guest RAM at its guest-physical addresses with @bypass, and nothing without.
 *	On failure the endpoint reaches nothing. Return 0 or a negative errno.
 * @map: make 1..VPCI_VIOMMU_BATCH mappings, all of them or none. The op checks what the function does
 *	not know. The mappings must overlap neither each other nor what @domain maps. Each target must
 *	begin in guest RAM, or with VPCI_VIOMMU_MMIO in memory of a device that the guest's endpoints
 *	may reach. It may end where there is nothing, and endpoints reach nothing there: Linux pads
 *	what it maps for a device that has a boundary, at the end of RAM too. Return 0, -EEXIST
 *	mappings overlap, -EFAULT a target is neither, or another negative errno. The function tries
 *	the halves of a list that failed.
 * @unmap: end all mappings that lie in 1..VPCI_VIOMMU_BATCH ranges, up to the first one that fails;
 *	there may be none. When the op returns, @done ranges before it have no mappings: no endpoint
 *	reaches them, no IOMMU has them in a cache, and @ended is how many they were. Both are 0 before.
 *	Return 0 all are done, -ERANGE the next range would cut a mapping, and nothing in it was done, or another
 *	negative errno: the function then moves every endpoint of the domain to nothing by @detach, and
 *	destroys the domain. A mapping that ends where there is nothing counts as what endpoints reach
 *	of it: what lies behind that neither overlaps nor is cut.
 *
 * The function calls one op at a time, in the thread that accesses the bus or calls the functions
 * below: mostly the vCPU that rings the doorbell. An op neither accesses the bus nor calls the
 * functions below, and their callers hold no lock that an op takes. Another vCPU may be in the
 * function of the very device that an op moves: an op moves it by vpci_assigned_move(), which waits
 * for that vCPU.
 *
 * The guest sees a negative errno as a status: -ENOTSUP, -EINVAL, -ERANGE, -ENOENT, -EFAULT,
 * -ENOMEM and -ENOSPC have their own, all others are an error of the device.
 */
struct vpci_viommu_ops {
	int (*domain_create)(void *host, uint32_t endpoint, void **domain);
	void (*domain_destroy)(void *host, void *domain);
	int (*attach)(void *host, uint32_t endpoint, void *domain);
	int (*detach)(void *host, uint32_t endpoint, bool bypass);
	int (*map)(void *host, void *domain, const struct vpci_viommu_mapping *list, size_t count);
	int (*unmap)(void *host, void *domain, const struct vpci_viommu_range *list, size_t count,
		     size_t *done, size_t *ended);
};

/**
 * struct vpci_viommu_options - what a guest gets
 * @page_sizes: a bit for each page size that the IOMMU maps well; the lowest, 4096 or more, is the
 *	page size of all mappings
 * @input_first: first virtual address, page-aligned
 * @input_last: last virtual address, the end of a page, less than UINT64_MAX
 * @domains: the most domains, 2..VPCI_VIOMMU_DOMAINS; Linux takes one for bypass and up to three for
 *	each endpoint
 * @mappings: the most mappings in all domains together
 * @bypass: endpoints that are in no domain reach all of guest RAM, until the guest's driver writes
 *	otherwise
 * @strict: ask the guest's driver to be strict, by VPCI_VIOMMU_STRICT; a driver that does not know the
 *	policy, as the one of Linux, does as it likes
 */
struct vpci_viommu_options {
	uint64_t page_sizes;
	uint64_t input_first;
	uint64_t input_last;
	unsigned int domains;
	size_t mappings;
	bool bypass;
	bool strict;
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
 * @doorbells: how often the function looked for requests and found some
 * @requests: requests that the guest made
 * @refused: requests answered with an error, or given back without an answer
 * @quota: requests to map that found as many mappings as the guest may have
 * @maps: mappings made
 * @unmaps: mappings ended by the guest
 * @map_calls: calls of the op map
 * @unmap_calls: calls of the op unmap
 * @domains: domains now
 * @mappings: mappings now
 * @dead: domains that died because the op unmap failed
 * @faults: faults that the guest was told of
 * @faults_dropped: faults that the guest was not told of: no driver, no buffer, or too many at once
 */
struct vpci_viommu_counters {
	uint64_t doorbells;
	uint64_t requests;
	uint64_t refused;
	uint64_t quota;
	uint64_t maps;
	uint64_t unmaps;
	uint64_t map_calls;
	uint64_t unmap_calls;
	uint64_t domains;
	uint64_t mappings;
	uint64_t dead;
	uint64_t faults;
	uint64_t faults_dropped;
};

/**
 * vpci_viommu_create() - create a function that is an IOMMU for the guest (virtio 1.2 section 5.13)
 * @options: what the guest gets; copied
 * @ops: the VMM's services; must outlive the function
 * @host: first argument of every op
 * @out: the function, to be given to vpci_bus_add() of a bus whose host has the op memory, else
 *	that answers -ENOTSUP; untouched on failure
 *
 * A doorbell is served in the thread that writes it: when the write returns, the answers are in the
 * queue. Requests to map that follow each other become one call of @ops, and so do those to unmap. A reset by the guest's
 * driver ends every domain, and puts the endpoints to where the bypass byte says; but an endpoint
 * that masters the bus stays in its domain until it does so no more, or until the next driver is at
 * work: Linux from 6.15 on resets the device at shutdown, while the endpoints' drivers still run. A
 * reset of the bus first gives that byte the value of @options, and comes to this function last, when the other
 * functions do no DMA any more. A function that leaves its slot puts the endpoints to nothing.
 *
 * A doorbell serves up to VPCI_VIOMMU_BATCH requests, and the next access to the function serves
 * those that are left. The queue holds no more than VPCI_VIOMMU_BATCH requests, unless a guest
 * gives the same descriptors twice. A doorbell that comes while bus mastering is off is served when
 * it comes on.
 *
 * An error of an op never opens guest RAM to an endpoint:
 * - An ATTACH that fails by an op, or because its domain died, leaves the endpoint with nothing
 *   until a later ATTACH succeeds or the driver resets the device. So does a DETACH that fails. An
 *   ATTACH that breaks the rules of virtio changes nothing.
 * - A domain whose UNMAP fails dies: its endpoints reach nothing, and MAP and ATTACH get an error
 *   of the device, until all endpoints have left the domain and an ATTACH makes it anew.
 * - An endpoint that cannot be moved at a reset, or when the driver writes the bypass byte, reaches
 *   nothing. The function tries again at the next doorbell, write of the byte and reset.
 *
 * The function reports errors that a guest may not see by the op report of struct vpci_host_ops,
 * each cause once.
 *
 * The functions below are thread-safe until the function is destroyed. The last calls of @ops, when
 * the bus destroys the function, put the endpoints that the VMM did not remove to nothing.
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
 * The caller ensures that the endpoint reaches nothing before the call. The call puts it into no
 * domain, by the op detach.
 *
 * Linux from 6.15 on gives the whole IOMMU up when one function that VIOT puts behind it is no
 * endpoint, or when one ATTACH fails. So every function in a range of VIOT is an endpoint before the
 * guest runs; the host bridge stays out of the ranges. Functions that share an IOMMU group of the
 * host cannot be in two domains: the VMM refuses the second one. On x86 @list names 0xfee00000 to
 * 0xfeefffff for interrupts.
 *
 * Return: 0, -EEXIST it is there already, -E2BIG @count, -EINVAL a range ends before it begins, two
 * ranges overlap or there are several for interrupts, -ENOMEM, or what the op detach answered: then
 * it is not added.
 */
int vpci_viommu_add_endpoint(struct vpci_function *function, uint32_t endpoint,
			     const struct vpci_viommu_reserved *list, size_t count);

/**
 * vpci_viommu_remove_endpoint() - take an endpoint away; it reaches nothing afterwards
 * @function: one of vpci_viommu_create()
 * @endpoint: its number
 *
 * The call moves the endpoint to nothing by the op detach. To unplug a device, the VMM calls this
 * first, and then vpci_bus_remove() for the device's function: the op still finds the device. A
 * guest that detaches the endpoint later is told that this succeeded.
 *
 * Return: 0, -ENOENT no such endpoint.
 */
int vpci_viommu_remove_endpoint(struct vpci_function *function, uint32_t endpoint);

/**
 * vpci_viommu_report_fault() - tell the guest of an access that the IOMMU refused
 * @function: one of vpci_viommu_create()
 * @fault: the access
 *
 * Does not wait for ops: while another thread is at work in the function, the fault waits for that
 * thread to finish, and 0 says that it waits.
 *
 * Return: 0, -ENOENT no such endpoint, -ENOSPC dropped: the guest has no driver that is ready, it
 * gave no buffer, or too many faults wait.
 */
int vpci_viommu_report_fault(struct vpci_function *function, const struct vpci_viommu_fault *fault);

/**
 * vpci_viommu_count() - read the counters, without waiting for ops
 * @function: one of vpci_viommu_create()
 * @out: the counters; each is right, but together they may be those of different moments
 */
void vpci_viommu_count(struct vpci_function *function, struct vpci_viommu_counters *out);

#ifdef __cplusplus
}
#endif

#endif
