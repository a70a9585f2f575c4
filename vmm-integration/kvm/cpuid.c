// SPDX-License-Identifier: MIT
#include "cpuid.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ALL	   ~0u
#define WHOLE	   .eax = ALL, .ebx = ALL, .ecx = ALL, .edx = ALL
#define EACH	   ~0u /* every subleaf */
#define LAST_BASIC 0xb
#define LAST_KVM   0x40000001
#define LAST_AMD   0x8000001e

/* Bits by leaf and subleaf. Names and places as in Intel's SDM vol. 2A, CPUID, and AMD's APM vol. 3, appendix E. */
struct bits {
	uint32_t function;
	uint32_t index;
	uint32_t eax, ebx, ecx, edx;
};

#define BIT(n)	       (1u << (n))
#define BITS(from, to) (BIT(to) - BIT(from) + BIT(to)) /* both included */

/* A guest of ours hosts no guests. */
static const struct bits nested[] = {
	{.function = 1, .ecx = BIT(5) /* VMX */},
	{.function = 0x80000001, .ecx = BIT(2) /* SVM */},
	{.function = 0x8000000a, WHOLE /* SVM's details */},
};

/*
 * The basic model: what of the host a guest sees, and nothing else. x86-64-v2, and what needs no state beyond
 * SSE's: instructions on integers, AES, protection of the kernel, and what the mitigations of known
 * faults of processors need. The same for processors of both vendors; a bit that means nothing for one is zero there.
 */
static const struct bits basic[] = {
	{.function = 0, WHOLE}, /* last leaf, vendor */
	{.function = 1,
	 .eax = ALL,	     /* family, model, stepping */
	 .ebx = BITS(8, 15), /* bytes of CLFLUSH; the rest is set */
	 .ecx = BIT(0) /* SSE3 */ | BIT(1) /* PCLMULQDQ */ | BIT(9) /* SSSE3 */ |
		BIT(13) /* CX16 */ | BIT(17) /* PCID */ | BIT(19) /* SSE4.1 */ |
		BIT(20) /* SSE4.2 */ | BIT(21) /* x2APIC */ | BIT(22) /* MOVBE */ |
		BIT(23) /* POPCNT */ | BIT(24) /* TSC deadline */ | BIT(25) /* AES */ |
		BIT(30) /* RDRAND */,
	 .edx = BITS(0, 9) /* FPU, VME, DE, PSE, TSC, MSR, PAE, MCE, CX8, APIC */ |
		BITS(11, 17) /* SEP, MTRR, PGE, MCA, CMOV, PAT, PSE36 */ | BIT(19) /* CLFSH */ |
		BITS(23, 26) /* MMX, FXSR, SSE, SSE2 */},
	{.function = 2, WHOLE},		       /* caches */
	{.function = 4, .index = EACH, WHOLE}, /* caches */
	{.function = 6, .eax = BIT(2) /* ARAT */},
	{.function = 7,
	 .ebx = BIT(0) /* FSGSBASE */ | BIT(3) /* BMI1 */ | BIT(7) /* SMEP */ | BIT(8) /* BMI2 */ |
		BIT(9) /* ERMS */ | BIT(10) /* INVPCID */ | BIT(18) /* RDSEED */ |
		BIT(19) /* ADX */ | BIT(20) /* SMAP */ | BIT(23) /* CLFLUSHOPT */,
	 .ecx = BIT(2) /* UMIP */ | BIT(22) /* RDPID */,
	 .edx = BIT(4) /* FSRM */ | BIT(10) /* MD_CLEAR */ | BIT(26) /* SPEC_CTRL */ |
		BIT(27) /* STIBP */ | BIT(28) /* FLUSH_L1D */ | BIT(29) /* ARCH_CAPABILITIES */ |
		BIT(31) /* SSBD */},
	{.function = 0x40000000, WHOLE}, /* "KVMKVMKVM" */
	{.function = 0x40000001,
	 .eax = BIT(0) /* CLOCKSOURCE */ | BIT(1) /* NOP_IO_DELAY */ | BIT(3) /* CLOCKSOURCE2 */ |
		BIT(4) /* ASYNC_PF */ | BIT(5) /* STEAL_TIME */ | BIT(6) /* PV_EOI */ |
		BIT(7) /* PV_UNHALT */ | BIT(9) /* PV_TLB_FLUSH */ | BIT(10) /* ASYNC_PF_VMEXIT */ |
		BIT(11) /* PV_SEND_IPI */ | BIT(12) /* POLL_CONTROL */ |
		BIT(13) /* PV_SCHED_YIELD */ | BIT(14) /* ASYNC_PF_INT */ |
		BIT(24) /* CLOCKSOURCE_STABLE */},
	{.function = 0x80000000, WHOLE}, /* last leaf, vendor */
	{.function = 0x80000001,
	 .ecx = BIT(0) /* LAHF */ | BIT(4) /* CR8 in 32-bit mode */ | BIT(5) /* LZCNT */ |
		BIT(8) /* PREFETCHW */ | BIT(22) /* leaves 0x8000001d and 0x8000001e */,
	 .edx = BITS(0, 9) | BITS(12, 17) | BITS(23, 24) /* AMD's repetition of leaf 1 */ |
		BIT(11) /* SYSCALL */ | BIT(20) /* NX */ | BIT(26) /* pages of 1 GiB */ |
		BIT(27) /* RDTSCP */ | BIT(29) /* LM */},
	{.function = 0x80000002, WHOLE}, /* name */
	{.function = 0x80000003, WHOLE},
	{.function = 0x80000004, WHOLE},
	{.function = 0x80000005, WHOLE}, /* caches */
	{.function = 0x80000006, WHOLE}, /* caches */
	{.function = 0x80000007, .edx = BIT(8) /* the TSC's rate is constant */},
	{.function = 0x80000008,
	 .eax = BITS(0, 23), /* bits of addresses */
	 .ebx = BIT(12) /* IBPB */ | BIT(14) /* IBRS */ | BIT(15) /* STIBP */ | BIT(24) /* SSBD */ |
		BIT(25) /* VIRT_SSBD */ | BIT(26) /* SSB_NO */},
	{.function = 0x8000001d, .index = EACH, WHOLE},		      /* caches */
	{.function = 0x8000001e, .eax = ALL, .ebx = ALL, .ecx = ALL}, /* topology, which is set */
};

