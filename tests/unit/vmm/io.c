// SPDX-License-Identifier: MIT
#include "io.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "platform.h"

/* The bus has a host bridge only, and so asks nothing of its host. */
static const struct vpci_host_ops no_host;

static struct vmm_io io;
static union {
	struct kvm_run run;
	uint8_t bytes[8192];
} area;

static unsigned int reads;
static uint8_t written[16];
static unsigned int writes;

static uint32_t fake_read(void *device, uint16_t offset, unsigned int width)
{
	return 0x10 + reads++;
}

static void fake_write(void *device, uint16_t offset, unsigned int width, uint32_t value)
{
	written[writes++] = (uint8_t)value;
}

static const struct vmm_port_ops fake = {.width = 1, .read = fake_read, .write = fake_write};

static void setup(void)
{
	struct vmm_layout layout;
	struct vpci_layout bus;

	cr_assert(zero(int, vmm_layout_init(64 * VMM_1MIB, 40, 0, &layout)));
	vmm_platform_bus_layout(&layout, &bus);
	cr_assert(zero(int, vpci_bus_create(&bus, &no_host, NULL, &io.bus)));
	cr_assert(zero(int, vmm_ports_add(&io.ports, 0x3f8, 8, &fake, NULL)));
}

static void teardown(void)
{
	vpci_bus_destroy(io.bus);
}

TestSuite(io, .init = setup, .fini = teardown);

static uint8_t *port(uint8_t direction, uint16_t number, uint8_t size, uint32_t count)
{
	area.run.exit_reason = KVM_EXIT_IO;
	area.run.io.direction = direction;
	area.run.io.port = number;
	area.run.io.size = size;
	area.run.io.count = count;
	area.run.io.data_offset = 4096;
	return area.bytes + 4096;
}

static void memory(uint64_t address, uint32_t length, bool is_write)
{
	area.run.mmio.phys_addr = address;
	area.run.mmio.len = length;
	area.run.mmio.is_write = is_write;
	memset(area.run.mmio.data, 0x55, 8);
	vmm_io_memory(&io, &area.run);
}

Test(io, a_repeated_read_is_served_element_by_element)
{
	uint8_t *data = port(KVM_EXIT_IO_IN, 0x3f8, 1, 3);

	data[3] = 0x77;
	vmm_io_port(&io, &area.run);
	cr_assert(zero(int, memcmp(data, "\x10\x11\x12\x77", 4)));
}

Test(io, a_repeated_write_is_served_element_by_element)
{
	uint8_t *data = port(KVM_EXIT_IO_OUT, 0x3f8, 1, 3);

	memcpy(data, "abc", 3);
	vmm_io_port(&io, &area.run);
	cr_assert(eq(uint, writes, 3));
	cr_assert(zero(int, memcmp(written, "abc", 3)));
}

Test(io, ports_of_nobody_read_all_ones_and_ignore_writes)
{
	uint8_t *data = port(KVM_EXIT_IO_IN, 0x2f8, 2, 2);

	vmm_io_port(&io, &area.run);
	cr_assert(zero(int, memcmp(data, "\xff\xff\xff\xff\0", 5)));
	port(KVM_EXIT_IO_OUT, 0x2f8, 4, 1);
	vmm_io_port(&io, &area.run);
}

Test(io, the_configuration_ports_are_the_buss)
{
	uint32_t address = 0x80000008;
	uint8_t *data = port(KVM_EXIT_IO_OUT, 0xcf8, 4, 1);

	memcpy(data, &address, 4);
	vmm_io_port(&io, &area.run);
	data = port(KVM_EXIT_IO_IN, 0xcfc, 4, 1);
	vmm_io_port(&io, &area.run);
	cr_assert(eq(u8, data[3], 0x06)); /* class: a bridge */
}

Test(io, ecam_is_the_buss)
{
	memory(VMM_ECAM + 0x0b, 1, false);
	cr_assert(eq(u8, area.run.mmio.data[0], 0x06));
}

Test(io, memory_of_nobody_reads_all_ones)
{
	memory(0xd0000000, 4, false);
	cr_assert(zero(int, memcmp(area.run.mmio.data, "\xff\xff\xff\xff\x55", 5)));
	memory(0xd0000000, 8, true);
}

Test(io, a_piece_of_an_odd_length_is_read_whole)
{
	memory(0xd0000001, 7, false);
	cr_assert(zero(int, memcmp(area.run.mmio.data, "\xff\xff\xff\xff\xff\xff\xff\x55", 8)));
	memory(VMM_ECAM + 0x09, 3, false);
	cr_assert(eq(u8, area.run.mmio.data[2], 0x06));
	cr_assert(eq(u8, area.run.mmio.data[3], 0x55));
}
