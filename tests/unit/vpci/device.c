// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <sys/eventfd.h>
#include "device.h"

static struct device *device_opening;

static struct device *device_of(struct uldf_device *handle)
{
	return handle->priv;
}

static int device_open(struct uldf_device *handle, const char *rest)
{
	handle->priv = device_opening;
	device_opening->handle = handle;
	handle->attached = true;
	handle->info = device_opening->info;
	memcpy(handle->regions, device_opening->regions, sizeof(handle->regions));
	return 0;
}

static void device_close(struct uldf_device *handle)
{
	device_of(handle)->closes++;
	uldf_ctx_destroy(handle->ctx);
}

static int device_reset(struct uldf_device *handle, enum uldf_reset *how)
{
	struct device *device = device_of(handle);

	if (device->gone)
		return -ENODEV;
	device->resets++;
	cr_expect_eq(device->command & PCI_COMMAND_MASTER, 0, "reset while it masters the bus");
	*how = ULDF_RESET_BY_FUNCTION;
	return device->reset_error;
}

static uint8_t *device_bytes(struct device *device, unsigned int index)
{
	return index == ULDF_CONFIG ? device->config : device->bars[index];
}

static int device_region_read(struct uldf_device *handle, unsigned int index, uint64_t offset,
			      unsigned int width, uint64_t *out)
{
	struct device *device = device_of(handle);

	if (device->gone)
		return -ENODEV;
	*out = 0;
	memcpy(out, device_bytes(device, index) + offset, width);
	return 0;
}

static int device_region_write(struct uldf_device *handle, unsigned int index, uint64_t offset,
			       unsigned int width, uint64_t value)
{
	struct device *device = device_of(handle);

	if (device->gone)
		return -ENODEV;
	device->region_writes++;
	if (index == ULDF_CONFIG && offset == PCI_COMMAND)
		device->command = (uint32_t)value;
	memcpy(device_bytes(device, index) + offset, &value, width);
	return 0;
}

static int device_region_map(struct uldf_device *handle, unsigned int index, uint64_t offset,
			     size_t size, void **out)
{
	device_of(handle)->maps++;
	*out = device_of(handle)->bars[index] + offset;
	return 0;
}

static void device_region_unmap(struct uldf_device *handle, void *address, size_t size)
{
	device_of(handle)->maps--;
}

static int device_irq_enable(struct uldf_device *handle, enum uldf_irq_type type,
			     unsigned int count)
{
	struct device *device = device_of(handle);

	if (device->gone)
		return -ENODEV;
	if (device->type >= 0)
		return -EBUSY;
	if (device->enable_errors[type])
		return device->enable_errors[type];
	if (count > device->most_vectors)
		return -ENOSPC;
	device->enables++;
	device->type = type;
	device->count = count;
	return 0;
}

/* One is taken now, the others as they are bound. */
static int device_irq_reserve(struct uldf_device *handle, enum uldf_irq_type type,
			      unsigned int count)
{
	struct device *device = device_of(handle);
	int err = device_irq_enable(handle, type, type == ULDF_IRQ_MSIX ? 1 : count);

	if (err)
		return err;
	device->lazy = type == ULDF_IRQ_MSIX;
	device->taken = device->count;
	device->count = count;
	return 0;
}

static int device_irq_disable(struct uldf_device *handle)
{
	struct device *device = device_of(handle);

	device->disables++;
	device->type = -1;
	device->count = device->taken = 0;
	device->lazy = false;
	device->unmask_fd = -1;
	memset(device->fds, 0xff, sizeof(device->fds));
	return 0;
}

static bool device_pends(const struct device *device, unsigned int vector)
{
	return device->type == ULDF_IRQ_MSIX &&
	       device->bars[0][DEVICE_PBA + vector / 8] & 1 << vector % 8;
}

static int device_irq_bind(struct uldf_device *handle, unsigned int first, unsigned int count,
			   const int *fds)
{
	struct device *device = device_of(handle);

	cr_assert(first + count <= device->count);
	if (device->bind_error)
		return device->bind_error;
	for (unsigned int i = first; i < first + count; i++) {
		if (device->lazy && i && device->fds[i] < 0 && fds[i - first] >= 0) {
			if (device->taken == device->most_vectors)
				return -ENOSPC;
			device->taken++;
		}
		device->fds[i] = fds[i - first];
		/* what the device held back is sent */
		if (device->fds[i] >= 0 && device_pends(device, i)) {
			cr_assert_eq(eventfd_write(device->fds[i], 1), 0);
			device->bars[0][DEVICE_PBA + i / 8] &= (uint8_t) ~(1 << i % 8);
		}
	}
	return 0;
}

static int device_irq_bind_unmask(struct uldf_device *handle, int fd)
{
	device_of(handle)->unmask_fd = fd;
	return 0;
}

static int device_irq_unmask(struct uldf_device *handle)
{
	device_of(handle)->unmasks++;
	return 0;
}

static int device_event_read(struct uldf_device *handle, unsigned int *events)
{
	*events = device_of(handle)->events;
	device_of(handle)->events = 0;
	return 0;
}

static const struct uldf_backend_ops device_backend = {
	.name = "memory",
	.open = device_open,
	.close = device_close,
	.reset = device_reset,
	.region_read = device_region_read,
	.region_write = device_region_write,
	.region_map = device_region_map,
	.region_unmap = device_region_unmap,
	.irq_enable = device_irq_enable,
	.irq_reserve = device_irq_reserve,
	.irq_disable = device_irq_disable,
	.irq_bind = device_irq_bind,
	.irq_bind_unmask = device_irq_bind_unmask,
	.irq_unmask = device_irq_unmask,
	.event_read = device_event_read,
};

