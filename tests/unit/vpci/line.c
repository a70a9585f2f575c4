// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include "model.h"

static struct host host;
static struct vpci_bus *bus;

static void line_start(void)
{
	bus = host_bus(&host);
}

static void line_end(void)
{
	vpci_bus_destroy(bus);
	for (unsigned int i = 0; i < 32; i++)
		cr_expect_not(host.levels[i], "GSI %u was left up", i);
	host_check_leaks();
}

TestSuite(line, .init = line_start, .fini = line_end);

static struct model *line_model(unsigned int devfn, uint8_t pin)
{
	struct model *model = model_create(256);

	vpci_config_define(&model->function.config, PCI_INTERRUPT_PIN, 1, pin, 0);
	model_add(model, bus, (int)devfn);
	return model;
}

Test(line, pins_are_swizzled_by_the_device_number)
{
	cr_expect_eq(vpci_bus_gsi(bus, 0, 1), 16);
	cr_expect_eq(vpci_bus_gsi(bus, 0, 4), 19);
	cr_expect_eq(vpci_bus_gsi(bus, 1, 1), 17);
	cr_expect_eq(vpci_bus_gsi(bus, 3, 2), 16);
	cr_expect_eq(vpci_bus_gsi(bus, 31, 4), 18);
}

Test(line, a_pin_drives_its_gsi)
{
	struct model *model = line_model(1 << 3, 2);

	vpci_function_set_line(&model->function, true);
	cr_expect(host.levels[18]);
	vpci_function_set_line(&model->function, true);
	vpci_function_set_line(&model->function, false);
	cr_expect_not(host.levels[18]);
	cr_expect_eq(host.level_changes, 2);
}

Test(line, a_shared_line_is_up_while_one_asserts_it)
{
	struct model *one = line_model(1 << 3, 1), *two = line_model(5 << 3, 1);

	vpci_function_set_line(&one->function, true);
	vpci_function_set_line(&two->function, true);
	vpci_function_set_line(&one->function, false);
	cr_expect(host.levels[17]);
	vpci_function_set_line(&two->function, false);
	cr_expect_not(host.levels[17]);
	cr_expect_eq(host.level_changes, 2);
}

Test(line, lines_that_share_a_gsi_are_ored_too)
{
	struct vpci_layout layout = host_layout();
	struct vpci_bus *own = bus;
	struct model *one, *two;

	layout.gsis[2] = layout.gsis[1] = 10;
	cr_assert_eq(vpci_bus_create(&layout, &host_ops, &host, &bus), 0);
	one = line_model(1 << 3, 1);
	two = line_model(2 << 3, 1);
	vpci_function_set_line(&one->function, true);
	vpci_function_set_line(&two->function, true);
	vpci_function_set_line(&one->function, false);
	cr_expect(host.levels[10]);
	vpci_function_set_line(&two->function, false);
	cr_expect_not(host.levels[10]);
	vpci_bus_destroy(bus);
	bus = own;
}

Test(line, intx_disable_takes_the_pin_off_the_line)
{
	struct model *model = line_model(1 << 3, 1);

	vpci_function_set_line(&model->function, true);
	cr_expect_eq(host_config_read(bus, 1 << 3, PCI_STATUS, 2), PCI_STATUS_INTERRUPT);
	host_config_write(bus, 1 << 3, PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
	cr_expect_not(host.levels[17]);
	cr_expect_eq(host_config_read(bus, 1 << 3, PCI_STATUS, 2), PCI_STATUS_INTERRUPT);
	host_config_write(bus, 1 << 3, PCI_COMMAND, 2, 0);
	cr_expect(host.levels[17]);
	vpci_function_set_line(&model->function, false);
	cr_expect_eq(host_config_read(bus, 1 << 3, PCI_STATUS, 2), 0);
}

Test(line, without_a_pin_nothing_is_driven)
{
	struct model *model = line_model(1 << 3, 0);

	vpci_function_set_line(&model->function, true);
	cr_expect_eq(host.level_changes, 0);
}

Test(line, reset_and_removal_lower_it)
{
	struct model *model = line_model(1 << 3, 1);

	vpci_function_set_line(&model->function, true);
	vpci_bus_reset(bus);
	cr_expect_not(host.levels[17]);
	vpci_function_set_line(&model->function, true);
	vpci_bus_remove(bus, 1 << 3);
	cr_expect_not(host.levels[17]);
}
