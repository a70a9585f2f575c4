// SPDX-License-Identifier: MIT
/* Registers as memory: the kernel ends their mappings by itself, the library guards their addresses. */
#include "fake.h"

TestSuite(registers, .fini = fixture_check_leaks);

#define SIZE 0x1000

/* A space with a memory, and with registers that are mapped where map_anywhere puts things. */
struct peers {
	struct spacious s;
	struct uldf_memory *registers;
};

static int map_at(struct peers *p, struct uldf_memory *memory, uint64_t address)
{
	const struct uldf_mapping piece = {memory, 0, address, SIZE, ULDF_DMA_BOTH};

	return uldf_space_map(p->s.space, &piece, 1);
}

static void peers_init(struct peers *p)
{
	spacious_init(&p->s);
	cr_assert(eq(int,
		     uldf_memory_register_region(p->s.space, p->s.f.device, ULDF_BAR0, 0, SIZE,
						 &p->registers),
		     0));
	cr_assert(eq(int, map_at(p, p->registers, FAKE_ADDRESS), 0));
	fake.calls = fake.unmaps = 0;
}

Test(registers, are_mapped_at_addresses_of_the_callers_alone)
{
	struct uldf_mapping piece = {NULL, 0, 0, SIZE, ULDF_DMA_BOTH};
	struct uldf_dma *dma = (void *)0x1234;
	struct peers p;

	peers_init(&p);
	piece.memory = p.registers;
	cr_expect(eq(int, uldf_dma_map(p.registers, 0, 1, ULDF_DMA_BOTH, &dma), -ENOTSUP));
	fixture_expect_reason(p.s.f.ctx, "use uldf_space_map()");
	cr_expect(eq(int, uldf_space_map_anywhere(p.s.space, &piece, 1), -ENOTSUP));
	fixture_expect_reason(p.s.f.ctx, "use uldf_space_map()");
	cr_expect(eq(ptr, dma, (void *)0x1234));
	cr_expect(eq(uint, fake.calls, 0));
	spacious_fini(&p.s);
}

Test(registers, are_unmapped_by_no_call_for_addresses)
{
	const struct uldf_mapping cases[][2] = {
		{{.address = 0x1000, .size = SIZE}, {.address = FAKE_ADDRESS, .size = SIZE}},
		{{.address = 0x1000, .size = SIZE}, {.address = FAKE_ADDRESS, .size = 2 * SIZE}},
		{{.address = 0x1000, .size = SIZE},
		 {.address = FAKE_ADDRESS - SIZE, .size = 2 * SIZE}},
	};
	struct peers p;

	peers_init(&p);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect(eq(int, uldf_space_unmap(p.s.space, cases[i], 2), -EBUSY), "case %zu", i);
		fixture_expect_reason(p.s.f.ctx, "use uldf_memory_unregister()");
	}
	cr_expect(eq(uint, fake.calls, 0), "what is beside them in a batch stays mapped");
	cr_expect(eq(int, uldf_space_unmap(p.s.space, cases[0], 1), 0));
	spacious_fini(&p.s);
}

Test(registers, end_with_their_registration)
{
	struct peers p;

	peers_init(&p);
	cr_assert(eq(int, map_at(&p, p.registers, 0x5000), 0));
	cr_assert(eq(int, map_at(&p, p.s.memory, 0x8000), 0));
	cr_expect(eq(int, uldf_memory_unregister(p.registers), 0));
	cr_expect(eq(uint, fake.unmaps, 2));
	cr_expect(eq(uint, fake.memories, 1));
	cr_expect(eq(int, map_at(&p, p.s.memory, FAKE_ADDRESS), 0));
	spacious_fini(&p.s);
}

Test(registers, that_have_ended_with_their_device_are_unregistered)
{
	struct peers p;

	peers_init(&p);
	fake.unmap_answer = -ENOENT;
	cr_expect(eq(int, uldf_memory_unregister(p.registers), 0));
	fake.unmap_answer = 0;
	spacious_fini(&p.s);
}

