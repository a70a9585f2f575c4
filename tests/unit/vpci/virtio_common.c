// SPDX-License-Identifier: MIT
#include <linux/virtio_pci.h>
#include "toy.h"

static struct host host;
static struct vpci_bus *bus;
static struct driver driver;
static struct toy *toy;

static void common_start(void)
{
	bus = driver_bus(&host);
	toy = toy_add(bus, &driver);
}

static void common_end(void)
{
	vpci_bus_destroy(bus);
	host_check_leaks();
}

TestSuite(virtio_common, .init = common_start, .fini = common_end);

Test(virtio_common, features_are_read_by_halves)
{
	cr_expect_eq(driver_features(&driver), TOY_FEATURES);
	driver_write(&driver, VIRTIO_PCI_COMMON_DFSELECT, 4, 2);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_DF, 4), 0);
	driver_write(&driver, VIRTIO_PCI_COMMON_DFSELECT, 4, UINT32_MAX);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_DF, 4), 0);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_NUMQ, 2), 2);
}

Test(virtio_common, features_are_accepted_when_they_are_offered)
{
	static const struct {
		uint64_t features;
		bool ok;
	} rows[] = {
		{TOY_FEATURES, true}, {DRIVER_VERSION_1, true},	 {0, false},
		{0x5, false},	      {TOY_FEATURES | 2, false}, {UINT64_MAX, false},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t status = driver_negotiate(&driver, rows[i].features);

		cr_expect_eq((status & DRIVER_FEATURES_OK) != 0, rows[i].ok, "row %u", i);
		if (rows[i].ok)
			cr_expect_eq(toy->virtio.accepted, rows[i].features);
	}
}

Test(virtio_common, features_are_settled_with_features_ok)
{
	driver_negotiate(&driver, DRIVER_VERSION_1);
	driver_write(&driver, VIRTIO_PCI_COMMON_GFSELECT, 4, 0);
	driver_write(&driver, VIRTIO_PCI_COMMON_GF, 4, 5);
	cr_expect_eq(toy->virtio.accepted, DRIVER_VERSION_1);
	driver_write(&driver, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	driver_write(&driver, VIRTIO_PCI_COMMON_GFSELECT, 4, 7);
	driver_write(&driver, VIRTIO_PCI_COMMON_GF, 4, 5);
	cr_expect_eq(toy->virtio.accepted, 0);
}

Test(virtio_common, a_driver_is_not_ready_before_its_features_are)
{
	driver_write(&driver, VIRTIO_PCI_COMMON_STATUS, 1, DRIVER_OK);
	cr_expect_eq(driver_status(&driver), 0);
	driver_negotiate(&driver, 0);
	driver_ready(&driver);
	cr_expect_not(driver_status(&driver) & DRIVER_OK);
	driver_negotiate(&driver, TOY_FEATURES);
	driver_ready(&driver);
	cr_expect(driver_status(&driver) & DRIVER_OK);
}

Test(virtio_common, status_bits_stay_until_a_reset)
{
	unsigned int resets = toy->resets;

	driver_negotiate(&driver, TOY_FEATURES);
	driver_write(&driver, VIRTIO_PCI_COMMON_STATUS, 1, DRIVER_ACKNOWLEDGE | DRIVER_NEEDS_RESET);
	cr_expect_eq(driver_status(&driver),
		     DRIVER_ACKNOWLEDGE | DRIVER_DRIVER | DRIVER_FEATURES_OK);
	driver_write(&driver, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	cr_expect_eq(driver_status(&driver), 0);
	cr_expect_eq(toy->virtio.accepted, 0);
	cr_expect_eq(toy->resets, resets + 2);
}

Test(virtio_common, queues_have_their_size_and_doorbell)
{
	driver_write(&driver, VIRTIO_PCI_COMMON_Q_SELECT, 2, 1);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_SIZE, 2), 8);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_NOFF, 2), 1);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_MSIX, 2), VIRTIO_MSI_NO_VECTOR);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_ENABLE, 2), 0);
}

Test(virtio_common, a_queue_that_there_is_not_has_no_size_and_takes_no_writes)
{
	struct ring ring;

	ring_init(&ring, 16, RING_RAM);
	driver_negotiate(&driver, TOY_FEATURES);
	driver_queue(&driver, 2, &ring, 1);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_SIZE, 2), 0);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_ENABLE, 2), 0);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_MSIX, 2), VIRTIO_MSI_NO_VECTOR);
	driver_queue(&driver, 0xffff, &ring, 1);
	cr_expect_eq(driver_status(&driver) & DRIVER_NEEDS_RESET, 0);
}

