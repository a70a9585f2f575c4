// SPDX-License-Identifier: MIT
/* What the method answers is judged by acpiexec in tests/acpi/judge; here is what it grants. */
#include "dsdt.h"
#include "fixture.h"

TestSuite(dsdt_osc, .fini = fixture_check_leaks);

/* The constant that the wanted control bits are masked with: And (CDW3, granted, Local0) */
static uint8_t granted(uint32_t control)
{
	static const uint8_t and_cdw3[] = {0x7b, 'C', 'D', 'W', '3', 0x0a};
	struct fixture_aml f;
	const uint8_t *at;
	uint8_t bits;

	acpi_dsdt_osc(fixture_aml_init(&f), control);
	cr_assert_eq(aml_finish(&f.aml), 0);
	at = memmem(f.out.bytes, f.out.length, and_cdw3, sizeof(and_cdw3));
	cr_assert(at);
	bits = at[sizeof(and_cdw3)];
	fixture_aml_fini(&f);
	return bits;
}

Test(dsdt_osc, pcie_capability_is_always_granted)
{
	cr_expect_eq(granted(0), 0x10);
}

Test(dsdt_osc, the_rest_is_granted_as_told)
{
	cr_expect_eq(granted(ACPI_PCI_NATIVE_HOTPLUG), 0x11);
	cr_expect_eq(granted(ACPI_PCI_PME), 0x14);
	cr_expect_eq(granted(ACPI_PCI_AER), 0x18);
	cr_expect_eq(granted(ACPI_PCI_NATIVE_HOTPLUG | ACPI_PCI_PME | ACPI_PCI_AER), 0x1d);
}

Test(dsdt_osc, is_a_serialized_method_of_four_arguments)
{
	struct fixture_aml f;

	acpi_dsdt_osc(fixture_aml_init(&f), 0);
	cr_assert_eq(aml_finish(&f.aml), 0);
	cr_expect_eq(f.out.bytes[0], 0x14);
	EXPECT_BYTES(f.out.bytes + 3, 5, '_', 'O', 'S', 'C', 0x0c);
	fixture_aml_fini(&f);
}