Test(registers, that_the_iommu_keeps_stay_registered)
{
	struct peers p;

	peers_init(&p);
	fake.unmap_answer = -EIO;
	cr_expect(eq(int, uldf_memory_unregister(p.registers), -EIO));
	cr_expect(eq(int, map_at(&p, p.s.memory, FAKE_ADDRESS), -EEXIST));
	fake.unmap_answer = 0;
	cr_expect(eq(int, uldf_memory_unregister(p.registers), 0));
	spacious_fini(&p.s);
}

Test(registers, that_the_iommu_keeps_inside_a_decorator_keep_their_addresses)
{
	struct uldf_backend_ops ops = fake_ops;
	struct peers p;

	peers_init(&p);
	ops.decorates = true;
	p.s.space->ops = &ops;
	fake.answer = -EIO;
	cr_expect(eq(int, uldf_memory_unregister(p.registers), -EIO));
	fake.answer = 0;
	cr_expect(eq(int, map_at(&p, p.s.memory, FAKE_ADDRESS), -EEXIST));
	cr_expect(eq(int, uldf_memory_unregister(p.registers), 0));
	cr_expect(eq(int, map_at(&p, p.s.memory, FAKE_ADDRESS), 0));
	cr_expect(eq(uint, fake.unmaps, 0));
	spacious_fini(&p.s);
}

Test(registers, keep_their_addresses_until_they_are_unregistered)
{
	struct peers p;

	peers_init(&p);
	cr_expect(eq(int, map_at(&p, p.s.memory, FAKE_ADDRESS), -EEXIST));
	fixture_expect_reason(p.s.f.ctx, "until they are unregistered");
	cr_expect(eq(int, map_at(&p, p.registers, FAKE_ADDRESS), -EEXIST));
	cr_expect(eq(uint, fake.calls, 0));
	cr_expect(eq(int, map_at(&p, p.s.memory, FAKE_ADDRESS + SIZE), 0));
	cr_expect(eq(int, uldf_memory_unregister(p.registers), 0));
	cr_expect(eq(int, map_at(&p, p.s.memory, FAKE_ADDRESS), 0));
	spacious_fini(&p.s);
}

/* The kernel chooses their addresses for another mapping: theirs has ended. */
Test(registers, that_have_ended_take_no_other_mapping_along)
{
	struct uldf_dma *dma;
	struct peers p;

	peers_init(&p);
	cr_assert(eq(int, uldf_dma_map(p.s.memory, 0, SIZE, ULDF_DMA_BOTH, &dma), 0));
	cr_assert(eq(u64, dma->list[0].address, FAKE_ADDRESS));
	cr_expect(eq(int, uldf_memory_unregister(p.registers), 0));
	cr_expect(eq(uint, fake.unmaps, 0));
	uldf_dma_unmap(dma);
	cr_expect(eq(uint, fake.unmaps, 1));
	spacious_fini(&p.s);
}

Test(registers, that_cannot_be_mapped_take_no_addresses)
{
	struct peers p;

	peers_init(&p);
	fake.answer = -ENODEV;
	cr_expect(eq(int, map_at(&p, p.registers, 0x5000), -ENODEV));
	fake.answer = 0;
	cr_expect(eq(int, map_at(&p, p.s.memory, 0x5000), 0));
	cr_expect(eq(int, map_at(&p, p.s.memory, FAKE_ADDRESS), -EEXIST));
	spacious_fini(&p.s);
}

Test(registers, end_with_a_range_or_a_revoked_space)
{
	struct peers p;

	peers_init(&p);
	cr_assert(eq(int, uldf_space_unmap_range(p.s.space, 0, FAKE_ADDRESS - 1, NULL), 0));
	cr_expect(eq(int, map_at(&p, p.registers, FAKE_ADDRESS), -EEXIST));
	cr_assert(eq(int, uldf_space_unmap_range(p.s.space, 0, UINT64_MAX, NULL), 0));
	cr_expect(eq(int, map_at(&p, p.registers, FAKE_ADDRESS), 0));
	cr_assert(eq(int, uldf_space_revoke(p.s.space), 0));
	cr_expect(eq(int, uldf_memory_unregister(p.registers), 0));
	cr_expect(eq(uint, fake.unmaps, 0));
	spacious_fini(&p.s);
}
