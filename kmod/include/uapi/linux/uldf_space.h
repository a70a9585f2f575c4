/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The ioctl ABI of uldf.ko, continued: the calls on a space. <linux/uldf.h> includes this, and tells what
 * holds for all calls.
 */
#ifndef _UAPI_LINUX_ULDF_SPACE_H
#define _UAPI_LINUX_ULDF_SPACE_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* ---- a space ------------------------------------------------------------------------------ */

/**
 * struct uldf_ioc_space_range - addresses of a space, both ends included
 * @first: first bus address
 * @last: last bus address
 */
struct uldf_ioc_space_range {
	__u64 first;
	__u64 last;
};

/**
 * struct uldf_ioc_space_info - ULDF_SPACE_INFO
 * @argsz: size of this structure in bytes
 * @flags: out, %ULDF_SPACE_IS_BARE or 0
 * @page_sizes: out, bitmap of the IOMMU page sizes; 0 before a device was attached, or in a bare space
 * @aperture: out, the addresses the IOMMU translates; in a bare space those below its mask
 * @count: in: room in @reserved; out: how many reserved ranges there are
 * @pad: must be 0
 * @reserved: user pointer to @count struct uldf_ioc_space_range, filled as far as there is room
 *
 * No mapping may touch a reserved range.
 */
struct uldf_ioc_space_info {
	__u32 argsz;
	__u32 flags;
	__u64 page_sizes;
	struct uldf_ioc_space_range aperture;
	__u32 count;
	__u32 pad;
	__u64 reserved;
};
#define ULDF_SPACE_IS_BARE (1 << 0)
#define ULDF_SPACE_INFO	   _IO(ULDF_IOC, 0x20)

/**
 * struct uldf_ioc_memory - ULDF_MEMORY_REGISTER, ULDF_MEMORY_UNREGISTER
 * @argsz: size of this structure in bytes
 * @flags: for register: %ULDF_MEMORY_READONLY: devices only read it; for unregister 0
 * @address: in for register: start of a user mapping, page-aligned
 * @size: in for register: bytes, a multiple of the page size, not 0
 * @id: out of register, in of unregister: names the memory within the space
 * @pad: must be 0
 *
 * Pins the pages and charges them once, to the calling user: -ENOMEM beyond the caller's RLIMIT_MEMLOCK,
 * which bounds what all processes of the user have registered, and does not bind who has CAP_IPC_LOCK. The
 * charge stays when the process exits, until the memory is unregistered in every space that has it.
 * -EFAULT: part of the range is not mapped, or not writable. Unregistering memory that still has mappings is
 * -EBUSY; an unknown @id is -ENOENT. -ENOSPC: the space has %ULDF_MEMORIES memories. -EINTR: the caller was
 * killed meanwhile.
 */
struct uldf_ioc_memory {
	__u32 argsz;
	__u32 flags;
	__u64 address;
	__u64 size;
	__u32 id;
	__u32 pad;
};
#define ULDF_MEMORY_READONLY   (1 << 0)
#define ULDF_MEMORIES	       65536
#define ULDF_MEMORY_REGISTER   _IO(ULDF_IOC, 0x21)
#define ULDF_MEMORY_UNREGISTER _IO(ULDF_IOC, 0x22)

/**
 * struct uldf_ioc_mapping - one piece of a map or unmap batch
 * @address: bus address, page-aligned; out of a batch with %ULDF_MAP_ANYWHERE
 * @size: bytes, a multiple of the page size, not 0
 * @offset: bytes into the memory, page-aligned; 0 for unmap
 * @memory: the memory's id; 0 for unmap
 * @flags: %ULDF_MAP_READ (the device may read), %ULDF_MAP_WRITE (the device may write); 0 for unmap
 */
struct uldf_ioc_mapping {
	__u64 address;
	__u64 size;
	__u64 offset;
	__u32 memory;
	__u32 flags;
};
#define ULDF_MAP_READ  (1 << 0)
#define ULDF_MAP_WRITE (1 << 1)

