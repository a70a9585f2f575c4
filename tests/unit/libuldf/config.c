// SPDX-License-Identifier: MIT
#include <string.h>
#include <linux/pci_regs.h>
#include "fake.h"

TestSuite(config, .fini = fixture_check_leaks);

/* A standard capability at @offset. */
static void put(unsigned int offset, uint8_t id, uint8_t next)
{
	fake.config[offset] = id;
	fake.config[offset + 1] = next;
}

static void put_first(uint8_t offset)
{
	fake.config[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	fake.config[PCI_CAPABILITY_LIST] = offset;
}

/* An extended capability at @offset. */
static void put_extended(unsigned int offset, uint16_t id, unsigned int next)
{
	uint32_t header = id | 1U << 16 | next << 20;

	memcpy(fake.config + offset, &header, sizeof(header));
}

static void expect_find(uint8_t id, int err, unsigned int offset)
{
	unsigned int found = 0xdead;
	struct fixture f;

	fixture_init(&f);
	cr_expect(eq(int, uldf_config_find(f.device, id, &found), err));
	cr_expect(eq(uint, found, err ? 0xdead : offset));
	fixture_fini(&f);
}

static void expect_find_extended(uint16_t id, int err, unsigned int offset)
{
	unsigned int found = 0xdead;
	struct fixture f;

	fixture_init(&f);
	cr_expect(eq(int, uldf_config_find_extended(f.device, id, &found), err));
	cr_expect(eq(uint, found, err ? 0xdead : offset));
	fixture_fini(&f);
}

Test(config, registers_are_read_with_their_width)
{
	uint32_t value = 77;
	struct fixture f;

	memcpy(fake.config, "\x86\x80\x10\x70", 4);
	fixture_init(&f);
	cr_expect(eq(int, uldf_config_read(f.device, 0, 4, &value), 0));
	cr_expect(eq(u32, value, 0x70108086));
	cr_expect(eq(int, uldf_config_read(f.device, 2, 2, &value), 0));
	cr_expect(eq(u32, value, 0x7010));
	cr_expect(eq(uint, fake.width, 2));
	cr_expect(eq(int, uldf_config_write(f.device, 4, 2, 2), 0));
	cr_expect(eq(u64, fake.value, 2));
	fixture_fini(&f);
}

Test(config, bad_accesses_are_refused)
{
	static const struct {
		unsigned int offset;
		unsigned int width;
		int err;
	} cases[] = {
		{0, 0, -EINVAL}, {0, 3, -EINVAL},    {0, 8, -EINVAL},	 {1, 2, -EINVAL},
		{2, 4, -EINVAL}, {4096, 1, -ERANGE}, {4096, 4, -ERANGE}, {0xfffffffc, 4, -ERANGE},
	};
	uint32_t value = 77;
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect(eq(int,
			     uldf_config_read(f.device, cases[i].offset, cases[i].width, &value),
			     cases[i].err),
			  "case %zu", i);
		cr_expect(eq(int, uldf_config_write(f.device, cases[i].offset, cases[i].width, 0),
			     cases[i].err),
			  "case %zu", i);
	}
	cr_expect(eq(u32, value, 77));
	cr_expect(eq(uint, fake.calls, 0));
	fixture_fini(&f);
}

