/* SPDX-License-Identifier: MIT */
/* Devices handed to the guest, and the one space they share, by policy 'direct'. */
#ifndef VMM_ASSIGN_H
#define VMM_ASSIGN_H

#include <stddef.h>
#include <uldf.h>
#include <vpci/bus.h>

#include "layout.h"
#include "memory.h"
#include "options.h"
#include "reason.h"
#include "vm.h"

/**
 * struct vmm_assign - the devices handed to the guest
 * @ctx: library context
 * @space: DMA address space that all devices are attached to; NULL without devices
 * @devices: open devices in the options' order; NULL where the bus owns it
 * @count: how many
 */
struct vmm_assign {
	struct uldf_ctx *ctx;
	struct uldf_space *space;
	struct uldf_device *devices[VMM_DEVICES_MAX];
	size_t count;
};

/**
 * vmm_assign_open() - open devices and attach them to a space
 * @assign: uninitialised memory
 * @options: which devices
 * @vm: the machine, which KVM is told to have them
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
 * vmm_assign_reserved() - addresses that the devices cannot reach as memory
 * @assign: opened
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
 * @assign: opened
 * @memory: guest RAM; must outlive @assign
 * @map: the guest's memory map, whose RAM entries are mapped
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_assign_map(struct vmm_assign *assign, const struct vmm_memory *memory,
		   const struct vmm_memory_map *map, struct vmm_reason *reason);

/**
 * vmm_assign_plug() - put the devices on the bus, which owns them from then on
 * @assign: opened and mapped
 * @options: which slots
 * @bus: bus
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_assign_plug(struct vmm_assign *assign, const struct vmm_options *options,
		    struct vpci_bus *bus, struct vmm_reason *reason);

#endif
