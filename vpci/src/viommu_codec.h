/* SPDX-License-Identifier: MIT */
/* Requests, answers and events of virtio-iommu (virtio 1.2 section 5.13) as bytes. Pure. */
#ifndef VPCI_SRC_VIOMMU_CODEC_H
#define VPCI_SRC_VIOMMU_CODEC_H

#include <stddef.h>
#include <stdint.h>
#include <vpci/viommu.h>

/** VPCI_VIOMMU_REQUEST_MOST - bytes of the longest request, as far as the device reads it: PROBE */
#define VPCI_VIOMMU_REQUEST_MOST 72

/** VPCI_VIOMMU_TAIL - bytes of the tail, which holds the status */
#define VPCI_VIOMMU_TAIL 4

/** VPCI_VIOMMU_PROBE_SIZE - bytes of the properties in the answer to PROBE */
#define VPCI_VIOMMU_PROBE_SIZE 512

/** VPCI_VIOMMU_FAULT_SIZE - bytes of a fault event */
#define VPCI_VIOMMU_FAULT_SIZE 24

/** VPCI_VIOMMU_CONFIG_SIZE - bytes of the device's configuration */
#define VPCI_VIOMMU_CONFIG_SIZE 40

/** VPCI_VIOMMU_CONFIG_BYPASS - where the one byte that a driver writes lies in the configuration */
#define VPCI_VIOMMU_CONFIG_BYPASS 36

/**
 * struct vpci_viommu_request - a request
 * @type: VIRTIO_IOMMU_T_*
 * @domain: domain, of all but PROBE
 * @endpoint: endpoint, of ATTACH, DETACH and PROBE
 * @flags: of ATTACH and MAP
 * @first: first virtual address, of MAP and UNMAP
 * @last: last virtual address, of MAP and UNMAP
 * @target: guest-physical address that @first leads to, of MAP
 */
struct vpci_viommu_request {
	uint8_t type;
	uint32_t domain;
	uint32_t endpoint;
	uint32_t flags;
	uint64_t first;
	uint64_t last;
	uint64_t target;
};

/**
 * struct vpci_viommu_config - what the configuration tells the driver
 * @page_sizes: a bit for each page size; the lowest is the granularity
 * @input_first: first virtual address
 * @input_last: last virtual address
 * @last_domain: highest number of a domain; 0 is the lowest
 * @bypass: endpoints without a domain reach all of guest RAM
 */
struct vpci_viommu_config {
	uint64_t page_sizes;
	uint64_t input_first;
	uint64_t input_last;
	uint32_t last_domain;
	bool bypass;
};

/**
 * vpci_viommu_decode() - read a request
 * @bytes: the part that the device reads
 * @size: how many bytes; those after the request are ignored
 * @out: the request; members that its type does not have are 0; @type is set also with -EINVAL
 *
 * Return: 0, -ENOTSUP no such type, -EINVAL shorter than its type says, or a reserved field that
 * must be zero is not.
 */
int vpci_viommu_decode(const uint8_t *bytes, size_t size, struct vpci_viommu_request *out);

/**
 * vpci_viommu_tail_offset() - where the tail lies in the part that the device writes
 * @type: VIRTIO_IOMMU_T_*
 *
 * Return: bytes from the part's start.
 */
size_t vpci_viommu_tail_offset(uint8_t type);

/**
 * vpci_viommu_status() - the status that tells a driver of an error
 * @err: 0 or a negative errno
 *
 * Return: VIRTIO_IOMMU_S_*.
 */
uint8_t vpci_viommu_status(int err);

/**
 * vpci_viommu_encode_properties() - write the properties of an endpoint
 * @list: ranges that cannot be mapped
 * @count: how many, up to VPCI_VIOMMU_RESERVED
 * @bytes: VPCI_VIOMMU_PROBE_SIZE of them; those after the properties are set to zero
 */
void vpci_viommu_encode_properties(const struct vpci_viommu_reserved *list, size_t count,
				   uint8_t *bytes);

/**
 * vpci_viommu_encode_fault() - write a fault event
 * @fault: the fault
 * @attached: the endpoint is in a domain
 * @bytes: VPCI_VIOMMU_FAULT_SIZE of them
 */
void vpci_viommu_encode_fault(const struct vpci_viommu_fault *fault, bool attached, uint8_t *bytes);

/**
 * vpci_viommu_encode_config() - write the device's configuration
 * @config: what it tells
 * @bytes: VPCI_VIOMMU_CONFIG_SIZE of them
 */
void vpci_viommu_encode_config(const struct vpci_viommu_config *config, uint8_t *bytes);

#endif
