/* SPDX-License-Identifier: MIT */
/* What the suites share: a good platform to spoil, comparison of bytes, the leak check. */
#ifndef UNIT_ACPI_FIXTURE_H
#define UNIT_ACPI_FIXTURE_H

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <criterion/criterion.h>

#include <acpi/platform.h>

#include "aml.h"
#include "buffer.h"
#include "table.h"

/* A platform that is accepted; tests change what they are about, through the arrays. */
struct fixture {
	struct acpi_platform platform;
	struct acpi_cpu cpus[ACPI_MAX_CPUS + 1];
	struct acpi_override overrides[ACPI_MAX_OVERRIDES + 1];
	struct acpi_pci_segment segments[ACPI_MAX_SEGMENTS + 1];
	struct acpi_window io[ACPI_MAX_WINDOWS + 1];
	struct acpi_window mmio32[ACPI_MAX_WINDOWS + 1];
	struct acpi_window mmio64[ACPI_MAX_WINDOWS + 1];
	struct acpi_pci_route routes[ACPI_MAX_ROUTES + 1];
	struct acpi_serial serial[ACPI_MAX_SERIAL + 1];
};

/* 2 CPUs, 1 segment with one window of each kind and 2 routes, 2 overrides, 1 serial port, clock */
void fixture_init(struct fixture *f);

/* Builds and frees; the error, and the reason or NULL. */
int fixture_build(const struct fixture *f, const char **reason);

/* The text that acpi_tables_build() refuses the platform with; fails the test on another error. */
void fixture_expect_refusal(const struct fixture *f, int error, const char *reason);

/* Aborts if memory was lost, under LeakSanitizer: Criterion's workers never report by themselves. */
void fixture_check_leaks(void);

void fixture_expect_bytes(const void *bytes, size_t length, const void *expected, size_t n,
			  const char *file, int line);

/* Compares @length bytes at @bytes with the list. */
#define EXPECT_BYTES(bytes, length, ...)                                                    \
	do {                                                                                \
		const uint8_t expected_[] = {__VA_ARGS__};                                  \
		fixture_expect_bytes(bytes, length, expected_, sizeof(expected_), __FILE__, \
				     __LINE__);                                             \
	} while (0)

/* AML in a buffer of its own */
struct fixture_aml {
	struct acpi_buffer out;
	struct aml aml;
};

struct aml *fixture_aml_init(struct fixture_aml *f);
void fixture_aml_fini(struct fixture_aml *f);

#define EXPECT_AML(f, ...)                                                  \
	do {                                                                \
		cr_expect_eq(aml_finish(&(f)->aml), 0);                     \
		EXPECT_BYTES((f)->out.bytes, (f)->out.length, __VA_ARGS__); \
	} while (0)

/* An empty blob at an address; fini with acpi_buffer_fini(&blob->bytes). */
void fixture_blob_init(struct acpi_blob *blob);

/* The last table: checks signature, revision, length and checksum of its header; returns its bytes. */
const uint8_t *fixture_expect_table(const struct acpi_blob *blob, const char *signature,
				    uint8_t revision, size_t length);

#define FIXTURE_BLOB_ADDRESS 0x7fff0000u

static inline uint64_t fixture_le(const uint8_t *bytes, size_t n)
{
	uint64_t value = 0;

	while (n--)
		value = value << 8 | bytes[n];
	return value;
}

#endif
