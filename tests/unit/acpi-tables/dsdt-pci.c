// SPDX-License-Identifier: MIT
#include "dsdt.h"
#include "fixture.h"

TestSuite(dsdt_pci, .fini = fixture_check_leaks);

static bool contains(const struct acpi_buffer *b, const void *bytes, size_t n)
{
	return b->length && memmem(b->bytes, b->length, bytes, n);
}

static void write_bridge(struct fixture_aml *a, struct fixture *f, size_t index)
{
	struct aml *aml = fixture_aml_init(a);

	acpi_dsdt_host_bridge(aml, &f->platform, index);
	aml_end(aml);
	cr_assert_eq(aml_finish(aml), 0);
}

Test(dsdt_pci, bridge_says_what_it_is_and_where)
{
	static const uint8_t start[] = {'P',  'C',  'I',  '0', 8,   '_',  'H', 'I', 'D',  0x0c,
					0x41, 0xd0, 0x0a, 8,   8,   '_',  'C', 'I', 'D',  0x0c,
					0x41, 0xd0, 0x0a, 3,   8,   '_',  'U', 'I', 'D',  0,
					8,    '_',  'S',  'T', 'A', 0x0a, 0xf, 8,   '_',  'S',
					'E',  'G',  0,	  8,   '_', 'B',  'B', 'N', 0x0a, 16};
	struct fixture_aml a;
	struct fixture f;

	fixture_init(&f);
	f.segments[0].bus_first = 16;
	write_bridge(&a, &f, 0);
	EXPECT_BYTES(a.out.bytes, 2, 0x5b, 0x82);
	cr_expect(contains(&a.out, start, sizeof(start)));
	fixture_aml_fini(&a);
}

Test(dsdt_pci, configuration_ports_are_cut_out_of_windows)
{
	static const struct {
		struct acpi_window window;
		struct acpi_window left[2]; /* size 0: none */
	} cases[] = {
		{{0, 0x10000}, {{0, 0xcf8}, {0xd00, 0xf300}}},
		{{0, 0xcf8}, {{0, 0xcf8}}},
		{{0, 0xcf9}, {{0, 0xcf8}}},
		{{0xcf8, 8}, {{0}}},
		{{0xcfa, 2}, {{0}}},
		{{0xcff, 2}, {{0xd00, 1}}},
		{{0xd00, 0x100}, {{0xd00, 0x100}}},
		{{0x1000, 0xf000}, {{0x1000, 0xf000}}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t expected[3 + 16 + 8 + 2 * 16 + 2];
		size_t n = 0;
		struct fixture_aml a;
		struct fixture f;

		fixture_init(&f);
		f.io[0] = cases[i].window;
		f.segments[0].n_mmio32 = 0;
		f.segments[0].n_mmio64 = 0;
		write_bridge(&a, &f, 0);
		memcpy(expected, "\x47\x01\xf8\x0c\xf8\x0c\x01\x08", 8);
		n = 8;
		for (size_t j = 0; j < 2 && cases[i].left[j].size; j++) {
			uint64_t first = cases[i].left[j].base;
			uint64_t last = first + cases[i].left[j].size - 1;
			uint64_t numbers[5] = {0, first, last, 0, cases[i].left[j].size};

			memcpy(expected + n, "\x88\x0d\x00\x01\x0c\x03", 6);
			n += 6;
			for (size_t k = 0; k < 5; k++) {
				expected[n++] = (uint8_t)numbers[k];
				expected[n++] = (uint8_t)(numbers[k] >> 8);
			}
		}
		expected[n++] = 0x79;
		expected[n++] = 0;
		cr_expect(contains(&a.out, expected, n), "case %zu", i);
		fixture_aml_fini(&a);
	}
}

Test(dsdt_pci, only_the_first_bridge_has_configuration_ports)
{
	struct fixture_aml a;
	struct fixture f;

	fixture_init(&f);
	f.segments[1] = f.segments[0];
	f.segments[1].segment = 1;
	f.platform.n_segments = 2;
	write_bridge(&a, &f, 1);
	cr_expect_not(contains(&a.out, "\x47\x01\xf8\x0c", 4));
	cr_expect(contains(&a.out, "PCI1", 4));
	cr_expect(contains(&a.out, "\x08_SEG\x01", 6));
	fixture_aml_fini(&a);
}

Test(dsdt_pci, routes_have_gsis_and_no_link_device)
{
	static const uint8_t prt[] = {
		8,    '_',  'P',  'R',	'T',  0x12, 27,	  2,	0x12, 11,   4,
		0x0c, 0xff, 0xff, 1,	0,    0,    0,	  0x0a, 16,   0x12, 12,
		4,    0x0c, 0xff, 0xff, 0x1f, 0,    0x0a, 3,	0,    0x0a, 23,
	};
	struct fixture_aml a;
	struct fixture f;

	fixture_init(&f);
	write_bridge(&a, &f, 0);
	cr_expect(contains(&a.out, prt, sizeof(prt)));
	fixture_aml_fini(&a);
}

Test(dsdt_pci, a_bridge_without_windows_and_routes_is_good)
{
	static const uint8_t prt[] = {8, '_', 'P', 'R', 'T', 0x12, 2, 0};
	struct fixture_aml a;
	struct fixture f;

	fixture_init(&f);
	f.segments[0] = (struct acpi_pci_segment){.ecam_base = 0xb0000000};
	write_bridge(&a, &f, 0);
	cr_expect(contains(&a.out, prt, sizeof(prt)));
	fixture_aml_fini(&a);
}
