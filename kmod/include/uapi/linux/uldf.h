/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The ioctl ABI of uldf.ko.
 *
 * Every structure begins with @argsz, the size the caller compiled with, and @flags. The kernel
 * refuses an @argsz below the structure's first published size, or above a page, with -EINVAL,
 * reads no more than it knows, and refuses an unknown flag, a set bit in padding, or a set byte
 * past what it knows with -EINVAL. A pointer to unmapped memory is -EFAULT. A structure is written
 * back only on success, but for the text in struct uldf_ioc_claim, the counts in struct uldf_ioc_map,
 * struct uldf_ioc_unmap_range and struct uldf_ioc_io_batch, and struct uldf_ioc_segments, which says how
 * many segments there are.
 *
 * Three kinds of files answer these calls:
 *   /dev/uldf/control    ULDF_CLAIM, ULDF_RELEASE                         (root, 0600)
 *   /dev/uldf/<address>  ULDF_DEVICE_*, ULDF_REGION_*, ULDF_VECTORS_*,    (one per claimed device)
 *                        ULDF_IO_BATCH, ULDF_EVENTS_*
 *   a space              ULDF_SPACE_INFO, ULDF_MEMORY_*, ULDF_SPACE_*     (from ULDF_DEVICE_SPACE)
 *
 * One process at a time can open a device (-EBUSY), for reading and writing (-EACCES). Devices of one IOMMU
 * group reach each other's memory, so they are open to one user at a time (-EBUSY for others without
 * CAP_SYS_RAWIO). -EPERM: nothing confines
 * it. A device behind no IOMMU reaches all memory: opening it takes the module's parameter allow_bare. One
 * whose interrupts are not isolated can forge any: that takes the parameter unsafe_interrupts. Both take
 * CAP_SYS_RAWIO and a kernel that is not locked down, and taint the kernel. Whoever is given the
 * descriptor may then use it. -EIO: the PCI core has given the device up after an error of the bus.
 *
 * After a device was unplugged or released, every call on its file answers -ENODEV, but for
 * ULDF_EVENTS_READ. After the bus reported an error of it (AER), its regions do, until it is opened anew;
 * whoever opens it before the kernel's recovery is done is told ULDF_EVENTS_ERROR and _RESET in turn.
 */
#ifndef _UAPI_LINUX_ULDF_H
#define _UAPI_LINUX_ULDF_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define ULDF_IOC 0xC5

/* ---- the control node ------------------------------------------------------------------- */

/**
 * struct uldf_ioc_claim - ULDF_CLAIM: take a device that no host driver holds
 * @argsz: size of this structure in bytes
 * @flags: %ULDF_CLAIM_GROUP: take all of its IOMMU group, bridges left out
 * @segment: PCI segment (domain) of the device, 0..0xffffffff
 * @bus: bus number, 0..255
 * @devfn: device number << 3 | function number, 0..255
 * @pad: must be 0
 * @reason: out, NUL-terminated: why the claim was refused ("held by ata_piix"), written on
 *          failure also; empty on success
 * @reset: out, what ended whatever the device was doing, one of enum uldf_ioc_reset_method; was not there
 *         at first
 * @pad2: must be 0
 *
 * Atomic under the device's lock; of a group all are claimed or none. What of the group is claimed
 * already stays as it is. Without the flag a device that shares its group with others, which are
 * neither claimed nor have driver_override set to uldf, is refused, and the reason names them. The device
 * is stopped and reset, as far as anything does that, so that its first holder finds nothing in it that
 * firmware or another driver left.
 *
 * Errors: -ENODEV no such device; -EBUSY held by a driver (uldf included), kept by the kernel, a
 * bridge, its last driver left it with virtual functions, or its addresses or its IOMMU group are in use
 * by another driver, or that group has others in it; -E2BIG the group has more than 256; -EPERM the
 * platform reserves memory for the device in its IOMMU; -EINTR the caller was killed while it waited for
 * another claim; -EIO the device does not come back from its reset; -ENOMEM; what enabling the device says. A claim lasts until ULDF_RELEASE, unplug or the
 * module's removal.
 */