Test(config, bus_mastering_of_a_device_without_a_space_is_enxio)
{
	static const struct {
		unsigned int offset;
		unsigned int width;
		uint64_t value;
		int err;
	} cases[] = {
		{4, 1, 0x04, -ENXIO}, {4, 2, 0x06, -ENXIO},
		{4, 4, 0x04, -ENXIO}, {0, 8, UINT64_C(4) << 32, -ENXIO},
		{4, 2, 0x02, 0},      {5, 1, 0x04, 0},
		{0, 4, 0x04, 0},      {0, 8, 0x04, 0},
		{6, 2, 0x04, 0},      {8, 4, 0x04, 0},
	};
	struct spacious s;

	spacious_init(&s);
	for (unsigned int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			fake.calls = 0;
			cr_expect(eq(int,
				     uldf_region_write(s.f.device, ULDF_CONFIG, cases[i].offset,
						       cases[i].width, cases[i].value),
				     cases[i].err),
				  "case %zu", i);
			cr_expect(eq(uint, fake.calls, !cases[i].err), "case %zu", i);
		}
		cr_expect(eq(int, uldf_config_write(s.f.device, 4, 2, 4), -ENXIO));
		fixture_expect_reason(s.f.ctx, "attached to no space: call uldf_device_attach()");
		cr_expect(eq(int, uldf_device_attach(s.f.device, s.space), 0));
		cr_expect(eq(int, uldf_config_write(s.f.device, 4, 2, 4), 0));
		cr_expect(eq(int, uldf_device_detach(s.f.device), 0));
	}
	spacious_fini(&s);
}

Test(config, bus_mastering_follows_what_detach_and_move_have_done)
{
	struct spacious s;

	spacious_init(&s);
	cr_expect(eq(int, uldf_device_move(s.f.device, s.space), 0));
	cr_expect(eq(int, uldf_config_write(s.f.device, 4, 2, 4), 0));
	fake.answer = -EBUSY;
	cr_expect(eq(int, uldf_device_move(s.f.device, s.space), -EBUSY));
	fake.answer = 0;
	cr_expect(eq(int, uldf_config_write(s.f.device, 4, 2, 4), 0));
	fake.answer = -EIO;
	cr_expect(eq(int, uldf_device_move(s.f.device, s.space), -EIO));
	fake.answer = 0;
	cr_expect(eq(int, uldf_config_write(s.f.device, 4, 2, 4), -ENXIO));
	cr_expect(eq(int, uldf_device_attach(s.f.device, s.space), 0));
	fake.answer = -EIO;
	cr_expect(eq(int, uldf_device_detach(s.f.device), -EIO));
	fake.answer = 0;
	cr_expect(eq(int, uldf_config_write(s.f.device, 4, 2, 4), -ENXIO));
	spacious_fini(&s);
}

Test(config, find_walks_the_list)
{
	put_first(0x40);
	put(0x40, PCI_CAP_ID_PM, 0xfc);
	put(0xfc, PCI_CAP_ID_MSI, 0x50);
	put(0x50, PCI_CAP_ID_MSIX, 0);
	expect_find(PCI_CAP_ID_PM, 0, 0x40);
	expect_find(PCI_CAP_ID_MSI, 0, 0xfc);
	expect_find(PCI_CAP_ID_MSIX, 0, 0x50);
	expect_find(PCI_CAP_ID_EXP, -ENOENT, 0);
}

Test(config, find_without_the_status_bit_is_enoent)
{
	put(0x40, PCI_CAP_ID_PM, 0);
	fake.config[PCI_CAPABILITY_LIST] = 0x40;
	expect_find(PCI_CAP_ID_PM, -ENOENT, 0);
}

Test(config, find_of_an_empty_list_is_enoent)
{
	put_first(0);
	expect_find(0, -ENOENT, 0);
}

Test(config, find_masks_the_reserved_bits_of_pointers)
{
	put_first(0x43);
	put(0x40, PCI_CAP_ID_PM, 0x52);
	put(0x50, PCI_CAP_ID_MSI, 0);
	expect_find(PCI_CAP_ID_PM, 0, 0x40);
	expect_find(PCI_CAP_ID_MSI, 0, 0x50);
}

Test(config, find_ends_at_a_loop)
{
	put_first(0x40);
	put(0x40, PCI_CAP_ID_PM, 0x50);
	put(0x50, PCI_CAP_ID_MSI, 0x40);
	expect_find(PCI_CAP_ID_MSI, 0, 0x50);
	expect_find(PCI_CAP_ID_MSIX, -ENOENT, 0);
}

