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

/**
 * struct access_target - what of a function an access goes to
 * @devfn: its slot
 * @bar: which BAR, or VPCI_BARS for its configuration space
 * @offset: first byte there
 */
struct access_target {
	uint8_t devfn;
	unsigned int bar;
	uint64_t offset;
};

enum access_found {
	ACCESS_ELSEWHERE, /* it is not the bus's */
	ACCESS_ANSWERED,
	ACCESS_HALVES, /* it goes to several */
	ACCESS_FUNCTION,
};

static bool access_run(struct vpci_bus *bus, struct access *access);

static uint64_t access_ones(unsigned int width)
{
	return UINT64_MAX >> (64 - 8 * width);
}

static enum access_found access_register(struct access_target *target, unsigned int devfn,
					 unsigned int offset)
{
	*target = (struct access_target){(uint8_t)devfn, VPCI_BARS, offset};
	return ACCESS_FUNCTION;
}

/* Configuration mechanism #1 (PCI 3.0 section 3.2.2.3.2); its address register is a dword only. */
static enum access_found access_config_ports(struct vpci_bus *bus, struct access *access,
					     struct access_target *target)
{
	uint32_t latched = bus->config_address;

	if (access->address == ACCESS_CONFIG_ADDRESS && access->width == 4) {
		if (access->write)
			bus->config_address = (uint32_t)access->value & 0x80fffffc;
		else
			access->value = latched;
		return ACCESS_ANSWERED;
	}
	if (access->address < ACCESS_CONFIG_DATA || access->address >= ACCESS_CONFIG_DATA + 4)
		return ACCESS_ELSEWHERE;
	/* This segment has bus 0 only. */
	if (!(latched & ACCESS_CONFIG_ENABLE) || latched >> 16 & 0xff)
		return ACCESS_ANSWERED;
	return access_register(target, latched >> 8 & 0xff,
			       (latched & 0xfc) | (access->address & 3));
}

/* Enhanced configuration access (PCIe 6.0 section 7.2.2). */
static enum access_found access_ecam(const struct vpci_bus *bus, const struct access *access,
				     struct access_target *target)
{
	uint64_t at = access->address - bus->layout.ecam.base;

	if (access->address < bus->layout.ecam.base || at >= bus->layout.ecam.size)
		return ACCESS_ELSEWHERE;
	if (access->width == 8)
		return ACCESS_HALVES;
	if (at >> 20)
		return ACCESS_ANSWERED;
	return access_register(target, at >> 12 & 0xff, at & 0xfff);
}

static enum access_found access_bar(const struct vpci_bus *bus, const struct access *access,
				    struct access_target *target)
{
	const struct vpci_decode *decode =
		vpci_decode_find(bus, access->ports, access->address, access->width);
	uint64_t offset;

	if (!decode)
		return ACCESS_ELSEWHERE;
	offset = access->address - decode->base;
	if (access->address < decode->base || access->width > decode->size - offset ||
	    (offset & (access->width - 1)))
		return ACCESS_HALVES;
	*target = (struct access_target){decode->function->devfn, decode->bar, offset};
	return ACCESS_FUNCTION;
}

static enum access_found access_find(struct vpci_bus *bus, struct access *access,
				     struct access_target *target)
{
	enum access_found found = ACCESS_ELSEWHERE;

	if (!access->ports)
		found = access_ecam(bus, access, target);
	else if (bus->layout.config_ports)
		found = access_config_ports(bus, access, target);
	return found == ACCESS_ELSEWHERE ? access_bar(bus, access, target) : found;
}

/* Return: whether the function mastered the bus before, and does not any more. */
static bool access_config_write(struct vpci_function *function, const struct access_target *target,
				const struct access *access)
{
	bool masters = vpci_function_masters(function);

	vpci_space_write(function, (unsigned int)target->offset, access->width,
			 (uint32_t)access->value);
	return masters && !vpci_function_masters(function);
}

/* Return: as access_config_write(). */
static bool access_function(struct vpci_function *function, const struct access_target *target,
			    struct access *access)
{
	const struct vpci_function_ops *ops = function->ops;
	unsigned int width = access->width;

	if (target->bar == VPCI_BARS && access->write)
		return access_config_write(function, target, access);
	if (target->bar == VPCI_BARS)
		access->value = vpci_space_read(function, (unsigned int)target->offset, width);
	else if (access->write)
		ops->bar_write(function, target->bar, target->offset, width, access->value);
	else
		access->value = ops->bar_read(function, target->bar, target->offset, width) &
				access_ones(width);
	return false;
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

/* Reads that nobody answers give ones, also as parts of a wider one that somebody does. */
static bool access_run(struct vpci_bus *bus, struct access *access)
{
	struct access_target target;
	enum access_found found;
	enum vpci_try tried;
	int held = -1;

	if (!access->write)
		access->value = access_ones(access->width);
	if (access->width > 1 && (access->address & (access->width - 1)))
		return access_halves(bus, access);
	pthread_mutex_lock(&bus->lock);
	do {
		found = access_find(bus, access, &target);
		if (found != ACCESS_FUNCTION) {
			pthread_mutex_unlock(&bus->lock);
			vpci_slot_drop(bus, &held);
			return found == ACCESS_HALVES ? access_halves(bus, access)
						      : found == ACCESS_ANSWERED;
		}
		tried = vpci_slot_try(bus, target.devfn, &held);
	} while (tried == VPCI_TRY_AGAIN);
	if (tried == VPCI_TRY_ENTERED) {
		bool quiet = access_function(bus->slots[target.devfn].function, &target, access);

		vpci_slot_leave(bus, target.devfn);
		if (quiet)
			vpci_bus_quiet(bus, target.devfn);
	}
	return true;
}

static bool access_start(struct vpci_bus *bus, struct access *access)
{
	uint64_t last, most = access->ports ? UINT16_MAX : UINT64_MAX;

	if ((access->width != 1 && access->width != 2 && access->width != 4 &&
	     (access->width != 8 || access->ports)) ||
	    __builtin_add_overflow(access->address, access->width - 1, &last) || last > most)
		return false;
	return access_run(bus, access);
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