struct uldf_ioc_claim {
	__u32 argsz;
	__u32 flags;
	__u32 segment;
	__u16 bus;
	__u8 devfn;
	__u8 pad;
	char reason[96];
	__u32 reset;
	__u32 pad2;
};
#define ULDF_CLAIM_GROUP (1 << 0)
#define ULDF_CLAIM	 _IO(ULDF_IOC, 0x00)

/**
 * struct uldf_ioc_release - ULDF_RELEASE: give a claimed device back
 * @argsz: size of this structure in bytes
 * @flags: %ULDF_RELEASE_REPROBE: let the host's drivers probe the device afterwards;
 *         %ULDF_RELEASE_GROUP: release all of its IOMMU group that is claimed;
 *         %ULDF_RELEASE_FORCE: take what is open from its holder, in the dead-man order
 * @segment: PCI segment of the device
 * @bus: bus number
 * @devfn: device number << 3 | function number
 * @pad: must be 0
 * @reset: out, how the device was reset, one of enum uldf_ioc_reset_method
 * @pad2: must be 0
 * @reason: out, why it was refused with -EBUSY, NUL-terminated; left out by callers that know no such field
 *
 * -ENODEV: not claimed. -EBUSY: it is open, or another that is to be released with it; or others of its group are
 * claimed, and the flag is missing: no host driver could have it. Nothing is released then.
 * -EINTR: the caller was killed while it waited for another claim.
 */
struct uldf_ioc_release {
	__u32 argsz;
	__u32 flags;
	__u32 segment;
	__u16 bus;
	__u8 devfn;
	__u8 pad;
	__u32 reset;
	__u32 pad2;
	char reason[96];
};
#define ULDF_RELEASE_REPROBE (1 << 0)
#define ULDF_RELEASE_GROUP   (1 << 1)
#define ULDF_RELEASE_FORCE   (1 << 2)
#define ULDF_RELEASE	     _IO(ULDF_IOC, 0x01)

/**
 * enum uldf_ioc_reset_method - what stopped or reset a device
 * @ULDF_RESET_NONE: nothing: the device has no reset and its class no known way to stop it; bus
 *                   mastering is off
 * @ULDF_RESET_QUIESCED: no reset, but its DMA engine was stopped by the registers of its class
 * @ULDF_RESET_FUNCTION: reset by a method special to the device or the platform
 * @ULDF_RESET_FLR: function level reset (PCIe 6.0 section 6.6.2)
 * @ULDF_RESET_AF: the conventional function's reset (Advanced Features capability)
 * @ULDF_RESET_PM: D3hot and back to D0, which resets it
 * @ULDF_RESET_BUS: secondary bus or slot reset; all else on the bus was claimed, and nobody had it open
 */
enum uldf_ioc_reset_method {
	ULDF_RESET_NONE = 0,
	ULDF_RESET_QUIESCED = 1,
	ULDF_RESET_FUNCTION = 2,
	ULDF_RESET_FLR = 3,
	ULDF_RESET_AF = 4,
	ULDF_RESET_PM = 5,
	ULDF_RESET_BUS = 6,
};

/* ---- a device ---------------------------------------------------------------------------- */

/**
 * enum uldf_ioc_region - indices of regions
 * @ULDF_REGION_BAR0: base address register 0; 1..5 follow
 * @ULDF_REGION_ROM: expansion ROM
 * @ULDF_REGION_CONFIG: configuration space, 256 or 4096 bytes
 * @ULDF_REGIONS: how many there are
 */
enum uldf_ioc_region {
	ULDF_REGION_BAR0 = 0,
	ULDF_REGION_ROM = 6,
	ULDF_REGION_CONFIG = 7,
	ULDF_REGIONS = 8,
};

