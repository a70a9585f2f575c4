// SPDX-License-Identifier: MIT
#include "cpuid.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ALL ~0u

/*
 * Bits that are taken away, by leaf and subleaf. Names and places as in Intel's SDM vol. 2A, CPUID, and
 * AMD's APM vol. 3, appendix E.
 */
struct bits {
	uint32_t function;
	uint32_t index;
	uint32_t eax, ebx, ecx, edx;
};

#define BIT(n) (1u << (n))

/* A guest of ours hosts no guests. */
static const struct bits nested[] = {
	{.function = 1, .ecx = BIT(5) /* VMX */},
	{.function = 0x80000001, .ecx = BIT(2) /* SVM */},
	{.function = 0x8000000a,
	 .eax = ALL,
	 .ebx = ALL,
	 .ecx = ALL,
	 .edx = ALL /* SVM's details */},
};

static const struct bits needs_xsave[] = {
	{.function = 1,
	 .ecx = BIT(12) /* FMA */ | BIT(26) /* XSAVE */ | BIT(27) /* OSXSAVE */ |
		BIT(28) /* AVX */ | BIT(29) /* F16C */},
	{.function = 7,
	 .ebx = BIT(5) /* AVX2 */ | BIT(14) /* MPX */ | BIT(16) /* AVX512F */ | BIT(17) /* DQ */ |
		BIT(21) /* IFMA */ | BIT(26) /* PF */ | BIT(27) /* ER */ | BIT(28) /* CD */ |
		BIT(30) /* BW */ | BIT(31) /* VL */,
	 .ecx = BIT(1) /* AVX512_VBMI */ | BIT(3) /* PKU */ | BIT(4) /* OSPKE */ |
		BIT(6) /* VBMI2 */ | BIT(7) /* CET_SS */ | BIT(9) /* VAES */ |
		BIT(10) /* VPCLMULQDQ */ | BIT(11) /* VNNI */ | BIT(12) /* BITALG */ |
		BIT(14) /* VPOPCNTDQ */ | BIT(31) /* PKS */,
	 .edx = BIT(2) /* 4VNNIW */ | BIT(3) /* 4FMAPS */ | BIT(8) /* VP2INTERSECT */ |
		BIT(20) /* CET_IBT */ | BIT(22) /* AMX-BF16 */ | BIT(23) /* FP16 */ |
		BIT(24) /* AMX-TILE */ | BIT(25) /* AMX-INT8 */},
	{.function = 7,
	 .index = 1,
	 .eax = BIT(0) /* SHA512 */ | BIT(1) /* SM3 */ | BIT(2) /* SM4 */ | BIT(4) /* AVX-VNNI */ |
		BIT(5) /* AVX512_BF16 */ | BIT(21) /* AMX-FP16 */ | BIT(23) /* AVX-IFMA */,
	 .edx = BIT(4) /* AVX-VNNI-INT8 */ | BIT(5) /* NE-CONVERT */ | BIT(8) /* AMX-COMPLEX */ |
		BIT(10) /* VNNI-INT16 */ | BIT(19) /* AVX10 */ | BIT(21) /* APX */},
	{.function = 0x80000001, .ecx = BIT(11) /* XOP */ | BIT(15) /* LWP */ | BIT(16) /* FMA4 */},
};

/* Leaves that describe what @needs_xsave took away: XSAVE areas, AMX tiles and TMUL, AVX10. */
static const uint32_t xsave_leaves[] = {0xd, 0x1d, 0x1e, 0x24};

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

static bool is_left_out(uint32_t function, enum vmm_cpu_model model)
{
	/* 0xb is made anew; 0x1f is its extended form, which we have no use for. */
	if (function == 0xb || function == 0x1f)
		return true;
	if (model == VMM_CPU_HOST)
		return false;
	for (size_t i = 0; i < sizeof(xsave_leaves) / sizeof(xsave_leaves[0]); i++)
		if (function == xsave_leaves[i])
			return true;
	return false;
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
		if (is_left_out(entry.function, config->model))
			continue;
		take_away(&entry, nested, sizeof(nested) / sizeof(nested[0]));
		if (config->model == VMM_CPU_BASIC)
			take_away(&entry, needs_xsave,
				  sizeof(needs_xsave) / sizeof(needs_xsave[0]));
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
