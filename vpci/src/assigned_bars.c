// SPDX-License-Identifier: MIT
/* The regions of an assigned function: what is shown directly, and the accesses that are not. */
#include <errno.h>
#include <unistd.h>
#include "assigned_function.h"

static uint64_t bars_round(uint64_t size, bool ports)
{
	uint64_t rounded = ports ? 4 : 16;

	while (rounded < size && rounded < 1ull << 63)
		rounded <<= 1;
	return rounded;
}

int vpci_assigned_init_bars(struct vpci_assigned *assigned)
{
	for (unsigned int i = ULDF_BAR0; i <= ULDF_BAR5; i++) {
		const struct uldf_region *region = uldf_region_get(assigned->device, i);
		struct vpci_bar bar = {
			.type = VPCI_BAR_MEM32,
			.prefetchable = region->prefetchable,
			.fixed = region->fixed,
			.base = region->fixed ? region->address : 0,
			.size = region->fixed ? region->size
					      : bars_round(region->size, region->ports),
		};

		if (!region->size)
			continue;
		/* Legacy ports are the only place a device may keep in a guest's address space. */
		if (region->fixed && !region->ports)
			return -ENOTSUP;
		if (region->ports)
			bar.type = VPCI_BAR_PORTS;
		else if (region->is64)
			bar.type = VPCI_BAR_MEM64;
		if (vpci_config_set_bar(&assigned->function.config, i, &bar))
			return -ENOTSUP;
	}
	return 0;
}

/* Adds [start, end) of a region, without the pages of the ranges from @trapped on. */
static void bars_add(struct vpci_assigned *assigned, unsigned int bar, uint64_t start, uint64_t end,
		     unsigned int trapped)
{
	const struct vpci_msix_range *const ranges[] = {&assigned->msix.table, &assigned->msix.pba};
	struct vpci_function *function = &assigned->function;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), first, last;
	struct vpci_window *window;

	for (; assigned->msix.count && trapped < 2; trapped++) {
		first = ranges[trapped]->offset & ~(page - 1);
		last = (ranges[trapped]->offset + ranges[trapped]->size + page - 1) & ~(page - 1);
		if (ranges[trapped]->bar != bar || last <= start || first >= end)
			continue;
		if (first > start)
			bars_add(assigned, bar, start, first, trapped + 1);
		if (last < end)
			bars_add(assigned, bar, last, end, trapped + 1);
		return;
	}
	if (function->window_count == VPCI_WINDOWS)
		return;
	window = &function->windows[function->window_count];
	*window = (struct vpci_window){.bar = bar, .offset = start, .size = end - start};
	/* What cannot be mapped is served by single accesses. */
	if (!uldf_region_map(assigned->device, bar, start, end - start, &window->address))
		function->window_count++;
}

/*
 * Bytes of a region that may be shown. An area that is longer than its region would show what stands behind it; but
 * the page of a region that is smaller is the device's alone, if the host lets it be mapped as a whole.
 */
static uint64_t bars_shown(const struct uldf_region *region)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return region->size < page ? page : region->size;
}

void vpci_assigned_map(struct vpci_assigned *assigned)
{
	for (unsigned int i = ULDF_BAR0; i <= ULDF_BAR5; i++) {
		const struct uldf_region *region = uldf_region_get(assigned->device, i);
		uint64_t end;

		for (unsigned int j = 0; j < region->areas && j < ULDF_AREAS; j++) {
			const struct uldf_area *area = &region->area[j];

			if (!region->ports && area->size &&
			    !__builtin_add_overflow(area->offset, area->size, &end) &&
			    end <= bars_shown(region))
				bars_add(assigned, i, area->offset, end, 0);
		}
	}
}

void vpci_assigned_unmap(struct vpci_assigned *assigned)
{
	struct vpci_function *function = &assigned->function;

	while (function->window_count) {
		struct vpci_window *window = &function->windows[--function->window_count];

		uldf_region_unmap(assigned->device, window->address, window->size);
	}
}

static uint64_t bars_read_pending(struct vpci_assigned *assigned, unsigned int bar, uint64_t offset,
				  unsigned int width)
{
	unsigned int first = (unsigned int)(offset - assigned->msix.pba.offset) * 8;
	uint64_t held, bits = 0;

	if (assigned->interrupts.type != ULDF_IRQ_MSIX)
		return 0;
	held = vpci_interrupts_held(assigned, first, width * 8);
	if (held && vpci_assigned_note(assigned, uldf_region_read(assigned->device, bar, offset,
								  width, &bits)))
		bits = 0;
	return (bits & held) | vpci_interrupts_pending(assigned, first, width * 8);
}

uint64_t vpci_assigned_bar_read(struct vpci_function *function, unsigned int bar, uint64_t offset,
				unsigned int width)
{
	struct vpci_assigned *assigned = vpci_assigned_from(function);
	const struct vpci_msix *msix = &assigned->msix;
	uint64_t value = UINT64_MAX;

	if (assigned->function.gone)
		return value;
	if (msix->count && vpci_msix_hit(&msix->table, bar, offset))
		return vpci_msix_read(msix, offset, width);
	if (msix->count && vpci_msix_hit(&msix->pba, bar, offset)) {
		return bars_read_pending(assigned, bar, offset, width);
	}
	vpci_assigned_note(assigned,
			   uldf_region_read(assigned->device, bar, offset, width, &value));
	return value;
}

void vpci_assigned_bar_write(struct vpci_function *function, unsigned int bar, uint64_t offset,
			     unsigned int width, uint64_t value)
{
	struct vpci_assigned *assigned = vpci_assigned_from(function);
	struct vpci_msix *msix = &assigned->msix;

	if (assigned->function.gone)
		return;
	if (msix->count && vpci_msix_hit(&msix->table, bar, offset)) {
		vpci_interrupts_update_vector(assigned,
					      vpci_msix_write(msix, offset, width, value));
		return;
	}
	/* Pending bits are read-only (PCI 3.0 section 6.8.2.10). */
	if (msix->count && vpci_msix_hit(&msix->pba, bar, offset))
		return;
	vpci_assigned_note(assigned,
			   uldf_region_write(assigned->device, bar, offset, width, value));
}
