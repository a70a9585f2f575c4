// SPDX-License-Identifier: MIT
#include "iommu.h"
#include <assert.h>
#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>

static int iommu_domain_create(void *arg, uint32_t endpoint, void **domain)
{
	struct iommu *iommu = arg;

	assert(endpoint < IOMMU_ENDPOINTS);
	if (iommu->create_error)
		return iommu->create_error;
	for (unsigned int i = 0; i < IOMMU_DOMAINS; i++) {
		if (iommu->domains[i].used)
			continue;
		iommu->domains[i].used = true;
		iommu->domains[i].count = 0;
		*domain = &iommu->domains[i];
		return 0;
	}
	return -ENOMEM;
}

static void iommu_domain_destroy(void *arg, void *domain)
{
	struct iommu_domain *own = domain;
	struct iommu *iommu = arg;

	assert(own->used);
	for (unsigned int i = 0; i < IOMMU_ENDPOINTS; i++)
		assert(iommu->endpoints[i].reach != IOMMU_DOMAIN ||
		       iommu->endpoints[i].domain != own);
	own->used = false;
}

static void iommu_work(const struct iommu *iommu)
{
	if (iommu->at_work)
		iommu->at_work();
}

static int iommu_attach(void *arg, uint32_t endpoint, void *domain)
{
	struct iommu *iommu = arg;

	assert(endpoint < IOMMU_ENDPOINTS && ((struct iommu_domain *)domain)->used);
	iommu_work(iommu);
	/* Leaves it where it is, which is worse than what the op promises. */
	if (iommu->attach_error)
		return iommu->attach_error;
	iommu->endpoints[endpoint] = (struct iommu_endpoint){IOMMU_DOMAIN, domain};
	return 0;
}

static int iommu_detach(void *arg, uint32_t endpoint, bool bypass)
{
	struct iommu *iommu = arg;

	assert(endpoint < IOMMU_ENDPOINTS);
	iommu_work(iommu);
	iommu->detaches++;
	iommu->releases += bypass;
	if (bypass && iommu->command && (*iommu->command & PCI_COMMAND_MASTER))
		iommu->exposed = true;
	iommu->endpoints[endpoint] = (struct iommu_endpoint){
		bypass && !iommu->detach_error ? IOMMU_ALL : IOMMU_NOTHING, NULL};
	return iommu->detach_error;
}

const struct vpci_viommu_mapping *iommu_find(const struct iommu_domain *domain, uint64_t address)
{
	for (size_t i = 0; i < domain->count; i++)
		if (address >= domain->list[i].address &&
		    address - domain->list[i].address < domain->list[i].size)
			return &domain->list[i];
	return NULL;
}

static bool iommu_overlaps(const struct iommu_domain *domain, uint64_t first, uint64_t last)
{
	for (size_t i = 0; i < domain->count; i++)
		if (domain->list[i].address <= last &&
		    first <= domain->list[i].address + (domain->list[i].size - 1))
			return true;
	return false;
}

static void iommu_check(const struct vpci_viommu_mapping *mapping)
{
	assert(!((mapping->address | mapping->target | mapping->size) & 0xfff) && mapping->size);
	assert(mapping->access & (VPCI_VIOMMU_READ | VPCI_VIOMMU_WRITE));
	assert(!(mapping->access & ~(VPCI_VIOMMU_READ | VPCI_VIOMMU_WRITE | VPCI_VIOMMU_MMIO)));
	assert(mapping->target + mapping->size > mapping->target);
}

static int iommu_judge(const struct iommu *iommu, const struct iommu_domain *domain,
		       const struct vpci_viommu_mapping *mapping)
{
	iommu_check(mapping);
	if (iommu->bad_target && mapping->target == iommu->bad_target)
		return -EFAULT;
	return iommu_overlaps(domain, mapping->address, mapping->address + (mapping->size - 1))
		       ? -EEXIST
		       : 0;
}

static int iommu_map(void *arg, void *domain, const struct vpci_viommu_mapping *list, size_t count)
{
	struct iommu_domain *own = domain;
	size_t before = own->count;
	struct iommu *iommu = arg;

	assert(own->used && count >= 1 && count <= VPCI_VIOMMU_BATCH);
	iommu->map_calls++;
	iommu_work(iommu);
	if (iommu->map_error)
		return iommu->map_error;
	for (size_t i = 0; i < count; i++) {
		int err = iommu_judge(iommu, own, &list[i]);

		if (err) {
			own->count = before;
			return err;
		}
		assert(own->count < IOMMU_MAPPINGS);
		own->list[own->count++] = list[i];
	}
	return 0;
}

static bool iommu_cuts(const struct iommu_domain *domain, uint64_t first, uint64_t last)
{
	const struct vpci_viommu_mapping *head = iommu_find(domain, first);
	const struct vpci_viommu_mapping *tail = iommu_find(domain, last);

	return (head && head->address < first) || (tail && tail->address + (tail->size - 1) > last);
}

static size_t iommu_end(struct iommu_domain *domain, uint64_t first, uint64_t last)
{
	size_t before = domain->count, kept = 0;

	for (size_t i = 0; i < before; i++)
		if (domain->list[i].address < first || domain->list[i].address > last)
			domain->list[kept++] = domain->list[i];
	domain->count = kept;
	return before - kept;
}

/* Fails before it unmaps anything. */
static int iommu_unmap(void *arg, void *domain, const struct vpci_viommu_range *list, size_t count,
		       size_t *done, size_t *ended)
{
	struct iommu_domain *own = domain;
	struct iommu *iommu = arg;

	assert(own->used && count >= 1 && count <= VPCI_VIOMMU_BATCH && !*done && !*ended);
	iommu->unmap_calls++;
	iommu_work(iommu);
	if (iommu->unmap_error)
		return iommu->unmap_error;
	for (; *done < count; ++*done) {
		const struct vpci_viommu_range *range = &list[*done];

		assert(range->first <= range->last &&
		       !((range->first | (range->last + 1)) & 0xfff));
		if (iommu_cuts(own, range->first, range->last))
			return -ERANGE;
		*ended += iommu_end(own, range->first, range->last);
	}
	return 0;
}

const struct vpci_viommu_ops iommu_ops = {
	.domain_create = iommu_domain_create,
	.domain_destroy = iommu_domain_destroy,
	.attach = iommu_attach,
	.detach = iommu_detach,
	.map = iommu_map,
	.unmap = iommu_unmap,
};

struct vpci_viommu_options iommu_options(void)
{
	return (struct vpci_viommu_options){
		.page_sizes = 0xfffffffffffff000,
		.input_last = (1ull << 39) - 1,
		.domains = 16,
		.mappings = 1000,
		.bypass = true,
	};
}

unsigned int iommu_domain_count(const struct iommu *iommu)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < IOMMU_DOMAINS; i++)
		count += iommu->domains[i].used;
	return count;
}

uint64_t iommu_mapping_count(const struct iommu *iommu)
{
	uint64_t count = 0;

	for (unsigned int i = 0; i < IOMMU_DOMAINS; i++)
		count += iommu->domains[i].used ? iommu->domains[i].count : 0;
	return count;
}

struct iommu_domain *iommu_domain_of(struct iommu *iommu, uint32_t endpoint)
{
	assert(iommu->endpoints[endpoint].reach == IOMMU_DOMAIN);
	return iommu->endpoints[endpoint].domain;
}