static void device_init(struct device *device, uint64_t config_size)
{
	memset(device, 0, sizeof(*device));
	memset(device->fds, 0xff, sizeof(device->fds));
	device->type = device->unmask_fd = -1;
	device->most_vectors = DEVICE_VECTORS;
	snprintf(device->info.address, sizeof(device->info.address), "0000:00:06.0");
	device->regions[ULDF_CONFIG] = (struct uldf_region){.size = config_size, .writable = true};
	for (unsigned int i = 0; i < 6; i++) {
		device->bars[i] = aligned_alloc(4096, DEVICE_BAR);
		cr_assert(device->bars[i]);
		memset(device->bars[i], 0, DEVICE_BAR);
	}
}

void device_set(struct device *device, unsigned int offset, unsigned int width, uint32_t value)
{
	memcpy(device->config + offset, &value, width);
}

uint32_t device_get(const struct device *device, unsigned int offset, unsigned int width)
{
	uint32_t value = 0;

	memcpy(&value, device->config + offset, width);
	return value;
}

void device_card(struct device *device)
{
	device_init(device, 4096);
	device->info.resets = true;
	device->info.vectors[ULDF_IRQ_INTX] = 1;
	device->info.vectors[ULDF_IRQ_MSI] = 4;
	device->info.vectors[ULDF_IRQ_MSIX] = 8;
	device->regions[ULDF_BAR0] = (struct uldf_region){
		.size = 0x4000, .writable = true, .areas = 1, .area = {{0, 0x4000}}};
	device->regions[2] = (struct uldf_region){.size = 32, .ports = true, .writable = true};
	device_set(device, PCI_VENDOR_ID, 4, 0x10d38086);
	device_set(device, PCI_STATUS, 2, PCI_STATUS_CAP_LIST | PCI_STATUS_REC_MASTER_ABORT);
	device_set(device, PCI_CLASS_REVISION, 4, 0x02000007);
	device_set(device, PCI_HEADER_TYPE, 1, 0x80);
	device_set(device, PCI_SUBSYSTEM_VENDOR_ID, 4, 0xa01f8086);
	device_set(device, PCI_CAPABILITY_LIST, 1, 0xc8);
	device_set(device, PCI_INTERRUPT_PIN, 1, 1);
	device_set(device, 0x44, 4, 0x44444444);
	device_set(device, 0xc8, 4, 0xc823d000 | PCI_CAP_ID_PM);
	device_set(device, 0xd0, 4, 0x0184 << 16 | 0x80 << 8 | PCI_CAP_ID_MSI);
	device_set(device, 0x80, 4, 0x0002 << 16 | 0x70 << 8 | PCI_CAP_ID_EXP);
	device_set(device, 0x80 + PCI_EXP_DEVCAP, 4, PCI_EXP_DEVCAP_FLR | PCI_EXP_DEVCAP_RBER | 2);
	device_set(device, 0x80 + PCI_EXP_DEVCTL, 2, 0x281f);
	device_set(device, 0x80 + PCI_EXP_LNKCAP, 4, 0x11);
	device_set(device, 0x70, 4, 7 << 16 | PCI_CAP_ID_MSIX);
	device_set(device, 0x70 + PCI_MSIX_TABLE, 4, 0x2000);
	device_set(device, 0x70 + PCI_MSIX_PBA, 4, 0x3000);
}

void device_ide(struct device *device)
{
	static const struct uldf_region fixed[] = {
		{.size = 8, .address = 0x1f0},
		{.size = 1, .address = 0x3f6},
		{.size = 8, .address = 0x170},
		{.size = 1, .address = 0x376},
	};

	device_init(device, 256);
	device->info.vectors[ULDF_IRQ_ISA] = 2;
	for (unsigned int i = 0; i < 4; i++) {
		device->regions[i] = fixed[i];
		device->regions[i].ports = device->regions[i].fixed = true;
		device->regions[i].writable = true;
	}
	device->regions[4] = (struct uldf_region){.size = 16, .ports = true, .writable = true};
	device_set(device, PCI_VENDOR_ID, 4, 0x70108086);
	device_set(device, PCI_CLASS_REVISION, 4, 0x01018000);
	device_set(device, 0x40, 4, 0x80008000);
	device->reset_error = -ENOTSUP;
}

int device_try_assign(struct device *device, char *reason, size_t size, struct vpci_function **out)
{
	struct uldf_device *handle;
	struct uldf_ctx *ctx;
	int err;

	cr_assert_eq(uldf_ctx_create(&ctx), 0);
	device_opening = device;
	cr_assert_eq(device_open_backend(ctx, &device_backend, "", &handle), 0);
	err = vpci_assigned_create(handle, reason, size, out);
	if (err)
		uldf_device_close(handle);
	return err;
}

struct vpci_function *device_assign(struct device *device)
{
	struct vpci_function *function = NULL;
	char reason[256] = "";

	cr_assert_eq(device_try_assign(device, reason, sizeof(reason), &function), 0, "%s", reason);
	return function;
}

void device_fire(struct device *device, unsigned int vector)
{
	if (device->fds[vector] >= 0)
		cr_assert_eq(eventfd_write(device->fds[vector], 1), 0);
	else
		device->bars[0][DEVICE_PBA + vector / 8] |= (uint8_t)(1 << vector % 8);
}

void device_fini(struct device *device)
{
	for (unsigned int i = 0; i < 6; i++)
		free(device->bars[i]);
}
