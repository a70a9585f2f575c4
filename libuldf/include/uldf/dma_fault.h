/* SPDX-License-Identifier: MIT */
#ifndef ULDF_DMA_FAULT_H
#define ULDF_DMA_FAULT_H

#include <stdbool.h>
#include <uldf/ctx.h>
#include <uldf/discover.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: struct uldf_dma_faults - the accesses of devices that an IOMMU refuses, as the kernel tells them
 *
 * Opaque; for one thread at a time. The drivers of Intel's and AMD's IOMMUs tell of a refused access
 * in the kernel's log and nowhere else, so this reads /dev/kmsg. It takes CAP_SYSLOG, or the sysctl
 * kernel.dmesg_restrict = 0. The kernel limits these lines (Intel's driver tells three accesses in
 * five seconds, whatever the devices): where many are refused, most are not told. "check:" tells a driver which of its mappings an access
 * missed (check.h).
 */
struct uldf_dma_faults;

/**
 * struct uldf_dma_fault - an access that an IOMMU refused
 * @device: who, as the IOMMU knows it: of a device behind a bridge to conventional PCI, the bridge
 * @any_segment: the kernel did not tell the segment (Intel's driver up to Linux 6.12), and @device
 *               has segment 0
 * @write: the device was to write to memory; else to read it
 * @address: bus address; Intel's IOMMU tells only its page (VT-d specification 3.3, section 11.4.14)
 */
struct uldf_dma_fault {
	struct uldf_address device;
	bool any_segment;
	bool write;
	uint64_t address;
};

/**
 * uldf_dma_faults_open() - begin to read faults, those that are told from now on
 * @ctx: context, for the reason of a failure
 * @out: the reader; untouched on failure
 *
 * Return: 0, -EPERM or -EACCES the kernel's log is not for this process, -ENOENT there is no
 * /dev/kmsg, -ENOMEM, -EMFILE.
 */
int uldf_dma_faults_open(struct uldf_ctx *ctx, struct uldf_dma_faults **out);

/**
 * uldf_dma_faults_close() - end uldf_dma_faults_open()
 * @faults: the reader, or NULL
 */
void uldf_dma_faults_close(struct uldf_dma_faults *faults);

/**
 * uldf_dma_faults_fd() - descriptor that is readable when the kernel has written to its log
 * @faults: the reader
 *
 * Return: the descriptor, which stays the reader's; for poll(), epoll or an event loop.
 */
int uldf_dma_faults_fd(const struct uldf_dma_faults *faults);

/**
 * uldf_dma_faults_read() - take the next fault
 * @faults: the reader
 * @out: the fault; untouched unless there is one
 *
 * Does not wait. Passes over all else that is in the log, and over lines that were overwritten before
 * they were read.
 *
 * Return: 1 a fault, 0 no more for now, or a negative errno of read().
 */
int uldf_dma_faults_read(struct uldf_dma_faults *faults, struct uldf_dma_fault *out);

/**
 * uldf_dma_fault_is_of() - is it a fault of this device?
 * @fault: fault
 * @device: device
 *
 * Return: true if it is, or may be because the kernel did not tell the segment.
 */
bool uldf_dma_fault_is_of(const struct uldf_dma_fault *fault, const struct uldf_address *device);

#ifdef __cplusplus
}
#endif

#endif
