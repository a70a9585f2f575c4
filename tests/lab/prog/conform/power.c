// SPDX-License-Identifier: MIT
/* Power states: asleep a device answers nothing but reads of its configuration. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include "conform.h"

static uint16_t state_get(struct conform *c, unsigned int pm)
{
	return config_get(c, pm + PCI_PM_CTRL, 2) & PCI_PM_CTRL_STATE_MASK;
}

static void check_asleep(struct conform *c, unsigned int pm)
{
	const struct constant *k = c->model->constants;
	struct uldf_io io = {
		.width = (uint8_t)k->width, .region = (uint16_t)k->region, .offset = k->offset};
	uint64_t value = 0x55;
	size_t done = 99;

	require("it is in D3hot", state_get(c, pm) == 3);
	require("bus mastering is off", !(config_get(c, PCI_COMMAND, 2) & PCI_COMMAND_MASTER));
	expect(c, "read asleep",
	       uldf_region_read(c->device, k->region, k->offset, k->width, &value), -EIO);
	require("which leaves out alone", value == 0x55);
	expect(c, "write asleep", uldf_region_write(c->device, ULDF_BAR0, c->model->scratch, 4, 0),
	       -EIO);
	expect(c, "a batch asleep", uldf_io_batch(c->device, &io, 1, &done), -EIO);
	require("of which nothing is done", !done);
	expect(c, "write configuration asleep",
	       uldf_config_write(c->device, PCI_COMMAND, 2, PCI_COMMAND_MEMORY), -EIO);
	expect(c, "enable interrupts asleep", uldf_irq_enable(c->device, ULDF_IRQ_INTX, 1), -EIO);
}

/* A mapping is shut, and opens again when the device is awake. */
static void check_mapping(struct conform *c, unsigned int pm)
{
	const struct uldf_area *area = &uldf_region_get(c->device, ULDF_BAR0)->area[0];
	void *address;

	expect(c, "map", uldf_region_map(c->device, ULDF_BAR0, area->offset, PAGE, &address), 0);
	require("it answers", !touch_faults(address));
	expect(c, "to sleep", uldf_device_power(c->device, 3), 0);
	check_asleep(c, pm);
	require("a mapping is shut asleep", touch_faults(address));
	expect(c, "to sleep again", uldf_device_power(c->device, 3), 0);
	expect(c, "awake", uldf_device_power(c->device, 0), 0);
	require("a mapping opens again", !touch_faults(address));
	uldf_region_unmap(c->device, address, PAGE);
}

static void check_interrupt(struct conform *c)
{
	int fd = eventfd_new(), err;

	expect(c, "enable INTx", uldf_irq_enable(c->device, ULDF_IRQ_INTX, 1), 0);
	expect(c, "bind it", uldf_irq_bind(c->device, 0, 1, &fd), 0);
	expect(c, "to sleep", uldf_device_power(c->device, 3), 0);
	expect(c, "mask asleep", uldf_irq_mask(c->device), -EIO);
	expect(c, "unmask asleep", uldf_irq_unmask(c->device), -EIO);
	err = uldf_irq_disable(c->device);
	expect(c, "disable asleep", err, -EIO);
	expect(c, "awake", uldf_device_power(c->device, 0), 0);
	if (c->model->raises_alone) {
		c->model->raise(c, NULL);
		expect_count("a vector enabled before fires after sleep", fd, 1);
		c->model->quiet(c);
	}
	expect(c, "disable INTx", uldf_irq_disable(c->device), 0);
}

void check_power(struct conform *c)
{
	uint32_t command, bar;
	unsigned int pm;

	printf("== power states\n");
	config_command(c, PCI_COMMAND_MEMORY, 0);
	expect(c, "D1", uldf_device_power(c->device, 1), -EINVAL);
	expect(c, "no state", uldf_device_power(c->device, 4), -EINVAL);
	if (!c->able->power || uldf_config_find(c->device, PCI_CAP_ID_PM, &pm)) {
		expect(c, "to sleep, which it cannot", uldf_device_power(c->device, 3), -ENOTSUP);
		expect(c, "awake", uldf_device_power(c->device, 0), -ENOTSUP);
		return;
	}
	expect(c, "awake already", uldf_device_power(c->device, 0), 0);
	command = config_get(c, PCI_COMMAND, 2);
	bar = config_get(c, PCI_BASE_ADDRESS_0, 4);
	check_mapping(c, pm);
	require("it is in D0", !state_get(c, pm));
	require("its configuration is as before",
		config_get(c, PCI_COMMAND, 2) == command &&
			config_get(c, PCI_BASE_ADDRESS_0, 4) == bar);
	check_interrupt(c);
	if (uldf_device_info(c->device)->resets) {
		expect(c, "to sleep", uldf_device_power(c->device, 3), 0);
		expect(c, "reset it asleep", uldf_device_reset(c->device, NULL), 0);
		require("a reset ends its sleep", !state_get(c, pm));
		config_command(c, PCI_COMMAND_MEMORY, 0);
		reg_read(c, c->model->constants->offset, c->model->constants->width);
	}
	expect(c, "to sleep, to be closed asleep", uldf_device_power(c->device, 3), 0);
	conform_close(c);
	conform_open(c, c->name);
	config_command(c, PCI_COMMAND_MEMORY, 0);
	require("opened anew it is awake", !state_get(c, pm));
	reg_read(c, c->model->constants->offset, c->model->constants->width);
}
