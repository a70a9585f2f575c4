// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include "model.h"

#define SLOT  (3 << 3)
#define OTHER (4 << 3)

static struct host host;
static struct vpci_bus *bus;
static struct model *model;
static uint8_t memory[0x4000] __attribute__((aligned(4096)));

/* BAR 0: 16 KiB with windows over pages 0 and 1, and 3; BAR 2: 16 ports. Nothing is assigned. */
static void decode_start(void)
{
	bus = host_bus(&host);
	model = model_create(256);
	model->host = &host;
	model_bar(model, 0, VPCI_BAR_MEM32, 0x4000, MODEL_NOT_FIXED);
	model_bar(model, 2, VPCI_BAR_PORTS, 16, MODEL_NOT_FIXED);
	model_window(model, 0, 0, 0x2000, memory);
	model_window(model, 0, 0x3000, 0x1000, memory + 0x3000);
	model_add(model, bus, SLOT);
}

static void decode_end(void)
{
	vpci_bus_destroy(bus);
	cr_expect_eq(host_window_count(&host), 0);
	host_check_leaks();
}

TestSuite(decode, .init = decode_start, .fini = decode_end);

static void decode_move(unsigned int devfn, unsigned int bar, uint32_t base)
{
	host_config_write(bus, devfn, PCI_BASE_ADDRESS_0 + 4 * bar, 4, base);
}

static bool decode_answers(uint64_t address)
{
	uint64_t value;

	model->access_count = 0;
	return vpci_bus_memory_read(bus, address, 4, &value);
}

static bool decode_answers_port(uint16_t port)
{
	uint32_t value;

	model->access_count = 0;
	return vpci_bus_port_read(bus, port, 1, &value);
}

Test(decode, enables_turn_windows_and_accesses_on_and_off)
{
	decode_move(SLOT, 0, HOST_MEM32 + 0x8000);
	decode_move(SLOT, 2, HOST_PORTS + 0x100);
	cr_expect_not(decode_answers(HOST_MEM32 + 0x8000));
	cr_expect_not(decode_answers_port(HOST_PORTS + 0x100));
	cr_expect_eq(host_window_count(&host), 0);
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	cr_expect(decode_answers(HOST_MEM32 + 0x8000));
	cr_expect_not(decode_answers_port(HOST_PORTS + 0x100));
	cr_expect_eq(host_window_count(&host), 2);
	cr_assert(host_window_at(&host, HOST_MEM32 + 0x8000));
	cr_assert(host_window_at(&host, HOST_MEM32 + 0xb000));
	cr_expect_eq(host_window_at(&host, HOST_MEM32 + 0x8000)->size, 0x2000);
	cr_expect_eq(host_window_at(&host, HOST_MEM32 + 0xb000)->address, memory + 0x3000);
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_IO);
	cr_expect_not(decode_answers(HOST_MEM32 + 0x8000));
	cr_expect(decode_answers_port(HOST_PORTS + 0x100));
	cr_expect_eq(host_window_count(&host), 0);
}

Test(decode, a_window_tells_which_piece_of_which_bar_it_is)
{
	const struct vpci_host_window *window;

	decode_move(SLOT, 0, HOST_MEM32 + 0x8000);
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	window = host_window_at(&host, HOST_MEM32 + 0xb000);
	cr_assert(window);
	cr_expect_eq(window->devfn, SLOT);
	cr_expect_eq(window->bar, 0);
	cr_expect_eq(window->offset, 0x3000);
	cr_expect_eq(host_window_at(&host, HOST_MEM32 + 0x8000)->offset, 0);
}

Test(decode, an_enabled_bar_can_be_relocated)
{
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_IO);
	decode_move(SLOT, 0, HOST_MEM32 + 0x8000);
	decode_move(SLOT, 2, HOST_PORTS + 0x100);
	decode_move(SLOT, 0, HOST_MEM32 + 0x10000);
	decode_move(SLOT, 2, HOST_PORTS + 0x200);
	cr_expect_not(decode_answers(HOST_MEM32 + 0x8000));
	cr_expect(decode_answers(HOST_MEM32 + 0x10000));
	cr_expect_not(decode_answers_port(HOST_PORTS + 0x100));
	cr_expect(decode_answers_port(HOST_PORTS + 0x200));
	cr_expect_eq(host_window_count(&host), 2);
	cr_expect(host_window_at(&host, HOST_MEM32 + 0x10000));
}

Test(decode, sizing_an_enabled_bar_takes_it_away_meanwhile)
{
	decode_move(SLOT, 0, HOST_MEM32);
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	decode_move(SLOT, 0, UINT32_MAX);
	cr_expect_eq(host_window_count(&host), 0);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_BASE_ADDRESS_0, 4), 0xffffc000);
	decode_move(SLOT, 0, HOST_MEM32);
	cr_expect_eq(host_window_count(&host), 2);
}

Test(decode, outside_of_the_windows_nothing_is_decoded)
{
	static const uint32_t bases[] = {
		0,	   0x100000,   HOST_MEM32 - 0x4000, HOST_MEM32 + 0x1000000,
		HOST_ECAM, 0xfee00000, 0xfec00000,	    0xffffc000,
	};

	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_IO);
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		decode_move(SLOT, 0, bases[i]);
		cr_expect_eq(host_window_count(&host), 0, "at 0x%x", bases[i]);
		if (bases[i] != HOST_ECAM)
			cr_expect_not(decode_answers(bases[i]), "at 0x%x", bases[i]);
	}
	for (uint32_t port = 0; port <= 0x70; port += 0x10) {
		decode_move(SLOT, 2, port);
		cr_expect_not(decode_answers_port(port));
	}
	decode_move(SLOT, 2, 0x12001000);
	cr_expect_not(decode_answers_port(0x1000));
	cr_expect_eq(model->access_count, 0);
}

