// SPDX-License-Identifier: MIT
#include "driver.h"
#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>

#define DRIVER_ALL (DRIVER_ACKNOWLEDGE | DRIVER_DRIVER)

struct vpci_bus *driver_bus(struct host *host)
{
	struct vpci_bus *bus = host_bus(host);

	ring_clear();
	host->ram = ring_ram;
	host->ram_base = RING_RAM;
	host->ram_size = RING_RAM_SIZE;
	return bus;
}

unsigned int driver_capability(struct vpci_bus *bus, unsigned int devfn, unsigned int type)
{
	unsigned int at = host_config_read(bus, devfn, PCI_CAPABILITY_LIST, 1);

	for (; at; at = host_config_read(bus, devfn, at + 1, 1))
		if (host_config_read(bus, devfn, at, 1) == PCI_CAP_ID_VNDR &&
		    host_config_read(bus, devfn, at + 3, 1) == type)
			return at;
	cr_assert_fail("no capability %u", type);
	return 0;
}

/* Where a structure in memory is. */
static uint64_t driver_place(struct vpci_bus *bus, unsigned int devfn, unsigned int at)
{
	unsigned int bar = host_config_read(bus, devfn, at + 4, 1);
	uint32_t base = host_config_read(bus, devfn, PCI_BASE_ADDRESS_0 + 4 * bar, 4);

	cr_assert_eq(base & PCI_BASE_ADDRESS_SPACE, PCI_BASE_ADDRESS_SPACE_MEMORY);
	return (base & PCI_BASE_ADDRESS_MEM_MASK) + host_config_read(bus, devfn, at + 8, 4);
}

static unsigned int driver_find_msix(struct vpci_bus *bus, unsigned int devfn)
{
	unsigned int at = host_config_read(bus, devfn, PCI_CAPABILITY_LIST, 1);

	while (at && host_config_read(bus, devfn, at, 1) != PCI_CAP_ID_MSIX)
		at = host_config_read(bus, devfn, at + 1, 1);
	cr_assert_neq(at, 0);
	return at;
}

static uint64_t driver_place_msix(struct vpci_bus *bus, unsigned int devfn, uint32_t location)
{
	uint32_t base = host_config_read(bus, devfn, PCI_BASE_ADDRESS_0 + 4 * (location & 7), 4);

	return (base & PCI_BASE_ADDRESS_MEM_MASK) + (location & ~7u);
}

void driver_find(struct driver *driver, struct vpci_bus *bus, unsigned int devfn)
{
	unsigned int notify, bar;
	uint32_t command;

	cr_assert_eq(vpci_bus_assign(bus), 0);
	command = host_config_read(bus, devfn, PCI_COMMAND, 2);
	host_config_write(bus, devfn, PCI_COMMAND, 2, command | PCI_COMMAND_MASTER);
	notify = driver_capability(bus, devfn, VIRTIO_PCI_CAP_NOTIFY_CFG);
	bar = host_config_read(bus, devfn, notify + 4, 1);
	*driver = (struct driver){
		.bus = bus,
		.devfn = devfn,
		.common = driver_place(bus, devfn,
				       driver_capability(bus, devfn, VIRTIO_PCI_CAP_COMMON_CFG)),
		.isr = driver_place(bus, devfn,
				    driver_capability(bus, devfn, VIRTIO_PCI_CAP_ISR_CFG)),
		.device = driver_place(bus, devfn,
				       driver_capability(bus, devfn, VIRTIO_PCI_CAP_DEVICE_CFG)),
		.doorbell =
			(uint16_t)(host_config_read(bus, devfn, PCI_BASE_ADDRESS_0 + 4 * bar, 4) &
				   PCI_BASE_ADDRESS_IO_MASK),
		.stride = host_config_read(bus, devfn, notify + 16, 4),
		.msix = driver_find_msix(bus, devfn),
		.access = driver_capability(bus, devfn, VIRTIO_PCI_CAP_PCI_CFG),
	};
	driver->table = driver_place_msix(
		bus, devfn, host_config_read(bus, devfn, driver->msix + PCI_MSIX_TABLE, 4));
	driver->pending = driver_place_msix(
		bus, devfn, host_config_read(bus, devfn, driver->msix + PCI_MSIX_PBA, 4));
}