/**
 * enum uldf_ioc_vector_type - kinds of interrupts
 * @ULDF_VECTOR_INTX: the INTx pin: level, masked when delivered until unmasked
 * @ULDF_VECTOR_MSI: message-signalled, up to 32
 * @ULDF_VECTOR_MSIX: message-signalled by table, up to 2048
 * @ULDF_VECTOR_ISA: the two ISA lines of a compatibility-mode IDE controller, edge: vector 0 is
 *                   IRQ 14, vector 1 is IRQ 15
 * @ULDF_VECTOR_TYPES: how many kinds there are
 */
enum uldf_ioc_vector_type {
	ULDF_VECTOR_INTX = 0,
	ULDF_VECTOR_MSI = 1,
	ULDF_VECTOR_MSIX = 2,
	ULDF_VECTOR_ISA = 3,
	ULDF_VECTOR_TYPES = 4,
};

/**
 * struct uldf_ioc_device_info - ULDF_DEVICE_INFO
 * @argsz: size of this structure in bytes
 * @flags: out, ULDF_DEVICE_* bits
 * @vectors: out, how many vectors of each enum uldf_ioc_vector_type the device has
 * @segment: out, PCI segment
 * @bus: out, bus number
 * @devfn: out, device number << 3 | function number
 * @pad: 0
 * @shared: out, where the shared pages begin in the device file, for mmap; was not there at first
 * @shared_size: out, their size in bytes, a multiple of the page size; 0 where there are no vectors
 */
struct uldf_ioc_device_info {
	__u32 argsz;
	__u32 flags;
	__u32 vectors[ULDF_VECTOR_TYPES];
	__u32 segment;
	__u16 bus;
	__u8 devfn;
	__u8 pad;
	__u64 shared;
	__u64 shared_size;
};
#define ULDF_DEVICE_RESETS     (1 << 0) /* some method resets this function alone */
#define ULDF_DEVICE_TRANSLATED (1 << 1) /* stands behind an IOMMU */
#define ULDF_DEVICE_ATTACHED   (1 << 2) /* attached to a space now */
#define ULDF_DEVICE_INFO       _IO(ULDF_IOC, 0x10)

/**
 * struct uldf_ioc_region_area - part of a region that can be mapped
 * @offset: bytes from the region's start, page-aligned
 * @size: bytes, a multiple of the page size
 */
struct uldf_ioc_region_area {
	__u64 offset;
	__u64 size;
};
#define ULDF_REGION_AREAS 2

/**
 * struct uldf_ioc_region_info - ULDF_REGION_INFO
 * @argsz: size of this structure in bytes
 * @flags: out, ULDF_REGION_* bits
 * @index: in, one of enum uldf_ioc_region; -EINVAL beyond
 * @areas: out, how many of @area are filled; 0 when nothing can be mapped
 * @size: out, bytes; 0 where the device has no such region
 * @offset: out, where the region begins in the device file, for pread, pwrite and mmap
 * @address: out, where the host has it: bus address, or port number; 0 for the ROM and for
 *           configuration space
 * @area: out, the parts that mmap accepts
 *
 * pread and pwrite take naturally aligned accesses of 1, 2, 4 or 8 bytes (ports and configuration
 * space: 1, 2, 4) and make exactly one access of that width; any other count is -EINVAL, and so is
 * writing to the ROM. Outside the region: -ERANGE. While the region's decoding is off: -EIO. Of a
 * region above 1 TiB only the first has offsets. The MSI-X table, which the kernel programs, reads as ones
 * and is not written, and no page of it can be mapped.
 *
 * Every read of configuration space passes. A write changes what is the holder's and leaves the rest as it
 * is: I/O and memory decode of what the device has BARs for, bus mastering while it is attached to a
 * space, Memory Write and Invalidate, cache line size and latency timer, the bits of both status
 * registers that writing 1 clears, Relaxed Ordering and Max_Read_Request_Size (from the payload's size to
 * 4096 bytes; the kernel sets it), vendor-specific capabilities, and 0x40..0xff outside capabilities. The
 * last two are the kernel's in memory controllers, bridges, system peripherals, SMBus and signal
 * processing controllers. Vital product data are read and written by the capability's registers, which are
 * the holder's own; the kernel makes each transfer before the write returns that asks for it.
 *
 * What VFIO lets pass besides is left to the kernel: SERR, parity and the other error reporting enables,
 * for errors are the kernel's to recover from; Device Control 2 (completion timeout, LTR, OBFF, atomic
 * requests), which the ports above must agree to; extended capabilities, AER's masks and vendors' among
 * them. Power states and function level reset have calls of their own. BARs, the interrupt line and
 * messages are not emulated here: vpci does that for guests.
 */
