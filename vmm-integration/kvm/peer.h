/* SPDX-License-Identifier: MIT */
/*
 * The BARs of a device as memory of a DMA space, so that the devices in the space reach them where the guest sees them:
 * its peers, and the device itself.
 */
#ifndef VMM_PEER_H
#define VMM_PEER_H

#include <stddef.h>
#include <uldf.h>
#include <vpci/host.h>

/** VMM_PEER_AREAS - the most mappable parts that the BARs of a device have */
#define VMM_PEER_AREAS ((ULDF_BAR5 + 1) * ULDF_AREAS)

/**
 * struct vmm_peer_area - a mappable part of a BAR
 * @bar: which BAR
 * @offset: bytes from the BAR's start
 * @size: bytes
 * @memory: it, as the space has it
 */
struct vmm_peer_area {
	unsigned int bar;
	uint64_t offset;
	uint64_t size;
	struct uldf_memory *memory;
};

/**
 * struct vmm_peer - the BARs of a device
 * @space: space that has them; NULL while none has
 * @areas: their parts
 * @count: how many
 */
struct vmm_peer {
	struct uldf_space *space;
	struct vmm_peer_area areas[VMM_PEER_AREAS];
	size_t count;
};

/**
 * vmm_peer_register() - register the BARs of a device with a space
 * @peer: zeroed, or unregistered
 * @space: the space, not a bare one; must outlive @peer
 * @device: the device; may be closed before @peer is unregistered
 *
 * Return: 0, or what uldf_memory_register_region() returned: then nothing is registered.
 */
int vmm_peer_register(struct vmm_peer *peer, struct uldf_space *space, struct uldf_device *device);

/**
 * vmm_peer_unregister() - end vmm_peer_register(), with all mappings
 * @peer: registered, or not
 */
void vmm_peer_unregister(struct vmm_peer *peer);

/**
 * vmm_peer_map() - let the devices in the space reach a window
 * @peer: registered
 * @window: what the guest is shown, where nothing else is mapped
 *
 * Return: 0, -ERANGE no part of a BAR holds the window, or what uldf_space_map() returned.
 */
int vmm_peer_map(const struct vmm_peer *peer, const struct vpci_host_window *window);

/**
 * vmm_peer_unmap() - end vmm_peer_map(), whether it failed or not, and whether the device is still there or not
 * @peer: registered
 * @window: the window
 *
 * Return: 0, or -EIO the IOMMU failed.
 */
int vmm_peer_unmap(const struct vmm_peer *peer, const struct vpci_host_window *window);

#endif