Test(config, find_ends_at_a_capability_that_follows_itself)
{
	put_first(0x40);
	put(0x40, PCI_CAP_ID_PM, 0x40);
	expect_find(PCI_CAP_ID_MSI, -ENOENT, 0);
}

Test(config, find_ends_at_a_pointer_below_0x40)
{
	put_first(0x40);
	put(0x40, PCI_CAP_ID_PM, 0x3c);
	put(0x3c, PCI_CAP_ID_MSI, 0);
	expect_find(PCI_CAP_ID_MSI, -ENOENT, 0);
	put_first(0x10);
	expect_find(PCI_CAP_ID_PM, -ENOENT, 0);
}

Test(config, find_in_a_full_list_reaches_the_last)
{
	put_first(0x40);
	for (unsigned int offset = 0x40; offset < 0xfc; offset += 4)
		put(offset, PCI_CAP_ID_VNDR, (uint8_t)(offset + 4));
	put(0xfc, PCI_CAP_ID_MSI, 0);
	expect_find(PCI_CAP_ID_MSI, 0, 0xfc);
}

Test(config, find_of_ones_all_over_is_enoent)
{
	memset(fake.config, 0xff, sizeof(fake.config));
	expect_find(PCI_CAP_ID_MSI, -ENOENT, 0);
	expect_find_extended(PCI_EXT_CAP_ID_ERR, -ENOENT, 0);
}

Test(config, find_on_a_gone_device_is_enodev)
{
	unsigned int found = 0xdead;
	struct fixture f;

	fixture_init(&f);
	fake.answer = -ENODEV;
	cr_expect(eq(int, uldf_config_find(f.device, PCI_CAP_ID_MSI, &found), -ENODEV));
	cr_expect(
		eq(int, uldf_config_find_extended(f.device, PCI_EXT_CAP_ID_ERR, &found), -ENODEV));
	cr_expect(eq(uint, found, 0xdead));
	fixture_fini(&f);
}

Test(config, find_extended_walks_the_list)
{
	put_extended(0x100, PCI_EXT_CAP_ID_ERR, 0xffc);
	put_extended(0xffc, PCI_EXT_CAP_ID_SRIOV, 0x200);
	put_extended(0x200, PCI_EXT_CAP_ID_ACS, 0);
	expect_find_extended(PCI_EXT_CAP_ID_ERR, 0, 0x100);
	expect_find_extended(PCI_EXT_CAP_ID_SRIOV, 0, 0xffc);
	expect_find_extended(PCI_EXT_CAP_ID_ACS, 0, 0x200);
	expect_find_extended(PCI_EXT_CAP_ID_ATS, -ENOENT, 0);
}

Test(config, find_extended_ends_at_a_loop_and_below_0x100)
{
	put_extended(0x100, PCI_EXT_CAP_ID_ERR, 0x140);
	put_extended(0x140, PCI_EXT_CAP_ID_ACS, 0x100);
	expect_find_extended(PCI_EXT_CAP_ID_ATS, -ENOENT, 0);
	put_extended(0x140, PCI_EXT_CAP_ID_ACS, 0x40);
	put_extended(0x40, PCI_EXT_CAP_ID_ATS, 0);
	expect_find_extended(PCI_EXT_CAP_ID_ATS, -ENOENT, 0);
}

Test(config, find_extended_of_none_is_enoent)
{
	expect_find_extended(0, -ENOENT, 0);
	expect_find_extended(PCI_EXT_CAP_ID_ERR, -ENOENT, 0);
}

Test(config, find_extended_in_256_bytes_is_enoent)
{
	unsigned int found = 0xdead;
	struct fixture f;

	put_extended(0x100, PCI_EXT_CAP_ID_ERR, 0);
	fixture_init(&f);
	f.device->regions[ULDF_CONFIG].size = 256;
	cr_expect(
		eq(int, uldf_config_find_extended(f.device, PCI_EXT_CAP_ID_ERR, &found), -ENOENT));
	cr_expect(eq(uint, fake.calls, 0));
	fixture_fini(&f);
}
