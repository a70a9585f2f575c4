// SPDX-License-Identifier: MIT
#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <linux/virtio_iommu.h>
#include <string.h>
#include "viommu_codec.h"

static_assert(sizeof(struct virtio_iommu_req_probe) == VPCI_VIOMMU_REQUEST_MOST, "PROBE");
static_assert(sizeof(struct virtio_iommu_req_tail) == VPCI_VIOMMU_TAIL, "tail");
static_assert(sizeof(struct virtio_iommu_fault) == VPCI_VIOMMU_FAULT_SIZE, "fault");
static_assert(sizeof(struct virtio_iommu_config) == VPCI_VIOMMU_CONFIG_SIZE, "config");
static_assert(offsetof(struct virtio_iommu_config, bypass) == VPCI_VIOMMU_CONFIG_BYPASS, "bypass");
static_assert(VPCI_VIOMMU_RESERVED * sizeof(struct virtio_iommu_probe_resv_mem) <=
		      VPCI_VIOMMU_PROBE_SIZE,
	      "properties");

static int decode_attach(const struct virtio_iommu_req_attach *raw, struct vpci_viommu_request *out)
{
	uint32_t reserved;

	memcpy(&reserved, raw->reserved, sizeof(reserved));
	out->domain = le32toh(raw->domain);
	out->endpoint = le32toh(raw->endpoint);
	out->flags = le32toh(raw->flags);
	return reserved ? -EINVAL : 0;
}

static int decode_detach(const struct virtio_iommu_req_detach *raw, struct vpci_viommu_request *out)
{
	out->domain = le32toh(raw->domain);
	out->endpoint = le32toh(raw->endpoint);
	return 0;
}

static int decode_map(const struct virtio_iommu_req_map *raw, struct vpci_viommu_request *out)
{
	out->domain = le32toh(raw->domain);
	out->first = le64toh(raw->virt_start);
	out->last = le64toh(raw->virt_end);
	out->target = le64toh(raw->phys_start);
	out->flags = le32toh(raw->flags);
	return 0;
}

static int decode_unmap(const struct virtio_iommu_req_unmap *raw, struct vpci_viommu_request *out)
{
	out->domain = le32toh(raw->domain);
	out->first = le64toh(raw->virt_start);
	out->last = le64toh(raw->virt_end);
	return 0;
}

/* Bytes that the device reads of a request: all but the tail, and but the properties of PROBE. */
static size_t decode_size(uint8_t type)
{
	switch (type) {
	case VIRTIO_IOMMU_T_ATTACH:
		return sizeof(struct virtio_iommu_req_attach) - VPCI_VIOMMU_TAIL;
	case VIRTIO_IOMMU_T_DETACH:
		return sizeof(struct virtio_iommu_req_detach) - VPCI_VIOMMU_TAIL;
	case VIRTIO_IOMMU_T_MAP:
		return sizeof(struct virtio_iommu_req_map) - VPCI_VIOMMU_TAIL;
	case VIRTIO_IOMMU_T_UNMAP:
		return sizeof(struct virtio_iommu_req_unmap) - VPCI_VIOMMU_TAIL;
	case VIRTIO_IOMMU_T_PROBE:
		return sizeof(struct virtio_iommu_req_probe);
	}
	return 0;
}

int vpci_viommu_decode(const uint8_t *bytes, size_t size, struct vpci_viommu_request *out)
{
	union {
		struct virtio_iommu_req_head head;
		struct virtio_iommu_req_attach attach;
		struct virtio_iommu_req_detach detach;
		struct virtio_iommu_req_map map;
		struct virtio_iommu_req_unmap unmap;
		struct virtio_iommu_req_probe probe;
	} raw;
	size_t wanted;

	if (size < sizeof(raw.head))
		return -ENOTSUP;
	wanted = decode_size(bytes[0]);
	if (!wanted)
		return -ENOTSUP;
	*out = (struct vpci_viommu_request){.type = bytes[0]};
	if (size < wanted)
		return -EINVAL;
	memcpy(&raw, bytes, wanted);
	switch (out->type) {
	case VIRTIO_IOMMU_T_ATTACH:
		return decode_attach(&raw.attach, out);
	case VIRTIO_IOMMU_T_DETACH:
		return decode_detach(&raw.detach, out);
	case VIRTIO_IOMMU_T_MAP:
		return decode_map(&raw.map, out);
	case VIRTIO_IOMMU_T_UNMAP:
		return decode_unmap(&raw.unmap, out);
	}
	out->endpoint = le32toh(raw.probe.endpoint);
	return 0;
}

