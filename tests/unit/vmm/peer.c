// SPDX-License-Identifier: MIT
#include "peer.h"

#include "fake.h"

#define GUEST 0xc0000000

/* The fake's BAR 0 can be mapped at 0..0xfff and 0x2000..0x3fff, its BAR 4 is ports. */
static struct spacious s;
static struct vmm_peer peer;

static void start(void)
{
	spacious_init(&s);
}

static void end(void)
{
	vmm_peer_unregister(&peer);
	spacious_fini(&s);
	fixture_check_leaks();
}

TestSuite(peer, .init = start, .fini = end);

static struct vpci_host_window window(uint64_t offset, uint64_t size)
{
	return (struct vpci_host_window){
		.guest = GUEST + offset, .size = size, .bar = 0, .offset = offset};
}

Test(peer, memory_bars_are_registered_and_ports_are_not)
{
	unsigned int before = fake.memories;

	cr_assert(zero(int, vmm_peer_register(&peer, s.space, s.f.device)));
	cr_assert(eq(u32, fake.memories, before + 2));
	cr_assert(eq(u32, fake.region, ULDF_BAR0));
	cr_assert(eq(u64, fake.offset, 0x2000));
	vmm_peer_unregister(&peer);
	cr_assert(eq(u32, fake.memories, before));
	cr_assert(zero(ptr, peer.space));
}

Test(peer, a_failure_leaves_nothing_registered)
{
	unsigned int before = fake.memories;

	fake.answer = -ENOSPC;
	cr_assert(eq(int, vmm_peer_register(&peer, s.space, s.f.device), -ENOSPC));
	fake.answer = 0;
	cr_assert(eq(u32, fake.memories, before));
	cr_assert(zero(ptr, peer.space));
}

Test(peer, a_window_is_mapped_where_the_guest_sees_it)
{
	struct vpci_host_window piece = window(0x3000, 0x1000);

	vmm_peer_register(&peer, s.space, s.f.device);
	cr_assert(zero(int, vmm_peer_map(&peer, &piece)));
	cr_assert(eq(u64, fake.piece.address, GUEST + 0x3000));
	cr_assert(eq(u64, fake.piece.offset, 0x1000), "bytes into the area");
	cr_assert(eq(u64, fake.piece.size, 0x1000));
	cr_assert(eq(u32, fake.piece.access, ULDF_DMA_BOTH));
}

Test(peer, what_no_area_holds_is_not_mapped)
{
	const struct vpci_host_window refused[] = {
		window(0, 0x2000),	  window(0x1000, 0x1000),  window(0x2000, 0x3000),
		window(0x100000, 0x1000), window(-0x1000, 0x1000), window(0x3000, -0x1000),
	};
	struct vpci_host_window other = window(0, 0x1000);

	vmm_peer_register(&peer, s.space, s.f.device);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		cr_expect(eq(int, vmm_peer_map(&peer, &refused[i]), -ERANGE), "case %zu", i);
	other.bar = 4;
	cr_expect(eq(int, vmm_peer_map(&peer, &other), -ERANGE));
	cr_expect(zero(u64, fake.piece.address));
}

Test(peer, what_is_unmapped_is_the_window_and_no_more)
{
	struct vpci_host_window piece = window(0x2000, 0x2000);

	vmm_peer_register(&peer, s.space, s.f.device);
	vmm_peer_map(&peer, &piece);
	cr_assert(eq(int, vmm_peer_map(&peer, &piece), -EEXIST));
	cr_assert(zero(int, vmm_peer_unmap(&peer, &piece)));
	cr_assert(eq(u64, fake.range.first, GUEST + 0x2000));
	cr_assert(eq(u64, fake.range.last, GUEST + 0x3fff));
	cr_assert(zero(int, vmm_peer_map(&peer, &piece)), "its addresses are free again");
}
