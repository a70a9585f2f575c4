/* SPDX-License-Identifier: MIT */
/*
 * What the files of the bus share, and its locks, outermost first:
 *
 *	vpci_slot.lock	one for each slot: one access to its function at a time, with all that follows
 *	vpci_bus.lock	what is where: slots, decoded BARs, windows, lines; no device is touched under it
 *
 * A slot's function, and the values of a configuration space, change under both locks and are read
 * under either. A thread that holds the slot of an IOMMU may enter that of an assigned function, to
 * move its device. Nobody enters a second slot otherwise, and never the IOMMU's from an assigned
 * function's. An access looks for its target under the bus's lock and only tries the slot's then:
 * where somebody else is at work it waits without the bus's lock, and looks again with the slot's
 * lock held.
 */
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

/**
 * struct vpci_slot - a place for a function
 * @lock: see above
 * @function: what stands here; NULL for nothing
 * @away: it is being attached or reset, for a minute perhaps: until then accesses do not wait, but find nobody
 *	who answers; changes under both locks as well
 */
struct vpci_slot {
	pthread_mutex_t lock;
	struct vpci_function *function;
	bool away;
};

/* lock protects all that follows it but slots[].lock. */
struct vpci_bus {
	struct vpci_layout layout; /* constant */
	struct vpci_host host;	   /* constant */
	pthread_mutex_t lock;
	struct vpci_slot slots[VPCI_SLOTS];
	uint32_t config_address; /* 0xcf8 */
	unsigned int lines[4];	 /* how many functions drive INTx line A..D */
	unsigned int decode_count;
	struct vpci_decode decodes[VPCI_DECODES]; /* where BARs overlap the first one wins */
};

/* How vpci_slot_try() ended. */
enum vpci_try {
	VPCI_TRY_ENTERED, /* the slot's lock is held, the bus's is not */
	VPCI_TRY_NOBODY,  /* nobody answers there; the bus's lock is not held */
	VPCI_TRY_AGAIN, /* somebody was at work: look again; the bus's lock is held, and the slot's */
};

/**
 * vpci_slot_try() - go from the bus to the function of a slot
 * @bus: bus, locked
 * @devfn: slot, empty or not
 * @held: the slot whose lock is held since VPCI_TRY_AGAIN, -1 for none
 *
 * Return: see enum vpci_try.
 */
enum vpci_try vpci_slot_try(struct vpci_bus *bus, uint8_t devfn, int *held);

/**
 * vpci_slot_drop() - leave the slot that was waited for, as another look found no function to go to
 * @bus: bus
 * @held: the slot, -1 for none; -1 afterwards
 */
void vpci_slot_drop(struct vpci_bus *bus, int *held);

/**
 * vpci_slot_enter() - wait for a slot
 * @bus: bus, not locked
 * @devfn: slot
 *
 * Return: its function, or NULL for none; the slot's lock is held in either case.
 */
struct vpci_function *vpci_slot_enter(struct vpci_bus *bus, uint8_t devfn);

/**
 * vpci_slot_leave() - undo vpci_slot_enter(), or vpci_slot_try() that entered
 * @bus: bus
 * @devfn: slot
 */
void vpci_slot_leave(struct vpci_bus *bus, uint8_t devfn);

/**
 * vpci_space_read() - read a register
 * @function: function, its slot's lock held
 * @offset: first byte, a multiple of @width
 * @width: 1, 2 or 4
 *
 * Return: the value; all ones past the end of the configuration space.
 */
uint32_t vpci_space_read(struct vpci_function *function, unsigned int offset, unsigned int width);

/**
 * vpci_space_write() - write a register, with everything that follows from it
 * @function: function, its slot's lock held
 * @offset: first byte, a multiple of @width
 * @width: 1, 2 or 4
 * @value: what to write
 */
void vpci_space_write(struct vpci_function *function, unsigned int offset, unsigned int width,
		      uint32_t value);

/**
 * vpci_bus_masters() - may a function do DMA?
 * @bus: bus, not locked
 * @devfn: slot
 *
 * Return: true if there is one, and its command register lets it master the bus.
 */
bool vpci_bus_masters(struct vpci_bus *bus, unsigned int devfn);

/**
 * vpci_bus_quiet() - tell the IOMMUs of the bus that a function masters it no more
 * @bus: bus, not locked; no slot's lock is held
 * @devfn: slot of the function
 */
void vpci_bus_quiet(struct vpci_bus *bus, uint8_t devfn);

/**
 * vpci_function_masters() - does the command register let a function do DMA?
 * @function: function, its slot's lock or the bus's held
 *
 * Return: true if it does.
 */
bool vpci_function_masters(const struct vpci_function *function);

/**
 * vpci_decode_update() - follow a change of BARs, command registers or slots
 * @bus: bus, locked
 *
 * Windows that are not right any more are removed first, then missing ones added.
 */
void vpci_decode_update(struct vpci_bus *bus);

/**
 * vpci_decode_hide() - remove the windows of a function
 * @bus: bus, locked
 * @function: whose
 */
void vpci_decode_hide(struct vpci_bus *bus, struct vpci_function *function);

/**
 * vpci_decode_find() - which BAR answers an address
 * @bus: bus, locked
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
 * @function: function in a slot; its slot's lock and the bus's are held
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