Test(decode, where_bars_overlap_the_first_one_wins)
{
	struct model *other = model_create(256);

	model_bar(other, 0, VPCI_BAR_MEM32, 0x1000, MODEL_NOT_FIXED);
	model_window(other, 0, 0, 0x1000, memory + 0x2000);
	model_add(other, bus, OTHER);
	host_config_write(bus, OTHER, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	decode_move(OTHER, 0, HOST_MEM32 + 0x1000);
	cr_expect(host_window_at(&host, HOST_MEM32 + 0x1000));
	decode_move(SLOT, 0, HOST_MEM32);
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	cr_expect_eq(host_window_count(&host), 2);
	cr_expect_not(host_window_at(&host, HOST_MEM32 + 0x1000));
	cr_expect_eq(host_memory_read(bus, HOST_MEM32 + 0x1004, 4), 0x07060504);
	cr_expect_eq(other->access_count, 0);
	cr_expect_eq(model->access_count, 1);
	decode_move(SLOT, 0, HOST_MEM32 + 0x4000);
	cr_expect_eq(host_window_count(&host), 3);
	host_memory_read(bus, HOST_MEM32 + 0x1004, 4);
	cr_expect_eq(other->access_count, 1);
}

Test(decode, other_functions_windows_stay_untouched)
{
	struct model *other = model_create(256);
	unsigned int changes;

	model_bar(other, 0, VPCI_BAR_MEM32, 0x1000, MODEL_NOT_FIXED);
	model_window(other, 0, 0, 0x1000, memory + 0x2000);
	model_add(other, bus, OTHER);
	vpci_bus_assign(bus);
	cr_expect_eq(host_window_count(&host), 3);
	changes = host.window_changes;
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	cr_expect_eq(host.window_changes, changes);
	host_config_write(bus, SLOT, PCI_COMMAND, 2, 0);
	cr_expect_eq(host.window_changes, changes + 2);
	cr_expect_eq(host_window_count(&host), 1);
}

Test(decode, windows_that_the_host_refuses_are_served_by_accesses)
{
	host.window_error = -ENOSPC;
	decode_move(SLOT, 0, HOST_MEM32);
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	cr_expect_eq(host_window_count(&host), 0);
	cr_expect(decode_answers(HOST_MEM32));
	host.window_error = 0;
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	cr_expect_eq(host_window_count(&host), 2);
}

Test(decode, a_reset_hides_windows_first_and_leaves_decoding_off)
{
	vpci_bus_assign(bus);
	cr_expect_eq(host_window_count(&host), 2);
	model->windows_at_reset = 99;
	cr_expect_eq(vpci_bus_reset(bus), 0);
	cr_expect_eq(model->resets, 1);
	cr_expect_eq(model->windows_at_reset, 0);
	cr_expect_eq(host_window_count(&host), 0);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_COMMAND, 2), 0);
	cr_expect_eq(host_config_read(bus, SLOT, PCI_BASE_ADDRESS_0, 4), 0);
}

Test(decode, removal_takes_windows_and_answers_away)
{
	vpci_bus_assign(bus);
	cr_expect(decode_answers(HOST_MEM32));
	cr_expect_eq(vpci_bus_remove(bus, SLOT), 0);
	cr_expect_eq(host_window_count(&host), 0);
	model = model_create(256);
	cr_expect_not(decode_answers(HOST_MEM32));
	vpci_bus_add(bus, SLOT, &model->function);
}

Test(decode, a_check_finds_nothing_where_all_is_there)
{
	unsigned int changes;

	vpci_bus_assign(bus);
	changes = host.window_changes;
	cr_expect_eq(vpci_bus_check(bus), 0);
	cr_expect_eq(model->checks, 1);
	cr_expect_eq(host.window_changes, changes);
	cr_expect_eq(host_window_count(&host), 2);
}

Test(decode, what_vanished_is_found_once_and_never_shown_again)
{
	struct model *other = model_create(256);

	model_bar(other, 0, VPCI_BAR_MEM32, 0x1000, MODEL_NOT_FIXED);
	model_window(other, 0, 0, 0x1000, memory + 0x2000);
	model_add(other, bus, OTHER);
	vpci_bus_assign(bus);
	cr_expect_eq(host_window_count(&host), 3);
	model->vanished = true;
	cr_expect_eq(vpci_bus_check(bus), 1);
	cr_expect_eq(host_window_count(&host), 1);
	cr_expect_eq(vpci_bus_check(bus), 1);
	cr_expect_eq(model->checks, 1, "asked again what is known to be gone");
	cr_expect_eq(other->checks, 2);
	host_config_write(bus, SLOT, PCI_COMMAND, 2, 0);
	host_config_write(bus, SLOT, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	cr_expect_eq(vpci_bus_assign(bus), 0);
	cr_expect_eq(host_window_count(&host), 1);
	cr_expect(decode_answers(HOST_MEM32), "its accesses come to the bus");
	cr_expect_eq(vpci_bus_reset(bus), 0);
	cr_expect_eq(vpci_bus_assign(bus), 0);
	cr_expect_eq(host_window_count(&host), 1);
}
