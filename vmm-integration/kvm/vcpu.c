// SPDX-License-Identifier: MIT
#include "vcpu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "entry.h"
#include "layout.h"

/* Local APIC registers (Intel SDM vol. 3 §10.4.1) and delivery modes (§10.5.1). */
#define LVT_LINT0   0x350
#define LVT_LINT1   0x360
#define LVT_NMI	    (4u << 8)
#define LVT_EXT_INT (7u << 8)

/* Model-specific registers (Intel SDM vol. 4). */
#define MSR_MISC_ENABLE	  0x1a0
#define MSR_MTRR_BASE0	  0x200
#define MSR_MTRR_MASK0	  0x201
#define MSR_MTRR_DEF_TYPE 0x2ff
#define MISC_FAST_STRINGS (1ULL << 0)
#define MTRR_ENABLE	  (1ULL << 11)
#define MTRR_UNCACHEABLE  0
#define MTRR_WRITE_BACK	  6

static struct kvm_cpuid2 *create_table(void)
{
	return calloc(1,
		      sizeof(struct kvm_cpuid2) + VMM_CPUID_MAX * sizeof(struct kvm_cpuid_entry2));
}

int vmm_vcpu_supported(const struct vmm_vm *vm, struct kvm_cpuid2 **out, struct vmm_reason *reason)
{
	struct kvm_cpuid2 *table = create_table();
	int error;

	if (!table)
		return vmm_fail(reason, -ENOMEM, "out of memory");
	table->nent = VMM_CPUID_MAX;
	if (ioctl(vm->kvm, KVM_GET_SUPPORTED_CPUID, table)) {
		error = -errno;
		free(table);
		return vmm_fail(reason, error, "KVM does not tell its CPUID: %s", strerror(-error));
	}
	*out = table;
	return 0;
}

static int set_cpuid(struct vmm_vcpu *vcpu, const struct vmm_vm *vm,
		     const struct kvm_cpuid2 *supported, struct vmm_cpuid_config *config)
{
	struct kvm_cpuid2 *table = create_table();
	int error;

	if (!table)
		return -ENOMEM;
	config->apic_id = vcpu->index;
	config->tsc_deadline = ioctl(vm->kvm, KVM_CHECK_EXTENSION, KVM_CAP_TSC_DEADLINE_TIMER) > 0;
	error = vmm_cpuid_build(supported, config, table);
	if (!error && ioctl(vcpu->fd, KVM_SET_CPUID2, table))
		error = -errno;
	free(table);
	return error;
}

/*
 * As firmware leaves them. Without MTRRs Linux does without PAT as well, and so without
 * write-combining: RAM is write-back by default, and all from 2 to 4 GiB is uncacheable.
 */
static int set_msrs(struct vmm_vcpu *vcpu, unsigned int physical_bits)
{
	uint64_t mask = ((1ULL << physical_bits) - 1) & ~(VMM_LOW_RAM_MAX - 1);
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[4];
	} msrs = {
		.head.nmsrs = 4,
		.entries =
			{
				{.index = MSR_MISC_ENABLE, .data = MISC_FAST_STRINGS},
				{.index = MSR_MTRR_BASE0,
				 .data = VMM_LOW_RAM_MAX | MTRR_UNCACHEABLE},
				{.index = MSR_MTRR_MASK0, .data = mask | MTRR_ENABLE},
				{.index = MSR_MTRR_DEF_TYPE, .data = MTRR_ENABLE | MTRR_WRITE_BACK},
			},
	};
	int set = ioctl(vcpu->fd, KVM_SET_MSRS, &msrs);

	if (set < 0)
		return -errno;
	return set == (int)msrs.head.nmsrs ? 0 : -EINVAL;
}

/* The PICs reach the boot processor through its LINT0; LINT1 of each is the NMI. */
static int set_lapic(struct vmm_vcpu *vcpu)
{
	const uint32_t ext_int = LVT_EXT_INT, nmi = LVT_NMI;
	struct kvm_lapic_state lapic;

	if (ioctl(vcpu->fd, KVM_GET_LAPIC, &lapic))
		return -errno;
	if (vcpu->index == 0)
		memcpy(lapic.regs + LVT_LINT0, &ext_int, sizeof(ext_int));
	memcpy(lapic.regs + LVT_LINT1, &nmi, sizeof(nmi));
	return ioctl(vcpu->fd, KVM_SET_LAPIC, &lapic) ? -errno : 0;
}

int vmm_vcpu_create(struct vmm_vcpu *vcpu, const struct vmm_vm *vm, unsigned int index,
		    const struct kvm_cpuid2 *supported, struct vmm_cpuid_config config,
		    struct vmm_reason *reason)
{
	int error;

	*vcpu = (struct vmm_vcpu){
		.fd = -1, .stats = -1, .index = index, .run_size = vm->run_size, .gone = -1};
	vcpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, index);
	if (vcpu->fd < 0) {
		error = -errno;
		goto err_destroy;
	}
	vcpu->run = mmap(NULL, vcpu->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED) {
		error = -errno;
		vcpu->run = NULL;
		goto err_destroy;
	}
	vcpu->stats = ioctl(vcpu->fd, KVM_GET_STATS_FD, NULL);
	error = set_cpuid(vcpu, vm, supported, &config);
	if (!error)
		error = set_msrs(vcpu, vmm_cpuid_physical_bits(supported));
	if (!error)
		error = set_lapic(vcpu);
	if (error)
		goto err_destroy;
	return 0;

