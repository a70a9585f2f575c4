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
 * Pins the pages and charges them once to the caller's RLIMIT_MEMLOCK: -ENOMEM beyond it. -EFAULT:
 * part of the range is not mapped, or not writable. Unregistering memory that still has mappings
 * is -EBUSY; an unknown @id is -ENOENT. -EINTR: the caller was killed meanwhile.
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
 * allows, 65536 unless it was set; -EINTR the caller was killed meanwhile; -ENOMEM. Mappings stay
 * when the last device is detached. Unmap takes exactly what was mapped in one piece, or -ENOENT:
 * nothing is split. One IOTLB flush ends the batch before the call returns.
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
 * memory, or more ends than calls; -EPERM writing to READONLY memory; -ENOTSUP no bare space; -ENOMEM.
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
 * Zeroed, below the space's mask, charged to RLIMIT_MEMLOCK. -ENOMEM: that, or none so large, which
 * begins above %ULDF_COHERENT_MAX at the latest. End: -EBUSY while a process maps it; -ENOENT unknown id.
 * -ENOTSUP no bare space; -ENODEV the device that it was made with is gone.
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
