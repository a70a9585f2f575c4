// SPDX-License-Identifier: MIT
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>
#include "backend.h"
#include "e1000e-fake.h"

struct card card;

static int card_open(struct uldf_device *device, const char *rest)
{
	device->info.vectors[ULDF_IRQ_INTX] = 1;
	device->info.vectors[ULDF_IRQ_MSI] = 1;
	device->regions[ULDF_BAR0] = (struct uldf_region){.size = 0x20000, .writable = true};
	device->regions[ULDF_CONFIG] = (struct uldf_region){.size = 4096, .writable = true};
	card = (struct card){.id = 0x10d38086, .writes = -1, .fd = -1};
	return 0;
}

static void card_close(struct uldf_device *device)
{
}

static int card_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		     unsigned int width, uint64_t *out)
{
	if (index == ULDF_CONFIG) {
		*out = offset == PCI_COMMAND ? card.command : card.id;
		return 0;
	}
	if (!card.writes)
		return -ENODEV;
	*out = card.registers[offset / 4];
	if (offset == E1000E_ICR)
		card.registers[offset / 4] = 0;
	return 0;
}

static int card_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		      unsigned int width, uint64_t value)
{
	if (index == ULDF_CONFIG) {
		card.command = (uint32_t)value;
		return 0;
	}
	if (!card.writes)
		return -ENODEV;
	if (card.writes > 0)
		card.writes--;
	if (offset == E1000E_CTRL && value & E1000E_CTRL_RST && !card.hangs) {
		memset(card.registers, 0, sizeof(card.registers));
		card.registers[E1000E_EECD / 4] = E1000E_EECD_AUTO_RD;
		card.registers[E1000E_RAL0 / 4] = 0x12005452;
		card.registers[E1000E_RAH0 / 4] = 0x80005634;
		return 0;
	}
	card.registers[offset / 4] = (uint32_t)value;
	return 0;
}

static int card_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	card.irqs += count;
	return 0;
}

static int card_irq_disable(struct uldf_device *device)
{
	card.irqs = 0;
	return 0;
}

static int card_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
			 const int *fds)
{
	card.fd = *fds;
	return 0;
}

static int card_attach(struct uldf_device *device, struct uldf_space *space)
{
	return 0;
}

static int card_space_create(struct uldf_device *device, struct uldf_space *space)
{
	return 0;
}

static void card_space_destroy(struct uldf_space *space)
{
}

static int card_register(struct uldf_space *space, struct uldf_memory *memory)
{
	card.pinned++;
	return 0;
}

static int card_unregister(struct uldf_space *space, struct uldf_memory *memory)
{
	card.pinned--;
	return 0;
}

/* Bus addresses are those of the process, so that the test can play the card's part. */
static int card_map(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	list->address = (uintptr_t)list->memory->address + list->offset;
	card.mapped++;
	return 0;
}

static int card_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	card.mapped--;
	return 0;
}

static const struct uldf_backend_ops card_ops = {
	.name = "card",
	.open = card_open,
	.close = card_close,
	.region_read = card_read,
	.region_write = card_write,
	.irq_enable = card_irq_enable,
	.irq_disable = card_irq_disable,
	.irq_bind = card_irq_bind,
	.attach = card_attach,
	.space_create = card_space_create,
	.space_destroy = card_space_destroy,
	.memory_register = card_register,
	.memory_unregister = card_unregister,
	.map_anywhere = card_map,
	.unmap = card_unmap,
};

void fixture_init(struct fixture *f)
{
	f->nic = (void *)0x1234;
	cr_assert(eq(int, uldf_ctx_create(&f->ctx), 0));
	cr_assert(eq(int, device_open_backend(f->ctx, &card_ops, "", &f->device), 0));
	cr_assert(eq(int, uldf_space_create(f->device, &f->space), 0));
	cr_assert(eq(int, uldf_device_attach(f->device, f->space), 0));
}

void fixture_open(struct fixture *f, const struct uldf_e1000e_options *options)
{
	fixture_init(f);
	cr_assert(eq(int, uldf_e1000e_open(f->device, f->space, options, &f->nic), 0));
}

void fixture_fini(struct fixture *f)
{
	cr_expect(eq(uint, card.pinned, 0));
	cr_expect(eq(uint, card.mapped, 0));
	cr_expect(eq(uint, card.irqs, 0));
	cr_expect(eq(uint, card.command & PCI_COMMAND_MASTER, 0));
	uldf_space_destroy(f->space);
	uldf_device_close(f->device);
	uldf_ctx_destroy(f->ctx);
}

uint64_t card_pair(unsigned int low)
{
	return card.registers[low / 4] | (uint64_t)card.registers[low / 4 + 1] << 32;
}