err_destroy:
	vmm_vcpu_destroy(vcpu);
	return vmm_fail(reason, error, "KVM refuses processor %u: %s", index, strerror(-error));
}

void vmm_vcpu_destroy(struct vmm_vcpu *vcpu)
{
	if (vcpu->run)
		munmap(vcpu->run, vcpu->run_size);
	vcpu->run = NULL;
	if (vcpu->stats >= 0)
		close(vcpu->stats);
	if (vcpu->fd >= 0)
		close(vcpu->fd);
	vcpu->fd = vcpu->stats = -1;
}

int vmm_vcpu_enter(struct vmm_vcpu *vcpu, uint64_t entry, struct vmm_reason *reason)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs;
	int error;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs))
		goto err_errno;
	vmm_entry_sregs(&sregs);
	vmm_entry_regs(entry, &regs);
	if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) || ioctl(vcpu->fd, KVM_SET_REGS, &regs))
		goto err_errno;
	return 0;

err_errno:
	error = -errno;
	return vmm_fail(reason, error, "KVM refuses the boot state: %s", strerror(-error));
}

/* Where the guest was, for the message of a failure. */
static unsigned long long instruction(const struct vmm_vcpu *vcpu)
{
	struct kvm_regs regs;

	return ioctl(vcpu->fd, KVM_GET_REGS, &regs) ? 0 : regs.rip;
}

static void serve_exit(struct vmm_vcpu *vcpu)
{
	switch (vcpu->run->exit_reason) {
	case KVM_EXIT_IO:
		vmm_io_port(vcpu->io, vcpu->run);
		break;
	case KVM_EXIT_MMIO:
		vmm_io_memory(vcpu->io, vcpu->run);
		break;
	case KVM_EXIT_INTR:
		break;
	case KVM_EXIT_SHUTDOWN:
		vmm_stop_request(vcpu->stop, VMM_CRASHED);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		vmm_stop_failed(
			vcpu->stop,
			"processor %u: the hardware refuses to enter the guest (reason 0x%llx)",
			vcpu->index, vcpu->run->fail_entry.hardware_entry_failure_reason + 0ULL);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		vmm_stop_failed(vcpu->stop,
				"processor %u: KVM cannot go on at 0x%llx (internal error %u)",
				vcpu->index, instruction(vcpu), vcpu->run->internal.suberror);
		break;
	default:
		vmm_stop_failed(vcpu->stop, "processor %u: KVM exit %u is not understood",
				vcpu->index, vcpu->run->exit_reason);
		break;
	}
}

/*
 * The guest used memory that is gone. If a device was unplugged, or taken back, the bus hides its
 * windows, and the access, done again, comes to the bus. Another vCPU may have been first to find
 * that out: so it is done once more in any case. Return: whether to enter the guest again.
 */
static bool get_up(struct vmm_vcpu *vcpu)
{
	int gone = vpci_bus_check(vcpu->io->bus);
	bool again = gone != vcpu->gone;

	vcpu->gone = gone;
	return again;
}

/* Return: whether to go on. */
static bool serve_error(struct vmm_vcpu *vcpu, int error)
{
	if (error == EINTR || error == EAGAIN || (error == EFAULT && get_up(vcpu)))
		return true;
	if (error == EFAULT)
		vmm_stop_failed(vcpu->stop,
				"processor %u: the guest, at 0x%llx, uses memory that is gone: "
				"is the host out of memory?",
				vcpu->index, instruction(vcpu));
	else
		vmm_stop_failed(vcpu->stop, "processor %u: KVM_RUN: %s", vcpu->index,
				strerror(error));
	return false;
}

/* A guest that has powered itself off, or crashed, gets no further than that. */
static void *run(void *arg)
{
	struct vmm_vcpu *vcpu = arg;

	while (!atomic_load(&vcpu->leave) && !vmm_stop_requested(vcpu->stop)) {
		if (ioctl(vcpu->fd, KVM_RUN, 0)) {
			if (!serve_error(vcpu, errno))
				break;
		} else {
			vcpu->gone = -1;
			serve_exit(vcpu);
		}
	}
	return NULL;
}

int vmm_vcpu_start(struct vmm_vcpu *vcpu, struct vmm_io *io, struct vmm_stop *stop,
		   struct vmm_reason *reason)
{
	char name[16];
	int error;

	snprintf(name, sizeof(name), "vcpu%u", vcpu->index);
	vcpu->io = io;
	vcpu->stop = stop;
	atomic_store(&vcpu->leave, false);
	error = vmm_thread_start(&vcpu->thread, name, run, vcpu);
	if (error)
		return vmm_fail(reason, error, "no thread for processor %u: %s", vcpu->index,
				strerror(-error));
	return 0;
}

void vmm_vcpus_halt(struct vmm_vcpu *vcpus, unsigned int count)
{
	bool running;

	for (unsigned int i = 0; i < count; i++) {
		atomic_store(&vcpus[i].leave, true);
		/*
		 * A kick between the check of @leave and KVM_RUN would be lost: such a KVM_RUN
		 * returns at once.
		 */
		vcpus[i].run->immediate_exit = 1;
	}
	do {
		running = false;
		for (unsigned int i = 0; i < count; i++)
			vmm_thread_kick(&vcpus[i].thread);
		for (unsigned int i = 0; i < count; i++)
			running |= !vmm_thread_join(&vcpus[i].thread, VMM_THREAD_PATIENCE);
	} while (running);
}
