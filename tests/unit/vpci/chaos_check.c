// SPDX-License-Identifier: MIT
/* The invariants. Each is computed from the guest's registers anew, without the bus's own tables. */
#include "assigned_function.h"
#include "chaos.h"
#include "msi.h"

#define PAGE 0x1000ull

/* Is the range inside a window of the layout? */
static bool inside(uint64_t base, uint64_t size)
{
	uint64_t start = base < HOST_MEM64 ? HOST_MEM32 : HOST_MEM64;
	uint64_t room = base < HOST_MEM64 ? 0x1000000 : 0x100000000;

	return base >= start && base - start <= room - size;
}

static void check_windows(void)
{
	const struct host_window *windows = chaos.host.windows;

	for (unsigned int i = 0; i < HOST_WINDOWS; i++) {
		if (!windows[i].used)
			continue;
		cr_assert(inside(windows[i].shown.guest, windows[i].shown.size),
			  "step %u: a window at 0x%llx", chaos.step,
			  (unsigned long long)windows[i].shown.guest);
		for (unsigned int j = 0; j < i; j++)
			cr_assert(!windows[j].used ||
					  windows[i].shown.guest + windows[i].shown.size <=
						  windows[j].shown.guest ||
					  windows[j].shown.guest + windows[j].shown.size <=
						  windows[i].shown.guest,
				  "step %u: windows overlap at 0x%llx", chaos.step,
				  (unsigned long long)windows[i].shown.guest);
	}
}

/* The BAR's own bytes of a window; more of a page are there when the BAR is smaller. */
static uint64_t shown(const struct chaos_device *slot, const struct vpci_host_window *window)
{
	for (unsigned int i = 0; i < 6; i++) {
		const uint8_t *bytes = slot->device.bars[i];
		uint64_t size = slot->device.regions[i].size;

		if (slot->function && size && (uint8_t *)window->address >= bytes &&
		    (uint8_t *)window->address < bytes + size)
			return bytes + size - (uint8_t *)window->address;
	}
	return 0;
}

