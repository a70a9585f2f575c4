// SPDX-License-Identifier: MIT
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/kvm.h>
#include <linux/uldf.h>
#include <linux/vfio.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* Bits of open()'s flags that make or empty a file. O_TMPFILE is this and O_DIRECTORY. */
#define TMPFILE (O_TMPFILE & ~O_DIRECTORY)

/* Whatever their arguments. */
static const int calls[] = {
	/* descriptors: eventfds, the console, clients of the control socket, registers of devices */
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(pread64),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(pwrite64),
	SCMP_SYS(close),
	SCMP_SYS(lseek),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(eventfd2),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(accept4),
	SCMP_SYS(getsockname),
	SCMP_SYS(recvfrom),
	SCMP_SYS(shutdown),
	/* files of disks made of software: a guest's flushes, and blocks that it needs no more */
	SCMP_SYS(fdatasync),
	SCMP_SYS(fallocate),
	/* what sysfs says of a device that is opened again */
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(fstat),
	SCMP_SYS(fstatfs),
	SCMP_SYS(getdents64),
	SCMP_SYS(lstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(stat),
	SCMP_SYS(statx),
	/* memory: the heap, threads' stacks, BARs */
	SCMP_SYS(brk),
	SCMP_SYS(madvise),
	SCMP_SYS(msync),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	/* threads and their end */
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(futex),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(getpgrp),
	SCMP_SYS(membarrier),
	SCMP_SYS(rseq),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_yield),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(sysinfo),
	/* signals */
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	/* time, where the host's clock is not read without a call */
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(nanosleep),
	SCMP_SYS(time),
	SCMP_SYS(getrandom),
};

static const unsigned int requests[] = {
	/* the guest runs, is counted, and its devices' windows and interrupts change */
	KVM_RUN,
	KVM_GET_REGS,
	KVM_GET_STATS_FD,
	KVM_IOEVENTFD,
	KVM_IRQFD,
	KVM_IRQ_LINE,
	KVM_SET_GSI_ROUTING,
	KVM_SET_USER_MEMORY_REGION,
	KVM_SIGNAL_MSI,
	/* devices of uldf.ko: all but claiming, releasing and making files or functions for others */
	ULDF_DEVICE_ATTACH,
	ULDF_DEVICE_DETACH,
	ULDF_DEVICE_GUEST,
	ULDF_DEVICE_INFO,
	ULDF_DEVICE_POWER,
	ULDF_DEVICE_RESET,
	ULDF_DEVICE_SPACE,
	ULDF_EVENTS_BIND,
	ULDF_EVENTS_READ,
	ULDF_IO_BATCH,
	ULDF_MEMORY_REGION,
	ULDF_MEMORY_REGISTER,
	ULDF_MEMORY_SHARE,
	ULDF_MEMORY_UNREGISTER,
	ULDF_REGION_INFO,
	ULDF_SPACE_INFO,
	ULDF_SPACE_MAP,
	ULDF_SPACE_REVOKE,
	ULDF_SPACE_SEGMENTS,
	ULDF_SPACE_SEGMENTS_END,
	ULDF_SPACE_UNMAP,
	ULDF_SPACE_UNMAP_RANGE,
	ULDF_VECTORS_BIND,
	ULDF_VECTORS_DISABLE,
	ULDF_VECTORS_ENABLE,
	ULDF_VECTORS_INFO,
	ULDF_VECTORS_MASK,
	ULDF_VECTORS_UNMASK,
	/* devices of vfio-pci */
	VFIO_CHECK_EXTENSION,
	VFIO_DEVICE_GET_INFO,
	VFIO_DEVICE_GET_IRQ_INFO,
	VFIO_DEVICE_GET_REGION_INFO,
	VFIO_DEVICE_RESET,
	VFIO_DEVICE_SET_IRQS,
	VFIO_GET_API_VERSION,
	VFIO_GROUP_GET_DEVICE_FD,
	VFIO_GROUP_GET_STATUS,
	VFIO_GROUP_SET_CONTAINER,
	VFIO_GROUP_UNSET_CONTAINER,
	VFIO_IOMMU_GET_INFO,
	VFIO_IOMMU_MAP_DMA,
	VFIO_IOMMU_UNMAP_DMA,
	VFIO_SET_IOMMU,
	/* a model of a network card on a TAP interface, whose guest switches the link */
	TUNSETCARRIER,
	/* the console: not TIOCSTI, which types for others */
	FIONREAD,
	TCGETS,
	TCSETS,
	TIOCGPGRP,
};

