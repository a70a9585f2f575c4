/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The ioctl ABI of uldf.ko, continued: the vectors of a device. <linux/uldf.h> includes this, and tells what
 * holds for all calls.
 */
#ifndef _UAPI_LINUX_ULDF_VECTOR_H
#define _UAPI_LINUX_ULDF_VECTOR_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * struct uldf_ioc_vectors - ULDF_VECTORS_ENABLE, _DISABLE, _MASK, _UNMASK
 * @argsz: size of this structure in bytes
 * @flags: of enable: %ULDF_VECTORS_LAZY; else 0
 * @type: one of enum uldf_ioc_vector_type
 * @first: first vector concerned; 0 for enable and disable
 * @count: how many, at least 1; ignored by disable
 * @pad: must be 0
 *
 * ENABLE allocates @count vectors of one type, without events; one type can be enabled at a time
 * (-EBUSY, also when a line is taken by another driver that does not share it), and no more than
 * the device has (-EINVAL); -ENOSPC when the host has too few; -ENOMEM. INTX is delivered unmasked
 * at first. MASK and UNMASK concern INTX alone (-ENOTSUP otherwise).
 *
 * With %ULDF_VECTORS_LAZY, of MSIX, ENABLE takes one vector of the host, for vector 0, and says with @count
 * which vectors may be bound. ULDF_VECTORS_BIND takes the host's vector when a vector gets its first eventfd;
 * it stays taken until DISABLE. The device holds the interrupt of a vector that is not taken back, and
 * sends it when the vector is taken; the shared pages do not count it until then. So whoever only reads the
 * shared pages enables without the flag. Other types have all their vectors from ENABLE on, whatever
 * the flag.
 */
struct uldf_ioc_vectors {
	__u32 argsz;
	__u32 flags;
	__u32 type;
	__u32 first;
	__u32 count;
	__u32 pad;
};
#define ULDF_VECTORS_LAZY    (1 << 0) /* MSIX: take the host's vectors as they are bound */
#define ULDF_VECTORS_ENABLE  _IO(ULDF_IOC, 0x12)
#define ULDF_VECTORS_DISABLE _IO(ULDF_IOC, 0x13)
#define ULDF_VECTORS_MASK    _IO(ULDF_IOC, 0x14)
#define ULDF_VECTORS_UNMASK  _IO(ULDF_IOC, 0x15)

/**
 * struct uldf_ioc_vectors_bind - ULDF_VECTORS_BIND: connect eventfds
 * @argsz: size of this structure in bytes
 * @flags: %ULDF_BIND_UNMASK: the eventfds unmask the vector when signalled (resample), INTX only;
 *         without it they are signalled when the vector fires
 * @type: one of enum uldf_ioc_vector_type, the one enabled (-EINVAL)
 * @first: first vector
 * @count: how many descriptors @fds points to, at least 1
 * @pad: must be 0
 * @fds: user pointer to @count __s32: an eventfd, or -1 for none
 *
 * The kernel keeps a reference to each eventfd. All or none are changed. An interrupt that fired
 * before its vector had an eventfd is signalled when it gets one. -EBADF, -EINVAL: not an eventfd,
 * or one that is to be signalled and to unmask. Of vectors enabled with %ULDF_VECTORS_LAZY that are to be
 * taken: -ENOSPC the host has too few; -EIO the device is asleep; -ENOMEM.
 *
 * Taking a vector disturbs the others only where the kernel cannot add one to MSI-X that is enabled (before
 * 6.2, and some platforms). There all are taken anew, and what the device sends meanwhile would be
 * lost: so each vector that is taken fires once, and is counted, without the device's doing; one that is
 * not taken yet is signalled when it is bound. If other drivers take the host's vectors in that moment,
 * the vectors bound before fire no more until a later call finds vectors for all.
 *
 * KVM is told which interrupt signals an eventfd of MSI or MSIX. If it delivers the interrupt to a guest's
 * processor without the host, neither the eventfd nor the shared pages see it.
 */
struct uldf_ioc_vectors_bind {
	__u32 argsz;
	__u32 flags;
	__u32 type;
	__u32 first;
	__u32 count;
	__u32 pad;
	__u64 fds;
};
#define ULDF_BIND_UNMASK  (1 << 0)
#define ULDF_VECTORS_BIND _IO(ULDF_IOC, 0x16)

/**
 * struct uldf_ioc_vectors_info - ULDF_VECTORS_INFO: what the host has behind a vector
 * @argsz: size of this structure in bytes
 * @flags: out, ULDF_VECTOR_* bits
 * @type: one of enum uldf_ioc_vector_type, the one enabled (-EINVAL)
 * @index: which, less than what was enabled (-EINVAL)
 * @irq: out, the Linux interrupt number, as in /proc/irq; 0 while the vector is not taken
 * @pad: must be 0
 *
 * An admin sets by /proc/irq/<irq>/smp_affinity which processors get the interrupt. Where the kernel
 * cannot add a vector to MSI-X that is enabled, the number changes when another vector is taken.
 */
struct uldf_ioc_vectors_info {
	__u32 argsz;
	__u32 flags;
	__u32 type;
	__u32 index;
	__u32 irq;
	__u32 pad;
};
#define ULDF_VECTOR_TAKEN (1 << 0) /* a vector of the host stands behind it */
#define ULDF_VECTORS_INFO _IO(ULDF_IOC, 0x43)

/**
 * struct uldf_ioc_vector_count - one vector in the shared pages, which hold one for each vector
 * @count: how often it fired since the vectors were enabled
 * @tsc: the processor's time stamp when it fired last; never older than @count when read after it
 *
 * The pages can be mapped shared and read-only (-EPERM otherwise), and stay readable until they are
 * unmapped, whatever becomes of the device. They are zero until the first ULDF_VECTORS_ENABLE, and
 * from each on.
 */
struct uldf_ioc_vector_count {
	__u64 count;
	__u64 tsc;
};

#endif