struct uldf_ioc_region_info {
	__u32 argsz;
	__u32 flags;
	__u32 index;
	__u32 areas;
	__u64 size;
	__u64 offset;
	__u64 address;
	struct uldf_ioc_region_area area[ULDF_REGION_AREAS];
};
#define ULDF_REGION_READ     (1 << 0)
#define ULDF_REGION_WRITE    (1 << 1)
#define ULDF_REGION_PORTS    (1 << 2) /* I/O ports, else memory */
#define ULDF_REGION_PREFETCH (1 << 3) /* prefetchable memory */
#define ULDF_REGION_64BIT    (1 << 4) /* a 64-bit BAR */
#define ULDF_REGION_FIXED    (1 << 5) /* at a legacy address that no BAR can move */
#define ULDF_REGION_INFO     _IO(ULDF_IOC, 0x11)

/**
 * struct uldf_ioc_device_reset - ULDF_DEVICE_RESET: reset this function
 * @argsz: size of this structure in bytes
 * @flags: none defined, must be 0
 * @method: out, one of enum uldf_ioc_reset_method
 * @pad: must be 0
 *
 * By the first method that works of those for this function alone, in the order of its reset_method in
 * sysfs; else with its bus, where every other function of that is claimed and nobody has it open.
 * Mappings of regions are zapped and fault in again afterwards; bus mastering is off afterwards.
 * -ENOTSUP when nothing resets it, which leaves it undisturbed; -ETIMEDOUT when it does not come back from
 * one; -EBUSY while it has virtual functions.
 */
struct uldf_ioc_device_reset {
	__u32 argsz;
	__u32 flags;
	__u32 method;
	__u32 pad;
};
#define ULDF_DEVICE_RESET _IO(ULDF_IOC, 0x17)

/**
 * struct uldf_ioc_device_space - ULDF_DEVICE_SPACE: create a space that suits this device
 * @argsz: size of this structure in bytes
 * @flags: %ULDF_SPACE_BARE: for a device behind no IOMMU: bus addresses are physical ones
 * @fd: out, the space's descriptor, close-on-exec
 * @pad: must be 0
 * @mask: with %ULDF_SPACE_BARE: the bus addresses that the device can master, a run of 20 or more low
 *        bits (-EINVAL); else 0
 *
 * The device is not attached by it. -ENOTSUP: the device stands behind no IOMMU, or, with
 * %ULDF_SPACE_BARE, behind one. Nothing confines a device in a bare space. So it takes the module's
 * parameter allow_bare, CAP_SYS_RAWIO and a kernel that is not locked down, or -EPERM, and taints the
 * kernel; whoever is given the descriptor may then use it. -ERANGE: this machine cannot do with such
 * a mask. -ENOSPC: %ULDF_SPACES spaces were made with this device since it was claimed, and live.
 */
