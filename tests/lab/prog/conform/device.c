// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "conform.h"

static void check_quiet(struct conform *c)
{
	int fd = eventfd_new();

	require("bus mastering is off after open",
		!(config_get(c, PCI_COMMAND, 2) & PCI_COMMAND_MASTER));
	expect(c, "bind with no vector enabled", uldf_irq_bind(c->device, 0, 1, &fd), -EINVAL);
	expect(c, "detach what is attached to nothing", uldf_device_detach(c->device), -EINVAL);
	expect(c, "attach to nothing", uldf_device_attach(c->device, NULL), -EINVAL);
	eventfd_count(fd, 0);
}

void check_device(struct conform *c)
{
	static const enum uldf_irq_type messages[] = {ULDF_IRQ_MSI, ULDF_IRQ_MSIX};
	const struct uldf_device_info *info = uldf_device_info(c->device);

	printf("== the device\n");
	require("it tells its address", !strcmp(info->address, c->address));
	require("it has as many INTx as it has",
		info->vectors[ULDF_IRQ_INTX] == c->model->vectors[ULDF_IRQ_INTX]);
	require("it has as many ISA lines as it has",
		info->vectors[ULDF_IRQ_ISA] == c->model->vectors[ULDF_IRQ_ISA]);
	for (int i = 0; i < 2; i++)
		require("it has as many messages as it has, if the backend knows them",
			info->vectors[messages[i]] ==
				(c->able->msi ? c->model->vectors[messages[i]] : 0));
	if (c->able->spaces)
		require("it tells whether it stands behind an IOMMU", info->translated == c->iommu);
	check_quiet(c);
}

/* Only what a reset really changes tells that there was one. */
static void check_reset_done(struct conform *c, enum uldf_reset how)
{
	uint32_t line = config_get(c, PCI_INTERRUPT_LINE, 1);

	require("the reset is by something",
		how > ULDF_RESET_BY_QUIESCE && how <= ULDF_RESET_BY_BUS);
	require("bus mastering is off after a reset",
		!(config_get(c, PCI_COMMAND, 2) & PCI_COMMAND_MASTER));
	require("the configuration space is as before",
		config_get(c, PCI_VENDOR_ID, 4) == c->model->id &&
			config_get(c, PCI_INTERRUPT_LINE, 1) == line);
	config_command(c, c->model->decode, 0);
	if (how == ULDF_RESET_BY_FLR || !c->able->host)
		require("registers have their reset values",
			!(reg_read(c, c->model->reset, 4) & c->model->reset_bits));
}

/* The kernel's list of its ways to reset the device, in the order that they are tried. */
static void methods_path(struct conform *c, char path[96])
{
	snprintf(path, 96, "/sys/bus/pci/devices/%s/reset_method", c->address);
}

static void methods_set(struct conform *c, const char *methods)
{
	char path[96];
	int fd;

	methods_path(c, path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	require("the methods of the reset can be chosen",
		fd >= 0 && write(fd, methods, strlen(methods)) == (ssize_t)strlen(methods));
	close(fd);
}

static enum uldf_reset method_named(const char *name)
{
	static const struct {
		const char *name;
		enum uldf_reset reset;
	} names[] = {
		{"flr", ULDF_RESET_BY_FLR},
		{"af_flr", ULDF_RESET_BY_AF},
		{"pm", ULDF_RESET_BY_PM},
		{"bus", ULDF_RESET_BY_BUS},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i].name, name))
			return names[i].reset;
	return ULDF_RESET_BY_FUNCTION;
}

/* Each of its ways is told apart when it is the only one. */
static void check_methods(struct conform *c)
{
	char path[96], all[128] = {}, *name, *rest = NULL;
	enum uldf_reset how;
	ssize_t size;
	int fd;

	methods_path(c, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	size = read(fd, all, sizeof(all) - 1);
	require("the kernel names its methods", size > 0);
	close(fd);
	for (name = strtok_r(all, " \n", &rest); name; name = strtok_r(NULL, " \n", &rest)) {
		printf("   by %s\n", name);
		methods_set(c, name);
		expect(c, "reset by one method", uldf_device_reset(c->device, &how), 0);
		require("what worked is told", how == method_named(name));
		check_reset_done(c, how);
	}
	methods_set(c, "default");
}

void check_reset(struct conform *c)
{
	enum uldf_reset how = (enum uldf_reset)77;
	int fd = eventfd_new();
	int err;

	printf("== reset\n");
	if (!uldf_device_info(c->device)->resets) {
		expect(c, "reset a device that nothing resets", uldf_device_reset(c->device, &how),
		       -ENOTSUP);
		require("a failed reset leaves out alone", how == (enum uldf_reset)77);
		return;
	}
	config_command(c, c->model->decode, 0);
	/* a controller that is left enabled takes nothing but an end of that */
	reg_write(c, c->model->reset, 4, 0);
	reg_write(c, c->model->reset, 4, c->model->reset_bits);
	require("a register is set before the reset",
		(reg_read(c, c->model->reset, 4) & c->model->reset_bits) == c->model->reset_bits);
	expect(c, "enable a vector", uldf_irq_enable(c->device, c->model->line, 1), 0);
	expect(c, "bind it", uldf_irq_bind(c->device, 0, 1, &fd), 0);
	err = uldf_device_reset(c->device, &how);
	expect(c, "reset", err, 0);
	printf("   reset by %d\n", how);
	check_reset_done(c, how);
	expect(c, "reset, and not ask how", uldf_device_reset(c->device, NULL), 0);
	config_command(c, c->model->decode, 0);
	if (c->model->raises_alone) {
		c->model->raise(c, NULL);
		expect_count("a vector that was enabled fires after the reset", fd, 1);
		c->model->quiet(c);
	}
	expect(c, "disable it", uldf_irq_disable(c->device), 0);
	if (c->able->host)
		check_methods(c);
}
