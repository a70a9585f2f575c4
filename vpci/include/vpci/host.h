/* SPDX-License-Identifier: MIT */
#ifndef VPCI_HOST_H
#define VPCI_HOST_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct vpci_msi - a message-signalled interrupt
 * @address: where the device writes (Intel SDM vol. 3 section 11.11.1)
 * @data: what it writes
 * @requester: bus << 8 | devfn of the function that sends it
 */
struct vpci_msi {
	uint64_t address;
	uint32_t data;
	uint16_t requester;
};

/**
 * struct vpci_host_window - a piece of a BAR at the place where the guest sees it
 * @guest: guest-physical address, page-aligned
 * @address: where it is in this process, page-aligned
 * @size: bytes, a multiple of the page size
 * @devfn: slot of the function that has the BAR
 * @bar: which BAR
 * @offset: bytes from the BAR's start, page-aligned
 */
struct vpci_host_window {
	uint64_t guest;
	void *address;
	uint64_t size;
	uint8_t devfn;
	unsigned int bar;
	uint64_t offset;
};

/**
 * struct vpci_host_ops - what a virtual bus asks of the VMM that hosts it
 * @msi_send: raise a message now. Return 0 or a negative errno.
 * @msi_route_add: from now on, raise @msi whenever the eventfd @fd is signalled, without the bus's
 *	help; a signal that is there already counts. The fd stays the caller's and stays open until
 *	the route is removed. Gives a route number through @route. Return 0 or a negative errno.
 * @msi_route_update: change the message of a route; a signal that comes during the change raises
 *	either message. Return 0 or a negative errno.
 * @msi_route_mask: when it returns, the fd of a route raises nothing until the route is unmasked or removed.
 * @msi_route_unmask: undo msi_route_mask; a signal that is there already counts. Return 0 or a negative errno.
 * @msi_route_remove: end a route, masked or not; when it returns, the fd raises nothing any more.
 * @gsi_set: drive a level-triggered GSI; several functions that share one are or-ed by the bus.
 * @gsi_wire: from now on, raise @gsi whenever @fd is signalled. With @resample >= 0 the line is
 *	level-triggered: it stays up until the guest's end of interrupt, which lowers it and signals
 *	@resample. With -1 it is an edge. The fds stay the caller's. Return 0 or a negative errno.
 * @gsi_unwire: end gsi_wire for this @gsi and @fd. A line still up goes down at once, or, while
 *	another level-triggered wire leads to the same GSI, at the guest's next end of interrupt.
 * @window_add: show a piece of a BAR to the guest, without exits, and to devices that do DMA to guest-physical
 *	addresses. Windows do not overlap. Gives a window number. Return 0 or a negative errno; the bus then
 *	serves the vCPUs' accesses itself.
 * @window_remove: end a window, @window as it was added; when it returns, neither a vCPU nor a device can reach
 *	the BAR through it. The device may be gone already, and is not closed yet.
 * @memory: where @size bytes of guest RAM from a guest-physical address on are in this process, or
 *	NULL when any of them is not RAM, or when they are not one piece of this process's memory;
 *	the guest's queue is then broken. @address may be anything, @size is not 0. An answer is
 *	aligned as the address is, up to a page, and stays valid as long as the bus. NULL for a VMM
 *	that puts no function of virtio into the bus.
 * @report: something failed that the guest cannot be told of: one line without its end, which names the device,
 *	the cause and what to do. Comes once for each cause of a device, so a guest cannot make many.
 *
 * Called from any thread that called the bus or a function of it, from several at once; they must
 * not call back into the bus.
 */
struct vpci_host_ops {
	int (*msi_send)(void *host, const struct vpci_msi *msi);
	int (*msi_route_add)(void *host, int fd, const struct vpci_msi *msi, unsigned int *route);
	int (*msi_route_update)(void *host, unsigned int route, const struct vpci_msi *msi);
	void (*msi_route_mask)(void *host, unsigned int route);
	int (*msi_route_unmask)(void *host, unsigned int route);
	void (*msi_route_remove)(void *host, unsigned int route);
	void (*gsi_set)(void *host, unsigned int gsi, bool level);
	int (*gsi_wire)(void *host, unsigned int gsi, int fd, int resample);
	void (*gsi_unwire)(void *host, unsigned int gsi, int fd);
	int (*window_add)(void *host, const struct vpci_host_window *window, unsigned int *number);
	void (*window_remove)(void *host, unsigned int number,
			      const struct vpci_host_window *window);
	void *(*memory)(void *host, uint64_t address, uint64_t size);
	void (*report)(void *host, const char *text);
};

#ifdef __cplusplus
}
#endif

#endif