/**
 * struct uldf_ioc_map - ULDF_SPACE_MAP, ULDF_SPACE_UNMAP
 * @argsz: size of this structure in bytes
 * @flags: for map: %ULDF_MAP_ANYWHERE: the kernel chooses the addresses; for unmap 0
 * @count: how many pieces, 1..%ULDF_MAP_BATCH (-E2BIG above)
 * @done: out also on failure: pieces done; map undoes all of its pieces and answers 0
 * @mappings: user pointer to @count struct uldf_ioc_mapping
 * @limit: with %ULDF_MAP_ANYWHERE: last address that the kernel may choose, 0 for any; else 0
 *
 * The kernel chooses adjacent addresses in the order of the pieces; where no free range holds them all,
 * each piece gets one of its own, or all fail with -ENOSPC. Address 0 is never chosen. What the pieces
 * have for addresses is not read, and written when all is mapped.
 *
 * Map: -EEXIST an address is mapped already; -ERANGE outside the aperture, in a reserved range or
 * beyond the memory; -ENOENT unknown memory; -EPERM writing to READONLY memory; -ENXIO no device
 * was attached yet; -ENOSPC the space has as many mappings as the module's parameter mappings_max
 * allows, 65536 unless it was set, or as many IOMMU tables as below; -EINTR the caller was killed
 * meanwhile; -ESHUTDOWN the space was revoked; -ENOMEM. Mappings stay when the last device is
 * detached. Unmap takes exactly what was mapped in one piece, or -ENOENT: nothing is split. -EIO: the
 * IOMMU failed to end a piece; those before it have ended. One IOTLB flush ends the batch before the
 * call returns.
 *
 * The IOMMU tables of a space are bounded. Each window of 2 MiB of bus addresses, aligned to its size,
 * counts as one table from the first mapping in it until the space dies, since not all IOMMU drivers free
 * tables before; the first window in each GiB counts as three. A space may have as many tables as the
 * module's parameter tables_max says, 32768 unless it was set, and one more for each 256 pages that are
 * registered with it: all of its memory can be mapped once, at addresses that are not sparse.
 */
struct uldf_ioc_map {
	__u32 argsz;
	__u32 flags;
	__u32 count;
	__u32 done;
	__u64 mappings;
	__u64 limit;
};
#define ULDF_MAP_ANYWHERE (1 << 0)
#define ULDF_MAP_BATCH	  4096
#define ULDF_SPACE_MAP	  _IO(ULDF_IOC, 0x23)
#define ULDF_SPACE_UNMAP  _IO(ULDF_IOC, 0x24)

/**
 * struct uldf_ioc_unmap_range - ULDF_SPACE_UNMAP_RANGE: end all mappings in a range, or in several
 * @argsz: size of this structure in bytes
 * @flags: none defined, must be 0
 * @first: first bus address, page-aligned; 0 with @count
 * @last: last bus address, the last byte of a page; 0 with @count
 * @mappings: out also on failure, how many mappings were ended
 * @bytes: out also on failure, how many bytes they had
 * @ranges: user pointer to @count struct uldf_ioc_space_range; 0 without
 * @count: how many ranges, at most %ULDF_MAP_BATCH (-E2BIG above); 0 for the one of @first and @last
 * @done: out also on failure: how many ranges have no mappings any more, before one that failed
 *
 * Ends every mapping that lies in the ranges; none is no error. The IOTLB is flushed once before the call
 * returns, and by some drivers (Intel's) also between ranges of different sizes. -EINVAL: one is no range of
 * whole pages, and nothing was changed. -ENOMEM: nothing was changed. -ERANGE: a range would cut a mapping:
 * those before it are done, and nothing in it was changed. -EIO: the IOMMU failed; some mappings have ended.
 */
struct uldf_ioc_unmap_range {
	__u32 argsz;
	__u32 flags;
	__u64 first;
	__u64 last;
	__u64 mappings;
	__u64 bytes;
	__u64 ranges;
	__u32 count;
	__u32 done;
};
#define ULDF_SPACE_UNMAP_RANGE _IO(ULDF_IOC, 0x29)

/**
 * struct uldf_ioc_memory_share - ULDF_MEMORY_SHARE: use memory that another space has
 * @argsz: size of this structure in bytes
 * @flags: none defined, must be 0
 * @space: descriptor of the other space
 * @memory: the memory's id there
 * @id: out, its id in this space
 * @pad: must be 0
 *
 * Nothing is pinned or charged again, and READONLY memory stays so. Each of the two spaces unregisters the
 * memory for itself; the last one unpins it. -EBADF, -EINVAL: not a space; -ENOENT unknown @memory;
 * -EEXIST this space has the memory already; -ENOSPC this space has %ULDF_MEMORIES memories; -ENOTSUP one
 * of them is bare, or the memory is registers; -ENOMEM.
 */
struct uldf_ioc_memory_share {
	__u32 argsz;
	__u32 flags;
	__s32 space;
	__u32 memory;
	__u32 id;
	__u32 pad;
};
#define ULDF_MEMORY_SHARE _IO(ULDF_IOC, 0x2a)

/**
 * struct uldf_ioc_revoke - ULDF_SPACE_REVOKE: end all mappings, for good
 * @argsz: size of this structure in bytes
 * @flags: none defined, must be 0
 *
 * The devices that are attached reach no memory any more when the call returns, and every later
 * map is -ESHUTDOWN. Memory stays registered until it is unregistered. -ENOTSUP a bare space,
 * where nothing confines devices. -EIO: the IOMMU failed to end all mappings; the space is
 * revoked, and the next call tries to end the rest.
 */
