/* SPDX-License-Identifier: MIT */
#ifndef ULDF_SPACE_H
#define ULDF_SPACE_H

#include <uldf/device.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: struct uldf_space - a DMA address space: devices attached to it see its mappings
 *
 * Opaque, thread-safe.
 */
struct uldf_space;

/**
 * DOC: struct uldf_memory - user memory registered with a space: pinned and accounted once
 *
 * Opaque, thread-safe; owned by whoever registered it.
 */
struct uldf_memory;

/** enum - what a device may do with a mapping */
enum {
	ULDF_DMA_READ = 1 << 0,
	ULDF_DMA_WRITE = 1 << 1,
	ULDF_DMA_BOTH = ULDF_DMA_READ | ULDF_DMA_WRITE,
};

/**
 * struct uldf_range - bus addresses, both ends included
 * @first: first address
 * @last: last address
 */
struct uldf_range {
	uint64_t first;
	uint64_t last;
};

/**
 * struct uldf_mapping - a piece of a batch for uldf_space_map() and uldf_space_unmap()
 * @memory: registered memory; NULL for unmap
 * @offset: bytes into it, page-aligned; 0 for unmap
 * @address: bus address, page-aligned
 * @size: bytes, a multiple of the page size
 * @access: ULDF_DMA_* bits; 0 for unmap
 */
struct uldf_mapping {
	struct uldf_memory *memory;
	uint64_t offset;
	uint64_t address;
	uint64_t size;
	unsigned int access;
};

/**
 * uldf_space_create() - create a space that suits a device
 * @device: device; it is not attached by this, and need not outlive the space
 * @out: the space; untouched on failure
 *
 * Return: 0, -ENOTSUP the device stands behind no IOMMU, -ENOMEM, -EMFILE, -ENODEV gone.
 */
int uldf_space_create(struct uldf_device *device, struct uldf_space **out);

/**
 * uldf_space_create_masked() - the same, for a device that has fewer address bits than 64
 * @device: device
 * @mask: bus addresses that it can master, e.g. 0xffffffff: what the library chooses lies below
 * @out: the space; untouched on failure
 *
 * Return: as uldf_space_create(), and -EINVAL a mask that is no run of low bits, of at least 20.
 */
int uldf_space_create_masked(struct uldf_device *device, uint64_t mask, struct uldf_space **out);

/**
 * uldf_space_create_bare() - create a space whose bus addresses are physical ones
 * @device: device; it is not attached by this
 * @mask: bus addresses that it can master, e.g. 0xffffffff
 * @out: the space; untouched on failure
 *
 * For hosts without an IOMMU. Nothing confines a device in such a space: it is as powerful as root.
 * Takes uldf_dma_map() and uldf_buffer_create() only.
 *
 * Return: 0, -EINVAL as uldf_space_create_masked(), -ERANGE fewer bits than the host can do with (24 on
 * x86), -EPERM the module's parameter allow_bare is off,
 * CAP_SYS_RAWIO is missing, or the kernel is locked down, -ENOTSUP the device stands behind an IOMMU,
 * or the backend has no such thing, -ENOMEM, -EMFILE, -ENODEV gone.
 */
int uldf_space_create_bare(struct uldf_device *device, uint64_t mask, struct uldf_space **out);

/**
 * uldf_space_destroy() - destroy a space with all of its mappings and memory
 * @space: space, or NULL; no device may be attached
 *
 * Frees the memories of the space, and no other: memory that is shared stays pinned while another
 * space has it, and stays mapped there.
 */
void uldf_space_destroy(struct uldf_space *space);

/**
 * uldf_space_reserved() - ranges that no mapping may touch, those before and behind the IOMMU's
 * addresses among them
 * @space: space a device was attached to
 * @list: where they go
 * @room: how many fit
 * @count: out: how many there are, also beyond @room; untouched on failure
 *
 * Return: 0.
 */
int uldf_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			size_t *count);

