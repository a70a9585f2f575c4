// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include "host.h"
#include "msix.h"

static const uint64_t sizes[6] = {0x4000, 0, 0x1000, 0, 0, 0x10000};
static struct vpci_msix msix;

/* Four entries at 0x1000 of BAR 0, pending bits at 0x2000. */
static void msix_start(void)
{
	cr_assert_eq(vpci_msix_parse(3, 0x1000, 0x2000, sizes, &msix), 0);
	cr_assert_eq(vpci_msix_init(&msix), 0);
}

static void msix_end(void)
{
	vpci_msix_fini(&msix);
	host_check_leaks();
}

TestSuite(msix, .init = msix_start, .fini = msix_end);

Test(msix, a_capability_is_parsed)
{
	struct vpci_msix out;

	cr_expect_eq(vpci_msix_parse(0xc000 | 64, 0x2005, 0x8005, sizes, &out), 0);
	cr_expect_eq(out.count, 65);
	cr_expect(out.table.bar == 5 && out.table.offset == 0x2000 && out.table.size == 65 * 16);
	cr_expect(out.pba.bar == 5 && out.pba.offset == 0x8000 && out.pba.size == 16);
}

Test(msix, a_table_out_of_its_bar_is_einval)
{
	static const struct {
		uint16_t flags;
		uint32_t table, pba;
	} cases[] = {
		{3, 0x3fd0, 0x0000},	 {3, 0x4000, 0x0000},	  {3, 0xfffffff8, 0},
		{3, 0x1000, 0x4000},	 {3, 0x1000, 0xfffffff8}, {3, 0x1001, 0x2000},
		{3, 0x1006, 0x2000},	 {3, 0x1007, 0x2000},	  {3, 0x1000, 0x2003},
		{0x7ff, 0x1002, 0x2000}, {3, 0x1000, 0x1000},	  {3, 0x1000, 0x1038},
	};
	struct vpci_msix out = {.count = 99};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(
			vpci_msix_parse(cases[i].flags, cases[i].table, cases[i].pba, sizes, &out),
			-EINVAL, "case %zu", i);
	cr_expect_eq(out.count, 99);
}

Test(msix, entries_begin_masked)
{
	struct vpci_msi msi;

	for (unsigned int i = 0; i < 4; i++) {
		cr_expect_eq(vpci_msix_read(&msix, 0x100c + 16 * i, 4), 1);
		cr_expect_not(vpci_msix_message(&msix, PCI_MSIX_FLAGS_ENABLE, i, &msi));
	}
}

Test(msix, the_table_takes_all_widths)
{
	cr_expect_eq(vpci_msix_write(&msix, 0x1020, 8, 0x11223344fee02004), 2);
	cr_expect_eq(vpci_msix_read(&msix, 0x1020, 4), 0xfee02004);
	cr_expect_eq(vpci_msix_read(&msix, 0x1024, 4), 0x11223344);
	cr_expect_eq(vpci_msix_write(&msix, 0x1028, 4, 0x4051), 2);
	cr_expect_eq(vpci_msix_write(&msix, 0x1029, 1, 0x77), 2);
	cr_expect_eq(vpci_msix_write(&msix, 0x102a, 2, 0x8899), 2);
	cr_expect_eq(vpci_msix_read(&msix, 0x1028, 8), 0x0000000188997751);
	cr_expect_eq(vpci_msix_write(&msix, 0x1038, 8, 5), 3);
	cr_expect_eq(vpci_msix_read(&msix, 0x103c, 4), 0);
}

Test(msix, reserved_bits_stay_zero)
{
	vpci_msix_write(&msix, 0x1000, 4, UINT32_MAX);
	vpci_msix_write(&msix, 0x100c, 4, UINT32_MAX);
	cr_expect_eq(vpci_msix_read(&msix, 0x1000, 4), 0xfffffffc);
	cr_expect_eq(vpci_msix_read(&msix, 0x100c, 4), 1);
	cr_expect_eq(vpci_msix_read(&msix, 0x1004, 8), 0);
}

Test(msix, only_an_open_vector_sends)
{
	struct vpci_msi msi = {0};

	vpci_msix_write(&msix, 0x1010, 8, 0xfee03000);
	vpci_msix_write(&msix, 0x1018, 4, 0x55);
	vpci_msix_write(&msix, 0x101c, 4, 0);
	cr_expect_not(vpci_msix_message(&msix, 0, 1, &msi));
	cr_expect_not(
		vpci_msix_message(&msix, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL, 1, &msi));
	cr_expect_not(vpci_msix_message(&msix, PCI_MSIX_FLAGS_ENABLE, 0, &msi));
	cr_expect(vpci_msix_message(&msix, PCI_MSIX_FLAGS_ENABLE, 1, &msi));
	cr_expect_eq(msi.address, 0xfee03000);
	cr_expect_eq(msi.data, 0x55);
}

Test(msix, hits_are_exact)
{
	cr_expect(vpci_msix_hit(&msix.table, 0, 0x1000));
	cr_expect(vpci_msix_hit(&msix.table, 0, 0x103f));
	cr_expect_not(vpci_msix_hit(&msix.table, 0, 0x1040));
	cr_expect_not(vpci_msix_hit(&msix.table, 0, 0xff8));
	cr_expect_not(vpci_msix_hit(&msix.table, 2, 0x1000));
	cr_expect(vpci_msix_hit(&msix.pba, 0, 0x2007));
	cr_expect_not(vpci_msix_hit(&msix.pba, 0, 0x2008));
}

Test(msix, reset_masks_and_clears)
{
	vpci_msix_write(&msix, 0x1010, 8, 0xfee03000);
	vpci_msix_write(&msix, 0x101c, 4, 0);
	vpci_msix_reset(&msix);
	cr_expect_eq(vpci_msix_read(&msix, 0x1010, 8), 0);
	cr_expect_eq(vpci_msix_read(&msix, 0x101c, 4), 1);
}
