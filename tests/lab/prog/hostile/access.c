// SPDX-License-Identifier: MIT
/* Random accesses to configuration space, memory and ports, and to what programs interrupts. */
#include <linux/pci_regs.h>
#include <sys/io.h>
#include "hostile.h"

static unsigned int draw_width(struct chance *chance, unsigned int most)
{
	return 1u << draw_below(chance, most == 8 ? 4 : 3);
}

/* A register that something depends on, or any. */
static unsigned int draw_register(struct chance *chance, const struct function *function)
{
	switch (draw_below(chance, 6)) {
	case 0:
		return PCI_COMMAND;
	case 1:
		return PCI_BASE_ADDRESS_0 + (unsigned int)draw_below(chance, 24);
	case 2:
		return function->msi + (unsigned int)draw_below(chance, 24);
	case 3:
		return function->msix + (unsigned int)draw_below(chance, 12);
	case 4:
		return function->express + (unsigned int)draw_below(chance, 60);
	}
	return (unsigned int)draw_below(chance, 256);
}

void attack_config(struct chance *chance, const struct machine *machine)
{
	const struct function *function = draw_function(chance, machine);
	unsigned int width = draw_width(chance, 4), offset = draw_register(chance, function);
	unsigned int devfn =
		one_in(chance, 16) ? (unsigned int)draw_below(chance, 256) : function->devfn;
	uint64_t value = draw_value(chance, machine);

	if (one_in(chance, 8))
		return machine_restore(function);
	if (one_in(chance, 4)) {
		/* Any register of 4096 bytes, any alignment, also across two functions. */
		offset = one_in(chance, 2) ? offset : (unsigned int)draw_below(chance, 4096);
		if (one_in(chance, 2))
			memory_write(machine, ECAM + (devfn << 12) + offset, draw_width(chance, 8),
				     value);
		else
			memory_read(machine, ECAM + (devfn << 12) + offset, draw_width(chance, 8));
		return;
	}
	if (one_in(chance, 4))
		config_read(devfn, offset & 0xff, width);
	else
		config_write(devfn, offset & 0xff, width, (uint32_t)value);
}

void attack_memory(struct chance *chance, const struct machine *machine)
{
	const struct function *function = draw_function(chance, machine);
	uint64_t base = function->bar[draw_below(chance, 6)];
	uint64_t address = base + draw_below(chance, 1ull << (6 + draw_below(chance, 13)));
	unsigned int width = draw_width(chance, 8);

	if (one_in(chance, 4))
		address = (one_in(chance, 2) ? MEM32 : machine->mem64_base) +
			  draw_below(chance, WINDOW);
	if (!one_in(chance, 8))
		address &= ~(width - 1ull);
	if (one_in(chance, 3))
		memory_read(machine, address, width);
	else
		memory_write(machine, address, width, draw_value(chance, machine));
}

/* Ports that end the guest, or its clock and keyboard, are drawn less. */
static bool port_is_vital(uint16_t port)
{
	return port < 0x100 || (port >= 0x3f8 && port < 0x400) || (port >= 0x600 && port < 0x620) ||
	       (port >= 0xcf9 && port < 0xcfa);
}

static uint16_t draw_port(struct chance *chance, const struct machine *machine)
{
	static const uint16_t known[] = {0x170, 0x1f0, 0x376, 0x3f6, 0xcf8, 0xcfc, 0xc000, 0xc040};
	const struct function *function = draw_function(chance, machine);
	unsigned int bar = (unsigned int)draw_below(chance, 6);

	if (function->ports[bar])
		return (uint16_t)(function->bar[bar] + draw_below(chance, 64));
	if (one_in(chance, 4))
		return (uint16_t)draw(chance);
	return (uint16_t)(known[draw_below(chance, 8)] + draw_below(chance, 8));
}

void attack_ports(struct chance *chance, const struct machine *machine)
{
	uint16_t port = draw_port(chance, machine);
	unsigned int width = draw_width(chance, 4);
	uint8_t string[512];

	if ((port_is_vital(port) || port_is_vital((uint16_t)(port + width - 1))) &&
	    !one_in(chance, 200))
		return;
	switch (draw_below(chance, 5)) {
	case 0:
		port_read(port, width);
		return;
	case 1:
		insw(port, string, (unsigned int)draw_below(chance, sizeof(string) / 2));
		return;
	}
	port_write(port, width, (uint32_t)draw_value(chance, machine));
}

/* An interrupt that the guest's kernel survives, mostly. */
static uint32_t draw_data(struct chance *chance)
{
	return one_in(chance, 500) ? (uint32_t)draw(chance)
				   : 0x30 + (uint32_t)draw_below(chance, 0xb0);
}

static void attack_entry(struct chance *chance, const struct machine *machine,
			 const struct function *function)
{
	uint64_t entry = function->table + 16 * draw_below(chance, one_in(chance, 8) ? 4096 : 8);
	uint64_t address = one_in(chance, 4) ? draw_value(chance, machine)
					     : 0xfee00000 | draw_below(chance, 3) << 12;

	switch (draw_below(chance, 4)) {
	case 0:
		memory_write(machine, entry + PCI_MSIX_ENTRY_LOWER_ADDR, 8, address);
		return;
	case 1:
		memory_write(machine, entry + PCI_MSIX_ENTRY_DATA, 4, draw_data(chance));
		return;
	}
	memory_write(machine, entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 4, draw_below(chance, 2));
}

void attack_vectors(struct chance *chance, const struct machine *machine)
{
	const struct function *function = draw_function(chance, machine);

	if (function->msix && !one_in(chance, 8))
		return attack_entry(chance, machine, function);
	if (function->msix) {
		config_write(function->devfn, function->msix + PCI_MSIX_FLAGS, 2,
			     (uint32_t)draw_below(chance, 4) << 14);
	} else if (function->msi && one_in(chance, 2)) {
		config_write(function->devfn, function->msi + PCI_MSI_ADDRESS_LO, 4, 0xfee00000);
		config_write(function->devfn, function->msi + PCI_MSI_DATA_64, 2,
			     draw_data(chance));
	} else if (function->msi) {
		config_write(function->devfn, function->msi + PCI_MSI_FLAGS, 2,
			     (uint32_t)draw_below(chance, 128));
	}
}