Test(virtio_common, a_queue_is_set_up_and_read_back)
{
	struct ring ring;

	ring_init(&ring, 4, RING_RAM);
	driver_negotiate(&driver, TOY_FEATURES);
	driver_queue(&driver, 0, &ring, 2);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_ENABLE, 2), 1);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_SIZE, 2), 4);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_MSIX, 2), 2);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_DESCLO, 8), ring.desc);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_AVAILLO, 8), ring.avail);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_USEDLO, 4), (uint32_t)ring.used);
	cr_expect(toy->virtio.queues[0].started);
	cr_expect_not(toy->virtio.queues[1].started);
}

Test(virtio_common, a_queue_in_use_does_not_change)
{
	struct ring ring, other;

	ring_init(&ring, 4, RING_RAM);
	ring_init(&other, 8, RING_EVENTS);
	driver_negotiate(&driver, TOY_FEATURES);
	driver_queue(&driver, 0, &ring, 2);
	driver_queue(&driver, 0, &other, 1);
	driver_write(&driver, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 0);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_ENABLE, 2), 1);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_SIZE, 2), 4);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_DESCLO, 8), ring.desc);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_MSIX, 2), 1, "but its vector does");
}

Test(virtio_common, a_queue_that_cannot_be_used_asks_for_a_reset)
{
	struct ring ring;

	ring_init(&ring, 4, RING_RAM);
	ring.used = RING_RAM + RING_RAM_SIZE;
	driver_negotiate(&driver, TOY_FEATURES);
	driver_queue(&driver, 0, &ring, 2);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_ENABLE, 2), 0);
	cr_expect(driver_status(&driver) & DRIVER_NEEDS_RESET);
	cr_expect_eq(host_memory_read(bus, driver.isr, 1), 0, "the driver is not ready");
	driver_ready(&driver);
	driver_ring(&driver, 0);
	cr_expect_eq(toy->rung[0], 0);
	cr_expect_not(driver_negotiate(&driver, TOY_FEATURES) & DRIVER_NEEDS_RESET);
}

Test(virtio_common, a_queue_is_not_enabled_before_the_features_are_settled)
{
	struct ring ring;

	ring_init(&ring, 4, RING_RAM);
	driver_negotiate(&driver, 0);
	driver_queue(&driver, 0, &ring, 2);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_ENABLE, 2), 0);
}

Test(virtio_common, vectors_that_there_are_not_read_as_none)
{
	static const uint16_t vectors[] = {3, 64, 0xfffe, VIRTIO_MSI_NO_VECTOR};

	for (unsigned int i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		driver_write(&driver, VIRTIO_PCI_COMMON_MSIX, 2, 1);
		driver_write(&driver, VIRTIO_PCI_COMMON_MSIX, 2, vectors[i]);
		cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_MSIX, 2), VIRTIO_MSI_NO_VECTOR);
		driver_write(&driver, VIRTIO_PCI_COMMON_Q_MSIX, 2, vectors[i]);
		cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_MSIX, 2),
			     VIRTIO_MSI_NO_VECTOR);
	}
	driver_write(&driver, VIRTIO_PCI_COMMON_MSIX, 2, 2);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_MSIX, 2), 2);
}

Test(virtio_common, writes_of_other_widths_and_to_what_is_read_only_do_nothing)
{
	static const struct {
		unsigned int offset, width;
	} rows[] = {
		{VIRTIO_PCI_COMMON_DF, 4},
		{VIRTIO_PCI_COMMON_NUMQ, 2},
		{VIRTIO_PCI_COMMON_STATUS, 2},
		{VIRTIO_PCI_COMMON_STATUS, 4},
		{VIRTIO_PCI_COMMON_Q_SIZE, 1},
		{VIRTIO_PCI_COMMON_Q_SIZE, 4},
		{VIRTIO_PCI_COMMON_Q_SIZE, 8},
		{VIRTIO_PCI_COMMON_Q_NOFF, 2},
		{VIRTIO_PCI_COMMON_Q_DESCLO, 2},
		{VIRTIO_PCI_COMMON_Q_DESCLO + 1, 1},
		{0x38, 8},
		{0x78, 8},
	};
	uint64_t before[7];

	driver_negotiate(&driver, TOY_FEATURES);
	for (unsigned int i = 0; i < 7; i++)
		before[i] = driver_read(&driver, 8 * i, 8);
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		driver_write(&driver, rows[i].offset, rows[i].width, 0x0101010101010101);
	for (unsigned int i = 0; i < 7; i++)
		cr_expect_eq(driver_read(&driver, 8 * i, 8), before[i], "offset %u", 8 * i);
	cr_expect_eq(driver_read(&driver, 0x38, 8), 0);
}

Test(virtio_common, addresses_can_be_written_whole)
{
	driver_write(&driver, VIRTIO_PCI_COMMON_Q_USEDLO, 8, 0x123456789abcdef0);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_USEDHI, 4), 0x12345678);
	cr_expect_eq(driver_read(&driver, VIRTIO_PCI_COMMON_Q_USEDLO, 4), 0x9abcdef0);
}
