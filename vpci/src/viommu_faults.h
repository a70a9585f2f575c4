/* SPDX-License-Identifier: MIT */
/*
 * Faults that wait while a thread works in the virtio-iommu function; that thread reports them when
 * it is done. Any thread puts a fault. The lock is innermost: no op is called under it.
 */
#ifndef VPCI_SRC_VIOMMU_FAULTS_H
#define VPCI_SRC_VIOMMU_FAULTS_H

#include <pthread.h>
#include <vpci/viommu.h>

/** VPCI_VIOMMU_FAULTS - the most faults that wait */
#define VPCI_VIOMMU_FAULTS 64

/**
 * struct vpci_viommu_faults - the faults, oldest first
 * @lock: protects the other members
 * @first: index of the oldest
 * @count: how many; read without the lock as well
 * @ring: the faults
 */
struct vpci_viommu_faults {
	pthread_mutex_t lock;
	unsigned int first;
	unsigned int count;
	struct vpci_viommu_fault ring[VPCI_VIOMMU_FAULTS];
};

/**
 * vpci_viommu_faults_init() - begin without faults
 * @faults: faults
 */
void vpci_viommu_faults_init(struct vpci_viommu_faults *faults);

/**
 * vpci_viommu_faults_fini() - forget the faults
 * @faults: faults
 */
void vpci_viommu_faults_fini(struct vpci_viommu_faults *faults);

/**
 * vpci_viommu_faults_waiting() - does a fault wait?
 * @faults: faults
 *
 * Return: true when one does.
 */
bool vpci_viommu_faults_waiting(const struct vpci_viommu_faults *faults);

/**
 * vpci_viommu_faults_put() - let a fault wait
 * @faults: faults
 * @fault: fault; copied
 *
 * Return: 0, or -ENOSPC too many wait.
 */
int vpci_viommu_faults_put(struct vpci_viommu_faults *faults,
			   const struct vpci_viommu_fault *fault);

/**
 * vpci_viommu_faults_take() - take the oldest fault
 * @faults: faults
 * @out: the fault; untouched when there is none
 *
 * Return: true when there is one.
 */
bool vpci_viommu_faults_take(struct vpci_viommu_faults *faults, struct vpci_viommu_fault *out);

#endif
