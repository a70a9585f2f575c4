// SPDX-License-Identifier: MIT
/* Bytes are written out here, so that the codec is not judged by the headers it is made with. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include "little_endian.h"
#include "viommu_codec.h"

enum {
	ATTACH = 1,
	DETACH,
	MAP,
	UNMAP,
	PROBE
};

static uint8_t bytes[80];

static size_t request_begin(uint8_t type, uint32_t first, uint32_t second)
{
	memset(bytes, 0, sizeof(bytes));
	bytes[0] = type;
	vpci_le_store(bytes + 4, 4, first);
	vpci_le_store(bytes + 8, 4, second);
	return type == PROBE ? 72 : 20;
}

static size_t request_map(uint8_t type, uint32_t domain, uint64_t first, uint64_t last,
			  uint64_t target, uint32_t flags)
{
	request_begin(type, domain, 0);
	vpci_le_store(bytes + 8, 8, first);
	vpci_le_store(bytes + 16, 8, last);
	vpci_le_store(bytes + 24, 8, target);
	vpci_le_store(bytes + 32, 4, flags);
	return type == MAP ? 36 : 28;
}

Test(viommu_codec, each_request_is_read)
{
	struct vpci_viommu_request request;

	request_begin(ATTACH, 0x01020304, 0x05060708);
	vpci_le_store(bytes + 12, 4, 0x11223344);
	cr_assert_eq(vpci_viommu_decode(bytes, 20, &request), 0);
	cr_expect_eq(request.type, ATTACH);
	cr_expect_eq(request.domain, 0x01020304);
	cr_expect_eq(request.endpoint, 0x05060708);
	cr_expect_eq(request.flags, 0x11223344);

	request_begin(DETACH, 3, 4);
	memset(bytes + 12, 0xff, 8);
	cr_assert_eq(vpci_viommu_decode(bytes, 20, &request), 0, "what is reserved is ignored");
	cr_expect_eq(request.domain, 3);
	cr_expect_eq(request.endpoint, 4);
	cr_expect_eq(request.flags, 0);

	request_map(MAP, 9, 0x1000, 0x2fff, 0xfedcba9876543000, 3);
	cr_assert_eq(vpci_viommu_decode(bytes, 36, &request), 0);
	cr_expect_eq(request.domain, 9);
	cr_expect_eq(request.first, 0x1000);
	cr_expect_eq(request.last, 0x2fff);
	cr_expect_eq(request.target, 0xfedcba9876543000);
	cr_expect_eq(request.flags, 3);

	request_map(UNMAP, 10, 0x5000, UINT64_MAX, 0, 0);
	cr_assert_eq(vpci_viommu_decode(bytes, 28, &request), 0);
	cr_expect_eq(request.domain, 10);
	cr_expect_eq(request.first, 0x5000);
	cr_expect_eq(request.last, UINT64_MAX);

	request_begin(PROBE, 0x18, 0);
	cr_assert_eq(vpci_viommu_decode(bytes, 72, &request), 0);
	cr_expect_eq(request.endpoint, 0x18);
	cr_expect_eq(request.domain, 0);
}

Test(viommu_codec, a_request_that_is_too_short_is_refused_and_one_too_long_is_not)
{
	static const size_t sizes[] = {
		[ATTACH] = 20, [DETACH] = 20, [MAP] = 36, [UNMAP] = 28, [PROBE] = 72};
	struct vpci_viommu_request request;

	for (uint8_t type = ATTACH; type <= PROBE; type++) {
		request_begin(type, 1, 1);
		for (size_t size = 4; size < sizes[type]; size++) {
			cr_expect_eq(vpci_viommu_decode(bytes, size, &request), -EINVAL,
				     "type %u, %zu bytes", type, size);
			cr_expect_eq(request.type, type);
		}
		cr_expect_eq(vpci_viommu_decode(bytes, sizes[type], &request), 0);
		cr_expect_eq(vpci_viommu_decode(bytes, sizeof(bytes), &request), 0);
	}
}

Test(viommu_codec, unknown_types_and_heads_that_are_cut_are_not_known)
{
	struct vpci_viommu_request request;

	for (unsigned int type = 0; type < 256; type++) {
		if (type >= ATTACH && type <= PROBE)
			continue;
		request_begin((uint8_t)type, 1, 1);
		cr_expect_eq(vpci_viommu_decode(bytes, sizeof(bytes), &request), -ENOTSUP);
	}
	request_begin(MAP, 1, 1);
	for (size_t size = 0; size < 4; size++)
		cr_expect_eq(vpci_viommu_decode(bytes, size, &request), -ENOTSUP);
}

Test(viommu_codec, what_the_head_reserves_is_ignored_and_what_attach_does_is_not)
{
	struct vpci_viommu_request request;

	request_begin(MAP, 1, 0);
	memset(bytes + 1, 0xff, 3);
	cr_expect_eq(vpci_viommu_decode(bytes, 36, &request), 0);
	request_begin(ATTACH, 1, 1);
	bytes[19] = 1;
	cr_expect_eq(vpci_viommu_decode(bytes, 20, &request), -EINVAL);
}

Test(viommu_codec, the_tail_of_a_probe_follows_its_properties)
{
	cr_expect_eq(vpci_viommu_tail_offset(MAP), 0);
	cr_expect_eq(vpci_viommu_tail_offset(PROBE), VPCI_VIOMMU_PROBE_SIZE);
}

Test(viommu_codec, errors_have_a_status)
{
	static const struct {
		int err;
		uint8_t status;
	} rows[] = {
		{0, 0},	      {-ENOTSUP, 2}, {-EIO, 3},	   {-ENODEV, 3}, {-EINVAL, 4}, {-EEXIST, 4},
		{-ERANGE, 5}, {-ENOENT, 6},  {-EFAULT, 7}, {-ENOMEM, 8}, {-ENOSPC, 8}, {1, 3},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(vpci_viommu_status(rows[i].err), rows[i].status, "%d", rows[i].err);
}

Test(viommu_codec, reserved_ranges_become_properties)
{
	static const struct vpci_viommu_reserved list[] = {
		{0xfee00000, 0xfeefffff, true},
		{0x1000, 0x1fff, false},
	};
	static const uint8_t first[] = {1, 0, 20, 0, 1,	   0,	 0,    0,    0, 0, 0xe0, 0xfe,
					0, 0, 0,  0, 0xff, 0xff, 0xef, 0xfe, 0, 0, 0,	 0};
	uint8_t properties[VPCI_VIOMMU_PROBE_SIZE], none[VPCI_VIOMMU_PROBE_SIZE] = {0};

	memset(properties, 0xee, sizeof(properties));
	vpci_viommu_encode_properties(list, 2, properties);
	cr_expect_eq(memcmp(properties, first, sizeof(first)), 0);
	cr_expect_eq(properties[24], 1);
	cr_expect_eq(properties[28], 0, "subtype");
	cr_expect_eq(vpci_le_load(properties + 32, 8), 0x1000);
	cr_expect_eq(vpci_le_load(properties + 40, 8), 0x1fff);
	cr_expect_eq(memcmp(properties + 48, none, sizeof(none) - 48), 0);
	memset(properties, 0xee, sizeof(properties));
	vpci_viommu_encode_properties(NULL, 0, properties);
	cr_expect_eq(memcmp(properties, none, sizeof(none)), 0);
}

Test(viommu_codec, a_fault_says_who_did_what_where)
{
	const struct vpci_viommu_fault fault = {
		.endpoint = 0x18, .address = 0x123456789000, .access = VPCI_VIOMMU_WRITE};
	uint8_t event[VPCI_VIOMMU_FAULT_SIZE];

	vpci_viommu_encode_fault(&fault, true, event);
	cr_expect_eq(vpci_le_load(event, 4), 2, "not mapped");
	cr_expect_eq(vpci_le_load(event + 4, 4), 0x102, "a write, and its address is known");
	cr_expect_eq(vpci_le_load(event + 8, 4), 0x18);
	cr_expect_eq(vpci_le_load(event + 12, 4), 0);
	cr_expect_eq(vpci_le_load(event + 16, 8), 0x123456789000);
	vpci_viommu_encode_fault(&fault, false, event);
	cr_expect_eq(event[0], 1, "in no domain");
}

Test(viommu_codec, the_configuration_is_written)
{
	const struct vpci_viommu_config config = {
		.page_sizes = 0xfffffffffffff000,
		.input_first = 0x1000,
		.input_last = 0xffffffffffff,
		.last_domain = 255,
		.bypass = true,
	};

	vpci_viommu_encode_config(&config, bytes);
	cr_expect_eq(vpci_le_load(bytes, 8), 0xfffffffffffff000);
	cr_expect_eq(vpci_le_load(bytes + 8, 8), 0x1000);
	cr_expect_eq(vpci_le_load(bytes + 16, 8), 0xffffffffffff);
	cr_expect_eq(vpci_le_load(bytes + 24, 4), 0);
	cr_expect_eq(vpci_le_load(bytes + 28, 4), 255);
	cr_expect_eq(vpci_le_load(bytes + 32, 4), VPCI_VIOMMU_PROBE_SIZE);
	cr_expect_eq(vpci_le_load(bytes + 36, 4), 1);
}