struct uldf_ioc_revoke {
	__u32 argsz;
	__u32 flags;
};
#define ULDF_SPACE_REVOKE _IO(ULDF_IOC, 0x2b)

/**
 * struct uldf_ioc_memory_region - ULDF_MEMORY_REGION: registers of a device as memory of a space
 * @argsz: size of this structure in bytes
 * @flags: none defined, must be 0
 * @device: descriptor of the device that has the registers, as it was opened
 * @region: one of enum uldf_ioc_region
 * @offset: bytes from the region's start, page-aligned
 * @size: bytes, a multiple of the page size, not 0
 * @id: out, names the memory within the space
 * @pad: must be 0
 *
 * The space's devices reach the registers at the addresses where they are mapped. Nothing is pinned or
 * charged. When @device is closed, released or unplugged, their mappings end, and mapping them is -ENODEV;
 * the id stays until it is unregistered. While the device's decoding is off, or a reset goes on, DMA to
 * them is an error of the bus. -ERANGE: not within one area of the region; -ENOTSUP: the region has none, or
 * the space is bare, where ULDF_REGION_INFO tells the bus address; -EBADF, -EINVAL: not a device; -ENODEV;
 * -ENOSPC: the space has %ULDF_MEMORIES memories; -ENOMEM.
 */
struct uldf_ioc_memory_region {
	__u32 argsz;
	__u32 flags;
	__s32 device;
	__u32 region;
	__u64 offset;
	__u64 size;
	__u32 id;
	__u32 pad;
};
#define ULDF_MEMORY_REGION _IO(ULDF_IOC, 0x2c)

/* ---- a bare space -------------------------------------------------------------------------- */

/**
 * struct uldf_ioc_segment - one run of bus addresses
 * @address: first bus address
 * @length: bytes
 */
struct uldf_ioc_segment {
	__u64 address;
	__u64 length;
};

/**
 * struct uldf_ioc_segments - ULDF_SPACE_SEGMENTS, ULDF_SPACE_SEGMENTS_END: where memory is
 * @argsz: size of this structure in bytes
 * @flags: %ULDF_MAP_READ, %ULDF_MAP_WRITE: what the device will do; 0 for end
 * @offset: bytes into the memory, any; 0 for end
 * @size: bytes, any but 0; 0 for end
 * @memory: the memory's id
 * @count: in: room in @list, up to %ULDF_SEGMENTS (-E2BIG above); out also on failure: how many there
 *         are; 0 for end
 * @list: user pointer to @count struct uldf_ioc_segment; 0 for end
 *
 * The memory stays registered until there was an end for each call: its caller's word that the device
 * is done with it, for nothing else tells where one in a bare space writes. -ENOSPC: @list is too small. -ERANGE
 * beyond the memory, or part of it is outside the space's mask: it is never bounced. -ENOENT unknown
 * memory, or more ends than calls; -EPERM writing to READONLY memory; -ENOTSUP no bare space; -ENODEV the
 * device that the space was made with was released; -ENOMEM.
 */
struct uldf_ioc_segments {
	__u32 argsz;
	__u32 flags;
	__u64 offset;
	__u64 size;
	__u32 memory;
	__u32 count;
	__u64 list;
};
#define ULDF_SEGMENTS		1048576
#define ULDF_SPACE_SEGMENTS	_IO(ULDF_IOC, 0x25)
#define ULDF_SPACE_SEGMENTS_END _IO(ULDF_IOC, 0x26)

/**
 * struct uldf_ioc_coherent - ULDF_SPACE_COHERENT, ULDF_SPACE_COHERENT_END: memory at adjacent addresses
 * @argsz: size of this structure in bytes
 * @flags: none defined, must be 0
 * @size: bytes, a multiple of the page size, not 0; 0 for end
 * @address: out, its first bus address; 0 for end
 * @offset: out, where the space's file maps it, shared and whole; 0 for end
 * @id: out, names it within the space; in for end
 * @pad: must be 0
 *
 * Zeroed, below the space's mask, charged to the calling user as registered memory is. -ENOMEM: over the
 * limit, or none so large, which begins above %ULDF_COHERENT_MAX at the latest. End: -EBUSY while a process
 * maps it; -ENOENT unknown id. -ENOTSUP no bare space; -ENODEV the device that the space was made with was
 * released. What processes map of a buffer stays valid then.
 */
struct uldf_ioc_coherent {
	__u32 argsz;
	__u32 flags;
	__u64 size;
	__u64 address;
	__u64 offset;
	__u32 id;
	__u32 pad;
};
#define ULDF_COHERENT_MAX	(4 << 20)
#define ULDF_SPACE_COHERENT	_IO(ULDF_IOC, 0x27)
#define ULDF_SPACE_COHERENT_END _IO(ULDF_IOC, 0x28)

#endif
