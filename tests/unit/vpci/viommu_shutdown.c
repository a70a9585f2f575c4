// SPDX-License-Identifier: MIT
/* A guest that shuts down: its driver resets the virtio-iommu before the devices behind it stop. */
#include "device.h"
#include "viommu_guest.h"

#define MASTER (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)

static struct device device;

/* An endpoint that masters the bus is in a domain with a mapping. */
static void start(void)
{
	guest_start();
	device_card(&device);
	cr_assert_eq(vpci_bus_add(guest.bus, NIC, device_assign(&device)), NIC);
	host_config_write(guest.bus, NIC, PCI_COMMAND, 2, MASTER);
	cr_assert_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	cr_assert_eq(guest_send_map(1, PAGE), VIRTIO_IOMMU_S_OK);
}

static void end(void)
{
	guest_end();
	device_fini(&device);
}

TestSuite(viommu_shutdown, .init = start, .fini = end);

static void reset_by_driver(void)
{
	driver_write(&guest.driver, VIRTIO_PCI_COMMON_STATUS, 1, 0);
}

Test(viommu_shutdown, a_device_that_masters_the_bus_keeps_its_mappings)
{
	reset_by_driver();
	iommu_expect(&guest.iommu, NIC, IOMMU_DOMAIN);
	cr_expect_eq(iommu_mapping_count(&guest.iommu), 1);
}

Test(viommu_shutdown, a_device_that_masters_it_no_more_goes_where_the_bypass_byte_says)
{
	reset_by_driver();
	host_config_write(guest.bus, NIC, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	iommu_expect(&guest.iommu, NIC, IOMMU_ALL);
	cr_expect_eq(iommu_domain_count(&guest.iommu), 0);
	cr_expect_eq(iommu_mapping_count(&guest.iommu), 0);
}

Test(viommu_shutdown, a_device_that_does_not_master_the_bus_loses_its_mappings_at_once)
{
	host_config_write(guest.bus, NIC, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	iommu_expect(&guest.iommu, NIC, IOMMU_DOMAIN);
	reset_by_driver();
	iommu_expect(&guest.iommu, NIC, IOMMU_ALL);
}

Test(viommu_shutdown, a_device_that_is_reset_loses_its_mappings)
{
	reset_by_driver();
	/* FLR of the card: its capability of PCI Express is at 0x80. */
	host_config_write(guest.bus, NIC, 0x80 + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR);
	iommu_expect(&guest.iommu, NIC, IOMMU_ALL);
}

Test(viommu_shutdown, the_next_driver_finds_no_domain)
{
	reset_by_driver();
	guest_bring_up(FEATURES);
	iommu_expect(&guest.iommu, NIC, IOMMU_DOMAIN);
	cr_expect_eq(guest_send_map(1, PAGE), VIRTIO_IOMMU_S_NOENT);
	iommu_expect(&guest.iommu, NIC, IOMMU_ALL);
	cr_expect_eq(guest_send_attach(1, NIC, 0), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(guest_send_map(1, PAGE), VIRTIO_IOMMU_S_OK);
	cr_expect_eq(iommu_mapping_count(&guest.iommu), 1);
}

Test(viommu_shutdown, a_reset_of_the_bus_leaves_no_mapping)
{
	reset_by_driver();
	cr_expect_eq(vpci_bus_reset(guest.bus), 0);
	iommu_expect(&guest.iommu, NIC, IOMMU_ALL);
	cr_expect_eq(iommu_domain_count(&guest.iommu), 0);
}

Test(viommu_shutdown, a_device_that_is_taken_away_reaches_nothing)
{
	reset_by_driver();
	cr_expect_eq(vpci_viommu_remove_endpoint(guest.function, NIC), 0);
	iommu_expect(&guest.iommu, NIC, IOMMU_NOTHING);
	cr_expect_eq(iommu_domain_count(&guest.iommu), 0);
}