struct uldf_ioc_device_space {
	__u32 argsz;
	__u32 flags;
	__s32 fd;
	__u32 pad;
	__u64 mask;
};
#define ULDF_SPACE_BARE	  (1 << 0)
#define ULDF_SPACES	  64
#define ULDF_DEVICE_SPACE _IO(ULDF_IOC, 0x18)

/**
 * struct uldf_ioc_device_attach - ULDF_DEVICE_ATTACH, ULDF_DEVICE_DETACH
 * @argsz: size of this structure in bytes
 * @flags: for attach %ULDF_ATTACH_MOVE: from the space that it is attached to, if any; for detach 0
 * @space: the space's descriptor; -1 for detach
 * @pad: must be 0
 *
 * Bus mastering can be switched on, by the command register, only while attached; detach switches
 * it off first. The device holds its space. Errors of attach: -EBUSY attached already (or a group
 * mate is, to another space); -EBADF, -EINVAL not a space; -ENOTSUP the IOMMU cannot keep DMA
 * coherent or is of another kind than the space's; -ERANGE an address that the device cannot use is
 * mapped; -ENOMEM. Of detach: -EINVAL not attached. A bare space's mask is that of all its devices: who
 * attaches one that masters fewer addresses keeps from it what is beyond them.
 *
 * A move switches bus mastering off, and on again if it was on; meanwhile the device reaches no memory. On
 * failure the device is attached to the space that it was attached to before; -EIO alone says that it is
 * attached to none. Moving to the space that has the device already is -EBUSY.
 */
struct uldf_ioc_device_attach {
	__u32 argsz;
	__u32 flags;
	__s32 space;
	__u32 pad;
};
#define ULDF_ATTACH_MOVE   (1 << 0)
#define ULDF_DEVICE_ATTACH _IO(ULDF_IOC, 0x19)
#define ULDF_DEVICE_DETACH _IO(ULDF_IOC, 0x1a)

/**
 * struct uldf_ioc_region_fd - ULDF_REGION_FD: a file that can map parts of one region
 * @argsz: size of this structure in bytes
 * @flags: %ULDF_REGION_FD_WRITE: it can be mapped for writing
 * @index: one of enum uldf_ioc_region
 * @fd: out, the descriptor, close-on-exec
 * @offset: of the one part, bytes from the region's start, page-aligned; 0 with @areas
 * @size: of the one part, bytes, a multiple of the page size, not 0; 0 with @areas
 * @areas: how many parts @area points to, up to %ULDF_REGION_FD_AREAS (-E2BIG); 0: the one at @offset. Was
 *         not there at first
 * @pad: must be 0
 * @area: user pointer to @areas struct uldf_ioc_region_area, in any order, page-aligned, none empty and no
 *        two overlapping (-EINVAL); 0 without @areas
 *
 * Its only use is mmap of what lies within one part: for those who may not have the device. Without @areas
 * the file begins with the part, at offset 0; with @areas its offsets are those of the region, as
 * vfio-user has them. Its mappings go as those of the device's file do, and are gone for good when that is
 * closed: they raise SIGBUS then, and a new one is -ENODEV. -ERANGE: a part is not within one area of
 * the region; -ENOTSUP: the region has none. All is judged before the file is made.
 */
struct uldf_ioc_region_fd {
	__u32 argsz;
	__u32 flags;
	__u32 index;
	__s32 fd;
	__u64 offset;
	__u64 size;
	__u32 areas;
	__u32 pad;
	__u64 area;
};
#define ULDF_REGION_FD_AREAS 16
#define ULDF_REGION_FD_WRITE (1 << 0)
#define ULDF_REGION_FD	     _IO(ULDF_IOC, 0x40)