static void take_away(struct kvm_cpuid_entry2 *entry, const struct bits *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (entry->function != list[i].function || entry->index != list[i].index)
			continue;
		entry->eax &= ~list[i].eax;
		entry->ebx &= ~list[i].ebx;
		entry->ecx &= ~list[i].ecx;
		entry->edx &= ~list[i].edx;
	}
}

static void limit(uint32_t *last, uint32_t most)
{
	if (*last > most)
		*last = most;
}

/* Where a leaf that stays tells of those that do not. */
static void cut_basic(struct kvm_cpuid_entry2 *entry)
{
	switch (entry->function) {
	case 0:
		limit(&entry->eax, LAST_BASIC);
		break;
	case 0x40000000:
		limit(&entry->eax, LAST_KVM);
		break;
	case 0x80000000:
		limit(&entry->eax, LAST_AMD);
		break;
	case 0x80000008: /* linear addresses without LA57 */
		if ((entry->eax >> 8 & 0xff) > 48)
			entry->eax = (entry->eax & ~0xff00u) | 48 << 8;
		break;
	default:
		break;
	}
}

/* Return: whether anything of the leaf is left. */
static bool keep_basic(struct kvm_cpuid_entry2 *entry)
{
	for (size_t i = 0; i < sizeof(basic) / sizeof(basic[0]); i++) {
		if (entry->function != basic[i].function ||
		    (basic[i].index != EACH && entry->index != basic[i].index))
			continue;
		entry->eax &= basic[i].eax;
		entry->ebx &= basic[i].ebx;
		entry->ecx &= basic[i].ecx;
		entry->edx &= basic[i].edx;
		cut_basic(entry);
		return true;
	}
	return false;
}

/* Return: whether the leaf is left, cut to the model. 0xb is made anew; we have no use for 0x1f, its extended form. */
static bool cut_to_model(struct kvm_cpuid_entry2 *entry, enum vmm_cpu_model model)
{
	if (entry->function == 0xb || entry->function == 0x1f)
		return false;
	if (model == VMM_CPU_BASIC)
		return keep_basic(entry);
	take_away(entry, nested, sizeof(nested) / sizeof(nested[0]));
	return true;
}

/* How many bits number @cpus processors. */
static unsigned int id_bits(unsigned int cpus)
{
	unsigned int bits = 0;

	while (1u << bits < cpus)
		bits++;
	return bits;
}

/* Cache parameters (leaves 4 and 0x8000001d): who shares it, and, in Intel's, the package's cores. */
static void set_cache(struct kvm_cpuid_entry2 *entry, const struct vmm_cpuid_config *config)
{
	uint32_t ids = BIT(id_bits(config->cpus)) - 1;
	uint32_t level = entry->eax >> 5 & 7;

	if (!(entry->eax & 0x1f))
		return; /* no more caches */
	entry->eax &= ~(0xfffu << 14);
	if (level >= 3)
		entry->eax |= ids << 14;
	if (entry->function == 4) {
		entry->eax &= ~(0x3fu << 26);
		entry->eax |= (ids < 0x3f ? ids : 0x3f) << 26;
	}
}

