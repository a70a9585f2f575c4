/* SPDX-License-Identifier: MIT */
/* What the files of the bus share. Everything here is called with the bus's lock held. */
#ifndef VPCI_SRC_BUS_STATE_H
#define VPCI_SRC_BUS_STATE_H

#include <pthread.h>
#include <vpci/bus.h>
#include <vpci/function.h>

#define VPCI_SLOTS   256
#define VPCI_DECODES (VPCI_SLOTS * VPCI_BARS)

/**
 * struct vpci_decode - a BAR that is decoded now
 * @function: whose
 * @bar: which
 * @ports: I/O ports, else memory
 * @base: first address
 * @size: bytes, so that @base + @size does not wrap
 */
struct vpci_decode {
	struct vpci_function *function;
	unsigned int bar;
	bool ports;
	uint64_t base;
	uint64_t size;
};

/* lock protects all that is not constant since creation (layout and host are). */
struct vpci_bus {
	pthread_mutex_t lock;
	struct vpci_layout layout;
	struct vpci_host host;
	struct vpci_function *slots[VPCI_SLOTS];
	uint32_t config_address; /* 0xcf8 */
	unsigned int lines[4];	 /* how many functions drive INTx line A..D */
	unsigned int decode_count;
	struct vpci_decode decodes[VPCI_DECODES]; /* where BARs overlap the first one wins */
};

/**
 * vpci_space_read() - read a register of a slot
 * @bus: bus
 * @devfn: slot, empty or not
 * @offset: first byte, a multiple of @width
 * @width: 1, 2 or 4
 *
 * Return: the value; all ones of an empty slot and past the end of a configuration space.
 */
uint32_t vpci_space_read(struct vpci_bus *bus, uint8_t devfn, unsigned int offset,
			 unsigned int width);

/**
 * vpci_space_write() - write a register of a slot, with everything that follows from it
 * @bus: bus
 * @devfn: slot, empty or not
 * @offset: first byte, a multiple of @width
 * @width: 1, 2 or 4
 * @value: what to write
 */
void vpci_space_write(struct vpci_bus *bus, uint8_t devfn, unsigned int offset, unsigned int width,
		      uint32_t value);

/**
 * vpci_decode_update() - follow a change of BARs, command registers or slots
 * @bus: bus
 *
 * Windows that are not right any more are removed first, then missing ones added.
 */
void vpci_decode_update(struct vpci_bus *bus);

/**
 * vpci_decode_hide() - remove the windows of a function
 * @bus: bus
 * @function: whose
 */
void vpci_decode_hide(struct vpci_bus *bus, struct vpci_function *function);

/**
 * vpci_decode_find() - which BAR answers an address
 * @bus: bus
 * @ports: I/O ports, else memory
 * @address: first address
 * @size: bytes, so that @address + @size - 1 does not wrap
 *
 * Return: the first BAR that has a byte in common with it; NULL for none.
 */
const struct vpci_decode *vpci_decode_find(const struct vpci_bus *bus, bool ports, uint64_t address,
					   unsigned int size);

/**
 * vpci_line_update() - follow a change of a function's pin or command register
 * @function: function in a slot
 */
void vpci_line_update(struct vpci_function *function);

/**
 * vpci_host_bridge_create() - create what stands at 00.0
 * @out: the function; untouched on failure
 *
 * Return: 0, or -ENOMEM.
 */
int vpci_host_bridge_create(struct vpci_function **out);

#endif
