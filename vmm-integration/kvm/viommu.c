// SPDX-License-Identifier: MIT
#include "viommu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <vpci/assigned.h>

/* Linux has up to three for each device. Those without an endpoint cost nothing. */
#define DOMAINS 256

/* What one guest may make the host keep: some 100 bytes each in uldf.ko. */
#define MAPPINGS 262144

/* x86 writes interrupts here (Intel SDM volume 3, 11.11.1): no IOMMU translates it. */
#define MSI_FIRST 0xfee00000ULL
#define MSI_LAST  0xfeefffffULL

/* Every size that is a power of two: the framework cuts a mapping as the host's IOMMU needs it. */
#define PAGE_SIZES (~(VMM_PAGE - 1))

/**
 * struct domain - a domain of the guest
 * @space: what its endpoints reach; NULL until the first is attached
 * @ram: the guest's RAM, as the space has it
 */
struct domain {
	struct uldf_space *space;
	struct uldf_memory *ram;
};

/**
 * struct move - a device on its way to another space
 * @assign: devices
 * @assigned: which one
 * @domain: where it goes, or NULL
 * @space: where it goes without @domain
 */
struct move {
	struct vmm_assign *assign;
	struct vmm_assigned *assigned;
	struct domain *domain;
	struct uldf_space *space;
};

static int create_space(struct uldf_device *device, struct uldf_memory *ram, struct domain *domain)
{
	struct uldf_space *space;
	int error = uldf_space_create(device, &space);

	if (error)
		return error;
	error = uldf_memory_share(ram, space, &domain->ram);
	if (error)
		uldf_space_destroy(space);
	else
		domain->space = space;
	return error;
}

/* Runs with the device's slot to itself. */
static int move_device(struct uldf_device *device, void *arg)
{
	struct move *move = arg;
	struct vmm_assign *assign = move->assign;
	int error;

	if (move->domain && !move->domain->space) {
		error = create_space(device, assign->ram, move->domain);
		if (error)
			goto err_isolate;
	}
	error = vmm_assign_move(move->assigned, device,
				move->domain ? move->domain->space : move->space);
	if (!error)
		return 0;
err_isolate:
	if (vmm_assign_move(move->assigned, device, assign->nothing)) {
		uldf_device_detach(device);
		move->assigned->space = NULL;
	}
	return error;
}

/* A device that is gone reaches nothing, wherever it was to go. */
static int move_endpoint(struct vmm_viommu *viommu, uint32_t endpoint, struct domain *domain,
			 struct uldf_space *space)
{
	struct move move = {.assign = viommu->assign, .domain = domain, .space = space};

	move.assigned = vmm_assign_find(viommu->assign, endpoint);
	if (!move.assigned)
		return -ENOENT;
	return vpci_assigned_move(viommu->bus, (uint8_t)endpoint, move_device, &move);
}

static int domain_create(void *host, uint32_t endpoint, void **out)
{
	struct domain *domain = calloc(1, sizeof(*domain));

	if (!domain)
		return -ENOMEM;
	*out = domain;
	return 0;
}

static void domain_destroy(void *host, void *handle)
{
	struct domain *domain = handle;

	uldf_space_destroy(domain->space);
	free(domain);
}

static int attach(void *host, uint32_t endpoint, void *domain)
{
	int error = move_endpoint(host, endpoint, domain, NULL);

	/* A device of its IOMMU group stays behind, or the domain maps what the device cannot use. */
	return error == -EBUSY || error == -ERANGE ? -ENOTSUP : error;
}

static int detach(void *host, uint32_t endpoint, bool bypass)
{
	struct vmm_viommu *viommu = host;
	const struct vmm_assign *assign = viommu->assign;
	int error = move_endpoint(viommu, endpoint, NULL, bypass ? assign->space : assign->nothing);

	return error == -ENODEV ? 0 : error;
}

static unsigned int access_of(const struct vpci_viommu_mapping *mapping)
{
	return (mapping->access & VPCI_VIOMMU_READ ? ULDF_DMA_READ : 0) |
	       (mapping->access & VPCI_VIOMMU_WRITE ? ULDF_DMA_WRITE : 0);
}

/* Where a mapping leads to in this process, or NULL. What lies behind the end of RAM stays unmapped: shortens @size. */
static const uint8_t *target_of(const struct vmm_memory *memory,
				const struct vpci_viommu_mapping *mapping, uint64_t *size)
{
	const uint8_t *at = vmm_memory_at(memory, mapping->target, mapping->size);

	*size = mapping->size;
	if (at)
		return at;
	*size = vmm_memory_begin(memory, mapping->target, mapping->size);
	return vmm_memory_at(memory, mapping->target, *size);
}

