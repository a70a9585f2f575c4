// SPDX-License-Identifier: MIT
#include "io.h"

#include <string.h>

static uint32_t port_read(struct vmm_io *io, uint16_t port, unsigned int width)
{
	uint32_t value;

	if (vmm_ports_read(&io->ports, port, width, &value) ||
	    vpci_bus_port_read(io->bus, port, width, &value))
		return value;
	return ~0u;
}

static void port_write(struct vmm_io *io, uint16_t port, unsigned int width, uint32_t value)
{
	if (!vmm_ports_write(&io->ports, port, width, value))
		vpci_bus_port_write(io->bus, port, width, value);
}

void vmm_io_port(struct vmm_io *io, struct kvm_run *run)
{
	uint8_t *data = (uint8_t *)run + run->io.data_offset;
	unsigned int width = run->io.size;

	for (uint32_t i = 0; i < run->io.count; i++, data += width) {
		uint32_t value = 0;

		if (run->io.direction == KVM_EXIT_IO_OUT) {
			memcpy(&value, data, width);
			port_write(io, run->io.port, width, value);
		} else {
			value = port_read(io, run->io.port, width);
			memcpy(data, &value, width);
		}
	}
}

/* The widest natural access that @length bytes begin with: KVM splits an access at a page's end. */
static unsigned int piece(uint32_t length)
{
	return length >= 8 ? 8 : length >= 4 ? 4 : length >= 2 ? 2 : 1;
}

void vmm_io_memory(struct vmm_io *io, struct kvm_run *run)
{
	uint32_t length = run->mmio.len;
	unsigned int width;

	if (length > sizeof(run->mmio.data))
		length = sizeof(run->mmio.data);
	for (uint32_t done = 0; done < length; done += width) {
		uint64_t address = run->mmio.phys_addr + done;
		uint8_t *data = run->mmio.data + done;
		uint64_t value = 0;

		width = piece(length - done);
		if (run->mmio.is_write) {
			memcpy(&value, data, width);
			vpci_bus_memory_write(io->bus, address, width, value);
		} else {
			if (!vpci_bus_memory_read(io->bus, address, width, &value))
				value = ~0ULL;
			memcpy(data, &value, width);
		}
	}
}
