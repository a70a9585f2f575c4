// SPDX-License-Identifier: MIT
#include "routes.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>

#define FIXED 38 /* 15 ISA lines on a PIC, 23 pins of the IOAPIC */
#define MAX   1000

static struct vmm_routes routes;

static void setup(void)
{
	cr_assert(zero(int, vmm_routes_init(&routes, MAX)));
}

static void teardown(void)
{
	vmm_routes_fini(&routes);
}

TestSuite(routes, .init = setup, .fini = teardown);

/* The pin of a chip that a GSI is wired to, or -1. */
static int pin_of(unsigned int gsi, unsigned int irqchip)
{
	for (unsigned int i = 0; i < routes.table->nr; i++) {
		const struct kvm_irq_routing_entry *entry = &routes.table->entries[i];

		if (entry->gsi == gsi && entry->type == KVM_IRQ_ROUTING_IRQCHIP &&
		    entry->u.irqchip.irqchip == irqchip)
			return (int)entry->u.irqchip.pin;
	}
	return -1;
}

static const struct kvm_irq_routing_entry *message_of(unsigned int gsi)
{
	for (unsigned int i = 0; i < routes.table->nr; i++)
		if (routes.table->entries[i].gsi == gsi)
			return &routes.table->entries[i];
	return NULL;
}

Test(routes, the_timer_is_on_pin_2_of_the_ioapic)
{
	cr_assert(eq(int, pin_of(0, KVM_IRQCHIP_PIC_MASTER), 0));
	cr_assert(eq(int, pin_of(0, KVM_IRQCHIP_IOAPIC), 2));
}

Test(routes, the_cascade_is_wired_to_nothing)
{
	cr_assert(message_of(2) == NULL);
}

Test(routes, isa_lines_reach_pic_and_ioapic)
{
	cr_assert(eq(int, pin_of(4, KVM_IRQCHIP_PIC_MASTER), 4));
	cr_assert(eq(int, pin_of(4, KVM_IRQCHIP_IOAPIC), 4));
	cr_assert(eq(int, pin_of(8, KVM_IRQCHIP_PIC_SLAVE), 0));
	cr_assert(eq(int, pin_of(14, KVM_IRQCHIP_PIC_SLAVE), 6));
	cr_assert(eq(int, pin_of(15, KVM_IRQCHIP_IOAPIC), 15));
}

Test(routes, pci_lines_reach_the_ioapic_alone)
{
	for (unsigned int gsi = 16; gsi < 24; gsi++) {
		cr_assert(eq(int, pin_of(gsi, KVM_IRQCHIP_IOAPIC), (int)gsi));
		cr_assert(eq(int, pin_of(gsi, KVM_IRQCHIP_PIC_MASTER), -1));
		cr_assert(eq(int, pin_of(gsi, KVM_IRQCHIP_PIC_SLAVE), -1));
	}
	cr_assert(eq(u32, routes.table->nr, FIXED));
}

Test(routes, messages_take_the_gsis_behind_the_lines)
{
	const struct kvm_irq_routing_entry *entry;
	unsigned int first, second;

	cr_assert(zero(int, vmm_routes_add(&routes, 0x1fee01000, 0x4021, &first)));
	cr_assert(zero(int, vmm_routes_add(&routes, 0xfee02000, 0x4022, &second)));
	cr_assert(eq(uint, first, 24));
	cr_assert(eq(uint, second, 25));
	entry = message_of(first);
	cr_assert(eq(u32, entry->type, KVM_IRQ_ROUTING_MSI));
	cr_assert(eq(u32, entry->u.msi.address_lo, 0xfee01000));
	cr_assert(eq(u32, entry->u.msi.address_hi, 1));
	cr_assert(eq(u32, entry->u.msi.data, 0x4021));
}

Test(routes, an_update_changes_one_message)
{
	unsigned int first, second;

	vmm_routes_add(&routes, 0xfee01000, 1, &first);
	vmm_routes_add(&routes, 0xfee02000, 2, &second);
	cr_assert(zero(int, vmm_routes_update(&routes, first, 0xfee03000, 3)));
	cr_assert(eq(u32, message_of(first)->u.msi.address_lo, 0xfee03000));
	cr_assert(eq(u32, message_of(first)->u.msi.data, 3));
	cr_assert(eq(u32, message_of(second)->u.msi.data, 2));
}

Test(routes, a_removed_gsi_is_used_again)
{
	unsigned int first, second, third;

	vmm_routes_add(&routes, 0, 1, &first);
	vmm_routes_add(&routes, 0, 2, &second);
	cr_assert(zero(int, vmm_routes_remove(&routes, first)));
	cr_assert(message_of(first) == NULL);
	cr_assert(eq(u32, message_of(second)->u.msi.data, 2));
	cr_assert(zero(int, vmm_routes_add(&routes, 0, 3, &third)));
	cr_assert(eq(uint, third, first));
}

Test(routes, lines_cannot_be_changed_as_messages)
{
	cr_assert(eq(int, vmm_routes_update(&routes, 4, 0, 0), -ENOENT));
	cr_assert(eq(int, vmm_routes_remove(&routes, 4), -ENOENT));
	cr_assert(eq(int, vmm_routes_remove(&routes, 24), -ENOENT));
	cr_assert(eq(u32, routes.table->nr, FIXED));
}

Test(routes, a_full_table_is_enospc)
{
	unsigned int gsi = 42;

	for (unsigned int i = FIXED; i < MAX; i++)
		cr_assert(zero(int, vmm_routes_add(&routes, 0, 0, &gsi)));
	gsi = 42;
	cr_assert(eq(int, vmm_routes_add(&routes, 0, 0, &gsi), -ENOSPC));
	cr_assert(eq(uint, gsi, 42));
}

Test(routes, a_full_table_still_has_each_message)
{
	unsigned int gsi;

	for (unsigned int i = FIXED; i < MAX; i++)
		cr_assert(zero(int, vmm_routes_add(&routes, i, i, &gsi)));
	for (unsigned int i = FIXED; i < MAX; i += 2)
		cr_assert(zero(int, vmm_routes_remove(&routes, VMM_GSI_LINES + i - FIXED)));
	for (unsigned int i = FIXED; i < MAX; i++) {
		const struct kvm_irq_routing_entry *entry = message_of(VMM_GSI_LINES + i - FIXED);

		if (i % 2 == FIXED % 2)
			cr_assert(entry == NULL);
		else
			cr_assert(eq(u32, entry->u.msi.data, i));
	}
	cr_assert(zero(int, vmm_routes_update(&routes, gsi, 0, 42)));
	cr_assert(eq(u32, message_of(gsi)->u.msi.data, 42));
}

Test(routes, a_gsi_beyond_the_limit_is_enoent)
{
	cr_assert(eq(int, vmm_routes_update(&routes, MAX, 0, 0), -ENOENT));
	cr_assert(eq(int, vmm_routes_remove(&routes, UINT32_MAX), -ENOENT));
}

Test(routes, a_limit_below_the_lines_leaves_no_message)
{
	struct vmm_routes narrow;
	unsigned int gsi = 42;

	cr_assert(zero(int, vmm_routes_init(&narrow, 0)));
	cr_assert(eq(int, vmm_routes_add(&narrow, 0, 0, &gsi), -ENOSPC));
	cr_assert(eq(uint, gsi, 42));
	vmm_routes_fini(&narrow);
}