static int map(void *host, void *handle, const struct vpci_viommu_mapping *list, size_t count)
{
	const struct vmm_viommu *viommu = host;
	const struct domain *domain = handle;
	struct uldf_mapping pieces[VPCI_VIOMMU_BATCH];

	for (size_t i = 0; i < count; i++) {
		uint64_t size;
		const uint8_t *at = target_of(viommu->memory, &list[i], &size);

		if (!at || list[i].access & VPCI_VIOMMU_MMIO)
			return -EFAULT;
		pieces[i] = (struct uldf_mapping){
			.memory = domain->ram,
			.offset = (uint64_t)(at - viommu->memory->base),
			.address = list[i].address,
			.size = size,
			.access = access_of(&list[i]),
		};
	}
	return uldf_space_map(domain->space, pieces, count);
}

static int unmap(void *host, void *handle, const struct vpci_viommu_range *list, size_t count,
		 size_t *done, size_t *ended)
{
	const struct domain *domain = handle;
	struct uldf_range ranges[VPCI_VIOMMU_BATCH];
	struct uldf_unmapped unmapped;
	int error;

	for (size_t i = 0; i < count; i++)
		ranges[i] = (struct uldf_range){list[i].first, list[i].last};
	error = uldf_space_unmap_ranges(domain->space, ranges, count, done, &unmapped);
	*ended = unmapped.mappings;
	return error;
}

static const struct vpci_viommu_ops ops = {
	.domain_create = domain_create,
	.domain_destroy = domain_destroy,
	.attach = attach,
	.detach = detach,
	.map = map,
	.unmap = unmap,
};

/* Tells what the endpoints cannot use. A range up to the last address of all is the end of the IOMMU's addresses. */
static int reserve(struct vmm_assign *assign, struct vpci_viommu_options *options,
		   struct vmm_reason *reason)
{
	struct vmm_range ranges[VMM_E820_MAX];
	size_t count, kept = 0;
	int error = vmm_assign_reserved(assign, ranges, VMM_E820_MAX, &count, reason);

	if (error)
		return error;
	assign->reserved[kept++] =
		(struct vpci_viommu_reserved){.first = MSI_FIRST, .last = MSI_LAST, .msi = true};
	for (size_t i = 0; i < count; i++) {
		if (ranges[i].last >= options->input_last) {
			options->input_last = ranges[i].first - 1;
			continue;
		}
		if (ranges[i].first >= MSI_FIRST && ranges[i].last <= MSI_LAST)
			continue;
		if (kept == VPCI_VIOMMU_RESERVED)
			return vmm_fail(reason, -E2BIG,
					"--dma viommu: the host's IOMMU reserves more than %d "
					"ranges",
					VPCI_VIOMMU_RESERVED);
		assign->reserved[kept++] = (struct vpci_viommu_reserved){.first = ranges[i].first,
									 .last = ranges[i].last};
	}
	assign->n_reserved = kept;
	return 0;
}

/* The highest slot that nobody wished for, so that the devices have the slots that they have without it. */
static int free_slot(const struct vmm_assign *assign)
{
	int slot = VMM_DEVICES_MAX;

	for (size_t i = 0; i < assign->count; i++)
		if (assign->devices[i].option->slot == slot) {
			slot--;
			i = (size_t)-1; /* begins anew */
		}
	return slot;
}

int vmm_viommu_plug(struct vmm_viommu *viommu, struct vmm_assign *assign,
		    const struct vmm_memory *memory, struct vpci_bus *bus, bool strict,
		    struct vmm_reason *reason)
{
	struct vpci_viommu_options options = {
		.page_sizes = PAGE_SIZES,
		.input_last = (1ULL << 52) - 1,
		.domains = DOMAINS,
		.mappings = MAPPINGS,
		.bypass = true,
		.strict = strict,
	};
	struct vpci_function *function;
	int error, devfn;

	error = reserve(assign, &options, reason);
	if (error)
		return error;
	*viommu = (struct vmm_viommu){.assign = assign, .memory = memory, .bus = bus};
	error = vpci_viommu_create(&options, &ops, viommu, &function);
	if (error)
		return vmm_fail(reason, error, "virtio-iommu: %s", strerror(-error));
	devfn = vpci_bus_add(bus, free_slot(assign) << 3, function);
	if (devfn < 0) {
		vpci_function_destroy(function);
		return vmm_fail(reason, devfn,
				"virtio-iommu does not go on the guest's bus: %s: give one device "
				"less",
				strerror(-devfn));
	}
	viommu->devfn = (uint8_t)devfn;
	assign->viommu = function;
	return 0;
}
