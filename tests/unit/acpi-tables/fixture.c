// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "fixture.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>

/* A test asks for more memory than there is, and must get NULL as from the C library. */
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}
#endif

void fixture_init(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->cpus[0].apic_id = 0;
	f->cpus[1].apic_id = 2;
	f->overrides[0] = (struct acpi_override){0, 2, ACPI_POLARITY_BUS, ACPI_TRIGGER_BUS};
	f->overrides[1] = (struct acpi_override){9, 9, ACPI_POLARITY_HIGH, ACPI_TRIGGER_LEVEL};
	f->io[0] = (struct acpi_window){0, 0x10000};
	f->mmio32[0] = (struct acpi_window){0xc0000000, 0x3ec00000};
	f->mmio64[0] = (struct acpi_window){UINT64_C(0x800000000), UINT64_C(0x400000000)};
	f->routes[0] = (struct acpi_pci_route){1, 0, 16};
	f->routes[1] = (struct acpi_pci_route){31, 3, 23};
	f->serial[0] = (struct acpi_serial){0x3f8, 4};
	f->segments[0] = (struct acpi_pci_segment){
		.bus_last = 255,
		.ecam_base = 0xb0000000,
		.io = f->io,
		.n_io = 1,
		.mmio32 = f->mmio32,
		.n_mmio32 = 1,
		.mmio64 = f->mmio64,
		.n_mmio64 = 1,
		.routes = f->routes,
		.n_routes = 2,
	};
	f->platform = (struct acpi_platform){
		.cpus = f->cpus,
		.n_cpus = 2,
		.lapic_base = 0xfee00000,
		.ioapic = {.id = 3, .base = 0xfec00000, .gsi_base = 0},
		.overrides = f->overrides,
		.n_overrides = 2,
		.segments = f->segments,
		.n_segments = 1,
		.pm = {.event_port = 0x600,
		       .control_port = 0x604,
		       .timer_port = 0x608,
		       .s5_type = 5,
		       .sci_irq = 9,
		       .reset_port = 0xcf9,
		       .reset_value = 6},
		.serial = f->serial,
		.n_serial = 1,
		.rtc = true,
		.rtc_century = 0x32,
		.rsdp_address = 0xe0000,
		.tables_base = 0x7fff0000,
		.tables_size = 0x10000,
	};
}

int fixture_build(const struct fixture *f, const char **reason)
{
	struct acpi_tables tables;
	int err;

	*reason = NULL;
	err = acpi_tables_build(&f->platform, reason, &tables);
	if (!err)
		acpi_tables_free(&tables);
	return err;
}

void fixture_expect_refusal(const struct fixture *f, int error, const char *reason)
{
	const char *given;
	int err = fixture_build(f, &given);

	cr_expect_eq(err, error, "error %d, not %d (%s)", err, error, reason);
	cr_expect(given && !strcmp(given, reason), "refused with \"%s\", not \"%s\"",
		  given ? given : "nothing", reason);
}

void fixture_check_leaks(void)
{
#ifdef __SANITIZE_ADDRESS__
	if (__lsan_do_recoverable_leak_check())
		abort();
#endif
}

void fixture_expect_bytes(const void *bytes, size_t length, const void *expected, size_t n,
			  const char *file, int line)
{
	const uint8_t *got = bytes, *want = expected;

	cr_assert_eq(length, n, "%s:%d: %zu bytes, not %zu", file, line, length, n);
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(got[i], want[i], "%s:%d: byte %zu is %02x, not %02x", file, line, i,
			     got[i], want[i]);
}

struct aml *fixture_aml_init(struct fixture_aml *f)
{
	acpi_buffer_init(&f->out, SIZE_MAX);
	aml_init(&f->aml, &f->out);
	return &f->aml;
}

void fixture_aml_fini(struct fixture_aml *f)
{
	acpi_buffer_fini(&f->out);
}

void fixture_blob_init(struct acpi_blob *blob)
{
	*blob = (struct acpi_blob){.address = FIXTURE_BLOB_ADDRESS};
	acpi_buffer_init(&blob->bytes, 0x10000);
}

const uint8_t *fixture_expect_table(const struct acpi_blob *blob, const char *signature,
				    uint8_t revision, size_t length)
{
	const struct acpi_table *t;
	const uint8_t *bytes;
	uint8_t sum = 0;

	cr_assert_eq(blob->bytes.error, 0);
	cr_assert(blob->n_tables);
	t = &blob->index[blob->n_tables - 1];
	bytes = blob->bytes.bytes + t->offset;
	cr_assert_str_eq(t->signature, signature);
	cr_assert_eq(t->length, length, "%u bytes, not %zu", t->length, length);
	cr_assert_eq(t->offset + t->length, blob->bytes.length);
	cr_assert_eq(memcmp(bytes, signature, 4), 0);
	cr_assert_eq(fixture_le(bytes + 4, 4), length);
	cr_assert_eq(bytes[8], revision);
	cr_assert_eq(memcmp(bytes + 10, "ULDF  ULDFVM  \1\0\0\0ULDF\1\0\0\0", 26), 0);
	for (size_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	cr_assert_eq(sum, 0, "the bytes add up to %u", sum);
	return bytes;
}
