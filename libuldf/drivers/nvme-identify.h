/* SPDX-License-Identifier: MIT */
/* What an NVMe controller and its namespaces say of themselves (NVMe 1.4 section 5.15.2). */
#ifndef ULDF_DRIVERS_NVME_IDENTIFY_H
#define ULDF_DRIVERS_NVME_IDENTIFY_H

#include <stdbool.h>
#include <stdint.h>

#define NVME_IDENTIFY_SIZE 4096

struct nvme_controller {
	char model[41];
	char serial[21];
	uint32_t namespaces;
	uint64_t most_bytes; /* in one command; 0 for no limit */
	bool cached;	     /* it has a volatile write cache */
	bool discards;	     /* it knows Dataset Management */
	bool zeroes;	     /* it knows Write Zeroes */
};

struct nvme_namespace {
	uint64_t blocks;
	uint32_t block_size;
	bool read_only; /* it is write-protected */
};

/**
 * nvme_identify_controller() - read the controller's data structure
 * @data: NVME_IDENTIFY_SIZE bytes
 * @out: what it means; untouched on failure
 *
 * Return: 0, -ENOTSUP its queues have entries of another size than the driver's.
 */
int nvme_identify_controller(const uint8_t *data, struct nvme_controller *out);

/**
 * nvme_identify_namespace() - read a namespace's data structure
 * @data: NVME_IDENTIFY_SIZE bytes
 * @out: what it means; untouched on failure
 *
 * Return: 0, -ENXIO no namespace, -ENOTSUP it has metadata, -EPROTO a block size that cannot be.
 */
int nvme_identify_namespace(const uint8_t *data, struct nvme_namespace *out);

#endif
