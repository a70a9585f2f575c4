// SPDX-License-Identifier: MIT
#include "platform.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>

static const struct vpci_host_ops no_host;
static struct vpci_layout bus_layout;
static struct vpci_bus *bus;

static void make(unsigned int physical_bits)
{
	struct vmm_layout layout;

	cr_assert(zero(int, vmm_layout_init(64 * VMM_1MIB, physical_bits, 0, &layout)));
	vmm_platform_bus_layout(&layout, &bus_layout);
	cr_assert(zero(int, vpci_bus_create(&bus_layout, &no_host, NULL, &bus)));
}

static const struct vmm_platform *machine(unsigned int cpus)
{
	static struct vmm_platform platform;

	platform = (struct vmm_platform){
		.layout = &bus_layout, .bus = bus, .cpus = cpus, .viommu = VMM_PLATFORM_NO_VIOMMU};
	return &platform;
}

static void teardown(void)
{
	vpci_bus_destroy(bus);
}

TestSuite(platform, .fini = teardown);

Test(platform, the_tables_of_any_number_of_processors_fit)
{
	const unsigned int counts[] = {1, 2, 255};

	make(40);
	for (size_t i = 0; i < 3; i++) {
		struct vmm_reason reason = {.text = ""};
		struct acpi_tables tables;

		cr_assert(zero(int, vmm_platform_build(machine(counts[i]), &tables, &reason)), "%s",
			  reason.text);
		cr_assert(eq(u64, tables.rsdp_address, VMM_RSDP));
		cr_assert(le(u64, tables.address + tables.length, VMM_1MIB));
		acpi_tables_free(&tables);
	}
}

Test(platform, a_guest_with_narrow_addresses_has_tables_too)
{
	struct vmm_reason reason = {.text = ""};
	struct acpi_tables tables;

	make(32);
	cr_assert(zero(u64, bus_layout.mem64.size));
	cr_assert(zero(int, vmm_platform_build(machine(1), &tables, &reason)), "%s", reason.text);
	acpi_tables_free(&tables);
}

Test(platform, too_many_processors_are_refused_with_a_reason)
{
	struct vmm_reason reason = {.text = ""};
	struct acpi_tables tables;

	make(40);
	cr_assert(lt(int, vmm_platform_build(machine(0), &tables, &reason), 0));
	cr_assert(ne(ptr, strstr(reason.text, "ACPI tables: "), NULL));
}

Test(platform, the_tables_are_written_where_the_rsdp_says)
{
	const struct vmm_layout layout = {.ram = {{.size = 2 * VMM_1MIB}}, .n_ram = 1};
	struct vmm_reason reason = {.text = ""};
	struct vmm_memory memory;
	uint64_t xsdt;

	make(40);
	cr_assert(zero(int, vmm_memory_create(&layout, 0, &memory, &reason)));
	cr_assert(zero(int, vmm_platform_load(machine(2), &memory, NULL, &reason)));
	cr_assert(zero(int, memcmp(memory.base + VMM_RSDP, "RSD PTR ", 8)));
	memcpy(&xsdt, memory.base + VMM_RSDP + 24, 8);
	cr_assert(ge(u64, xsdt, VMM_ACPI_TABLES));
	cr_assert(lt(u64, xsdt, VMM_1MIB));
	cr_assert(zero(int, memcmp(memory.base + xsdt, "XSDT", 4)));
	vmm_memory_destroy(&memory);
}

Test(platform, a_guest_without_that_memory_is_refused)
{
	const struct vmm_layout layout = {.ram = {{.size = VMM_PAGE}}, .n_ram = 1};
	struct vmm_reason reason = {.text = ""};
	struct vmm_memory memory;

	make(40);
	cr_assert(zero(int, vmm_memory_create(&layout, 0, &memory, &reason)));
	cr_assert(eq(int, vmm_platform_load(machine(2), &memory, NULL, &reason), -EFAULT));
	vmm_memory_destroy(&memory);
}

/* Reads the ranges of functions behind the virtio-iommu in a slot; returns how many. */
static size_t read_ranges(unsigned int slot, uint16_t (*ranges)[2])
{
	struct vmm_platform platform = *machine(1);
	struct vmm_reason reason = {.text = ""};
	struct acpi_tables tables;
	const uint8_t *viot;
	size_t count = 0;

	platform.viommu = (int)slot << 3;
	cr_assert(zero(int, vmm_platform_build(&platform, &tables, &reason)), "%s", reason.text);
	viot = memmem(tables.bytes, tables.length, "VIOT", 4);
	cr_assert(ne(ptr, (void *)viot, NULL));
	/* The header, the node of the device, and nodes of 24 bytes (ACPI 6.5 section 5.2.33). */
	for (; count < 2 && 64 + (count + 1) * 24 <= viot[4]; count++)
		memcpy(ranges[count], viot + 64 + count * 24 + 12, 4);
	acpi_tables_free(&tables);
	return count;
}

Test(platform, all_slots_but_the_host_bridges_are_behind_the_viommu)
{
	static const struct {
		unsigned int slot;
		size_t count;
		uint16_t ranges[2][2];
	} rows[] = {
		{1, 1, {{0x10, 0xff}}},
		{5, 2, {{0x08, 0x27}, {0x30, 0xff}}},
		{31, 1, {{0x08, 0xf7}}},
	};

	make(40);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint16_t ranges[2][2];

		cr_assert(eq(sz, read_ranges(rows[i].slot, ranges), rows[i].count));
		for (size_t j = 0; j < rows[i].count; j++) {
			cr_expect(eq(u16, ranges[j][0], rows[i].ranges[j][0]));
			cr_expect(eq(u16, ranges[j][1], rows[i].ranges[j][1]));
		}
	}
}

Test(platform, a_machine_without_a_viommu_has_no_viot)
{
	struct vmm_reason reason = {.text = ""};
	struct acpi_tables tables;

	make(40);
	cr_assert(zero(int, vmm_platform_build(machine(1), &tables, &reason)));
	cr_expect(eq(ptr, memmem(tables.bytes, tables.length, "VIOT", 4), NULL));
	acpi_tables_free(&tables);
}
