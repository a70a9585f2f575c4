// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include "model.h"

#define SLOT (3 << 3)

static struct host host;
static struct vpci_bus *bus;
static struct model *model;

/* BAR 0: 4 KiB of memory at HOST_MEM32, BAR 2: 16 ports at HOST_PORTS, BAR 3: port 0x3f6 alone. */
static void access_start(void)
{
	bus = host_bus(&host);
	model = model_create(256);
	model_bar(model, 0, VPCI_BAR_MEM32, 0x1000, MODEL_NOT_FIXED);
	model_bar(model, 2, VPCI_BAR_PORTS, 16, MODEL_NOT_FIXED);
	model_bar(model, 3, VPCI_BAR_PORTS, 1, 0x3f6);
	model_add(model, bus, SLOT);
	cr_assert_eq(vpci_bus_assign(bus), 0);
}

static void access_end(void)
{
	vpci_bus_destroy(bus);
	host_check_leaks();
}

TestSuite(access, .init = access_start, .fini = access_end);

static void access_expect(unsigned int n, bool write, unsigned int bar, uint64_t offset,
			  unsigned int width, uint64_t value)
{
	const struct model_access *got = &model->accesses[n];

	cr_expect_lt(n, model->access_count);
	cr_expect(got->write == write && got->bar == bar && got->offset == offset &&
			  got->width == width && got->value == value,
		  "access %u: %s BAR %u offset 0x%llx width %u value 0x%llx", n,
		  got->write ? "write" : "read", got->bar, (unsigned long long)got->offset,
		  got->width, (unsigned long long)got->value);
}

Test(access, memory_arrives_with_its_width)
{
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0x10, 8), 0x1716151413121110);
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0x10, 1), 0x10);
	host_memory_write(bus, HOST_MEM32 + 0xffe, 2, 0xabcd);
	host_memory_write(bus, HOST_MEM32 + 4, 4, 0x12345678);
	cr_expect_eq(model->access_count, 4);
	access_expect(0, false, 0, 0x10, 8, 0x1716151413121110);
	access_expect(1, false, 0, 0x10, 1, 0x10);
	access_expect(2, true, 0, 0xffe, 2, 0xabcd);
	access_expect(3, true, 0, 4, 4, 0x12345678);
}

Test(access, misaligned_ones_are_split_into_natural_ones)
{
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 3, 4), 0x06050403);
	access_expect(0, false, 0, 3, 1, 3);
	host_memory_write(bus, HOST_MEM32 + 6, 8, 0x8877665544332211);
	for (unsigned int i = 0; i < model->access_count; i++)
		cr_expect_eq(model->accesses[i].offset & (model->accesses[i].width - 1), 0);
	model->access_count = 0;
	host_memory_write(bus, HOST_MEM32 + 2, 4, 0x44332211);
	cr_expect_eq(model->access_count, 2);
	access_expect(0, true, 0, 2, 2, 0x2211);
	access_expect(1, true, 0, 4, 2, 0x4433);
}

Test(access, bytes_past_the_end_of_a_bar_read_ones)
{
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0xffe, 4), 0xfffffffe | 0xff00);
	host_memory_write(bus, HOST_MEM32 + 0xffe, 4, 0x11223344);
	access_expect(1, true, 0, 0xffe, 2, 0x3344);
	cr_expect_eq(model->access_count, 2);
}

Test(access, bytes_before_a_bar_read_ones)
{
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 - 2, 4), 0x0100ffff);
	cr_expect_eq(model->access_count, 1);
}

Test(access, elsewhere_is_somebody_elses)
{
	uint64_t value = 0x55;
	uint32_t port = 0x66;

	cr_expect_not(vpci_bus_memory_read(bus, HOST_MEM32 + 0x1000, 4, &value));
	cr_expect_not(vpci_bus_memory_read(bus, 0, 8, &value));
	cr_expect_not(vpci_bus_memory_write(bus, HOST_MEM64, 4, 0));
	cr_expect_not(vpci_bus_port_read(bus, HOST_PORTS + 16, 1, &port));
	cr_expect_not(vpci_bus_port_write(bus, 0x80, 1, 0));
	cr_expect_eq(value, 0x55);
	cr_expect_eq(port, 0x66);
}

Test(access, wrong_widths_and_wrapping_addresses_are_refused)
{
	uint64_t value;
	uint32_t port;

	cr_expect_not(vpci_bus_memory_read(bus, HOST_MEM32, 3, &value));
	cr_expect_not(vpci_bus_memory_read(bus, HOST_MEM32, 0, &value));
	cr_expect_not(vpci_bus_memory_read(bus, HOST_MEM32, 16, &value));
	cr_expect_not(vpci_bus_memory_read(bus, UINT64_MAX, 8, &value));
	cr_expect_not(vpci_bus_memory_write(bus, UINT64_MAX - 7, 8, 0));
	cr_expect_not(vpci_bus_port_read(bus, HOST_PORTS, 8, &port));
	cr_expect_not(vpci_bus_port_read(bus, 0xffff, 4, &port));
	cr_expect_eq(model->access_count, 0);
}

Test(access, ports_arrive_with_their_width)
{
	uint32_t value;

	cr_expect(vpci_bus_port_read(bus, HOST_PORTS + 4, 4, &value));
	cr_expect_eq(value, 0x07060504);
	cr_expect(vpci_bus_port_write(bus, HOST_PORTS + 2, 1, 0x11));
	access_expect(0, false, 2, 4, 4, 0x07060504);
	access_expect(1, true, 2, 2, 1, 0x11);
}

Test(access, a_bar_of_one_port_takes_its_byte_out_of_wider_accesses)
{
	uint32_t value;

	cr_expect(vpci_bus_port_read(bus, 0x3f6, 1, &value));
	cr_expect_eq(value, 0);
	cr_expect(vpci_bus_port_read(bus, 0x3f4, 4, &value));
	cr_expect_eq(value, 0xff00ffff);
	cr_expect(vpci_bus_port_write(bus, 0x3f6, 2, 0x2211));
	access_expect(2, true, 3, 0, 1, 0x11);
	cr_expect_eq(model->access_count, 3);
	cr_expect_not(vpci_bus_port_read(bus, 0x3f7, 1, &value));
}
