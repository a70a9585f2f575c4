// SPDX-License-Identifier: MIT
#include "fake.h"
#include "kmod/abi.h"

TestSuite(batch, .fini = fixture_check_leaks);

Test(batch, pieces_to_map_carry_the_memory_and_what_the_device_may_do)
{
	struct uldf_memory memory = {.handle = 7};
	const struct uldf_mapping list[] = {
		{&memory, 0x2000, 0x100000000, 0x3000, ULDF_DMA_READ},
		{&memory, 0, UINT64_MAX - 0xfff, 0x1000, ULDF_DMA_WRITE},
		{&memory, 0x1000, 0, UINT64_MAX, ULDF_DMA_BOTH},
	};
	struct uldf_ioc_mapping out[3];

	kmod_batch_fill(list, 3, out);
	cr_expect(eq(u64, out[0].address, 0x100000000));
	cr_expect(eq(u64, out[0].size, 0x3000));
	cr_expect(eq(u64, out[0].offset, 0x2000));
	cr_expect(eq(u32, out[0].memory, 7));
	cr_expect(eq(u32, out[0].flags, ULDF_MAP_READ));
	cr_expect(eq(u64, out[1].address, UINT64_MAX - 0xfff));
	cr_expect(eq(u32, out[1].flags, ULDF_MAP_WRITE));
	cr_expect(eq(u64, out[2].size, UINT64_MAX));
	cr_expect(eq(u32, out[2].flags, ULDF_MAP_READ | ULDF_MAP_WRITE));
}

Test(batch, pieces_to_unmap_are_zero_but_for_address_and_size)
{
	const struct uldf_mapping list[] = {{NULL, 0, 0x5000, 0x1000, 0}};
	struct uldf_ioc_mapping out = {1, 1, 1, 1, 1};

	kmod_batch_fill(list, 1, &out);
	cr_expect(eq(u64, out.address, 0x5000));
	cr_expect(eq(u64, out.size, 0x1000));
	cr_expect(eq(u64, out.offset, 0));
	cr_expect(eq(u32, out.memory, 0));
	cr_expect(eq(u32, out.flags, 0));
}
