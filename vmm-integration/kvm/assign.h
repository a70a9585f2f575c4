/* SPDX-License-Identifier: MIT */
/* Devices handed to the guest, and the spaces that they are attached to. */
#ifndef VMM_ASSIGN_H
#define VMM_ASSIGN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <uldf.h>
#include <vpci/bus.h>
#include <vpci/viommu.h>

#include "layout.h"
#include "memory.h"
#include "options.h"
#include "peer.h"
#include "reason.h"
#include "vm.h"

/**
 * enum vmm_device_state - how a device of the guest is
 * @VMM_DEVICE_WORKS: the guest has it
 * @VMM_DEVICE_SHUT: it was shut off after an error, and may come back
 * @VMM_DEVICE_GONE: it was unplugged, or the host took it
 */
enum vmm_device_state {
	VMM_DEVICE_WORKS,
	VMM_DEVICE_SHUT,
	VMM_DEVICE_GONE,
};

/**
 * struct vmm_assigned - a device handed to the guest
 * @option: which one
 * @device: it, open; NULL where the bus owns it, or while it is closed
 * @where: its address on the host
 * @space: where it is attached; NULL for nowhere
 * @peer: its BARs, as the space with the guest's RAM has them
 * @unreached: a bit for each BAR that devices do not reach, once that was told
 * @state: enum vmm_device_state; any thread may read it
 * @devfn: its slot, once it was plugged; it is kept for it while it is closed
 * @attempts: how often to try to open it anew; 0 unless it is closed
 * @due: when to try next, milliseconds of CLOCK_MONOTONIC
 * @errors: how many it had in a row
 * @had: when it had the last, or worked again after it, likewise
 */
struct vmm_assigned {
	const struct vmm_device_option *option;
	struct uldf_device *device;
	struct uldf_address where;
	struct uldf_space *space;
	struct vmm_peer peer;
	unsigned int unreached;
	atomic_int state;
	uint8_t devfn;
	unsigned int attempts;
	uint64_t due;
	unsigned int errors;
	uint64_t had;
};

/**
 * struct vmm_assign_pinned - memory that is pinned for devices at its bus addresses
 * @memory: the memory, as it was registered
 * @dma: where it lies
 */
struct vmm_assign_pinned {
	struct uldf_memory *memory;
	struct uldf_dma *dma;
};

/**
 * struct vmm_assign - the devices handed to the guest
 * @ctx: library context
 * @vm: KVM's machine
 * @dma: policy
 * @space: DMA address space that has all of the guest's RAM and the devices' BARs; NULL without devices
 * @nothing: by policy 'viommu', a space without mappings
 * @ram: the guest's RAM, as @space has it; by policy 'identity' NULL
 * @viommu: by policy 'viommu', the function on the bus that the devices stand behind, once it is there
 * @reserved: addresses that no device behind it can use
 * @n_reserved: how many ranges
 * @kept: guest RAM that is pinned, by policy 'identity'
 * @events: eventfd, signalled when something happens to one of them
 * @devices: in the options' order
 * @count: how many
 */
struct vmm_assign {
	struct uldf_ctx *ctx;
	const struct vmm_vm *vm;
	enum vmm_dma dma;
	struct uldf_space *space;
	struct uldf_space *nothing;
	struct uldf_memory *ram;
	struct vpci_function *viommu;
	struct vpci_viommu_reserved reserved[VPCI_VIOMMU_RESERVED];
	size_t n_reserved;
	struct vmm_assign_pinned kept;
	int events;
	struct vmm_assigned devices[VMM_DEVICES_MAX];
	size_t count;
};

/**
 * vmm_assign_open() - open devices and attach them to a space
 * @assign: uninitialised memory
 * @options: which devices; must outlive @assign
 * @vm: the machine, which KVM is told to have them; must outlive @assign
 * @reason: set on failure
 *
 * Return: 0 or a negative errno; nothing to close then.
 */
int vmm_assign_open(struct vmm_assign *assign, const struct vmm_options *options,
		    const struct vmm_vm *vm, struct vmm_reason *reason);

/**
 * vmm_assign_close() - close what no bus owns, and the space
 * @assign: opened; no device of it may be on a bus any more
 */
void vmm_assign_close(struct vmm_assign *assign);

/**
 * struct vmm_bars - what the devices' memory BARs need of the guest's addresses
 * @narrow: bytes of 32-bit BARs
 * @wide: bytes of 64-bit BARs
 * @largest: the device with the largest BAR; NULL without BARs
 * @bar: that BAR
 * @size: its bytes
 */
