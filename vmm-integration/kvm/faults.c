// SPDX-License-Identifier: MIT
#include "faults.h"

#include <inttypes.h>

/* A guest can have as many as it likes. */
#define TOLD 16

void vmm_faults_open(struct vmm_faults *faults, struct vmm_assign *assign)
{
	char text[256];

	faults->assign = assign;
	/* Without devices, and without an IOMMU, nothing is refused. */
	if (!assign->count || assign->dma == VMM_DMA_IDENTITY ||
	    !uldf_dma_faults_open(assign->ctx, &faults->log))
		return;
	uldf_reason(assign->ctx, text, sizeof(text));
	vmm_warn("%s", text);
}

void vmm_faults_close(struct vmm_faults *faults)
{
	uldf_dma_faults_close(faults->log);
	faults->log = NULL;
}

int vmm_faults_fd(const struct vmm_faults *faults)
{
	return faults->log ? uldf_dma_faults_fd(faults->log) : -1;
}

static void tell_person(const struct vmm_faults *faults, const struct vmm_assigned *assigned,
			const struct uldf_dma_fault *fault)
{
	if (faults->count > TOLD)
		return;
	vmm_warn("device %s: the host's IOMMU refused its %s address 0x%" PRIx64 "%s",
		 assigned->option->address, fault->write ? "write to" : "read of", fault->address,
		 faults->count == TOLD ? "; no more of these are told" : "");
}

static void tell_guest(const struct vmm_faults *faults, const struct vmm_assigned *assigned,
		       const struct uldf_dma_fault *fault)
{
	const struct vpci_viommu_fault told = {
		.endpoint = assigned->devfn,
		.address = fault->address,
		.access = fault->write ? VPCI_VIOMMU_WRITE : VPCI_VIOMMU_READ,
	};

	/* A guest that does not listen has a counter of them. */
	if (faults->assign->viommu)
		vpci_viommu_report_fault(faults->assign->viommu, &told);
}

void vmm_faults_tell(struct vmm_faults *faults)
{
	const struct vmm_assign *assign = faults->assign;
	struct uldf_dma_fault fault;

	while (uldf_dma_faults_read(faults->log, &fault) > 0)
		for (size_t i = 0; i < assign->count; i++) {
			if (!uldf_dma_fault_is_of(&fault, &assign->devices[i].where))
				continue;
			atomic_fetch_add(&faults->count, 1);
			tell_person(faults, &assign->devices[i], &fault);
			tell_guest(faults, &assign->devices[i], &fault);
		}
}
