/* SPDX-License-Identifier: MIT */
#ifndef ULDF_DMA_H
#define ULDF_DMA_H

#include <uldf/space.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct uldf_segment - one run of bus addresses
 * @address: first bus address
 * @length: bytes, not 0
 */
struct uldf_segment {
	uint64_t address;
	uint64_t length;
};

/**
 * struct uldf_dma - part of a memory made visible at bus addresses of the library's choice
 * @list: where the device finds it, in the order of the memory; owned by this
 * @count: how many segments; 1 in a translated space
 * @size: bytes in all of them
 *
 * Read-only; made by uldf_dma_map().
 */
struct uldf_dma {
	const struct uldf_segment *list;
	size_t count;
	uint64_t size;
};

/**
 * uldf_dma_map() - make part of a memory visible, wherever there is room
 * @memory: registered memory; a device is or was attached to its space
 * @offset: bytes into it, any
 * @size: bytes, any but 0
 * @access: ULDF_DMA_* bits
 * @out: the mapping, ended by uldf_dma_unmap(); untouched on failure
 *
 * Addresses lie within the space's mask (uldf_space_create_masked()). The device can reach the rest
 * of the pages that the range begins and ends in, as an IOMMU knows whole pages only.
 *
 * Return: 0, -EINVAL, -ERANGE outside the memory, or bare memory outside the mask (use an
 * uldf_buffer instead), -EPERM writing to read-only memory, -ENOTSUP registers, whose mappings
 * may end by themselves (use uldf_space_map()), -ENXIO nothing was attached, -ESHUTDOWN the space
 * was revoked, -ENOSPC no room, -ENOMEM, -ENODEV.
 */
int uldf_dma_map(struct uldf_memory *memory, uint64_t offset, uint64_t size, unsigned int access,
		 struct uldf_dma **out);

/**
 * uldf_dma_unmap() - end uldf_dma_map(); when it returns no device can reach the memory by it
 * @dma: mapping, or NULL; its space may have been destroyed, which ended the mapping
 */
void uldf_dma_unmap(struct uldf_dma *dma);

/**
 * struct uldf_buffer - zeroed memory that CPU and device both see, at adjacent bus addresses
 * @address: where the CPU has it, page-aligned
 * @bus: where devices have it, page-aligned, within the space's mask
 * @size: bytes, a multiple of the page size
 *
 * Read-only; made by uldf_buffer_create(). For rings, descriptors and bounce buffers.
 */
struct uldf_buffer {
	void *address;
	uint64_t bus;
	size_t size;
};

/**
 * uldf_buffer_create() - allocate memory that is mapped for both directions
 * @space: space a device is or was attached to
 * @size: bytes, not 0, rounded up to whole pages
 * @out: the buffer, freed with uldf_buffer_destroy(); untouched on failure
 *
 * Pinned and charged to RLIMIT_MEMLOCK like registered memory.
 *
 * Return: 0, -EINVAL, -ENXIO nothing was attached, -ESHUTDOWN the space was revoked, -ENOSPC no
 * room, -ENOMEM, -ENODEV.
 */
int uldf_buffer_create(struct uldf_space *space, size_t size, struct uldf_buffer **out);

/**
 * uldf_buffer_destroy() - free a buffer; when it returns no device can reach it
 * @buffer: buffer, or NULL; its space may have been destroyed, which freed the memory
 *
 * uldf_space_destroy() frees the memory of all buffers of the space, and makes their address NULL. This
 * call has to follow all the same.
 */
void uldf_buffer_destroy(struct uldf_buffer *buffer);

#ifdef __cplusplus
}
#endif

#endif
