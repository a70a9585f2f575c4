// SPDX-License-Identifier: MIT
/* Port and memory accesses of a guest: taken apart into natural ones, each to its target. */
#include "bus_state.h"

#define ACCESS_CONFIG_ADDRESS 0xcf8
#define ACCESS_CONFIG_DATA    0xcfc
#define ACCESS_CONFIG_ENABLE  0x80000000u

/**
 * struct access - an access on its way
 * @ports: I/O ports, else memory
 * @write: else a read
 * @address: first address
 * @width: bytes: 1, 2, 4 or 8
 * @value: what is written, or was read
 */
struct access {
	bool ports;
	bool write;
	uint64_t address;
	unsigned int width;
	uint64_t value;
};

static bool access_run(struct vpci_bus *bus, struct access *access);

static uint64_t access_ones(unsigned int width)
{
	return UINT64_MAX >> (64 - 8 * width);
}

static void access_config(struct vpci_bus *bus, struct access *access, uint8_t devfn,
			  unsigned int offset)
{
	if (access->write)
		vpci_space_write(bus, devfn, offset, access->width, (uint32_t)access->value);
	else
		access->value = vpci_space_read(bus, devfn, offset, access->width);
}

/* Configuration mechanism #1 (PCI 3.0 section 3.2.2.3.2); its address register is a dword only. */
static bool access_config_ports(struct vpci_bus *bus, struct access *access)
{
	uint32_t latched = bus->config_address;

	if (access->address == ACCESS_CONFIG_ADDRESS && access->width == 4) {
		if (access->write)
			bus->config_address = (uint32_t)access->value & 0x80fffffc;
		else
			access->value = latched;
		return true;
	}
	if (access->address < ACCESS_CONFIG_DATA || access->address >= ACCESS_CONFIG_DATA + 4)
		return false;
	if (!access->write)
		access->value = access_ones(access->width);
	/* This segment has bus 0 only. */
	if ((latched & ACCESS_CONFIG_ENABLE) && !(latched >> 16 & 0xff))
		access_config(bus, access, (uint8_t)(latched >> 8),
			      (latched & 0xfc) | (access->address & 3));
	return true;
}

/* Enhanced configuration access (PCIe 6.0 section 7.2.2). */
static void access_ecam(struct vpci_bus *bus, struct access *access)
{
	uint64_t at = access->address - bus->layout.ecam.base;

	if (!access->write)
		access->value = access_ones(access->width);
	if (!(at >> 20))
		access_config(bus, access, (uint8_t)(at >> 12), at & 0xfff);
}

static bool access_halves(struct vpci_bus *bus, struct access *access)
{
	unsigned int half = access->width / 2;
	struct access low = *access, high = *access;
	bool ours;

	low.width = high.width = half;
	high.address += half;
	low.value &= access_ones(half);
	high.value >>= 8 * half;
	ours = access_run(bus, &low);
	ours |= access_run(bus, &high);
	if (!access->write)
		access->value = low.value | high.value << (8 * half);
	return ours;
}

static bool access_bar(struct vpci_bus *bus, struct access *access)
{
	const struct vpci_decode *decode =
		vpci_decode_find(bus, access->ports, access->address, access->width);
	const struct vpci_function_ops *ops;
	struct vpci_function *function;
	uint64_t offset;

	if (!decode)
		return false;
	offset = access->address - decode->base;
	if (access->address < decode->base || access->width > decode->size - offset ||
	    (offset & (access->width - 1)))
		return access_halves(bus, access);
	function = decode->function;
	ops = function->ops;
	if (access->write)
		ops->bar_write(function, decode->bar, offset, access->width, access->value);
	else
		access->value = ops->bar_read(function, decode->bar, offset, access->width) &
				access_ones(access->width);
	return true;
}

/* Reads that nobody answers give ones, also as parts of a wider one that somebody does. */
static bool access_run(struct vpci_bus *bus, struct access *access)
{
	const struct vpci_range *ecam = &bus->layout.ecam;

	if (!access->write)
		access->value = access_ones(access->width);
	if (access->width > 1 && (access->address & (access->width - 1)))
		return access_halves(bus, access);
	if (access->ports && bus->layout.config_ports && access_config_ports(bus, access))
		return true;
	if (!access->ports && access->address >= ecam->base &&
	    access->address - ecam->base < ecam->size) {
		if (access->width == 8)
			return access_halves(bus, access);
		access_ecam(bus, access);
		return true;
	}
	return access_bar(bus, access);
}

static bool access_start(struct vpci_bus *bus, struct access *access)
{
	uint64_t last, most = access->ports ? UINT16_MAX : UINT64_MAX;
	bool ours;

	if ((access->width != 1 && access->width != 2 && access->width != 4 &&
	     (access->width != 8 || access->ports)) ||
	    __builtin_add_overflow(access->address, access->width - 1, &last) || last > most)
		return false;
	pthread_mutex_lock(&bus->lock);
	ours = access_run(bus, access);
	pthread_mutex_unlock(&bus->lock);
	return ours;
}

bool vpci_bus_port_read(struct vpci_bus *bus, uint16_t port, unsigned int width, uint32_t *value)
{
	struct access access = {.ports = true, .address = port, .width = width};
	bool ours = access_start(bus, &access);

	if (ours)
		*value = (uint32_t)access.value;
	return ours;
}

bool vpci_bus_port_write(struct vpci_bus *bus, uint16_t port, unsigned int width, uint32_t value)
{
	struct access access = {
		.ports = true, .write = true, .address = port, .width = width, .value = value};

	return access_start(bus, &access);
}

bool vpci_bus_memory_read(struct vpci_bus *bus, uint64_t address, unsigned int width,
			  uint64_t *value)
{
	struct access access = {.address = address, .width = width};
	bool ours = access_start(bus, &access);

	if (ours)
		*value = access.value;
	return ours;
}

bool vpci_bus_memory_write(struct vpci_bus *bus, uint64_t address, unsigned int width,
			   uint64_t value)
{
	struct access access = {.write = true, .address = address, .width = width, .value = value};

	return access_start(bus, &access);
}
