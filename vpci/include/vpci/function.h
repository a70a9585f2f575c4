/* SPDX-License-Identifier: MIT */
#ifndef VPCI_FUNCTION_H
#define VPCI_FUNCTION_H

#include <vpci/config.h>
#include <vpci/host.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vpci_bus;
struct vpci_function;

/** VPCI_WINDOWS - the most pieces of its BARs that a function can show directly */
#define VPCI_WINDOWS 16

/**
 * struct vpci_window - a piece of a BAR that a guest may reach without exits
 * @bar: which BAR
 * @offset: bytes from the BAR's start, page-aligned
 * @size: bytes, a multiple of the page size; within the BAR, or to the end of the page that a smaller BAR begins
 * @address: where it is in this process, page-aligned
 * @shown: the bus's: the guest sees it
 * @number: the bus's: the host's number of the window, while @shown
 * @guest: the bus's: where the guest sees it, while @shown
 */
struct vpci_window {
	unsigned int bar;
	uint64_t offset;
	uint64_t size;
	void *address;
	bool shown;
	unsigned int number;
	uint64_t guest;
};

/**
 * struct vpci_host - the VMM's services with their first argument
 * @ops: services
 * @host: first argument of each
 */
struct vpci_host {
	const struct vpci_host_ops *ops;
	void *host;
};

/**
 * struct vpci_function_ops - what stands in a slot of the bus
 * @attach: the function stands in a slot now: the services below may be used. It must be ready for
 *	every other op when it returns 0; with a negative errno, not -EEXIST, it must be as before.
 *	May be NULL.
 * @detach: it leaves its slot: no route or wire of it may be left. Its windows are hidden and its
 *	line is low already. May be NULL.
 * @destroy: free it with all it owns; it stands in no slot.
 * @reset: the guest reset it. Its windows are hidden, its line is low and its configuration space
 *	has the values of a reset already; it must stop what it does, DMA first, and raise no
 *	interrupt of before. It may take long: meanwhile accesses do not find the function, and do not wait for it.
 *	Return 0 or a negative errno, and be usable in both cases. May be NULL.
 * @config_read: the guest reads a register; @value holds the configuration space's answer, and the
 *	op replaces the live bits in it. May be NULL.
 * @config_write: the guest wrote a register; the configuration space, the decoding of BARs and the
 *	windows have changed accordingly already. The op carries out what the registers stand for,
 *	and passes live bits on. It may call vpci_function_reset(). May be NULL.
 * @check: look, by an access without effect, whether what stands behind the function is still there,
 *	and call vpci_function_vanish() if it is not. May be NULL.
 * @bar_read: the guest reads from a BAR: @width bytes (1, 2, 4, or in memory 8) at @offset, a
 *	multiple of @width, inside the BAR. Return the value, all ones where nothing answers.
 * @bar_write: the guest writes to a BAR, likewise.
 * @iommu: the function decides what the DMA of others reaches. A reset of the bus comes to it after
 *	the others, when they do no DMA any more; the end of the bus takes it away before the
 *	others.
 * @quiet: of an @iommu: the function at @devfn mastered the bus until now, and does so no more. May be NULL.
 *
 * All but destroy are called with the slot's lock held, so one at a time for each function, from any thread. @offset and
 * @width of a configuration access are natural (1, 2 or 4, aligned) and inside the space. All
 * values come from a guest that may be hostile: every one must be harmless.
 */
struct vpci_function_ops {
	int (*attach)(struct vpci_function *function);
	void (*detach)(struct vpci_function *function);
	void (*destroy)(struct vpci_function *function);
	int (*reset)(struct vpci_function *function);
	void (*config_read)(struct vpci_function *function, unsigned int offset, unsigned int width,
			    uint32_t *value);
	void (*config_write)(struct vpci_function *function, unsigned int offset,
			     unsigned int width, uint32_t value);
	void (*check)(struct vpci_function *function);
	uint64_t (*bar_read)(struct vpci_function *function, unsigned int bar, uint64_t offset,
			     unsigned int width);
	void (*bar_write)(struct vpci_function *function, unsigned int bar, uint64_t offset,
			  unsigned int width, uint64_t value);
	bool iommu;
	void (*quiet)(struct vpci_function *function, uint8_t devfn);
};

/**
 * struct vpci_function - a function, as the bus sees it; embedded in what implements it
 * @ops: what it does
 * @config: its configuration space
 * @windows: pieces of its BARs to be shown directly; constant while it stands in a slot
 * @window_count: how many
 * @bus: the bus's: where it stands, NULL for nowhere
 * @devfn: the bus's: its slot
 * @line: the bus's: it asserts its INTx pin
 * @driven: the bus's: its pin counts on the line, so @line and not disabled by the command register
 * @gone: what stood behind it is not there any more: its windows stay hidden; set by
 *	vpci_function_vanish()
 * @broken: the function's, set before vpci_function_vanish(): it was shut off after an error, and works again for
 *	who opens it anew
 */
struct vpci_function {
	const struct vpci_function_ops *ops;
	struct vpci_config config;
	struct vpci_window windows[VPCI_WINDOWS];
	unsigned int window_count;
	struct vpci_bus *bus;
	uint8_t devfn;
	bool line;
	bool driven;
	bool gone;
	bool broken;
};

/**
 * vpci_function_destroy() - destroy a function that was not given to a bus
 * @function: function, or NULL
 */
void vpci_function_destroy(struct vpci_function *function);

/**
 * vpci_function_host() - the VMM's services
 * @function: function in a slot; call inside an op
 *
 * Return: the services, owned by the bus.
 */
const struct vpci_host *vpci_function_host(const struct vpci_function *function);

/**
 * vpci_function_requester() - who sends this function's messages
 * @function: function in a slot
 *
 * Return: bus << 8 | devfn.
 */
uint16_t vpci_function_requester(const struct vpci_function *function);

/**
 * vpci_function_gsi() - which GSI the function's INTx pin is wired to
 * @function: function in a slot, with a pin
 *
 * Return: the GSI.
 */
unsigned int vpci_function_gsi(const struct vpci_function *function);

/**
 * vpci_function_set_line() - drive the function's INTx pin
 * @function: function in a slot, with a pin; call inside an op
 * @asserted: level
 *
 * The bus ors the functions of a line, and honours the INTx disable bit and the interrupt status
 * bit (PCI 3.0 section 6.2.2 and 6.2.3).
 */
void vpci_function_set_line(struct vpci_function *function, bool asserted);

/**
 * vpci_function_vanish() - say that what stands behind the function is gone, for good
 * @function: function in a slot; call inside an op
 *
 * Its windows are hidden and never shown again: the memory that they showed may be gone as well.
 */
void vpci_function_vanish(struct vpci_function *function);

/**
 * vpci_function_reset() - reset a function as FLR does (PCIe 6.0 section 6.6.2)
 * @function: function in a slot; call inside an op
 *
 * Return: what its reset op returned.
 */
int vpci_function_reset(struct vpci_function *function);

#ifdef __cplusplus
}
#endif

#endif
