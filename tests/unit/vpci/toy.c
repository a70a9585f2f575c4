// SPDX-License-Identifier: MIT
#include "toy.h"
#include <linux/virtio_pci.h>
#include <stdlib.h>
#include "little_endian.h"

static struct toy *toy_from(struct vpci_virtio *virtio)
{
	return (struct toy *)virtio;
}

static void toy_reset(struct vpci_virtio *virtio)
{
	toy_from(virtio)->resets++;
}

static bool toy_notify(struct vpci_virtio *virtio, unsigned int queue)
{
	struct toy *toy = toy_from(virtio);

	toy->rung[queue]++;
	if (!toy->left)
		return false;
	toy->left--;
	return true;
}

static uint64_t toy_config_read(struct vpci_virtio *virtio, unsigned int offset, unsigned int width)
{
	cr_assert_leq(offset + width, TOY_CONFIG);
	return vpci_le_load(toy_from(virtio)->config + offset, width);
}

static void toy_config_write(struct vpci_virtio *virtio, unsigned int offset, unsigned int width,
			     uint64_t value)
{
	cr_assert_leq(offset + width, TOY_CONFIG);
	vpci_le_store(toy_from(virtio)->config + offset, width, value);
}

static void toy_destroy(struct vpci_function *function)
{
	vpci_virtio_fini(vpci_virtio_from(function));
	free(function);
}

struct toy *toy_create(void)
{
	static const struct vpci_virtio_ops virtio_ops = {
		.reset = toy_reset,
		.notify = toy_notify,
		.config_read = toy_config_read,
		.config_write = toy_config_write,
	};
	static const struct vpci_virtio_kind kind = {
		.id = 5,
		.class_code = 0xff0000,
		.features = TOY_FEATURES,
		.queue_count = 2,
		.queue_most = {16, 8},
		.config_size = TOY_CONFIG,
		.ops = &virtio_ops,
	};
	static const struct vpci_function_ops ops = {
		.attach = vpci_virtio_attach,
		.detach = vpci_virtio_detach,
		.destroy = toy_destroy,
		.config_read = vpci_virtio_config_read,
		.config_write = vpci_virtio_config_write,
		.bar_read = vpci_virtio_bar_read,
		.bar_write = vpci_virtio_bar_write,
	};
	struct toy *toy = calloc(1, sizeof(*toy));

	cr_assert(toy);
	toy->virtio.function.ops = &ops;
	cr_assert_eq(vpci_virtio_init(&toy->virtio, &kind), 0);
	return toy;
}

struct toy *toy_add(struct vpci_bus *bus, struct driver *driver)
{
	struct toy *toy = toy_create();

	cr_assert_eq(vpci_bus_add(bus, TOY, &toy->virtio.function), TOY);
	driver_find(driver, bus, TOY);
	return toy;
}

void toy_bring_up(const struct driver *driver, struct ring rings[2])
{
	ring_init(&rings[0], 16, RING_RAM);
	ring_init(&rings[1], 8, RING_EVENTS);
	driver_set_msix(driver, true);
	for (unsigned int i = 0; i < 3; i++)
		driver_unmask(driver, i);
	cr_assert(driver_negotiate(driver, TOY_FEATURES) & DRIVER_FEATURES_OK);
	driver_write(driver, VIRTIO_PCI_COMMON_MSIX, 2, 0);
	driver_queue(driver, 0, &rings[0], 1);
	driver_queue(driver, 1, &rings[1], 2);
	driver_ready(driver);
}
