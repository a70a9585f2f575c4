/* SPDX-License-Identifier: MIT */
/* Which device model answers at which I/O port. */
#ifndef VMM_PORTS_H
#define VMM_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VMM_PORT_RANGES 8

/**
 * struct vmm_port_ops - a device model behind I/O ports
 * @width: widest access it takes, 1, 2 or 4; wider ones, and those that are not naturally aligned from
 *	its first port on, come in pieces that are, low port first
 * @read: a read of @width bytes, @offset ports from its first
 * @write: a write
 *
 * Called from any vCPU thread.
 */
struct vmm_port_ops {
	unsigned int width;
	uint32_t (*read)(void *device, uint16_t offset, unsigned int width);
	void (*write)(void *device, uint16_t offset, unsigned int width, uint32_t value);
};

/**
 * struct vmm_ports - the table; complete before the first vCPU runs, and constant from then on
 * @ranges: what was added
 * @count: how many
 */
struct vmm_ports {
	struct {
		uint16_t base;
		uint16_t size;
		const struct vmm_port_ops *ops;
		void *device;
	} ranges[VMM_PORT_RANGES];
	size_t count;
};

/**
 * vmm_ports_add() - put a device model at some ports
 * @ports: table
 * @base: first port
 * @size: how many
 * @ops: the model
 * @device: first argument of its ops
 *
 * Return: 0, -EINVAL beyond port 0xffff, -EBUSY ports that are taken, -ENOSPC the table is full.
 */
int vmm_ports_add(struct vmm_ports *ports, uint16_t base, uint16_t size,
		  const struct vmm_port_ops *ops, void *device);

/**
 * vmm_ports_read() - a guest reads ports
 * @ports: table
 * @port: first port
 * @width: 1, 2 or 4
 * @value: out: what is read; untouched when nobody answers
 *
 * An access belongs to a model when all of it lies in the model's ports: 0xcf9 is the reset register
 * for a byte, and part of PCI's configuration address for 0xcf8 in 32 bits.
 *
 * Return: whether a model answered.
 */
bool vmm_ports_read(const struct vmm_ports *ports, uint16_t port, unsigned int width,
		    uint32_t *value);

/**
 * vmm_ports_write() - a guest writes ports
 * @ports: table
 * @port: first port
 * @width: 1, 2 or 4
 * @value: what it writes
 *
 * Return: whether a model took it.
 */
bool vmm_ports_write(const struct vmm_ports *ports, uint16_t port, unsigned int width,
		     uint32_t value);

#endif
