/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests of virtio-iommu as bytes (virtio 1.2 section 5.13.6), and what the answers mean. */
#ifndef GUEST_CODEC_H
#define GUEST_CODEC_H

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/virtio_iommu.h>

union guest_request {
	struct virtio_iommu_req_head head;
	struct virtio_iommu_req_attach attach;
	struct virtio_iommu_req_map map;
	struct virtio_iommu_req_unmap unmap;
	struct virtio_iommu_req_probe probe;
};

/* Each of these writes a request and returns how many bytes of it the device reads. */

/* ATTACH, or DETACH, which has the same members. */
static inline size_t guest_encode_move(union guest_request *request, u8 type, u32 domain,
				       u32 endpoint)
{
	request->attach = (struct virtio_iommu_req_attach){
		.head.type = type,
		.domain = cpu_to_le32(domain),
		.endpoint = cpu_to_le32(endpoint),
	};
	return offsetof(struct virtio_iommu_req_attach, tail);
}

static inline size_t guest_encode_map(union guest_request *request, u32 domain, u64 first, u64 last,
				      u64 target, u32 flags)
{
	request->map = (struct virtio_iommu_req_map){
		.head.type = VIRTIO_IOMMU_T_MAP,
		.domain = cpu_to_le32(domain),
		.virt_start = cpu_to_le64(first),
		.virt_end = cpu_to_le64(last),
		.phys_start = cpu_to_le64(target),
		.flags = cpu_to_le32(flags),
	};
	return offsetof(struct virtio_iommu_req_map, tail);
}

static inline size_t guest_encode_unmap(union guest_request *request, u32 domain, u64 first,
					u64 last)
{
	request->unmap = (struct virtio_iommu_req_unmap){
		.head.type = VIRTIO_IOMMU_T_UNMAP,
		.domain = cpu_to_le32(domain),
		.virt_start = cpu_to_le64(first),
		.virt_end = cpu_to_le64(last),
	};
	return offsetof(struct virtio_iommu_req_unmap, tail);
}

static inline size_t guest_encode_probe(union guest_request *request, u32 endpoint)
{
	request->probe = (struct virtio_iommu_req_probe){
		.head.type = VIRTIO_IOMMU_T_PROBE,
		.endpoint = cpu_to_le32(endpoint),
	};
	return sizeof(struct virtio_iommu_req_probe);
}

static inline int guest_decode_status(u8 status)
{
	static const int errors[] = {
		[VIRTIO_IOMMU_S_OK] = 0,
		[VIRTIO_IOMMU_S_IOERR] = -EIO,
		[VIRTIO_IOMMU_S_UNSUPP] = -EOPNOTSUPP,
		[VIRTIO_IOMMU_S_DEVERR] = -EIO,
		[VIRTIO_IOMMU_S_INVAL] = -EINVAL,
		[VIRTIO_IOMMU_S_RANGE] = -ERANGE,
		[VIRTIO_IOMMU_S_NOENT] = -ENOENT,
		[VIRTIO_IOMMU_S_FAULT] = -EFAULT,
		[VIRTIO_IOMMU_S_NOMEM] = -ENOMEM,
	};

	return status < ARRAY_SIZE(errors) ? errors[status] : -EIO;
}

#endif