/**
 * struct uldf_ioc_device_functions - ULDF_DEVICE_FUNCTIONS: have a device make virtual functions
 * @argsz: size of this structure in bytes
 * @flags: none defined, must be 0
 * @count: how many it shall have; 0 ends them
 * @pad: must be 0
 *
 * No host driver takes them; each is claimed at its own address, which sysfs tells. They end with the
 * last close of the device, those that are claimed too, before the device itself is stopped. While
 * there are any the device is neither reset nor put to sleep (-EBUSY). What a virtual function leaves to
 * software is read from its configuration space as the kernel knows it: vendor and device, and Memory Space
 * Enable, which is set. Errors: -ENOTSUP no SR-IOV (PCIe 6.0 section 9); -EINVAL more than its capability
 * has; -EBUSY one of those to be ended is claimed; -EIO the device is not in D0; what enabling SR-IOV says,
 * which fails with -EIO or -ENOMEM while somebody resets the device by sysfs: then there are none.
 */
struct uldf_ioc_device_functions {
	__u32 argsz;
	__u32 flags;
	__u32 count;
	__u32 pad;
};
#define ULDF_DEVICE_FUNCTIONS _IO(ULDF_IOC, 0x41)

/**
 * struct uldf_ioc_device_guest - ULDF_DEVICE_GUEST: tell KVM which guest the device is given to
 * @argsz: size of this structure in bytes
 * @flags: none defined, must be 0
 * @vm: descriptor of a virtual machine of KVM, or -1 for none; takes the place of the one before
 * @pad: must be 0
 *
 * Some kernels' KVM protects the host from a guest with a device (MMIO Stale Data) only if it knows that
 * the guest has one, which it otherwise learns from vectors of MSI and MSIX alone, and not on every
 * processor. The device holds the machine until it is closed, released or unplugged, or another call. -EBADF
 * no descriptor; -EINVAL not a virtual machine of KVM; -EOPNOTSUPP this kernel's KVM need not be told, or
 * is not there; -ENOMEM.
 */
struct uldf_ioc_device_guest {
	__u32 argsz;
	__u32 flags;
	__s32 vm;
	__u32 pad;
};
#define ULDF_DEVICE_GUEST _IO(ULDF_IOC, 0x42)

/* ---- what happens to a device, and its power ------------------------------------------------ */

/**
 * struct uldf_ioc_events_bind - ULDF_EVENTS_BIND: have an eventfd signalled when something happens
 * @argsz: size of this structure in bytes
 * @flags: none defined, must be 0
 * @fd: the eventfd, or -1 for none; takes the place of the one before
 * @pad: must be 0
 *
 * One that comes when something has happened and was not read is signalled at once. -EBADF, -EINVAL:
 * not an eventfd.
 */
struct uldf_ioc_events_bind {
	__u32 argsz;
	__u32 flags;
	__s32 fd;
	__u32 pad;
};
#define ULDF_EVENTS_BIND _IO(ULDF_IOC, 0x31)

/**
 * struct uldf_ioc_events_read - ULDF_EVENTS_READ: what happened since the device was opened, or this
 *                               was called last
 * @argsz: size of this structure in bytes
 * @flags: none defined, must be 0
 * @events: out, ULDF_EVENTS_* bits
 */
struct uldf_ioc_events_read {
	__u32 argsz;
	__u32 flags;
	__u32 events;
};
#define ULDF_EVENTS_REMOVED (1 << 0) /* unplugged, or released: every other call is -ENODEV */
#define ULDF_EVENTS_ERROR   (1 << 1) /* the bus reported an error (AER): regions are -ENODEV */
#define ULDF_EVENTS_RESET   (1 << 2) /* by others: after an error, by sysfs, by the machine's sleep */
#define ULDF_EVENTS_READ    _IO(ULDF_IOC, 0x32)

/**
 * struct uldf_ioc_device_power - ULDF_DEVICE_POWER: put the device in a power state
 * @argsz: size of this structure in bytes
 * @flags: none defined, must be 0
 * @state: 0 for D0, 3 for D3hot (-EINVAL otherwise)
 * @pad: must be 0
 *
 * In D3hot only configuration space is answered, and only reads: all other accesses are -EIO, mappings of
 * regions raise SIGBUS, and vectors cannot be enabled, disabled, masked or unmasked (-EIO). Back in D0
 * the configuration is as before, bus mastering only if a space is still attached; other registers may
 * have been reset. Any reset leads to D0. -EOPNOTSUPP: the device has no power management; -EBUSY: it
 * has virtual functions; -EIO: it did not change its state.
 */