uint64_t driver_read(const struct driver *driver, unsigned int offset, unsigned int width)
{
	return host_memory_read(driver->bus, driver->common + offset, width);
}

void driver_write(const struct driver *driver, unsigned int offset, unsigned int width,
		  uint64_t value)
{
	host_memory_write(driver->bus, driver->common + offset, width, value);
}

uint8_t driver_status(const struct driver *driver)
{
	return (uint8_t)driver_read(driver, VIRTIO_PCI_COMMON_STATUS, 1);
}

uint64_t driver_features(const struct driver *driver)
{
	uint64_t features;

	driver_write(driver, VIRTIO_PCI_COMMON_DFSELECT, 4, 0);
	features = driver_read(driver, VIRTIO_PCI_COMMON_DF, 4);
	driver_write(driver, VIRTIO_PCI_COMMON_DFSELECT, 4, 1);
	return features | driver_read(driver, VIRTIO_PCI_COMMON_DF, 4) << 32;
}

uint8_t driver_negotiate(const struct driver *driver, uint64_t features)
{
	driver_write(driver, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	cr_expect_eq(driver_status(driver), 0);
	driver_write(driver, VIRTIO_PCI_COMMON_STATUS, 1, DRIVER_ALL);
	driver_write(driver, VIRTIO_PCI_COMMON_GFSELECT, 4, 0);
	driver_write(driver, VIRTIO_PCI_COMMON_GF, 4, (uint32_t)features);
	driver_write(driver, VIRTIO_PCI_COMMON_GFSELECT, 4, 1);
	driver_write(driver, VIRTIO_PCI_COMMON_GF, 4, features >> 32);
	driver_write(driver, VIRTIO_PCI_COMMON_STATUS, 1, DRIVER_ALL | DRIVER_FEATURES_OK);
	return driver_status(driver);
}

void driver_queue(const struct driver *driver, unsigned int index, const struct ring *ring,
		  uint16_t vector)
{
	driver_write(driver, VIRTIO_PCI_COMMON_Q_SELECT, 2, index);
	driver_write(driver, VIRTIO_PCI_COMMON_Q_SIZE, 2, ring->size);
	driver_write(driver, VIRTIO_PCI_COMMON_Q_MSIX, 2, vector);
	driver_write(driver, VIRTIO_PCI_COMMON_Q_DESCLO, 4, (uint32_t)ring->desc);
	driver_write(driver, VIRTIO_PCI_COMMON_Q_DESCHI, 4, ring->desc >> 32);
	driver_write(driver, VIRTIO_PCI_COMMON_Q_AVAILLO, 4, (uint32_t)ring->avail);
	driver_write(driver, VIRTIO_PCI_COMMON_Q_AVAILHI, 4, ring->avail >> 32);
	driver_write(driver, VIRTIO_PCI_COMMON_Q_USEDLO, 4, (uint32_t)ring->used);
	driver_write(driver, VIRTIO_PCI_COMMON_Q_USEDHI, 4, ring->used >> 32);
	driver_write(driver, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
}

void driver_ready(const struct driver *driver)
{
	driver_write(driver, VIRTIO_PCI_COMMON_STATUS, 1, driver_status(driver) | DRIVER_OK);
}

void driver_ring(const struct driver *driver, unsigned int queue)
{
	uint16_t port = (uint16_t)(driver->doorbell + queue * driver->stride);

	cr_assert(vpci_bus_port_write(driver->bus, port, 2, queue));
}

void driver_set_msix(const struct driver *driver, bool on)
{
	unsigned int at = driver->msix + PCI_MSIX_FLAGS;
	uint32_t flags = host_config_read(driver->bus, driver->devfn, at, 2);

	flags &= ~(uint32_t)PCI_MSIX_FLAGS_ENABLE;
	host_config_write(driver->bus, driver->devfn, at, 2,
			  on ? flags | PCI_MSIX_FLAGS_ENABLE : flags);
}

void driver_unmask(const struct driver *driver, unsigned int vector)
{
	uint64_t entry = driver->table + 16 * vector;

	host_memory_write(driver->bus, entry, 8, 0xfee01000);
	host_memory_write(driver->bus, entry + 8, 4, vector);
	host_memory_write(driver->bus, entry + 12, 4, 0);
}

void driver_mask(const struct driver *driver, unsigned int vector)
{
	host_memory_write(driver->bus, driver->table + 16 * vector + 12, 4, 1);
}