/* What a guest finds by an exit is what it sees without one. */
static void check_view(const struct vpci_host_window *window)
{
	uint64_t offset, size = 0, value = 0, direct = 0;
	const struct chaos_device *owner = NULL;

	for (unsigned int i = 0; i < CHAOS_DEVICES && !size; i++) {
		size = shown(&chaos.devices[i], window);
		owner = &chaos.devices[i];
	}
	cr_assert_neq(size, 0, "step %u: a window shows memory of no device", chaos.step);
	cr_assert(!owner->function->gone && !owner->noticed,
		  "step %u: a window shows a device that is gone", chaos.step);
	if (owner->device.gone)
		return; /* nobody has noticed yet */
	/* Behind a small BAR the page has nobody else. */
	if (window->size > size) {
		offset = size + chaos_draw(window->size - size);
		cr_assert(!vpci_bus_memory_read(chaos.bus, window->guest + offset, 1, &value),
			  "step %u: 0x%llx is shown, and somebody else's", chaos.step,
			  (unsigned long long)(window->guest + offset));
	}
	offset = chaos_draw(size < window->size ? size : window->size) & ~7ull;
	cr_assert(vpci_bus_memory_read(chaos.bus, window->guest + offset, 8, &value));
	memcpy(&direct, (uint8_t *)window->address + offset, 8);
	cr_assert_eq(value, direct, "step %u: 0x%llx reads 0x%llx, and 0x%llx directly", chaos.step,
		     (unsigned long long)(window->guest + offset), (unsigned long long)value,
		     (unsigned long long)direct);
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* Does a memory BAR of any function up to @devfn, @bar without that cover some of the range? */
static bool covered(unsigned int devfn, unsigned int bar, uint64_t start, uint64_t size)
{
	struct vpci_function *functions[] = {chaos.viommu, chaos.devices[0].function,
					     chaos.devices[1].function, chaos.devices[2].function,
					     &chaos.model->function};

	for (unsigned int i = 0; i < 5; i++) {
		for (unsigned int j = 0; functions[i] && j < VPCI_BARS; j++) {
			const struct vpci_bar *other = &functions[i]->config.bar[j];
			uint64_t base;

			if (functions[i]->devfn > devfn ||
			    (functions[i]->devfn == devfn && j >= bar))
				return false;
			if (other->type != VPCI_BAR_PORTS &&
			    vpci_config_bar_base(&functions[i]->config, j, &base) &&
			    inside(base, other->size) && overlap(base, other->size, start, size))
				return true;
		}
	}
	return false;
}

/* A window is shown where its BAR is decoded and nobody comes first. */
static void check_shown(const struct vpci_function *function)
{
	for (unsigned int i = 0; i < function->window_count; i++) {
		const struct vpci_window *window = &function->windows[i];
		const struct vpci_bar *bar = &function->config.bar[window->bar];
		uint64_t base = 0;
		bool wanted = !function->gone &&
			      vpci_config_bar_base(&function->config, window->bar, &base) &&
			      inside(base, bar->size);

		/* Those of small BARs: vpci_decode decides more. */
		if (window->size > bar->size)
			continue;
		wanted = wanted && !covered(function->devfn, window->bar, base + window->offset,
					    window->size);
		cr_assert(wanted == window->shown, "step %u: a window of %02x at 0x%llx is %s",
			  chaos.step, function->devfn, (unsigned long long)base,
			  wanted ? "not shown" : "shown");
		cr_assert(!wanted || window->guest == base + window->offset);
	}
}

static int wanted_type(const struct vpci_assigned *assigned)
{
	const struct vpci_config *config = &assigned->function.config;
	uint32_t command = vpci_config_read(config, PCI_COMMAND, 2);

	if (assigned->shown.msix &&
	    vpci_config_read(config, assigned->shown.msix + 2, 2) & PCI_MSIX_FLAGS_ENABLE)
		return ULDF_IRQ_MSIX;
	if (assigned->shown.msi &&
	    vpci_config_read(config, assigned->shown.msi + 2, 2) & PCI_MSI_FLAGS_ENABLE)
		return ULDF_IRQ_MSI;
	if (assigned->function.devfn == 32)
		return ULDF_IRQ_ISA;
	return command & PCI_COMMAND_INTX_DISABLE ? VPCI_INTERRUPTS_NONE : ULDF_IRQ_INTX;
}

static bool wanted_message(const struct vpci_assigned *assigned, unsigned int vector,
			   struct vpci_msi *msi)
{
	const struct vpci_config *config = &assigned->function.config;
	uint16_t flags = (uint16_t)vpci_config_read(config, assigned->shown.msix + 2, 2);
	bool open = assigned->interrupts.type == ULDF_IRQ_MSIX
			    ? vpci_msix_message(&assigned->msix, flags, vector, msi)
			    : vpci_msi_message(config, assigned->shown.msi, vector, msi);

	return open && msi->address >> 20 == 0xfee;
}

/* Returns how many routes there are. */
static unsigned int check_routes(const struct vpci_assigned *assigned)
{
	const struct vpci_interrupts *interrupts = &assigned->interrupts;
	unsigned int count = 0;

	for (unsigned int i = 0; i < interrupts->count; i++) {
		int fd = interrupts->vectors[i].fd;
		const struct host_route *route = fd < 0 ? NULL : host_route_of(&chaos.host, fd);
		struct vpci_msi msi = {0};
		bool wanted = wanted_message(assigned, i, &msi);

		count += route != NULL;
		cr_assert(wanted || !route, "step %u: vector %u of %02x has a route, and is masked",
			  chaos.step, i, assigned->function.devfn);
		cr_assert(!wanted || route || chaos.unsettled,
			  "step %u: vector %u of %02x has no route", chaos.step, i,
			  assigned->function.devfn);
		cr_assert(!route || (route->msi.address == msi.address &&
				     route->msi.data == msi.data),
			  "step %u: vector %u of %02x has another message", chaos.step, i,
			  assigned->function.devfn);
	}
	return count;
}

static unsigned int check_interrupts(const struct vpci_assigned *assigned)
{
	const struct vpci_interrupts *interrupts = &assigned->interrupts;
	unsigned int wires = interrupts->type == ULDF_IRQ_INTX	? 1
			     : interrupts->type == ULDF_IRQ_ISA ? 2
								: 0;

	cr_assert_eq(interrupts->type, wanted_type(assigned), "step %u: %02x has type %d, not %d",
		     chaos.step, assigned->function.devfn, interrupts->type, wanted_type(assigned));
	for (unsigned int i = 0; i < 2; i++)
		cr_assert(wires > i || interrupts->wires[i].fd < 0);
	if (!chaos.unsettled && !(chaos.unsettled_isa && interrupts->type == ULDF_IRQ_ISA))
		for (unsigned int i = 0; i < wires; i++)
			cr_assert_geq(interrupts->wires[i].fd, 0, "step %u: %02x has no line",
				      chaos.step, assigned->function.devfn);
	return check_routes(assigned);
}

/* The device masters the bus if the guest says so, and only then. */
static void check_command(const struct chaos_device *slot)
{
	uint32_t guest = vpci_config_read(&slot->function->config, PCI_COMMAND, 2);

	cr_assert(!((guest ^ slot->device.command) & PCI_COMMAND_MASTER),
		  "step %u: %02x has 0x%x in its command register, the guest wrote 0x%x",
		  chaos.step, slot->devfn, slot->device.command, guest);
}

static void check_devices(void)
{
	unsigned int routes = 0, wires = 0;

	for (unsigned int i = 0; i < CHAOS_DEVICES; i++) {
		const struct chaos_device *slot = &chaos.devices[i];
		const struct vpci_assigned *assigned;

		if (!slot->function)
			continue;
		assigned = vpci_assigned_from(slot->function);
		for (unsigned int j = 0; j < 2; j++)
			wires += assigned->interrupts.wires[j].fd >= 0;
		if (slot->device.gone) {
			for (unsigned int j = 0; j < assigned->interrupts.count; j++)
				routes += assigned->interrupts.vectors[j].open;
			continue;
		}
		routes += check_interrupts(assigned);
		check_command(slot);
		if (!chaos.unsettled)
			check_shown(slot->function);
	}
	cr_assert_eq(host_route_count(&chaos.host), routes, "step %u: routes of nobody",
		     chaos.step);
	cr_assert_eq(host_wire_count(&chaos.host), wires, "step %u: wires of nobody", chaos.step);
}

static void check_iommu(void)
{
	struct vpci_viommu_counters counters;

	vpci_viommu_count(chaos.viommu, &counters);
	cr_assert_eq(counters.mappings, iommu_mapping_count(&chaos.iommu), "step %u", chaos.step);
	cr_assert_leq(counters.mappings, CHAOS_MAPPINGS);
	for (unsigned int i = 0; i < IOMMU_DOMAINS; i++) {
		const struct iommu_domain *domain = &chaos.iommu.domains[i];

		for (size_t j = 0; domain->used && j < domain->count; j++)
			cr_assert(ring_memory(NULL, domain->list[j].target, domain->list[j].size),
				  "step %u: a mapping outside of RAM", chaos.step);
	}
	for (unsigned int i = 0; i < CHAOS_DEVICES; i++)
		cr_assert(chaos.devices[i].function || chaos.devices[i].devfn >= IOMMU_ENDPOINTS ||
				  chaos.iommu.endpoints[chaos.devices[i].devfn].reach ==
					  IOMMU_NOTHING,
			  "step %u: %02x reaches something and is not there", chaos.step,
			  chaos.devices[i].devfn);
}

void chaos_check(void)
{
	bool line = chaos.model->function.line &&
		    !(vpci_config_read(&chaos.model->function.config, PCI_COMMAND, 2) &
		      PCI_COMMAND_INTX_DISABLE);

	check_windows();
	for (unsigned int i = 0; i < HOST_WINDOWS; i++)
		if (chaos.host.windows[i].used)
			check_view(&chaos.host.windows[i].shown);
	check_devices();
	check_iommu();
	cr_assert_eq(chaos.host.levels[vpci_bus_gsi(chaos.bus, CHAOS_MODEL >> 3, 1)], line,
		     "step %u: the line of the model", chaos.step);
}