/**
 * uldf_memory_register() - pin memory so that it can be mapped
 * @space: space
 * @address: start, page-aligned; must stay mapped and unchanged until unregistered
 * @size: bytes, a multiple of the page size
 * @access: ULDF_DMA_BOTH, or ULDF_DMA_READ for memory that devices only read
 * @out: the memory; untouched on failure
 *
 * The vfio backend pins memory only when it is mapped, and charges each mapping: there
 * uldf_space_map() answers -ENOMEM.
 *
 * Return: 0, -EINVAL, -EFAULT not mapped, -ENOMEM beyond RLIMIT_MEMLOCK (the context's reason says
 * by how much and how to raise it), -ENOSPC @space has 65536 memories.
 */
int uldf_memory_register(struct uldf_space *space, void *address, size_t size, unsigned int access,
			 struct uldf_memory **out);

/**
 * uldf_memory_register_region() - register part of a BAR, so that devices reach its registers by
 * DMA
 * @space: space that is not bare
 * @device: device that has the BAR, of the same backend; attached to @space, to another or to none
 * @index: BAR
 * @offset: bytes from its start, page-aligned
 * @size: bytes, a multiple of the page size; all of it within one mappable area
 * @out: the memory, for both directions; untouched on failure
 *
 * Nothing is pinned or charged. The caller maps the memory with uldf_space_map(), at addresses of
 * its choice, and ends its mappings with uldf_memory_unregister(). When @device is closed,
 * released or unplugged, the kernel ends the mappings by itself, and mapping the memory is
 * -ENODEV. A late uldf_space_unmap() could then end another mapping that has their addresses. So
 * it refuses them, and uldf_space_map() refuses their addresses, until the memory is
 * unregistered. uldf_space_unmap_range() and uldf_space_revoke() end mappings of registers like
 * others.
 *
 * While @device does not decode memory, or is reset, DMA to its registers is an error of the bus.
 * In a bare space devices reach registers at the address that uldf_region_get() tells.
 *
 * Return: 0, -EINVAL alignment, -ERANGE outside the mappable areas, -ENOTSUP nothing of the
 * region can be mapped, the space is bare, @device is of another backend or of one that cannot do
 * this, or uldf.ko is older than the library, -ENOSPC @space has 65536 memories, -ENOMEM, -ENODEV
 * gone.
 */
int uldf_memory_register_region(struct uldf_space *space, struct uldf_device *device,
				unsigned int index, uint64_t offset, size_t size,
				struct uldf_memory **out);

/**
 * uldf_memory_share() - register memory that one space has with another, without pinning it again
 * @memory: registered memory
 * @space: the other space, of the same backend; spaces of different devices may share
 * @out: the memory as @space has it, with the same access; untouched on failure
 *
 * The kernel charges shared memory once. Each of the two memories is unregistered for itself, by
 * uldf_memory_unregister() or with its space, in any order. The last one unpins the pages, which
 * must stay mapped and unchanged until then.
 *
 * The vfio backend pins and charges the pages for each IOMMU group that they are mapped for.
 * Memory that devices of two groups reach counts twice against RLIMIT_MEMLOCK.
 *
 * Return: 0, -EEXIST @space has the memory already, -ENOTSUP one of the spaces is bare, @memory
 * is registers, the other space is of another backend, or is recorded and @memory is not in the
 * same recording, or uldf.ko is older than the library, -ENOSPC @space has 65536 memories,
 * -ENOMEM.
 */
int uldf_memory_share(struct uldf_memory *memory, struct uldf_space *space,
		      struct uldf_memory **out);

/**
 * uldf_memory_unregister() - end a registration; the last one of memory that is shared unpins it
 * @memory: memory, or NULL
 *
 * Ends the mappings of registers first.
 *
 * Return: 0, -EBUSY still mapped, -EIO the IOMMU failed to end a mapping of registers.
 */
int uldf_memory_unregister(struct uldf_memory *memory);

/**
 * uldf_space_map() - make memory visible at chosen bus addresses
 * @space: space a device is or was attached to
 * @list: the pieces
 * @count: how many, 1..4096; all are mapped or none
 *
 * Return: 0, -EINVAL alignment or access, -E2BIG count, -EEXIST mapped already, also for
 * addresses of registers whose mapping has ended by itself, -ERANGE outside the memory or the
 * IOMMU's addresses or in a reserved range, -EPERM writing to read-only memory, -ENXIO nothing
 * was attached, -ESHUTDOWN the space was revoked, -ENODEV the device with the registers is gone,
 * -ENOSPC too many mappings, -ENOMEM.
 */
