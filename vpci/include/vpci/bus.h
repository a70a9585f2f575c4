/* SPDX-License-Identifier: MIT */
#ifndef VPCI_BUS_H
#define VPCI_BUS_H

#include <stddef.h>
#include <vpci/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct vpci_range - guest addresses or ports
 * @base: first
 * @size: how many bytes or ports; 0 for none
 */
struct vpci_range {
	uint64_t base;
	uint64_t size;
};

/**
 * struct vpci_layout - where a bus lies in the guest
 * @segment: PCI segment
 * @ecam: ECAM window (PCIe 6.0 section 7.2.2), 1 MiB for each bus; its base 1 MiB aligned
 * @ports: I/O ports for BARs
 * @mem32: memory for BARs below 4 GiB
 * @mem64: memory for 64-bit BARs above 4 GiB; size 0 for none
 * @config_ports: answer 0xcf8/0xcfc for this segment; at most one bus of a guest does
 * @gsis: GSIs of the four INTx lines A..D of the root bus; device d's pin p (1..4) is wired to
 *	gsis[(d + p - 1) & 3]
 */
struct vpci_layout {
	uint16_t segment;
	struct vpci_range ecam;
	struct vpci_range ports;
	struct vpci_range mem32;
	struct vpci_range mem64;
	bool config_ports;
	uint8_t gsis[4];
};

/**
 * DOC: struct vpci_bus - a virtual PCI segment with its functions
 *
 * Opaque. Thread-safe: every vCPU may call. Accesses to one function are made one after the other, those to
 * several functions at once; see vpci/README.md, "Invariants".
 */
struct vpci_bus;
struct vpci_function;

/**
 * vpci_bus_create() - create a bus with a host bridge at 00.0
 * @layout: where it lies; copied
 * @ops: the VMM's services; must outlive the bus
 * @host: first argument of every op
 * @out: the bus; untouched on failure
 *
 * Return: 0, -EINVAL the layout contradicts itself, -ENOMEM.
 */
int vpci_bus_create(const struct vpci_layout *layout, const struct vpci_host_ops *ops, void *host,
		    struct vpci_bus **out);

/**
 * vpci_bus_destroy() - destroy a bus with all of its functions
 * @bus: bus, or NULL; no vCPU may run any more
 */
void vpci_bus_destroy(struct vpci_bus *bus);

/**
 * vpci_bus_add() - put a function into a slot
 * @bus: bus
 * @devfn: device << 3 | function, or -1 for the first free device number
 * @function: the function; the bus owns it from here on, on success only
 *
 * The values its configuration space has now are those that a reset brings back.
 *
 * Return: the devfn taken, -EEXIST another function stands at @devfn (nothing else is answered so),
 * -EINVAL no such devfn, -ENOSPC @devfn is -1 and no device number is free, or what the function
 * answered to being attached.
 */
int vpci_bus_add(struct vpci_bus *bus, int devfn, struct vpci_function *function);

/**
 * vpci_bus_remove() - take a function out of its slot and destroy it, once nobody is at work there
 * @bus: bus
 * @devfn: device << 3 | function
 *
 * Return: 0, -ENODEV the slot is empty, -EINVAL the host bridge.
 */
int vpci_bus_remove(struct vpci_bus *bus, uint8_t devfn);

/**
 * vpci_bus_assign() - do what firmware does before a boot
 * @bus: bus
 *
 * Gives every BAR that is not fixed an address in the windows, writes the interrupt line
 * registers, and switches I/O and memory decoding on (bus mastering stays off).
 *
 * Return: 0, -ENOSPC a window is too small (then every function is left with decoding off), -ENOMEM.
 */
int vpci_bus_assign(struct vpci_bus *bus);

/** enum vpci_presence - what stands behind the function of a slot */
enum vpci_presence {
	VPCI_PRESENT, /* it is there, or the slot is empty */
	VPCI_AWAY,    /* it is being reset or attached: ask again later */
	VPCI_BROKEN,  /* it was shut off after an error: a new function of it may work */
	VPCI_GONE,    /* it is there no more */
};

/**
 * vpci_bus_presence() - look whether what stands behind a function is still there
 * @bus: bus
 * @devfn: its slot
 *
 * Asks it, unless it is away or known to be gone, and hides its windows if it is not there. For a VMM that was told
 * of an event of its devices.
 *
 * Return: see enum vpci_presence.
 */
enum vpci_presence vpci_bus_presence(struct vpci_bus *bus, uint8_t devfn);

/**
 * vpci_bus_check() - find devices that were unplugged or shut off
 * @bus: bus
 *
 * vpci_bus_presence() of every slot. For a VMM whose vCPU stumbled over memory that is not there any
 * more (-EFAULT of KVM_RUN): done once, the access comes to the bus, and reads as ones.
 *
 * Every access that finds a device gone hides its windows as well, from whatever thread: another vCPU
 * may have been first. One that stumbled should try again whatever the answer is, and give up when it
 * stumbles at once again and the answer is still the same.
 *
 * Return: how many devices are gone by now.
 */
int vpci_bus_check(struct vpci_bus *bus);

/**
 * vpci_bus_reset() - reset every function, as a system reset does
 * @bus: bus; no vCPU may run
 *
 * A function that is an IOMMU for others is reset last.
 *
 * Return: 0, or the first error of a function's reset.
 */
int vpci_bus_reset(struct vpci_bus *bus);

/**
 * vpci_bus_gsi() - which GSI an INTx pin is wired to, for _PRT
 * @bus: bus
 * @device: device number, 0..31
 * @pin: 1..4 for INTA..INTD
 *
 * Return: the GSI.
 */
unsigned int vpci_bus_gsi(const struct vpci_bus *bus, unsigned int device, unsigned int pin);

/**
 * vpci_bus_port_read() - a guest reads I/O ports
 * @bus: bus
 * @port: first port
 * @width: 1, 2 or 4
 * @value: out: what is read; all ones where the function does not answer
 *
 * An access that only partly hits the bus is answered by ones in the rest.
 *
 * Return: true when any of the ports is the bus's (0xcf8 as a dword, 0xcfc..0xcff, or in an enabled
 * BAR); false, with @value untouched, when all are somebody else's.
 */
bool vpci_bus_port_read(struct vpci_bus *bus, uint16_t port, unsigned int width, uint32_t *value);

/**
 * vpci_bus_port_write() - a guest writes I/O ports
 * @bus: bus
 * @port: first port
 * @width: 1, 2 or 4
 * @value: what it writes
 *
 * Return: true when any of the ports is the bus's.
 */
bool vpci_bus_port_write(struct vpci_bus *bus, uint16_t port, unsigned int width, uint32_t value);

/**
 * vpci_bus_memory_read() - a guest reads memory that is not its RAM
 * @bus: bus
 * @address: guest-physical address; need not be aligned
 * @width: 1, 2, 4 or 8
 * @value: out: what is read
 *
 * Return: true when the address is the bus's (ECAM, or in an enabled BAR).
 */
bool vpci_bus_memory_read(struct vpci_bus *bus, uint64_t address, unsigned int width,
			  uint64_t *value);

/**
 * vpci_bus_memory_write() - a guest writes memory that is not its RAM
 * @bus: bus
 * @address: guest-physical address; need not be aligned
 * @width: 1, 2, 4 or 8
 * @value: what it writes
 *
 * Return: true when the address is the bus's.
 */
bool vpci_bus_memory_write(struct vpci_bus *bus, uint64_t address, unsigned int width,
			   uint64_t value);

#ifdef __cplusplus
}
#endif

#endif