size_t vpci_viommu_tail_offset(uint8_t type)
{
	return type == VIRTIO_IOMMU_T_PROBE ? VPCI_VIOMMU_PROBE_SIZE : 0;
}

uint8_t vpci_viommu_status(int err)
{
	switch (err) {
	case 0:
		return VIRTIO_IOMMU_S_OK;
	case -ENOTSUP:
		return VIRTIO_IOMMU_S_UNSUPP;
	case -EINVAL:
	case -EEXIST:
		return VIRTIO_IOMMU_S_INVAL;
	case -ERANGE:
		return VIRTIO_IOMMU_S_RANGE;
	case -ENOENT:
		return VIRTIO_IOMMU_S_NOENT;
	case -EFAULT:
		return VIRTIO_IOMMU_S_FAULT;
	case -ENOMEM:
	case -ENOSPC:
		return VIRTIO_IOMMU_S_NOMEM;
	}
	return VIRTIO_IOMMU_S_DEVERR;
}

void vpci_viommu_encode_properties(const struct vpci_viommu_reserved *list, size_t count,
				   uint8_t *bytes)
{
	memset(bytes, 0, VPCI_VIOMMU_PROBE_SIZE);
	for (size_t i = 0; i < count; i++) {
		struct virtio_iommu_probe_resv_mem property = {
			.head.type = htole16(VIRTIO_IOMMU_PROBE_T_RESV_MEM),
			.head.length = htole16(sizeof(property) - sizeof(property.head)),
			.subtype = list[i].msi ? VIRTIO_IOMMU_RESV_MEM_T_MSI
					       : VIRTIO_IOMMU_RESV_MEM_T_RESERVED,
			.start = htole64(list[i].first),
			.end = htole64(list[i].last),
		};

		memcpy(bytes + i * sizeof(property), &property, sizeof(property));
	}
}

void vpci_viommu_encode_fault(const struct vpci_viommu_fault *fault, bool attached, uint8_t *bytes)
{
	struct virtio_iommu_fault raw = {
		.reason = attached ? VIRTIO_IOMMU_FAULT_R_MAPPING : VIRTIO_IOMMU_FAULT_R_DOMAIN,
		.endpoint = htole32(fault->endpoint),
		.address = htole64(fault->address),
	};
	uint32_t flags = VIRTIO_IOMMU_FAULT_F_ADDRESS;

	flags |= fault->access & VPCI_VIOMMU_READ ? VIRTIO_IOMMU_FAULT_F_READ : 0;
	flags |= fault->access & VPCI_VIOMMU_WRITE ? VIRTIO_IOMMU_FAULT_F_WRITE : 0;
	raw.flags = htole32(flags);
	memcpy(bytes, &raw, sizeof(raw));
}

void vpci_viommu_encode_config(const struct vpci_viommu_config *config, uint8_t *bytes)
{
	struct virtio_iommu_config raw = {
		.page_size_mask = htole64(config->page_sizes),
		.input_range.start = htole64(config->input_first),
		.input_range.end = htole64(config->input_last),
		.domain_range.end = htole32(config->last_domain),
		.probe_size = htole32(VPCI_VIOMMU_PROBE_SIZE),
		.bypass = config->bypass,
	};

	memcpy(bytes, &raw, sizeof(raw));
}