int uldf_space_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count);

/**
 * uldf_space_map_anywhere() - make memory visible where there is room
 * @space: space a device is or was attached to
 * @list: the pieces; their addresses are filled in, adjacent ones in order as far as there is room
 *        for all of them in one range; untouched on failure
 * @count: how many, 1..4096; all are mapped or none
 *
 * Ended by uldf_space_unmap().
 *
 * Return: as uldf_space_map(), and -ENOSPC no room below the space's mask, -ENOTSUP registers.
 */
int uldf_space_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count);

/**
 * uldf_space_unmap() - end mappings; when it returns no device can reach them
 * @space: space
 * @list: the pieces, each exactly as mapped (address and size)
 * @count: how many, 1..4096
 *
 * Return: 0, -EINVAL, -E2BIG, -EBUSY registers are mapped there (nothing is unmapped), -ENOENT no
 * such mapping (those before it are unmapped), -EIO the IOMMU failed (some are unmapped).
 */
int uldf_space_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count);

/**
 * struct uldf_unmapped - what uldf_space_unmap_range() ended
 * @mappings: how many mappings
 * @bytes: how many bytes they had together
 */
struct uldf_unmapped {
	uint64_t mappings;
	uint64_t bytes;
};

/**
 * uldf_space_unmap_range() - end all mappings in a range; when it returns no device can reach them
 * @space: space that is not bare
 * @first: first bus address, page-aligned
 * @last: last bus address, the last byte of a page
 * @out: what was ended; may be NULL; untouched on failure
 *
 * Ends every mapping that lies in the range. A range without mappings is no error. The kmod backend
 * flushes the IOMMU once.
 *
 * Return: 0, -EINVAL not whole pages, -EBUSY the range has addresses of a struct uldf_dma or a
 * struct uldf_buffer, which uldf_dma_unmap() and uldf_buffer_destroy() end, -ERANGE the range
 * would cut a mapping, -ENOTSUP the space is bare, the backend unmaps no ranges, or uldf.ko is
 * older than the library. None of these unmaps anything. -EIO the IOMMU failed: some are unmapped.
 */
int uldf_space_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
			   struct uldf_unmapped *out);

/**
 * uldf_space_unmap_ranges() - end all mappings in several ranges, up to the first one that fails
 * @space: space that is not bare
 * @list: ranges of whole pages
 * @count: how many, 1..4096
 * @done: how many ranges are done; set also on failure, with those before the one that failed
 * @out: what was ended, of the ranges that are done at least; set also on failure; may be NULL
 *
 * As uldf_space_unmap_range() for each, but the kmod backend flushes the IOMMU for all together.
 *
 * Return: as uldf_space_unmap_range(), and -EINVAL no ranges, -E2BIG too many. None but -ERANGE and
 * -EIO unmaps anything.
 */
int uldf_space_unmap_ranges(struct uldf_space *space, const struct uldf_range *list, size_t count,
			    size_t *done, struct uldf_unmapped *out);

/**
 * uldf_space_revoke() - end all mappings of a space, for good
 * @space: space that is not bare
 *
 * When it returns no device reaches memory through the space, and every later call that maps is
 * -ESHUTDOWN, or -ENXIO in a space that no device was attached to. Memory stays registered until
 * it is unregistered, and devices stay attached. uldf_dma_unmap() and uldf_buffer_destroy() free
 * what they are given as before. Revoking again does nothing.
 *
 * Return: 0, -ENOTSUP the space is bare, where nothing confines its devices, the backend revokes
 * no spaces, or uldf.ko is older than the library, -EIO the IOMMU failed: the space is revoked, but
 * some mappings are left, and revoking again tries to end them.
 */
int uldf_space_revoke(struct uldf_space *space);

#ifdef __cplusplus
}
#endif

#endif