struct vmm_bars {
	uint64_t narrow;
	uint64_t wide;
	const char *largest;
	unsigned int bar;
	uint64_t size;
};

/**
 * vmm_assign_bars() - add up the devices' BARs
 * @assign: opened and not yet plugged
 * @out: what they need
 */
void vmm_assign_bars(const struct vmm_assign *assign, struct vmm_bars *out);

/**
 * vmm_assign_reserved() - addresses that the devices cannot reach as memory
 * @assign: opened by another policy than 'identity'
 * @list: where they go
 * @room: how many fit
 * @count: out: how many there are; untouched on failure
 * @reason: set on failure
 *
 * Return: 0, -E2BIG more than fit.
 */
int vmm_assign_reserved(struct vmm_assign *assign, struct vmm_range *list, size_t room,
			size_t *count, struct vmm_reason *reason);

/**
 * vmm_assign_map() - show the guest's RAM to the devices at its guest-physical addresses
 * @assign: opened by another policy than 'identity'
 * @memory: guest RAM; must outlive @assign
 * @map: the guest's memory map, whose RAM entries are mapped
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_assign_map(struct vmm_assign *assign, const struct vmm_memory *memory,
		   const struct vmm_memory_map *map, struct vmm_reason *reason);

/**
 * vmm_assign_pin() - pin memory and find where it is on the bus
 * @assign: opened by policy 'identity'
 * @address: the memory, page-aligned
 * @size: bytes, a multiple of the page size
 * @out: the memory, for vmm_assign_unpin() or vmm_assign_keep(); untouched on failure
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_assign_pin(struct vmm_assign *assign, void *address, uint64_t size,
		   struct vmm_assign_pinned *out, struct vmm_reason *reason);

/**
 * vmm_assign_unpin() - unpin memory that no device uses
 * @pinned: the memory
 */
void vmm_assign_unpin(const struct vmm_assign_pinned *pinned);

/**
 * vmm_assign_keep() - leave memory pinned until all devices are closed
 * @assign: opened; it keeps one memory
 * @pinned: the memory
 */
void vmm_assign_keep(struct vmm_assign *assign, const struct vmm_assign_pinned *pinned);

/**
 * vmm_assign_find() - the device in a slot
 * @assign: opened
 * @devfn: the slot; any number
 *
 * Return: the device, which may be closed just now, or NULL.
 */
struct vmm_assigned *vmm_assign_find(struct vmm_assign *assign, uint32_t devfn);

/**
 * vmm_assign_move() - attach a device to a space, wherever it is
 * @assigned: which one
 * @device: it, open
 * @space: the space
 *
 * On failure it is where it was, or with -EIO attached nowhere. Return: as uldf_device_move(), but 0 if it is there.
 */
int vmm_assign_move(struct vmm_assigned *assigned, struct uldf_device *device,
		    struct uldf_space *space);

/**
 * vmm_assign_show() - let devices reach a BAR at the place where the guest sees it
 * @assign: plugged
 * @window: the piece of it that the guest is shown
 *
 * Tells the person of a failure, for each BAR once. By policy 'identity' a BAR is where the host has it.
 */
void vmm_assign_show(struct vmm_assign *assign, const struct vpci_host_window *window);

/**
 * vmm_assign_hide() - end vmm_assign_show(); when it returns, no device reaches the BAR there
 * @assign: plugged
 * @window: what was shown
 *
 * Return: 0, or -EIO the host's IOMMU failed.
 */
int vmm_assign_hide(struct vmm_assign *assign, const struct vpci_host_window *window);

/**
 * vmm_assign_plug() - put the devices on the bus, which owns them from then on
 * @assign: opened and mapped
 * @bus: bus
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_assign_plug(struct vmm_assign *assign, struct vpci_bus *bus, struct vmm_reason *reason);

/**
 * vmm_assign_check() - see what happened to the devices
 * @assign: plugged
 * @bus: bus
 * @stop: set by others to make it end early
 *
 * A device that is gone leaves its slot and is closed. One that was shut off after an error does so too, which resets
 * it, and is opened anew and put into its slot again: at once, or by later calls; but not for ever, if it has one
 * error after the other.
 *
 * Return: milliseconds until it is to be called again; -1 when something happens (@events).
 */
int vmm_assign_check(struct vmm_assign *assign, struct vpci_bus *bus, const atomic_bool *stop);

#endif
