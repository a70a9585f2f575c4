// SPDX-License-Identifier: MIT
/* A device behind a backend of libuldf's that is nothing but memory. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>
#include "backend.h"
#include "races.h"

static struct card *card_opening;

static struct card *card_of(struct uldf_device *handle)
{
	return handle->priv;
}

static int card_enter(struct card *card)
{
	card->accesses++;
	return __atomic_load_n(&card->gone, __ATOMIC_RELAXED) ? -ENODEV : 0;
}

static int card_open(struct uldf_device *handle, const char *rest)
{
	handle->priv = card_opening;
	handle->info.resets = true;
	handle->info.vectors[ULDF_IRQ_INTX] = 1;
	handle->info.vectors[ULDF_IRQ_MSIX] = 8;
	handle->regions[ULDF_CONFIG] = (struct uldf_region){.size = 4096, .writable = true};
	handle->regions[ULDF_BAR0] = (struct uldf_region){
		.size = CARD_BAR, .writable = true, .areas = 1, .area = {{0, CARD_BAR}}};
	return 0;
}

static void card_close(struct uldf_device *handle)
{
	uldf_ctx_destroy(handle->ctx);
}

static int card_reset(struct uldf_device *handle, enum uldf_reset *how)
{
	*how = ULDF_RESET_BY_FUNCTION;
	return card_enter(card_of(handle));
}

static uint8_t *card_bytes(struct card *card, unsigned int index, uint64_t offset)
{
	return (index == ULDF_CONFIG ? card->config : card->bar) + offset;
}

static int card_read(struct uldf_device *handle, unsigned int index, uint64_t offset,
		     unsigned int width, uint64_t *out)
{
	int err = card_enter(card_of(handle));

	if (err)
		return err;
	*out = 0;
	memcpy(out, card_bytes(card_of(handle), index, offset), width);
	return 0;
}

static int card_write(struct uldf_device *handle, unsigned int index, uint64_t offset,
		      unsigned int width, uint64_t value)
{
	int err = card_enter(card_of(handle));

	if (!err)
		memcpy(card_bytes(card_of(handle), index, offset), &value, width);
	return err;
}

static int card_map(struct uldf_device *handle, unsigned int index, uint64_t offset, size_t size,
		    void **out)
{
	*out = card_of(handle)->bar + offset;
	return 0;
}

static void card_unmap(struct uldf_device *handle, void *address, size_t size)
{
}

static int card_enable(struct uldf_device *handle, enum uldf_irq_type type, unsigned int count)
{
	int err = card_enter(card_of(handle));

	if (!err)
		card_of(handle)->type = type;
	return err;
}

static int card_disable(struct uldf_device *handle)
{
	card_of(handle)->type = -1;
	return 0;
}

static int card_bind(struct uldf_device *handle, unsigned int first, unsigned int count,
		     const int *fds)
{
	return card_enter(card_of(handle));
}

static int card_bind_unmask(struct uldf_device *handle, int fd)
{
	return card_enter(card_of(handle));
}

static int card_unmask(struct uldf_device *handle)
{
	return card_enter(card_of(handle));
}

static int card_event(struct uldf_device *handle, unsigned int *events)
{
	*events = 0;
	return 0;
}

static const struct uldf_backend_ops card_backend = {
	.name = "memory",
	.open = card_open,
	.close = card_close,
	.reset = card_reset,
	.region_read = card_read,
	.region_write = card_write,
	.region_map = card_map,
	.region_unmap = card_unmap,
	.irq_enable = card_enable,
	.irq_reserve = card_enable,
	.irq_disable = card_disable,
	.irq_bind = card_bind,
	.irq_bind_unmask = card_bind_unmask,
	.irq_unmask = card_unmask,
	.event_read = card_event,
};

static void card_set(struct card *card, unsigned int offset, uint32_t value)
{
	memcpy(card->config + offset, &value, sizeof(value));
}

struct vpci_function *card_assign(struct card *card)
{
	struct vpci_function *function;
	struct uldf_device *handle;
	struct uldf_ctx *ctx;

	memset(card, 0, sizeof(*card));
	card_set(card, PCI_VENDOR_ID, 0x10d38086);
	card_set(card, PCI_COMMAND, PCI_STATUS_CAP_LIST << 16);
	card_set(card, PCI_CAPABILITY_LIST, 0x70);
	card_set(card, PCI_INTERRUPT_LINE, 1 << 8);
	card_set(card, 0x70, 7 << 16 | 0x80 << 8 | PCI_CAP_ID_MSIX);
	card_set(card, 0x70 + PCI_MSIX_TABLE, 0x2000);
	card_set(card, 0x70 + PCI_MSIX_PBA, 0x3000);
	card_set(card, 0x80, 2 << 16 | PCI_CAP_ID_EXP);
	card_set(card, 0x80 + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_FLR);
	card_opening = card;
	if (uldf_ctx_create(&ctx) || device_open_backend(ctx, &card_backend, "", &handle) ||
	    vpci_assigned_create(handle, NULL, 0, &function))
		abort();
	return function;
}
