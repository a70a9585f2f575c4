/* SPDX-License-Identifier: MIT */
/* A virtual processor and the thread that runs it. */
#ifndef VMM_VCPU_H
#define VMM_VCPU_H

#include <linux/kvm.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "cpuid.h"
#include "io.h"
#include "reason.h"
#include "stop.h"
#include "thread.h"
#include "vm.h"

/**
 * struct vmm_vcpu - a virtual processor
 * @fd: KVM's descriptor, or -1
 * @stats: KVM's statistics of it, or -1 on kernels before 5.14; its own descriptor answers none while it runs
 * @run: the area shared with KVM
 * @run_size: its bytes
 * @index: number and local APIC id
 * @io: who answers its accesses
 * @stop: told when the guest ends
 * @thread: the thread
 * @leave: the thread is to end
 * @gone: how many devices were, when the last entry into the guest ended at memory that is gone, or -1; the
 *        thread's own
 */
struct vmm_vcpu {
	int fd;
	int stats;
	struct kvm_run *run;
	size_t run_size;
	unsigned int index;
	struct vmm_io *io;
	struct vmm_stop *stop;
	struct vmm_thread thread;
	atomic_bool leave;
	int gone;
};

/**
 * vmm_vcpu_supported() - what processors KVM can make
 * @vm: machine
 * @out: KVM's table, to be freed with free(); untouched on failure
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_vcpu_supported(const struct vmm_vm *vm, struct kvm_cpuid2 **out, struct vmm_reason *reason);

/**
 * vmm_vcpu_create() - make a processor, waiting for its start-up interrupt
 * @vcpu: uninitialised memory
 * @vm: machine; must outlive the processor
 * @index: its number and local APIC id
 * @supported: what KVM can make
 * @config: which processor; its @apic_id and @tsc_deadline are filled here
 * @reason: set on failure
 *
 * Return: 0 or a negative errno; nothing to destroy then.
 */
int vmm_vcpu_create(struct vmm_vcpu *vcpu, const struct vmm_vm *vm, unsigned int index,
		    const struct kvm_cpuid2 *supported, struct vmm_cpuid_config config,
		    struct vmm_reason *reason);

/**
 * vmm_vcpu_destroy() - destroy a processor that does not run
 * @vcpu: processor, or one with @fd -1
 */
void vmm_vcpu_destroy(struct vmm_vcpu *vcpu);

/**
 * vmm_vcpu_enter() - let the boot processor begin in a 64-bit kernel
 * @vcpu: processor that does not run
 * @entry: guest-physical address
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_vcpu_enter(struct vmm_vcpu *vcpu, uint64_t entry, struct vmm_reason *reason);

/**
 * vmm_vcpu_start() - run the processor in a thread of its own
 * @vcpu: processor
 * @io: who answers its accesses
 * @stop: told when the guest ends
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_vcpu_start(struct vmm_vcpu *vcpu, struct vmm_io *io, struct vmm_stop *stop,
		   struct vmm_reason *reason);

/**
 * vmm_vcpus_halt() - end the threads of all processors
 * @vcpus: processors, started or not; they run no guest code any more on return
 * @count: how many
 *
 * All are told before any is waited for, because one may wait for what another holds.
 */
void vmm_vcpus_halt(struct vmm_vcpu *vcpus, unsigned int count);

#endif
