// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include "check/checker.h"

static bool covers(uint64_t first, uint64_t size, uint64_t address)
{
	return address >= first && address - first < size;
}

static const struct check_mapping *mapping_over(const struct checker *checker, uint64_t address)
{
	const struct check_mapping *mapping;

	LIST_FOREACH(mapping, &checker->mappings, entry)
		if (mapping->space == checker->attached && mapping->by == CHECK_BY_ADDRESS &&
		    covers(mapping->key, mapping->size, address))
			return mapping;
	return NULL;
}

/* The last that was ended there. */
static const struct check_ended *ended_over(const struct checker *checker, uint64_t address)
{
	for (unsigned int i = 1; i <= CHECK_ENDED; i++) {
		const struct check_ended *ended =
			&checker->ended[(checker->ended_next + CHECK_ENDED - i) % CHECK_ENDED];

		if (ended->space == checker->attached &&
		    covers(ended->address, ended->size, address))
			return ended;
	}
	return NULL;
}

void checker_find_fault(struct checker *checker, const struct uldf_dma_fault *fault)
{
	const struct check_mapping *mapping = mapping_over(checker, fault->address);
	const struct check_ended *ended = ended_over(checker, fault->address);
	const char *what = fault->write ? "write to" : "read of";
	unsigned int needed = fault->write ? ULDF_DMA_WRITE : ULDF_DMA_READ;

	if (mapping && !(mapping->access & needed))
		checker_find(checker, ULDF_CHECK_FAULT_DIRECTION, &mapping->trace,
			     "the IOMMU refused its %s bus address 0x%" PRIx64 ": 0x%" PRIx64
			     " bytes at 0x%" PRIx64 " are mapped for it to %s only",
			     what, fault->address, mapping->size, mapping->key,
			     fault->write ? "read" : "write");
	else if (ended)
		checker_find(checker, ULDF_CHECK_FAULT_ENDED, &ended->trace,
			     "the IOMMU refused its %s bus address 0x%" PRIx64 ": 0x%" PRIx64
			     " bytes at 0x%" PRIx64 " were unmapped before",
			     what, fault->address, ended->size, ended->address);
	else
		checker_find(checker, ULDF_CHECK_FAULT_NOTHING, NULL,
			     "the IOMMU refused its %s bus address 0x%" PRIx64
			     ": nothing was mapped there",
			     what, fault->address);
}

/* Returns the innermost device, if its backend tells of faults. */
static struct uldf_device *find_teller(struct uldf_device *device)
{
	while (device->ops->decorates)
		device = ((struct decorator *)device->priv)->inner;
	return device->ops->dma_fault ? device : NULL;
}

/* In a context of its own: that the log is not for this process is no failure of the open. */
void checker_open_faults(struct checker *checker, struct uldf_device *inner)
{
	char reason[CTX_REASON];
	struct uldf_ctx *ctx;

	checker->teller = find_teller(inner);
	if (uldf_address_parse(checker->address, &checker->where) || uldf_ctx_create(&ctx))
		return;
	if (uldf_dma_faults_open(ctx, &checker->faults) && checker->fd >= 0) {
		uldf_reason(ctx, reason, sizeof(reason));
		dprintf(checker->fd, "device %s: %s\n", checker->address, reason);
	}
	uldf_ctx_destroy(ctx);
}

void checker_look_faults(struct checker *checker)
{
	struct uldf_dma_fault fault;

	while (checker->teller && checker->teller->ops->dma_fault(checker->teller, &fault) > 0)
		checker_find_fault(checker, &fault);
	while (checker->faults && uldf_dma_faults_read(checker->faults, &fault) > 0)
		if (uldf_dma_fault_is_of(&fault, &checker->where))
			checker_find_fault(checker, &fault);
}
