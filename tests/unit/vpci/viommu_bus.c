// SPDX-License-Identifier: MIT
/* A virtio-iommu and a device behind it on one bus. */
#include <pthread.h>
#include "device.h"
#include "driver.h"
#include "iommu.h"

#define VIOMMU	8 /* devfn */
#define NIC	16
#define NOBODY	24
#define BYPASS	36 /* in the device's configuration */
#define COMMAND (PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)

static struct host host;
static struct iommu iommu;
static struct vpci_bus *bus;
static struct vpci_function *function;
static struct driver driver;
static struct device device;
static unsigned int moves;

static void start(bool bypass, bool strict)
{
	struct vpci_viommu_options options = iommu_options();

	memset(&iommu, 0, sizeof(iommu));
	options.bypass = bypass;
	options.strict = strict;
	bus = driver_bus(&host);
	device_card(&device);
	cr_assert_eq(vpci_viommu_create(&options, &iommu_ops, &iommu, &function), 0);
	cr_assert_eq(vpci_bus_add(bus, VIOMMU, function), VIOMMU);
	cr_assert_eq(vpci_bus_add(bus, NIC, device_assign(&device)), NIC);
	cr_assert_eq(vpci_viommu_add_endpoint(function, NIC, NULL, 0), 0);
	driver_find(&driver, bus, VIOMMU);
	cr_assert(driver_negotiate(&driver, DRIVER_VERSION_1 | 0x77) & DRIVER_FEATURES_OK);
	host_config_write(bus, NIC, PCI_COMMAND, 2, COMMAND);
	iommu.command = &device.command;
	iommu.releases = 0;
}

static void bus_start(void)
{
	start(true, false);
}

static void bus_end(void)
{
	iommu.at_work = NULL;
	vpci_bus_destroy(bus);
	device_fini(&device);
	host_check_leaks();
}

TestSuite(viommu_bus, .init = bus_start, .fini = bus_end, .timeout = 60);

static void expect_policy(unsigned int flags)
{
	unsigned int at = driver_capability(bus, VIOMMU, 9);

	cr_expect_eq(host_config_read(bus, VIOMMU, at + 2, 1), 12);
	cr_expect_eq(host_config_read(bus, VIOMMU, at + 4, 2), 0x1af4);
	cr_expect_eq(host_config_read(bus, VIOMMU, at + 6, 2), flags);
	cr_expect_eq(host_config_read(bus, VIOMMU, at + 8, 4), 0x66646c75, "uldf");
}

Test(viommu_bus, the_policy_is_data_of_the_vendor)
{
	expect_policy(0);
	bus_end();
	start(true, true);
	expect_policy(VPCI_VIOMMU_STRICT);
}

Test(viommu_bus, a_reset_reaches_the_iommu_when_the_device_does_no_dma_any_more)
{
	host_memory_write(bus, driver.device + BYPASS, 1, 0);
	cr_assert(device.command & PCI_COMMAND_MASTER);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	cr_expect_eq(vpci_bus_reset(bus), 0);
	iommu_expect(&iommu, NIC, IOMMU_ALL);
	cr_expect_not(iommu.exposed, "the device still mastered the bus");
}

Test(viommu_bus, a_reset_goes_straight_to_where_the_boot_begins)
{
	bus_end();
	start(false, false);
	host_memory_write(bus, driver.device + BYPASS, 1, 1);
	cr_expect_eq(iommu.releases, 1);
	cr_expect_eq(vpci_bus_reset(bus), 0);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	cr_expect_eq(iommu.releases, 1);
}

Test(viommu_bus, the_end_of_the_bus_releases_nobody)
{
	vpci_bus_destroy(bus);
	iommu_expect(&iommu, NIC, IOMMU_NOTHING);
	cr_expect_eq(iommu.releases, 0);
	bus = NULL;
}

/* As libuldf does it: the device does not master the bus afterwards. */
static int move(struct uldf_device *moved, void *arg)
{
	uint32_t command;

	cr_assert_eq(uldf_config_read(moved, PCI_COMMAND, 2, &command), 0);
	cr_assert_eq(uldf_config_write(moved, PCI_COMMAND, 2, command & ~PCI_COMMAND_MASTER), 0);
	moves++;
	return *(int *)arg;
}

static int move_to(unsigned int devfn, int answer)
{
	return vpci_assigned_move(bus, (uint8_t)devfn, move, &answer);
}

Test(viommu_bus, a_device_that_was_moved_masters_the_bus_as_its_guest_set_it)
{
	cr_expect_eq(move_to(NIC, 0), 0);
	cr_expect_eq(moves, 1);
	cr_expect(device.command & PCI_COMMAND_MASTER);
	host_config_write(bus, NIC, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	cr_expect_eq(move_to(NIC, 0), 0);
	cr_expect_not(device.command & PCI_COMMAND_MASTER);
}

Test(viommu_bus, a_device_that_could_not_be_moved_does_not_master_the_bus)
{
	cr_expect_eq(move_to(NIC, -EBUSY), -EBUSY);
	cr_expect_not(device.command & PCI_COMMAND_MASTER);
}

Test(viommu_bus, only_an_assigned_device_is_moved)
{
	cr_expect_eq(move_to(NOBODY, 0), -ENODEV);
	cr_expect_eq(move_to(VIOMMU, 0), -ENODEV);
	cr_expect_eq(move_to(0, 0), -ENODEV);
	cr_expect_eq(moves, 0);
}

static int leave(struct uldf_device *left, void *arg)
{
	moves++;
	return *(int *)arg;
}

Test(viommu_bus, a_device_that_is_gone_leaves_its_space)
{
	int answers[] = {0, -ENODEV};

	device.gone = true;
	device.events = ULDF_EVENT_REMOVED;
	vpci_bus_check(bus);
	for (unsigned int i = 0; i < 2; i++)
		cr_expect_eq(vpci_assigned_move(bus, NIC, leave, &answers[i]), -ENODEV);
	cr_expect_eq(moves, 2);
}

static void move_nic(void)
{
	move_to(NIC, 0);
}

Test(viommu_bus, a_device_is_moved_from_the_slot_of_the_iommu)
{
	iommu.at_work = move_nic;
	host_memory_write(bus, driver.device + BYPASS, 1, 0);
	cr_expect_eq(moves, 1);
	cr_expect(device.command & PCI_COMMAND_MASTER);
}

static void *write_registers(void *arg)
{
	for (unsigned int i = 0; i < 1000; i++)
		host_config_write(bus, NIC, PCI_COMMAND, 2, COMMAND);
	return arg;
}

Test(viommu_bus, a_device_is_moved_while_another_processor_is_in_its_function)
{
	pthread_t thread;

	iommu.at_work = move_nic;
	cr_assert_eq(pthread_create(&thread, NULL, write_registers, NULL), 0);
	for (unsigned int i = 0; i < 1000; i++)
		host_memory_write(bus, driver.device + BYPASS, 1, i % 2);
	pthread_join(thread, NULL);
	cr_expect_eq(moves, 1000);
	cr_expect(device.command & PCI_COMMAND_MASTER);
}
