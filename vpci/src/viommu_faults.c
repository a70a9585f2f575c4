// SPDX-License-Identifier: MIT
#include <errno.h>
#include "viommu_faults.h"

void vpci_viommu_faults_init(struct vpci_viommu_faults *faults)
{
	pthread_mutex_init(&faults->lock, NULL);
	faults->first = faults->count = 0;
}

void vpci_viommu_faults_fini(struct vpci_viommu_faults *faults)
{
	pthread_mutex_destroy(&faults->lock);
}

bool vpci_viommu_faults_waiting(const struct vpci_viommu_faults *faults)
{
	return __atomic_load_n(&faults->count, __ATOMIC_SEQ_CST);
}

int vpci_viommu_faults_put(struct vpci_viommu_faults *faults, const struct vpci_viommu_fault *fault)
{
	int err = -ENOSPC;

	pthread_mutex_lock(&faults->lock);
	if (faults->count < VPCI_VIOMMU_FAULTS) {
		faults->ring[(faults->first + faults->count) % VPCI_VIOMMU_FAULTS] = *fault;
		__atomic_store_n(&faults->count, faults->count + 1, __ATOMIC_SEQ_CST);
		err = 0;
	}
	pthread_mutex_unlock(&faults->lock);
	return err;
}

bool vpci_viommu_faults_take(struct vpci_viommu_faults *faults, struct vpci_viommu_fault *out)
{
	bool taken = false;

	pthread_mutex_lock(&faults->lock);
	if (faults->count) {
		*out = faults->ring[faults->first];
		faults->first = (faults->first + 1) % VPCI_VIOMMU_FAULTS;
		__atomic_store_n(&faults->count, faults->count - 1, __ATOMIC_SEQ_CST);
		taken = true;
	}
	pthread_mutex_unlock(&faults->lock);
	return taken;
}