struct uldf_ioc_device_power {
	__u32 argsz;
	__u32 flags;
	__u32 state;
	__u32 pad;
};
#define ULDF_DEVICE_POWER _IO(ULDF_IOC, 0x33)

/* ---- batches of register accesses --------------------------------------------------------- */

/**
 * enum uldf_ioc_op - what one operation of a batch does
 * @ULDF_OP_READ: one read
 * @ULDF_OP_WRITE: one write
 * @ULDF_OP_READ_STRING: reads of one register into user memory
 * @ULDF_OP_WRITE_STRING: writes of one register from user memory
 * @ULDF_OP_POLL: reads until the value is as wanted
 * @ULDF_OPS: how many kinds there are
 */
enum uldf_ioc_op {
	ULDF_OP_READ = 0,
	ULDF_OP_WRITE = 1,
	ULDF_OP_READ_STRING = 2,
	ULDF_OP_WRITE_STRING = 3,
	ULDF_OP_POLL = 4,
	ULDF_OPS = 5,
};

/**
 * struct uldf_ioc_io - one operation of a batch
 * @op: one of enum uldf_ioc_op
 * @width: bytes of each access: 1, 2, 4 or 8; not 8 for ports, configuration space and strings
 * @index: one of enum uldf_ioc_region
 * @count: accesses of a string, at least 1; microseconds that a poll may take; 0 otherwise
 * @offset: bytes from the region's start, a multiple of @width
 * @value: what to write, or what a poll waits for, of which every bit must be in @mask; out, of a read
 *         and of a poll: what was read last; ignored of a string
 * @mask: of a poll: reads until (value & @mask) == @value; 0 of a read and a write
 * @data: of a string: user pointer to @count units of @width bytes, in the byte order of the bus
 */
__extension__ struct uldf_ioc_io {
	__u8 op;
	__u8 width;
	__u16 index;
	__u32 count;
	__u64 offset;
	__u64 value;
	union {
		__u64 mask;
		__u64 data;
	};
};

/**
 * struct uldf_ioc_io_batch - ULDF_IO_BATCH: register accesses one after the other
 * @argsz: size of this structure in bytes
 * @flags: none defined, must be 0
 * @count: how many operations, 1..%ULDF_OP_BATCH (-E2BIG above)
 * @done: out also on failure: operations done, so the index of the one that failed
 * @ios: user pointer to @count struct uldf_ioc_io; of those done, values are written back, and of a
 *       poll that timed out
 *
 * The whole list is judged, and what strings write is fetched, before the first access: -EINVAL, -EFAULT;
 * -ERANGE outside a region; -E2BIG strings of more than %ULDF_OP_STRING bytes or polls of more than
 * %ULDF_OP_POLL_US microseconds in all. Then: -EIO the region's decoding is off, or the device is in
 * another power state than D0; -ETIMEDOUT a poll did not come true; -EINTR the caller was killed
 * meanwhile; -ENOMEM. What a string had read that did not come to its end is lost; -EFAULT at the end
 * says that results could not be written.
 */
struct uldf_ioc_io_batch {
	__u32 argsz;
	__u32 flags;
	__u32 count;
	__u32 done;
	__u64 ios;
};
#define ULDF_OP_BATCH	64
#define ULDF_OP_STRING	65536
#define ULDF_OP_POLL_US 1000000
#define ULDF_IO_BATCH	_IO(ULDF_IOC, 0x30)

#include <linux/uldf_space.h>
#include <linux/uldf_vector.h>

#endif