static void set_features(struct kvm_cpuid_entry2 *entry, const struct vmm_cpuid_config *config)
{
	entry->ebx &= 0x0000ffff;
	entry->ebx |= config->apic_id << 24 | config->cpus << 16;
	entry->ecx |= BIT(31); /* a hypervisor is there */
	if (config->tsc_deadline)
		entry->ecx |= BIT(24);
	entry->edx &= ~BIT(28);
	if (config->cpus > 1)
		entry->edx |= BIT(28); /* HTT: the count of processors above is valid */
}

static void set_topology(struct kvm_cpuid_entry2 *entry, const struct vmm_cpuid_config *config)
{
	switch (entry->function) {
	case 1:
		set_features(entry, config);
		break;
	case 4:
	case 0x8000001d:
		set_cache(entry, config);
		break;
	default:
		break;
	}
}

/* AMD's APM vol. 3, appendix E.5: the processors that HTT counts are cores. */
static void set_amd_topology(struct kvm_cpuid_entry2 *entry, const struct vmm_cpuid_config *config)
{
	switch (entry->function) {
	case 0x80000001: /* CmpLegacy */
		entry->ecx &= ~BIT(1);
		if (config->cpus > 1)
			entry->ecx |= BIT(1);
		break;
	case 0x80000008: /* bits of an APIC id that number cores, and cores - 1 */
		entry->ecx &= ~0xf0ffu;
		entry->ecx |= id_bits(config->cpus) << 12 | (config->cpus - 1);
		break;
	case 0x8000001e: /* APIC id, core id with one thread, node 0 of one */
		entry->eax = config->apic_id;
		entry->ebx = config->apic_id;
		entry->ecx = 0;
		break;
	default:
		break;
	}
}

static bool is_amd(const struct kvm_cpuid2 *supported)
{
	for (uint32_t i = 0; i < supported->nent; i++) {
		const struct kvm_cpuid_entry2 *entry = &supported->entries[i];

		if (entry->function == 0) /* AuthenticAMD, HygonGenuine */
			return entry->ecx == 0x444d4163 || entry->ecx == 0x656e6975;
	}
	return false;
}

static int append(struct kvm_cpuid2 *table, const struct kvm_cpuid_entry2 *entry)
{
	if (table->nent == VMM_CPUID_MAX)
		return -E2BIG;
	table->entries[table->nent++] = *entry;
	return 0;
}

/* Leaf 0xb: one thread in a core, all cores in a package, and the end of the list. */
static int append_levels(struct kvm_cpuid2 *table, const struct vmm_cpuid_config *config)
{
	const struct {
		uint32_t shift, count, type;
	} levels[] = {{0, 1, 1}, {id_bits(config->cpus), config->cpus, 2}, {0, 0, 0}};

	for (uint32_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		struct kvm_cpuid_entry2 entry = {
			.function = 0xb,
			.index = i,
			.flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
			.eax = levels[i].shift,
			.ebx = levels[i].count,
			.ecx = levels[i].type << 8 | i,
			.edx = config->apic_id,
		};

		if (append(table, &entry))
			return -E2BIG;
	}
	return 0;
}

int vmm_cpuid_build(const struct kvm_cpuid2 *supported, const struct vmm_cpuid_config *config,
		    struct kvm_cpuid2 *out)
{
	struct {
		struct kvm_cpuid2 table;
		struct kvm_cpuid_entry2 room[VMM_CPUID_MAX];
	} made = {.table.nent = 0};
	bool amd = is_amd(supported);
	uint32_t last_leaf = 0;

	for (uint32_t i = 0; i < supported->nent; i++) {
		struct kvm_cpuid_entry2 entry = supported->entries[i];

		if (entry.function == 0)
			last_leaf = entry.eax;
		if (!cut_to_model(&entry, config->model))
			continue;
		set_topology(&entry, config);
		if (amd)
			set_amd_topology(&entry, config);
		if (append(&made.table, &entry))
			return -E2BIG;
	}
	if (last_leaf >= 0xb && append_levels(&made.table, config))
		return -E2BIG;
	memcpy(out, &made, sizeof(struct kvm_cpuid2) + made.table.nent * sizeof(made.room[0]));
	return 0;
}

unsigned int vmm_cpuid_physical_bits(const struct kvm_cpuid2 *supported)
{
	for (uint32_t i = 0; i < supported->nent; i++)
		if (supported->entries[i].function == 0x80000008)
			return supported->entries[i].eax & 0xff;
	return 36;
}
