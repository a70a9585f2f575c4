// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>
#include "toy.h"

static struct host host;
static struct vpci_bus *bus;
static struct driver driver;
static struct toy *toy;
static struct ring rings[2];

static void pci_start(void)
{
	bus = driver_bus(&host);
	toy = toy_add(bus, &driver);
}

static void pci_end(void)
{
	vpci_bus_destroy(bus);
	host_check_leaks();
}

TestSuite(virtio_pci, .init = pci_start, .fini = pci_end);

Test(virtio_pci, it_says_what_it_is)
{
	cr_expect_eq(host_config_read(bus, TOY, PCI_VENDOR_ID, 4), 0x10451af4);
	cr_expect_eq(host_config_read(bus, TOY, PCI_CLASS_REVISION, 4), 0xff000001);
	cr_expect_eq(host_config_read(bus, TOY, PCI_SUBSYSTEM_VENDOR_ID, 4), 0x11001af4);
	cr_expect_eq(host_config_read(bus, TOY, PCI_INTERRUPT_PIN, 1), 0);
}

Test(virtio_pci, each_structure_lies_in_its_bar)
{
	static const struct {
		unsigned int type, length, size;
	} rows[] = {
		{VIRTIO_PCI_CAP_COMMON_CFG, 16, 56}, {VIRTIO_PCI_CAP_NOTIFY_CFG, 20, 8},
		{VIRTIO_PCI_CAP_ISR_CFG, 16, 4},     {VIRTIO_PCI_CAP_DEVICE_CFG, 16, TOY_CONFIG},
		{VIRTIO_PCI_CAP_PCI_CFG, 20, 0},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned int at = driver_capability(bus, TOY, rows[i].type);
		unsigned int bar = host_config_read(bus, TOY, at + 4, 1);
		uint64_t end = host_config_read(bus, TOY, at + 8, 4) +
			       host_config_read(bus, TOY, at + 12, 4);

		cr_expect_eq(host_config_read(bus, TOY, at + 2, 1), rows[i].length);
		cr_expect_eq(host_config_read(bus, TOY, at + 12, 4), rows[i].size);
		cr_expect_leq(end, toy->virtio.function.config.bar[bar].size);
	}
	cr_expect_eq(driver.stride, 4);
	cr_expect_eq(driver.doorbell & ~0xfffu, HOST_PORTS);
}

Test(virtio_pci, a_vmm_without_memory_cannot_have_it)
{
	struct vpci_host_ops ops = host_ops;
	struct vpci_layout layout = host_layout();
	struct vpci_bus *other;
	struct toy *own = toy_create();

	ops.memory = NULL;
	cr_assert_eq(vpci_bus_create(&layout, &ops, &host, &other), 0);
	cr_expect_eq(vpci_bus_add(other, TOY, &own->virtio.function), -ENOTSUP);
	vpci_function_destroy(&own->virtio.function);
	vpci_bus_destroy(other);
}

