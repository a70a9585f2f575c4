// SPDX-License-Identifier: MIT
/*
 * Registers of the lab's devices that may be written with anything: they raise interrupts, or start DMA to
 * addresses that the IOMMU judges. What other registers do is a matter of QEMU's models, not of uldf.ko: QEMU
 * stands still if edu is unplugged while it is to interrupt after a factorial, which its status register asks for.
 */
#include "storm.h"

struct harmless {
	uint16_t vendor, id;
	uint8_t region, width;
	uint32_t offset;
	uint64_t mask; /* of the value */
};

static const struct harmless all[] = {
	/* edu: liveness, factorial, raise, acknowledge */
	{0x1234, EDU_ID, 0, 4, 0x04, UINT32_MAX},
	{0x1234, EDU_ID, 0, 4, 0x08, 0xf},
	{0x1234, EDU_ID, 0, 4, 0x60, 0x3},
	{0x1234, EDU_ID, 0, 4, 0x60, 0x3},
	{0x1234, EDU_ID, 0, 4, 0x64, 0x3},
	/* Intel's cards: interrupt cause set, mask set, mask clear */
	{0x8086, 0x10d3, 0, 4, 0xc8, UINT32_MAX},
	{0x8086, 0x10d3, 0, 4, 0xd0, UINT32_MAX},
	{0x8086, 0x10d3, 0, 4, 0xd8, UINT32_MAX},
	{0x8086, 0x100e, 0, 4, 0xc8, UINT32_MAX},
	{0x8086, 0x100e, 0, 4, 0xd0, UINT32_MAX},
	{0x8086, 0x100e, 0, 4, 0xd8, UINT32_MAX},
	{0x8086, 0x10c9, 0, 4, 0x1520, UINT32_MAX},
	{0x8086, 0x10c9, 0, 4, 0x1524, UINT32_MAX},
	{0x8086, 0x10c9, 0, 4, 0x1528, UINT32_MAX},
	/* the mailbox of a virtual function */
	{0x8086, 0x10ca, 0, 4, 0x800, UINT32_MAX},
	/* NVMe: interrupt mask set and clear */
	{0x1b36, 0x0010, 0, 4, 0x0c, UINT32_MAX},
	{0x1b36, 0x0010, 0, 4, 0x10, UINT32_MAX},
	/* IDE: device control (nIEN, SRST), drive select, the bus master's status */
	{0x8086, 0x7010, 1, 1, 2, 0x06},
	{0x8086, 0x7010, 0, 1, 6, 0x10},
	{0x8086, 0x7010, 4, 1, 2, 0x06},
};

struct access register_read(struct worker *w, const struct device *device)
{
	struct access access = {
		.region = draw_percent(w, 50) ? 0 : draw_below(w, ULDF_REGIONS),
		.width = 1 << draw_below(w, draw_percent(w, 50) ? 3 : 4),
	};
	uint64_t size = device->size[access.region];

	access.offset = draw_below(w, draw_percent(w, 50) ? 256 : size) & -access.width;
	/* the last one, and those beyond */
	if (draw_percent(w, 5))
		access.offset = size - draw_below(w, 9);
	return access;
}

bool register_write(struct worker *w, const struct device *device, struct access *out)
{
	uint64_t first = draw_below(w, COUNT(all)), value = draw(w);

	for (size_t i = 0; i < COUNT(all); i++) {
		const struct harmless *one = &all[(first + i) % COUNT(all)];

		if (one->vendor != device->vendor || one->id != device->id)
			continue;
		*out = (struct access){one->region, one->width, one->offset, value & one->mask};
		return true;
	}
	return false;
}
