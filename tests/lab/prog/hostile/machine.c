// SPDX-License-Identifier: MIT
/* The guest's machine: how to reach its ports, memory and configuration space, and what functions it has. */
#include <err.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stddef.h>
#include <sys/io.h>
#include <sys/mman.h>
#include "hostile.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc

uint32_t port_read(uint16_t port, unsigned int width)
{
	return width == 1 ? inb(port) : width == 2 ? inw(port) : inl(port);
}

void port_write(uint16_t port, unsigned int width, uint32_t value)
{
	if (width == 1)
		outb((uint8_t)value, port);
	else if (width == 2)
		outw((uint16_t)value, port);
	else
		outl(value, port);
}

static uint16_t config_select(unsigned int devfn, unsigned int offset)
{
	outl(0x80000000 | devfn << 8 | (offset & 0xfc), CONFIG_ADDRESS);
	return (uint16_t)(CONFIG_DATA + (offset & 3));
}

uint32_t config_read(unsigned int devfn, unsigned int offset, unsigned int width)
{
	return port_read(config_select(devfn, offset), width);
}

void config_write(unsigned int devfn, unsigned int offset, unsigned int width, uint32_t value)
{
	port_write(config_select(devfn, offset), width, value);
}

static uint8_t *memory_at(const struct machine *machine, uint64_t address, unsigned int width)
{
	const struct {
		uint64_t base, size;
		uint8_t *at;
	} pieces[] = {
		{RAM, RAM_SIZE, machine->ram},
		{ECAM, 1 << 20, machine->ecam},
		{MEM32, WINDOW, machine->mem32},
		{machine->mem64_base, WINDOW, machine->mem64},
	};

	for (unsigned int i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		if (pieces[i].at && address >= pieces[i].base &&
		    address - pieces[i].base <= pieces[i].size - width)
			return pieces[i].at + (address - pieces[i].base);
	return NULL;
}

uint64_t memory_read(const struct machine *machine, uint64_t address, unsigned int width)
{
	volatile void *at = memory_at(machine, address, width);

	if (!at)
		return 0;
	if (width == 1)
		return *(volatile uint8_t *)at;
	if (width == 2)
		return *(volatile uint16_t *)at;
	return width == 4 ? *(volatile uint32_t *)at : *(volatile uint64_t *)at;
}

void memory_write(const struct machine *machine, uint64_t address, unsigned int width,
		  uint64_t value)
{
	volatile void *at = memory_at(machine, address, width);

	if (!at)
		return;
	if (width == 1)
		*(volatile uint8_t *)at = (uint8_t)value;
	else if (width == 2)
		*(volatile uint16_t *)at = (uint16_t)value;
	else if (width == 4)
		*(volatile uint32_t *)at = (uint32_t)value;
	else
		*(volatile uint64_t *)at = value;
}

static void function_read_bars(struct function *function)
{
	for (unsigned int i = 0; i < 6; i++) {
		uint32_t value = config_read(function->devfn, PCI_BASE_ADDRESS_0 + 4 * i, 4);

		function->header[i] = value;
		function->ports[i] = value & PCI_BASE_ADDRESS_SPACE_IO;
		if (function->ports[i]) {
			function->bar[i] = value & PCI_BASE_ADDRESS_IO_MASK;
			continue;
		}
		function->bar[i] = value & PCI_BASE_ADDRESS_MEM_MASK;
		if (!(value & PCI_BASE_ADDRESS_MEM_TYPE_64) || i == 5)
			continue;
		function->header[i + 1] =
			config_read(function->devfn, PCI_BASE_ADDRESS_0 + 4 * (i + 1), 4);
		function->bar[i] |= (uint64_t)function->header[i + 1] << 32;
		i++;
	}
}

static void function_read_capabilities(struct function *function)
{
	unsigned int at = config_read(function->devfn, PCI_CAPABILITY_LIST, 1);
	uint32_t place;

	for (unsigned int i = 0; at && i < 48; i++) {
		switch (config_read(function->devfn, at, 1)) {
		case PCI_CAP_ID_MSI:
			function->msi = (uint8_t)at;
			break;
		case PCI_CAP_ID_MSIX:
			function->msix = (uint8_t)at;
			place = config_read(function->devfn, at + PCI_MSIX_TABLE, 4);
			function->table = function->bar[(place & 7) % 6] + (place & ~7u);
			break;
		case PCI_CAP_ID_EXP:
			function->express = (uint8_t)at;
			break;
		}
		at = config_read(function->devfn, at + 1, 1);
	}
}

static void machine_find_functions(struct machine *machine)
{
	for (unsigned int devfn = 0; devfn < 256; devfn += 8) {
		struct function *function = &machine->functions[machine->count];

		if (config_read(devfn, PCI_VENDOR_ID, 2) == 0xffff || machine->count == FUNCTIONS)
			continue;
		*function = (struct function){.devfn = (uint8_t)devfn};
		function->id = config_read(devfn, PCI_VENDOR_ID, 4);
		function->command = (uint16_t)config_read(devfn, PCI_COMMAND, 2);
		function_read_bars(function);
		function_read_capabilities(function);
		machine->count++;
	}
}

static uint8_t *machine_map(int file, uint64_t address, uint64_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, (off_t)address);

	if (at == MAP_FAILED)
		err(1, "/dev/mem at 0x%llx", (unsigned long long)address);
	return at;
}

void machine_init(struct machine *machine)
{
	int file = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);

	*machine = (struct machine){.count = 0};
	if (file < 0 || iopl(3))
		err(1, "/dev/mem, iopl");
	machine_find_functions(machine);
	for (unsigned int i = 0; i < machine->count; i++)
		for (unsigned int j = 0; j < 6; j++)
			if (machine->functions[i].bar[j] >> 32)
				machine->mem64_base =
					machine->functions[i].bar[j] & ~(WINDOW - 1ull);
	machine->ram = machine_map(file, RAM, RAM_SIZE);
	machine->ecam = machine_map(file, ECAM, 1 << 20);
	machine->mem32 = machine_map(file, MEM32, WINDOW);
	if (machine->mem64_base)
		machine->mem64 = machine_map(file, machine->mem64_base, WINDOW);
}

const struct function *machine_find(const struct machine *machine, uint32_t id)
{
	for (unsigned int i = 0; i < machine->count; i++)
		if (machine->functions[i].id == id)
			return &machine->functions[i];
	return NULL;
}

void machine_restore(const struct function *function)
{
	for (unsigned int i = 0; i < 6; i++)
		config_write(function->devfn, PCI_BASE_ADDRESS_0 + 4 * i, 4, function->header[i]);
	config_write(function->devfn, PCI_COMMAND, 2,
		     PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}
