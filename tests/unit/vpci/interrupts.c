// SPDX-License-Identifier: MIT
#include <sys/resource.h>
#include <unistd.h>
#include "device.h"

#define SLOT  (1 << 3)
#define MSI   0xd0
#define MSIX  0x70
#define TABLE (HOST_MEM32 + 0x2000)
#define PBA   (HOST_MEM32 + 0x3000)

static struct host host;
static struct vpci_bus *bus;
static struct device device;

static void interrupts_start(void)
{
	bus = host_bus(&host);
	device_card(&device);
}

static void interrupts_add(void)
{
	cr_assert_eq(vpci_bus_add(bus, SLOT, device_assign(&device)), SLOT);
	cr_assert_eq(vpci_bus_assign(bus), 0);
}

static void interrupts_end(void)
{
	vpci_bus_destroy(bus);
	cr_expect_eq(host_route_total(&host), 0);
	cr_expect_eq(host_wire_count(&host), 0);
	cr_expect_eq(device.type, -1);
	cr_expect_eq(device.closes, 1);
	device_fini(&device);
	host_check_leaks();
}

TestSuite(interrupts, .init = interrupts_start, .fini = interrupts_end);

static void msix_control(uint16_t flags)
{
	host_config_write(bus, SLOT, MSIX + PCI_MSIX_FLAGS, 2, flags);
}

static void msix_entry(unsigned int n, uint64_t address, uint32_t data, uint32_t control)
{
	host_memory_write(bus, TABLE + 16 * n, 8, address);
	host_memory_write(bus, TABLE + 16 * n + 8, 4, data);
	host_memory_write(bus, TABLE + 16 * n + 12, 4, control);
}

static void msi_setup(unsigned int log2_count)
{
	host_config_write(bus, SLOT, MSI + PCI_MSI_ADDRESS_LO, 4, 0xfee01000);
	host_config_write(bus, SLOT, MSI + PCI_MSI_DATA_64, 2, 0x4040);
	host_config_write(bus, SLOT, MSI + PCI_MSI_FLAGS, 2, 1 | log2_count << 4);
}

Test(interrupts, intx_is_on_from_the_start)
{
	interrupts_add();
	cr_expect_eq(device.type, ULDF_IRQ_INTX);
	cr_assert_eq(host_wire_count(&host), 1);
	cr_expect_eq(host.wires[0].gsi, 17);
	cr_expect_eq(host.wires[0].fd, device.fds[0]);
	cr_expect_eq(host.wires[0].resample, device.unmask_fd);
	cr_expect_geq(device.unmask_fd, 0);
	cr_expect_eq(device.unmasks, 1);
}

Test(interrupts, intx_disable_switches_it_off_and_on)
{
	interrupts_add();
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
	cr_expect_eq(device.type, -1);
	cr_expect_eq(host_wire_count(&host), 0);
	host_config_write(bus, SLOT, PCI_COMMAND + 1, 1, 0);
	cr_expect_eq(device.type, ULDF_IRQ_INTX);
	cr_expect_eq(host_wire_count(&host), 1);
}

