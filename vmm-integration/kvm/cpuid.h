/* SPDX-License-Identifier: MIT */
/* What a guest's processors say of themselves: KVM's offer, cut to a model, with our topology. */
#ifndef VMM_CPUID_H
#define VMM_CPUID_H

#include <linux/kvm.h>
#include <stdbool.h>

#define VMM_CPUID_MAX 256 /* entries KVM takes */

/**
 * enum vmm_cpu_model - which features a guest's processors have
 * @VMM_CPU_HOST: all that KVM can give
 * @VMM_CPU_BASIC: those of a fixed list that KVM can give: x86-64-v2 and what needs no state of XSAVE's, which a
 *	hypervisor below ours may not keep
 */
enum vmm_cpu_model {
	VMM_CPU_HOST,
	VMM_CPU_BASIC,
};

/**
 * struct vmm_cpuid_config - what is different from KVM's offer
 * @model: which features
 * @cpus: how many processors, 1..255
 * @apic_id: this one's local APIC id
 * @tsc_deadline: KVM's local APIC has the TSC deadline mode, which its offer does not tell
 */
struct vmm_cpuid_config {
	enum vmm_cpu_model model;
	unsigned int cpus;
	unsigned int apic_id;
	bool tsc_deadline;
};

/**
 * vmm_cpuid_build() - the CPUID table of one processor
 * @supported: what KVM_GET_SUPPORTED_CPUID answered
 * @config: what is different
 * @out: the table, with room for VMM_CPUID_MAX entries; untouched on failure
 *
 * The processors are the cores of one package, a thread each. KVM's own leaves stay (kvmclock), and
 * nested virtualisation goes.
 *
 * Return: 0, -E2BIG more entries than KVM takes.
 */
int vmm_cpuid_build(const struct kvm_cpuid2 *supported, const struct vmm_cpuid_config *config,
		    struct kvm_cpuid2 *out);

/**
 * vmm_cpuid_physical_bits() - how wide the guest's physical addresses are
 * @supported: what KVM_GET_SUPPORTED_CPUID answered
 *
 * Return: the number of bits, 36 where it is not told.
 */
unsigned int vmm_cpuid_physical_bits(const struct kvm_cpuid2 *supported);

#endif
