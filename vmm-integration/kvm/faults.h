/* SPDX-License-Identifier: MIT */
/* Accesses of the guest's devices that the host's IOMMU refused: told to the person, and to the guest that has an IOMMU. */
#ifndef VMM_FAULTS_H
#define VMM_FAULTS_H

#include <stdatomic.h>
#include <uldf/dma_fault.h>

#include "assign.h"

/**
 * struct vmm_faults - what the host's kernel tells of them
 * @assign: the devices
 * @log: its reader; NULL for none
 * @count: how many there were; any thread may read it
 */
struct vmm_faults {
	struct vmm_assign *assign;
	struct uldf_dma_faults *log;
	_Atomic uint64_t count;
};

/**
 * vmm_faults_open() - begin to read what the kernel tells
 * @faults: zeroed memory
 * @assign: opened; must outlive @faults
 *
 * Where the kernel's log is not for this process, the person is told, and there are no faults.
 */
void vmm_faults_open(struct vmm_faults *faults, struct vmm_assign *assign);

/**
 * vmm_faults_close() - end vmm_faults_open()
 * @faults: zeroed memory, or opened
 */
void vmm_faults_close(struct vmm_faults *faults);

/**
 * vmm_faults_fd() - descriptor that is readable when there may be some
 * @faults: zeroed memory, or opened
 *
 * Return: the descriptor, or -1 for none.
 */
int vmm_faults_fd(const struct vmm_faults *faults);

/**
 * vmm_faults_tell() - tell of those that there are
 * @faults: opened; its devices plugged
 *
 * Tells the person of the first ones only, the guest of all, as far as it listens.
 */
void vmm_faults_tell(struct vmm_faults *faults);

#endif
