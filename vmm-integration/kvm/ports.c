// SPDX-License-Identifier: MIT
#include "ports.h"

#include <errno.h>

static int find(const struct vmm_ports *ports, uint16_t port, unsigned int width)
{
	for (size_t i = 0; i < ports->count; i++) {
		uint32_t base = ports->ranges[i].base;

		if (port >= base && port + width <= base + ports->ranges[i].size)
			return (int)i;
	}
	return -ENOENT;
}

int vmm_ports_add(struct vmm_ports *ports, uint16_t base, uint16_t size,
		  const struct vmm_port_ops *ops, void *device)
{
	if (!size || (uint32_t)base + size > 0x10000)
		return -EINVAL;
	for (size_t i = 0; i < ports->count; i++) {
		uint32_t other = ports->ranges[i].base;

		if (base < other + ports->ranges[i].size && other < (uint32_t)base + size)
			return -EBUSY;
	}
	if (ports->count == VMM_PORT_RANGES)
		return -ENOSPC;
	ports->ranges[ports->count].base = base;
	ports->ranges[ports->count].size = size;
	ports->ranges[ports->count].ops = ops;
	ports->ranges[ports->count].device = device;
	ports->count++;
	return 0;
}

static uint32_t mask(unsigned int width)
{
	return width < 4 ? (1u << 8 * width) - 1 : ~0u;
}

/* The widest access at @offset that the model takes, of at most @rest ports. */
static unsigned int piece_at(const struct vmm_port_ops *ops, uint16_t offset, unsigned int rest)
{
	unsigned int width = ops->width;

	while (width > rest || offset % width)
		width /= 2;
	return width;
}

bool vmm_ports_read(const struct vmm_ports *ports, uint16_t port, unsigned int width,
		    uint32_t *value)
{
	int index = find(ports, port, width);
	const struct vmm_port_ops *ops;
	uint32_t result = 0;
	unsigned int piece;

	if (index < 0)
		return false;
	ops = ports->ranges[index].ops;
	for (unsigned int done = 0; done < width; done += piece) {
		uint16_t offset = port + done - ports->ranges[index].base;
		uint32_t part;

		piece = piece_at(ops, offset, width - done);
		part = ops->read(ports->ranges[index].device, offset, piece);
		result |= (part & mask(piece)) << 8 * done;
	}
	*value = result;
	return true;
}

bool vmm_ports_write(const struct vmm_ports *ports, uint16_t port, unsigned int width,
		     uint32_t value)
{
	int index = find(ports, port, width);
	const struct vmm_port_ops *ops;
	unsigned int piece;

	if (index < 0)
		return false;
	ops = ports->ranges[index].ops;
	for (unsigned int done = 0; done < width; done += piece) {
		uint16_t offset = port + done - ports->ranges[index].base;

		piece = piece_at(ops, offset, width - done);
		ops->write(ports->ranges[index].device, offset, piece,
			   value >> 8 * done & mask(piece));
	}
	return true;
}
