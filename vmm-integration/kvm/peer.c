// SPDX-License-Identifier: MIT
#include "peer.h"

#include <errno.h>

static int add_area(struct vmm_peer *peer, struct uldf_device *device, unsigned int bar,
		    const struct uldf_area *area)
{
	struct vmm_peer_area *added = &peer->areas[peer->count];
	int error = uldf_memory_register_region(peer->space, device, bar, area->offset, area->size,
						&added->memory);

	if (error)
		return error;
	added->bar = bar;
	added->offset = area->offset;
	added->size = area->size;
	peer->count++;
	return 0;
}

int vmm_peer_register(struct vmm_peer *peer, struct uldf_space *space, struct uldf_device *device)
{
	int error = 0;

	peer->space = space;
	for (unsigned int bar = ULDF_BAR0; bar <= ULDF_BAR5; bar++) {
		const struct uldf_region *region = uldf_region_get(device, bar);

		for (unsigned int i = 0; !error && !region->ports && i < region->areas; i++)
			error = add_area(peer, device, bar, &region->area[i]);
	}
	if (error)
		vmm_peer_unregister(peer);
	return error;
}

/* Memory that the IOMMU does not give back goes with its space. */
void vmm_peer_unregister(struct vmm_peer *peer)
{
	while (peer->count)
		uldf_memory_unregister(peer->areas[--peer->count].memory);
	peer->space = NULL;
}

static const struct vmm_peer_area *find_area(const struct vmm_peer *peer,
					     const struct vpci_host_window *window)
{
	for (size_t i = 0; i < peer->count; i++) {
		const struct vmm_peer_area *area = &peer->areas[i];

		if (area->bar == window->bar && window->offset >= area->offset &&
		    window->offset - area->offset < area->size &&
		    window->size <= area->size - (window->offset - area->offset))
			return area;
	}
	return NULL;
}

int vmm_peer_map(const struct vmm_peer *peer, const struct vpci_host_window *window)
{
	const struct vmm_peer_area *area = find_area(peer, window);
	struct uldf_mapping piece;

	if (!area)
		return -ERANGE;
	piece = (struct uldf_mapping){
		.memory = area->memory,
		.offset = window->offset - area->offset,
		.address = window->guest,
		.size = window->size,
		.access = ULDF_DMA_BOTH,
	};
	return uldf_space_map(peer->space, &piece, 1);
}

int vmm_peer_unmap(const struct vmm_peer *peer, const struct vpci_host_window *window)
{
	return uldf_space_unmap_range(peer->space, window->guest,
				      window->guest + (window->size - 1), NULL);
}