Test(virtio_pci, a_doorbell_is_heard_when_the_driver_is_ready)
{
	driver_ring(&driver, 0);
	cr_expect_eq(toy->rung[0], 0);
	toy_bring_up(&driver, rings);
	driver_ring(&driver, 0);
	cr_expect_eq(toy->rung[0], 1);
	driver_ring(&driver, 1);
	driver_ring(&driver, 1);
	cr_expect_eq(toy->rung[1], 2);
	driver_write(&driver, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	driver_ring(&driver, 0);
	cr_expect_eq(toy->rung[0], 1);
}

Test(virtio_pci, ports_beside_the_doorbells_do_nothing_and_read_as_zero)
{
	uint32_t value = 1;

	toy_bring_up(&driver, rings);
	for (uint16_t i = 0; i < 8; i++)
		if (i % 4)
			vpci_bus_port_write(bus, (uint16_t)(driver.doorbell + i), 1, 0);
	cr_expect_eq(toy->rung[0] + toy->rung[1], 0);
	cr_expect(vpci_bus_port_read(bus, driver.doorbell, 4, &value));
	cr_expect_eq(value, 0);
}

Test(virtio_pci, a_doorbell_without_bus_mastering_is_heard_when_it_comes_on)
{
	toy_bring_up(&driver, rings);
	host_config_write(bus, TOY, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
	driver_ring(&driver, 0);
	driver_ring(&driver, 0);
	cr_expect_eq(toy->rung[0], 0);
	host_config_write(bus, TOY, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
	cr_expect_eq(toy->rung[0], 1);
	driver_ring(&driver, 0);
	cr_expect_eq(toy->rung[0], 2);
	host_config_write(bus, TOY, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
	driver_ring(&driver, 0);
	toy_bring_up(&driver, rings);
	host_config_write(bus, TOY, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
	cr_expect_eq(toy->rung[0], 2, "a reset forgets it");
}

Test(virtio_pci, what_a_doorbell_left_is_served_at_any_access)
{
	toy_bring_up(&driver, rings);
	toy->left = 4;
	driver_ring(&driver, 0);
	cr_expect_eq(toy->rung[0], 1);
	host_config_read(bus, TOY, PCI_VENDOR_ID, 4);
	cr_expect_eq(toy->rung[0], 2);
	driver_read(&driver, VIRTIO_PCI_COMMON_NUMQ, 2);
	cr_expect_eq(toy->rung[0], 3);
	host_config_write(bus, TOY, PCI_CACHE_LINE_SIZE, 1, 0);
	cr_expect_eq(toy->rung[0], 4);
	driver_write(&driver, VIRTIO_PCI_COMMON_Q_SELECT, 2, 0);
	cr_expect_eq(toy->rung[0], 5);
	driver_read(&driver, VIRTIO_PCI_COMMON_NUMQ, 2);
	cr_expect_eq(toy->rung[0], 5, "nothing is left");
}

Test(virtio_pci, an_interrupt_that_the_vmm_did_not_take_is_sent_at_the_next_access)
{
	toy_bring_up(&driver, rings);
	host.send_error = -EAGAIN;
	vpci_virtio_interrupt(&toy->virtio, 1);
	cr_expect_eq(host.sent, 0);
	cr_expect_eq(host_memory_read(bus, driver.pending, 8), 4);
	host.send_error = 0;
	driver_read(&driver, VIRTIO_PCI_COMMON_NUMQ, 2);
	cr_expect_eq(host.sent, 1);
	cr_expect_eq(host.last_sent.data, 2);
	cr_expect_eq(host_memory_read(bus, driver.pending, 8), 0);
}

Test(virtio_pci, a_queue_interrupts_by_its_vector)
{
	toy_bring_up(&driver, rings);
	vpci_virtio_interrupt(&toy->virtio, 1);
	cr_expect_eq(host.sent, 1);
	cr_expect_eq(host.last_sent.data, 2);
	cr_expect_eq(host.last_sent.requester, TOY);
	driver_mask(&driver, 2);
	vpci_virtio_interrupt(&toy->virtio, 1);
	cr_expect_eq(host.sent, 1);
	cr_expect_eq(host_memory_read(bus, driver.pending, 8), 4);
	driver_unmask(&driver, 2);
	cr_expect_eq(host.sent, 2);
	driver_write(&driver, VIRTIO_PCI_COMMON_Q_SELECT, 2, 1);
	driver_write(&driver, VIRTIO_PCI_COMMON_Q_MSIX, 2, VIRTIO_MSI_NO_VECTOR);
	vpci_virtio_interrupt(&toy->virtio, 1);
	cr_expect_eq(host.sent, 2);
}

Test(virtio_pci, a_device_that_breaks_says_so_until_it_is_reset)
{
	toy_bring_up(&driver, rings);
	vpci_virtio_break(&toy->virtio);
	cr_expect(driver_status(&driver) & DRIVER_NEEDS_RESET);
	cr_expect_eq(host.sent, 1);
	cr_expect_eq(host.last_sent.data, 0);
	driver_ring(&driver, 0);
	cr_expect_eq(toy->rung[0], 0);
	toy_bring_up(&driver, rings);
	driver_ring(&driver, 0);
	cr_expect_eq(toy->rung[0], 1);
}

Test(virtio_pci, the_interrupt_status_is_cleared_by_reading)
{
	toy_bring_up(&driver, rings);
	vpci_virtio_interrupt(&toy->virtio, 0);
	cr_expect_eq(host_memory_read(bus, driver.isr, 1), 1);
	cr_expect_eq(host_memory_read(bus, driver.isr, 1), 0);
	vpci_virtio_break(&toy->virtio);
	cr_expect_eq(host_memory_read(bus, driver.isr, 1), 2);
	cr_expect_eq(host_memory_read(bus, driver.isr, 1), 0);
}

Test(virtio_pci, the_devices_configuration_ends_where_it_ends)
{
	host_memory_write(bus, driver.device, 8, 0x0807060504030201);
	cr_expect_eq(host_memory_read(bus, driver.device + 2, 2), 0x0403);
	cr_expect_eq(host_memory_read(bus, driver.device + 7, 1), 8);
	cr_expect_eq(host_memory_read(bus, driver.device + 8, 8), 0);
	host_memory_write(bus, driver.device + 8, 8, UINT64_MAX);
	cr_expect_eq(host_memory_read(bus, driver.device, 8), 0x0807060504030201);
}

Test(virtio_pci, every_address_of_the_bar_is_harmless)
{
	uint64_t base = driver.common & ~0xfffull;

	toy_bring_up(&driver, rings);
	for (uint64_t width = 1; width <= 8; width *= 2)
		for (uint64_t at = 0; at < 0x1000; at += width) {
			host_memory_read(bus, base + at, (unsigned int)width);
			host_memory_write(bus, base + at, (unsigned int)width, 0xa5a5a5a5a5a5a5a5);
			host_memory_write(bus, base + at, (unsigned int)width, 0);
		}
	toy_bring_up(&driver, rings);
	driver_ring(&driver, 0);
	cr_expect_eq(toy->rung[0], 1);
}

static void access_set(unsigned int bar, uint32_t offset, uint32_t length)
{
	host_config_write(bus, TOY, driver.access + 4, 1, bar);
	host_config_write(bus, TOY, driver.access + 8, 4, offset);
	host_config_write(bus, TOY, driver.access + 12, 4, length);
}

Test(virtio_pci, registers_are_reached_through_the_configuration_space)
{
	unsigned int data = driver.access + 16;
	uint32_t device = (uint32_t)(driver.device & 0xfff);

	host_config_write(bus, TOY, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	access_set(0, device, 4);
	host_config_write(bus, TOY, data, 4, 0x44332211);
	cr_expect_eq(host_config_read(bus, TOY, data, 4), 0x44332211);
	access_set(0, device + 2, 2);
	cr_expect_eq(host_config_read(bus, TOY, data, 4), 0x4433);
	cr_expect_eq(host_config_read(bus, TOY, data + 1, 1), 0x44);
	access_set(0, device, 1);
	host_config_write(bus, TOY, data, 4, 0x998877ff);
	access_set(0, device, 4);
	cr_expect_eq(host_config_read(bus, TOY, data, 4), 0x443322ff);
}

Test(virtio_pci, a_doorbell_is_reached_through_the_configuration_space)
{
	toy_bring_up(&driver, rings);
	access_set(2, 4, 2);
	host_config_write(bus, TOY, driver.access + 16, 2, 1);
	cr_expect_eq(toy->rung[1], 1);
}

Test(virtio_pci, a_window_on_nothing_does_nothing)
{
	static const struct {
		unsigned int bar;
		uint32_t offset, length;
	} rows[] = {
		{0, 0, 0},     {0, 0, 3},      {0, 0, 8},	   {0, 0, UINT32_MAX},
		{0, 0x102, 4}, {0, 0x1000, 1}, {0, 0xffffffff, 1}, {0, 0xfffffffc, 4},
		{1, 0, 4},     {5, 0, 4},      {6, 0, 4},	   {0xff, 0, 4},
		{2, 8, 1},
	};

	toy_bring_up(&driver, rings);
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		access_set(rows[i].bar, rows[i].offset, rows[i].length);
		host_config_write(bus, TOY, driver.access + 16, 4, 0);
		cr_expect_eq(host_config_read(bus, TOY, driver.access + 16, 4), 0, "row %u", i);
	}
	cr_expect(driver_status(&driver) & DRIVER_OK);
	cr_expect_eq(toy->rung[0] + toy->rung[1], 0);
}

Test(virtio_pci, a_write_narrower_than_its_window_does_nothing)
{
	access_set(0, (uint32_t)(driver.device & 0xfff), 4);
	host_config_write(bus, TOY, driver.access + 16, 2, 0xffff);
	host_config_write(bus, TOY, driver.access + 18, 2, 0xffff);
	cr_expect_eq(host_memory_read(bus, driver.device, 4), 0);
}

Test(virtio_pci, one_that_leaves_its_slot_is_reset)
{
	unsigned int resets;

	toy_bring_up(&driver, rings);
	resets = toy->resets;
	driver_write(&driver, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	cr_expect_eq(toy->resets, resets + 1);
	cr_expect_eq(vpci_bus_remove(bus, TOY), 0);
	cr_expect_eq(host_config_read(bus, TOY, PCI_VENDOR_ID, 4), UINT32_MAX);
}
