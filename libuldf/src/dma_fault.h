/* SPDX-License-Identifier: MIT */
/* A line of the kernel's log about an access that an IOMMU refused. */
#ifndef ULDF_SRC_DMA_FAULT_H
#define ULDF_SRC_DMA_FAULT_H

#include <uldf/dma_fault.h>

/** DMA_FAULT_RECORD - bytes that a record of /dev/kmsg has at most (CONSOLE_EXT_LOG_MAX in Linux) */
#define DMA_FAULT_RECORD 8192

/**
 * dma_fault_parse() - read a record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg in Linux)
 * @record: "PRIORITY,NUMBER,MICROSECONDS,FLAGS;TEXT", which a process may have written as well
 * @out: the fault; untouched unless there is one
 *
 * Return: true if the kernel itself says there that an IOMMU refused a device's access to memory.
 */
bool dma_fault_parse(const char *record, struct uldf_dma_fault *out);

/**
 * dma_fault_next() - read records up to the next fault
 * @fd: each read of it answers a whole record; it does not wait
 * @out: the fault; untouched unless there is one
 *
 * Return: as uldf_dma_faults_read().
 */
int dma_fault_next(int fd, struct uldf_dma_fault *out);

#endif