Test(interrupts, msix_takes_over_from_intx_and_gives_back)
{
	interrupts_add();
	msix_control(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	cr_expect_eq(device.type, ULDF_IRQ_MSIX);
	cr_expect_eq(device.count, 8);
	cr_expect_eq(host_wire_count(&host), 0);
	cr_expect_eq(host_route_count(&host), 0);
	msix_entry(0, 0xfee01000, 0x41, 0);
	msix_entry(7, 0xfee02000, 0x47, 0);
	cr_expect_eq(host_route_count(&host), 0);
	msix_control(PCI_MSIX_FLAGS_ENABLE);
	cr_expect_eq(host_route_count(&host), 2);
	cr_assert(host_route_of(&host, device.fds[7]));
	cr_expect_eq(host_route_of(&host, device.fds[7])->msi.data, 0x47);
	cr_expect_eq(host_route_of(&host, device.fds[7])->msi.address, 0xfee02000);
	cr_expect_eq(host_route_of(&host, device.fds[7])->msi.requester, SLOT);
	msix_control(0);
	cr_expect_eq(host_route_count(&host), 0);
	cr_expect_eq(device.type, ULDF_IRQ_INTX);
}

Test(interrupts, a_masked_entry_pends_and_is_sent_when_unmasked)
{
	interrupts_add();
	msix_control(PCI_MSIX_FLAGS_ENABLE);
	msix_entry(3, 0xfee01000, 0x43, 0);
	cr_expect_eq(host_route_count(&host), 1);
	host_memory_write(bus, TABLE + 3 * 16 + 12, 4, 1);
	cr_expect_eq(host_route_count(&host), 0);
	cr_expect_eq(host_memory_read(bus, PBA, 8), 0);
	device_fire(&device, 3);
	cr_expect_eq(host_memory_read(bus, PBA, 8), 1 << 3);
	cr_expect_eq(host_memory_read(bus, PBA, 1), 1 << 3);
	cr_expect_eq(host_memory_read(bus, PBA + 4, 4), 0);
	host_memory_write(bus, PBA, 8, 0);
	cr_expect_eq(host.sent, 0);
	host_memory_write(bus, TABLE + 3 * 16 + 12, 4, 0);
	cr_expect_eq(host.sent, 1);
	cr_expect_eq(host.last_sent.data, 0x43);
	cr_expect_eq(host_route_count(&host), 1);
	cr_expect_eq(host_memory_read(bus, PBA, 8), 0);
}

Test(interrupts, a_masked_function_pends_and_sends_when_unmasked)
{
	interrupts_add();
	msix_control(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	for (unsigned int i = 0; i < 8; i++)
		msix_entry(i, 0xfee01000, 0x40 + i, 0);
	device_fire(&device, 2);
	device_fire(&device, 5);
	cr_expect_eq(host_memory_read(bus, PBA, 4), 1 << 2 | 1 << 5);
	msix_control(PCI_MSIX_FLAGS_ENABLE);
	cr_expect_eq(host.sent, 2);
	cr_expect_eq(host_route_count(&host), 8);
}

Test(interrupts, a_table_written_by_dwords_works_as_well)
{
	interrupts_add();
	msix_control(PCI_MSIX_FLAGS_ENABLE);
	host_memory_write(bus, TABLE, 4, 0xfee01000);
	host_memory_write(bus, TABLE + 4, 4, 0);
	host_memory_write(bus, TABLE + 8, 8, 0x41);
	cr_expect_eq(host_route_count(&host), 1);
	host_memory_write(bus, TABLE + 8, 4, 0x42);
	cr_expect_eq(host.updates, 1);
	/* A high half makes it a plain write, which goes nowhere. */
	host_memory_write(bus, TABLE + 4, 4, 1);
	cr_expect_eq(host_route_count(&host), 0);
}

Test(interrupts, a_host_with_few_vectors_gives_fewer)
{
	device.most_vectors = 3;
	interrupts_add();
	msix_control(PCI_MSIX_FLAGS_ENABLE);
	cr_expect_eq(device.count, 8);
	cr_expect_eq(host.reports, 0);
	for (unsigned int i = 8; i--;)
		msix_entry(i, 0xfee01000, 0x40 + i, 0);
	cr_expect_eq(host_route_count(&host), 3, "of those that were opened first, and vector 0");
	cr_expect_geq(device.fds[7], 0);
	cr_expect_geq(device.fds[6], 0);
	cr_expect_geq(device.fds[0], 0);
	cr_expect_eq(host.reports, 1, "the cause is said once");
	cr_expect(strstr(host.last_report, "0000:00:06.0"), "%s", host.last_report);
	cr_expect(strstr(host.last_report, "vector 5"), "%s", host.last_report);
	cr_expect_eq(host_memory_read(bus, PBA, 8), 0);
}

Test(interrupts, a_vector_is_taken_from_the_host_when_the_guest_opens_it_first)
{
	interrupts_add();
	msix_control(PCI_MSIX_FLAGS_ENABLE);
	cr_expect_eq(device.taken, 1);
	for (unsigned int i = 0; i < 8; i++)
		cr_expect_eq(device.fds[i], -1);
	msix_entry(5, 0xfee01000, 0x45, 0);
	cr_expect_eq(device.taken, 2);
	cr_expect_geq(device.fds[5], 0);
	host_memory_write(bus, TABLE + 5 * 16 + 12, 4, 1);
	host_memory_write(bus, TABLE + 5 * 16 + 12, 4, 0);
	cr_expect_eq(device.taken, 2, "it stays taken");
	cr_expect_eq(host.updates, 0);
}

Test(interrupts, msi_that_the_host_has_too_few_for_is_reported)
{
	device.most_vectors = 3;
	interrupts_add();
	msi_setup(2);
	cr_expect_eq(device.count, 2);
	cr_expect_eq(host_route_count(&host), 2);
	cr_expect_eq(host.reports, 1);
	cr_expect(strstr(host.last_report, "vector 2"), "%s", host.last_report);
}

Test(interrupts, routes_that_the_vmm_lacks_are_reported)
{
	interrupts_add();
	host.most_routes = 1;
	msix_control(PCI_MSIX_FLAGS_ENABLE);
	msix_entry(0, 0xfee01000, 0x40, 0);
	cr_expect_eq(host.reports, 0);
	msix_entry(1, 0xfee01000, 0x41, 0);
	cr_expect_eq(host.reports, 1);
	cr_expect(strstr(host.last_report, "vector 1"), "%s", host.last_report);
}

Test(interrupts, a_device_that_goes_is_reported_once)
{
	interrupts_add();
	device.gone = true;
	cr_expect_eq(vpci_bus_check(bus), 1);
	cr_expect_eq(vpci_bus_check(bus), 1);
	msix_control(PCI_MSIX_FLAGS_ENABLE);
	cr_expect_eq(host.reports, 1);
	cr_expect(strstr(host.last_report, "gone"), "%s", host.last_report);
}

Test(interrupts, a_host_without_vectors_leaves_the_guest_silent)
{
	interrupts_add();
	device.most_vectors = 0;
	msix_control(PCI_MSIX_FLAGS_ENABLE);
	cr_expect_eq(device.type, -1);
	cr_expect_eq(host.reports, 1);
	msix_entry(0, 0xfee01000, 0x40, 0);
	cr_expect_eq(host_route_count(&host), 0);
	msix_control(0);
	device.most_vectors = 8;
	msix_control(PCI_MSIX_FLAGS_ENABLE);
	cr_expect_eq(device.count, 8);
}

Test(interrupts, msi_routes_as_many_as_the_guest_allows)
{
	interrupts_add();
	msi_setup(0);
	cr_expect_eq(device.type, ULDF_IRQ_MSI);
	cr_expect_eq(device.count, 1);
	cr_assert(host_route_of(&host, device.fds[0]));
	cr_expect_eq(host_route_of(&host, device.fds[0])->msi.data, 0x4040);
	msi_setup(2);
	cr_expect_eq(device.count, 4);
	cr_assert(host_route_of(&host, device.fds[3]));
	cr_expect_eq(host_route_of(&host, device.fds[3])->msi.data, 0x4043);
	msi_setup(7);
	cr_expect_eq(device.count, 4);
	host_config_write(bus, SLOT, MSI + PCI_MSI_FLAGS, 2, 0);
	cr_expect_eq(device.type, ULDF_IRQ_INTX);
}

Test(interrupts, a_changed_msi_message_changes_the_route)
{
	interrupts_add();
	msi_setup(0);
	host_config_write(bus, SLOT, MSI + PCI_MSI_DATA_64, 2, 0x4099);
	cr_expect_eq(host_route_of(&host, device.fds[0])->msi.data, 0x4099);
	cr_expect_eq(device.enables, 2);
}

Test(interrupts, masked_msi_vectors_pend)
{
	interrupts_add();
	msi_setup(2);
	host_config_write(bus, SLOT, MSI + PCI_MSI_MASK_64, 4, 0x6);
	cr_expect_eq(host_route_count(&host), 2);
	device_fire(&device, 2);
	cr_expect_eq(host_config_read(bus, SLOT, MSI + PCI_MSI_PENDING_64, 4), 0x4);
	cr_expect_eq(host_config_read(bus, SLOT, MSI + PCI_MSI_PENDING_64, 1), 0x4);
	cr_expect_eq(host_config_read(bus, SLOT, MSI + PCI_MSI_PENDING_64 + 1, 1), 0);
	host_config_write(bus, SLOT, MSI + PCI_MSI_MASK_64, 1, 0);
	cr_expect_eq(host.sent, 1);
	cr_expect_eq(host.last_sent.data, 0x4042);
	cr_expect_eq(host_config_read(bus, SLOT, MSI + PCI_MSI_PENDING_64, 4), 0);
}

Test(interrupts, msix_wins_over_msi)
{
	interrupts_add();
	msi_setup(0);
	msix_control(PCI_MSIX_FLAGS_ENABLE);
	cr_expect_eq(device.type, ULDF_IRQ_MSIX);
	msix_control(0);
	cr_expect_eq(device.type, ULDF_IRQ_MSI);
}

Test(interrupts, a_pin_that_cannot_be_wired_refuses_the_function)
{
	struct vpci_function *function = device_assign(&device);

	host.wire_error = -EINVAL;
	cr_expect_eq(vpci_bus_add(bus, SLOT, function), -EINVAL);
	cr_expect_eq(device.type, -1);
	vpci_function_destroy(function);
}

Test(interrupts, a_pin_whose_line_others_hold_leaves_the_function_without)
{
	device.enable_errors[ULDF_IRQ_INTX] = -EBUSY;
	interrupts_add();
	cr_expect_eq(device.type, -1);
	cr_expect_eq(host_wire_count(&host), 0);
	cr_expect_eq(vpci_bus_reset(bus), 0);
	cr_expect_eq(vpci_bus_assign(bus), 0);
	msi_setup(0);
	cr_expect_eq(device.type, ULDF_IRQ_MSI);
	cr_expect_eq(host_route_count(&host), 1);
	device.enable_errors[ULDF_IRQ_INTX] = 0;
	host_config_write(bus, SLOT, MSI + PCI_MSI_FLAGS, 2, 0);
	cr_expect_eq(device.type, ULDF_IRQ_INTX, "tried again at the next switch");
	cr_expect_eq(host_wire_count(&host), 1);
}

Test(interrupts, a_pin_whose_line_others_hold_refuses_a_function_that_has_nothing_else)
{
	struct vpci_function *function;

	device_set(&device, PCI_CAPABILITY_LIST, 1, 0);
	device.enable_errors[ULDF_IRQ_INTX] = -EBUSY;
	function = device_assign(&device);
	cr_expect_eq(vpci_bus_add(bus, SLOT, function), -EBUSY);
	cr_expect_eq(device.type, -1);
	vpci_function_destroy(function);
}

Test(interrupts, a_pin_that_fails_otherwise_refuses_the_function)
{
	struct vpci_function *function = device_assign(&device);

	device.enable_errors[ULDF_IRQ_INTX] = -EIO;
	cr_expect_eq(vpci_bus_add(bus, SLOT, function), -EIO);
	cr_expect_eq(host_wire_count(&host), 0);
	vpci_function_destroy(function);
}

/* Leaves @left descriptors free. */
static void interrupts_use_up(unsigned int left)
{
	const struct rlimit limit = {.rlim_cur = 64, .rlim_max = 64};
	int fds[64];
	unsigned int count = 0;

	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	while ((fds[count] = dup(STDERR_FILENO)) >= 0)
		count++;
	while (left-- && count)
		close(fds[--count]);
}

Test(interrupts, vectors_without_descriptors_are_reported)
{
	interrupts_add();
	interrupts_use_up(2);
	msix_control(PCI_MSIX_FLAGS_ENABLE);
	for (unsigned int i = 0; i < 8; i++)
		msix_entry(i, 0xfee01000, 0x40 + i, 0);
	cr_expect_lt(host_route_count(&host), 8);
	cr_expect_gt(host_route_count(&host), 0);
	cr_expect_eq(host.reports, 1);
	cr_expect(strstr(host.last_report, "ulimit -n"), "%s", host.last_report);
	msix_control(0);
	msi_setup(0);
	cr_expect_eq(device.type, ULDF_IRQ_MSI, "one descriptor is enough for one vector");
}

Test(interrupts, a_pin_without_descriptors_is_emfile)
{
	struct vpci_function *function = device_assign(&device);

	interrupts_use_up(1);
	cr_expect_eq(vpci_bus_add(bus, SLOT, function), -EMFILE);
	vpci_function_destroy(function);
}