static const int fcntls[] = {F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL};

static int allow_requests(scmp_filter_ctx filter)
{
	int error = 0;

	for (size_t i = 0; !error && i < COUNT(requests); i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
					 SCMP_A1(SCMP_CMP_EQ, requests[i]));
	for (size_t i = 0; !error && i < COUNT(fcntls); i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
					 SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)fcntls[i]));
	return error;
}

/* A call that is allowed if its argument @index, masked by @mask, is @value. */
struct rule {
	int call;
	unsigned int index;
	scmp_datum_t mask, value;
};

static int allow_masked(scmp_filter_ctx filter)
{
	const struct rule rules[] = {
		/* no code but what is there now */
		{SCMP_SYS(mmap), 2, PROT_EXEC, 0},
		{SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
		/* threads, no processes */
		{SCMP_SYS(clone), 0, CLONE_VM | CLONE_THREAD, CLONE_VM | CLONE_THREAD},
		/* signals to this process only */
		{SCMP_SYS(tgkill), 0, UINT32_MAX, (scmp_datum_t)getpid()},
		/* its own limits only */
		{SCMP_SYS(prlimit64), 0, UINT32_MAX, 0},
		/* a thread's name */
		{SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_NAME},
		/* no datagrams to addresses */
		{SCMP_SYS(sendto), 4, UINT64_MAX, 0},
	};
	int error = 0;

	for (size_t i = 0; !error && i < COUNT(rules); i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, rules[i].call, 1,
					 SCMP_CMP(rules[i].index, SCMP_CMP_MASKED_EQ, rules[i].mask,
						  rules[i].value));
	return error;
}

/* The C library does without them; their arguments lie in memory, out of a filter's sight. */
static int refuse_blind(scmp_filter_ctx filter)
{
	int error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

	return error ? error
		     : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0);
}

/*
 * Opening and removing. A backend that wants more than it can have, such as a recording that begins anew with its
 * device, hears EACCES: that device stays shut off, and the guest lives.
 */
static int add_files(scmp_filter_ctx filter, bool writes)
{
	const scmp_datum_t makes = O_CREAT | O_TRUNC | TMPFILE;
	const struct {
		scmp_datum_t mask, value;
	} refused[] = {
		{O_CREAT, O_CREAT},    {O_TRUNC, O_TRUNC},  {TMPFILE, TMPFILE},
		{O_ACCMODE, O_WRONLY}, {O_ACCMODE, O_RDWR}, /* unless @writes */
	};
	int error;

	error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
				 SCMP_A2(SCMP_CMP_MASKED_EQ, makes | (writes ? 0 : O_ACCMODE), 0));
	for (size_t i = 0; !error && i < (writes ? 3 : COUNT(refused)); i++)
		error = seccomp_rule_add(
			filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, refused[i].mask, refused[i].value));
	if (!error)
		error = seccomp_rule_add(filter, writes ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EACCES),
					 SCMP_SYS(unlink), 0);
	return error;
}

static int configure(scmp_filter_ctx filter)
{
	int error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);

	if (!error)
		error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* a processor makes hardly any other call */
	if (!error)
		error = seccomp_syscall_priority(filter, SCMP_SYS(ioctl), 255);
	return error;
}

int vmm_filter_enter(bool writes)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int error;

	if (!filter)
		return -ENOMEM;
	error = configure(filter);
	for (size_t i = 0; !error && i < COUNT(calls); i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	if (!error)
		error = allow_requests(filter);
	if (!error)
		error = allow_masked(filter);
	if (!error)
		error = refuse_blind(filter);
	if (!error)
		error = add_files(filter, writes);
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error;
}
