// SPDX-License-Identifier: MIT
/* Devices are told to do DMA: by rings and commands that are right as far as it takes for them to begin. */
#include <linux/pci_regs.h>
#include "hostile.h"

#define DMA_E1000E 0x10d38086
#define DMA_NVME   0x00101b36
#define DMA_EDU	   0x11e81234

/* Mostly an address that the device reaches. */
static uint64_t draw_target(struct chance *chance, const struct machine *machine)
{
	return one_in(chance, 4) ? draw_value(chance, machine) : draw_ram(chance);
}

/* The registers of QEMU's edu device (docs/specs/edu.rst). */
static void dma_edu(struct chance *chance, const struct machine *machine, uint64_t bar)
{
	bool out = one_in(chance, 2);

	memory_write(machine, bar + 0x80, 8, out ? 0x40000 : draw_target(chance, machine));
	memory_write(machine, bar + 0x88, 8, out ? draw_target(chance, machine) : 0x40000);
	memory_write(machine, bar + 0x90, 8, 1 + draw_below(chance, 4096));
	memory_write(machine, bar + 0x98, 8, 1 | (out ? 2 : 0) | draw_below(chance, 2) << 2);
	if (one_in(chance, 4))
		memory_write(machine, bar + 0x60, 4, draw(chance) & 0xff);
	else
		memory_write(machine, bar + 0x64, 4, UINT32_MAX);
}

/* Descriptors of both directions (Intel 82574 datasheet sections 10.2.5 to 10.2.8). */
static void dma_e1000e(struct chance *chance, const struct machine *machine, uint64_t bar)
{
	uint64_t ring = draw_ram(chance) & ~0xfffull;

	for (unsigned int i = 0; i < 16; i++) {
		memory_write(machine, ring + 16 * i, 8, draw_target(chance, machine));
		memory_write(machine, ring + 16 * i + 8, 8,
			     (draw(chance) & 0x7ff) | 0x0b000000 | draw_below(chance, 2) << 29);
	}
	memory_write(machine, bar + 0x3800, 4, ring);
	memory_write(machine, bar + 0x3804, 4, 0);
	memory_write(machine, bar + 0x3808, 4, 0x100);
	memory_write(machine, bar + 0x3810, 4, 0);
	memory_write(machine, bar + 0x2800, 4, ring);
	memory_write(machine, bar + 0x2804, 4, 0);
	memory_write(machine, bar + 0x2808, 4, 0x100);
	memory_write(machine, bar + 0x2818, 4, draw_below(chance, 16));
	memory_write(machine, bar + 0x100, 4, 0x801e);
	memory_write(machine, bar + 0x400, 4, 0x10a);
	memory_write(machine, bar + 0x3818, 4, draw_below(chance, 16));
	memory_write(machine, bar + 0xd0, 4, draw(chance));
	memory_write(machine, bar + 0xc8, 4, draw(chance));
}

/* A controller with one admin queue of 32 entries (NVMe 1.4 sections 3.1 and 4.2). */
static void dma_nvme(struct chance *chance, const struct machine *machine, uint64_t bar)
{
	uint64_t queue = draw_ram(chance) & ~0xfffull;

	for (unsigned int i = 0; i < 32; i++) {
		memory_write(machine, queue + 64 * i, 8,
			     draw_below(chance, one_in(chance, 4) ? 256 : 13) | draw(chance) << 16);
		memory_write(machine, queue + 64 * i + 24, 8, draw_target(chance, machine));
		memory_write(machine, queue + 64 * i + 32, 8, draw_target(chance, machine));
		memory_write(machine, queue + 64 * i + 40, 8, draw_value(chance, machine));
	}
	if (one_in(chance, 4)) {
		memory_write(machine, bar + 0x14, 4, 0);
		memory_write(machine, bar + 0x24, 4, 0x001f001f);
		memory_write(machine, bar + 0x28, 8, queue);
		memory_write(machine, bar + 0x30, 8, draw_target(chance, machine) & ~0xfffull);
		memory_write(machine, bar + 0x14, 4, 0x00460001);
	}
	memory_write(machine, bar + 0x1000 + 4 * draw_below(chance, 4), 4, draw_below(chance, 32));
}

void attack_dma(struct chance *chance, const struct machine *machine)
{
	const struct function *function = draw_function(chance, machine);

	if (one_in(chance, 4))
		machine_restore(function);
	switch (function->id) {
	case DMA_EDU:
		return dma_edu(chance, machine, function->bar[0]);
	case DMA_E1000E:
		return dma_e1000e(chance, machine, function->bar[0]);
	case DMA_NVME:
		return dma_nvme(chance, machine, function->bar[0]);
	}
	/* A reset of the function, now and then. */
	if (function->express && one_in(chance, 16))
		config_write(function->devfn, function->express + PCI_EXP_DEVCTL, 2,
			     PCI_EXP_DEVCTL_BCR_FLR);
}
