// SPDX-License-Identifier: MIT
#include "routes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#define ISA_LINES    16
#define PIC_PINS     8
#define ISA_TIMER    0
#define ISA_CASCADE  2
#define TIMER_PIN    2
#define FIXED_ROUTES (ISA_LINES - 1 + VMM_GSI_LINES - 1)

static size_t table_bytes(size_t entries)
{
	return sizeof(struct kvm_irq_routing) + entries * sizeof(struct kvm_irq_routing_entry);
}

static int reserve(struct vmm_routes *routes, size_t entries)
{
	struct kvm_irq_routing *table;
	size_t room = routes->room ? routes->room : 64;

	if (entries <= routes->room)
		return 0;
	while (room < entries)
		room *= 2;
	table = realloc(routes->table, table_bytes(room));
	if (!table)
		return -ENOMEM;
	routes->table = table;
	routes->room = room;
	return 0;
}

static void append_line(struct kvm_irq_routing *table, unsigned int gsi, unsigned int irqchip,
			unsigned int pin)
{
	table->entries[table->nr++] = (struct kvm_irq_routing_entry){
		.gsi = gsi,
		.type = KVM_IRQ_ROUTING_IRQCHIP,
		.u.irqchip = {.irqchip = irqchip, .pin = pin},
	};
}

int vmm_routes_init(struct vmm_routes *routes, size_t max)
{
	*routes = (struct vmm_routes){.max = max};
	routes->index = calloc(max ? max : 1, sizeof(*routes->index));
	if (!routes->index || reserve(routes, FIXED_ROUTES)) {
		vmm_routes_fini(routes);
		return -ENOMEM;
	}
	routes->table->nr = 0;
	routes->table->flags = 0;
	for (unsigned int gsi = 0; gsi < VMM_GSI_LINES; gsi++) {
		if (gsi == ISA_CASCADE)
			continue;
		if (gsi < PIC_PINS)
			append_line(routes->table, gsi, KVM_IRQCHIP_PIC_MASTER, gsi);
		else if (gsi < ISA_LINES)
			append_line(routes->table, gsi, KVM_IRQCHIP_PIC_SLAVE, gsi - PIC_PINS);
		append_line(routes->table, gsi, KVM_IRQCHIP_IOAPIC,
			    gsi == ISA_TIMER ? TIMER_PIN : gsi);
	}
	return 0;
}

void vmm_routes_fini(struct vmm_routes *routes)
{
	free(routes->table);
	free(routes->index);
	*routes = (struct vmm_routes){.room = 0};
}

static struct kvm_irq_routing_entry *find(struct vmm_routes *routes, unsigned int gsi)
{
	/* The first entry is a line's: 0 stands for none. */
	if (gsi >= routes->max || !routes->index[gsi])
		return NULL;
	return &routes->table->entries[routes->index[gsi]];
}

static void set_message(struct kvm_irq_routing_entry *entry, uint64_t address, uint32_t data)
{
	entry->u.msi.address_lo = (uint32_t)address;
	entry->u.msi.address_hi = (uint32_t)(address >> 32);
	entry->u.msi.data = data;
}

int vmm_routes_add(struct vmm_routes *routes, uint64_t address, uint32_t data, unsigned int *gsi)
{
	struct kvm_irq_routing_entry *entry;
	unsigned int number = VMM_GSI_LINES;

	while (number < routes->max && routes->index[number])
		number++;
	/* KVM takes GSIs below the limit only, and no more entries than the limit. */
	if (number >= routes->max || routes->table->nr >= routes->max)
		return -ENOSPC;
	if (reserve(routes, routes->table->nr + 1))
		return -ENOMEM;
	routes->index[number] = routes->table->nr;
	entry = &routes->table->entries[routes->table->nr++];
	*entry = (struct kvm_irq_routing_entry){.gsi = number, .type = KVM_IRQ_ROUTING_MSI};
	set_message(entry, address, data);
	*gsi = number;
	return 0;
}

int vmm_routes_update(struct vmm_routes *routes, unsigned int gsi, uint64_t address, uint32_t data)
{
	struct kvm_irq_routing_entry *entry = find(routes, gsi);

	if (!entry)
		return -ENOENT;
	set_message(entry, address, data);
	return 0;
}

int vmm_routes_remove(struct vmm_routes *routes, unsigned int gsi)
{
	struct kvm_irq_routing_entry *entry = find(routes, gsi);
	struct kvm_irq_routing_entry *last;

	if (!entry)
		return -ENOENT;
	routes->index[gsi] = 0;
	last = &routes->table->entries[--routes->table->nr];
	if (entry == last)
		return 0;
	*entry = *last;
	routes->index[entry->gsi] = (unsigned int)(entry - routes->table->entries);
	return 0;
}
