// SPDX-License-Identifier: MIT
#include <linux/pci_regs.h>
#include <pthread.h>
#include "model.h"

static struct host host;
static struct vpci_bus *bus;

static void bus_start(void)
{
	bus = host_bus(&host);
}

static void bus_end(void)
{
	vpci_bus_destroy(bus);
	host_check_leaks();
}

TestSuite(bus, .init = bus_start, .fini = bus_end);

Test(bus, has_a_host_bridge)
{
	cr_expect_eq(host_config_read(bus, 0, PCI_VENDOR_ID, 4), 0x00081b36);
	cr_expect_eq(host_config_read(bus, 0, PCI_CLASS_DEVICE, 2), 0x0600);
	cr_expect_eq(vpci_bus_remove(bus, 0), -EINVAL);
}

Test(bus, contradictory_layouts_are_einval)
{
	static const struct {
		struct vpci_range ecam, ports, mem32, mem64;
	} cases[] = {
		{.ecam = {0xb0080000, 0x100000}},
		{.ecam = {0xb0000000, 0x80000}},
		{.ecam = {0xb0000000, 0x20000000}},
		{.ecam = {0xfffffffffff00000, 0x100000}},
		{.ports = {0xf000, 0x1001}},
		{.ports = {0x10000, 1}},
		{.mem32 = {0xc0000000, 0x40000001}},
		{.mem32 = {0x100000000, 0x1000}},
		{.mem64 = {UINT64_MAX, 2}},
		{.mem64 = {UINT64_MAX - 0xfff, 0x1000}},
		{.ecam = {0xb0000000, 0x100000}, .mem32 = {0xb0000000, 0x1000}},
		{.ecam = {0x800000000, 0x100000}, .mem64 = {0x800000000, 0x1000}},
		{.mem32 = {0xc0000000, 0x2000}, .mem64 = {0xc0001000, 0x1000}},
	};
	struct vpci_bus *other = NULL;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vpci_layout layout = {
			.ecam = cases[i].ecam,
			.ports = cases[i].ports,
			.mem32 = cases[i].mem32,
			.mem64 = cases[i].mem64,
		};

		cr_expect_eq(vpci_bus_create(&layout, &host_ops, &host, &other), -EINVAL,
			     "case %zu", i);
		cr_expect_null(other);
	}
}

Test(bus, a_function_takes_the_slot_asked_for)
{
	struct model *model = model_create(256), *other = model_create(256);

	cr_expect_eq(vpci_bus_add(bus, 0x21, &model->function), 0x21);
	cr_expect_eq(vpci_bus_add(bus, 0x21, &other->function), -EEXIST);
	cr_expect_eq(vpci_bus_add(bus, 0, &other->function), -EEXIST);
	cr_expect_eq(vpci_bus_add(bus, 256, &other->function), -EINVAL);
	cr_expect_eq(vpci_bus_add(bus, -2, &other->function), -EINVAL);
	cr_expect_eq(vpci_function_requester(&model->function), 0x21);
	other->function.ops->destroy(&other->function);
}

Test(bus, the_first_free_device_number_is_found)
{
	model_add(model_create(256), bus, 1 << 3 | 3);
	cr_expect_eq(vpci_bus_add(bus, -1, &model_create(256)->function), 2 << 3);
	for (int i = 3; i < 32; i++)
		cr_expect_eq(vpci_bus_add(bus, -1, &model_create(256)->function), i << 3);

	struct model *model = model_create(256);

	cr_expect_eq(vpci_bus_add(bus, -1, &model->function), -ENOSPC);
	model->function.ops->destroy(&model->function);
}

Test(bus, a_function_that_cannot_attach_stays_its_owners)
{
	struct model *model = model_create(256);

	model->attach_error = -EMFILE;
	cr_expect_eq(vpci_bus_add(bus, 8, &model->function), -EMFILE);
	cr_expect_eq(host_config_read(bus, 8, 0, 4), UINT32_MAX);
	model->attach_error = 0;
	cr_expect_eq(vpci_bus_add(bus, 8, &model->function), 8);
}

Test(bus, removal_detaches_and_destroys)
{
	struct model *model = model_create(256);
	bool destroyed = false;

	model->destroyed = &destroyed;
	model_add(model, bus, 8);
	cr_expect_eq(vpci_bus_remove(bus, 8), 0);
	cr_expect(destroyed);
	cr_expect_eq(vpci_bus_remove(bus, 8), -ENODEV);
	cr_expect_eq(host_config_read(bus, 8, 0, 4), UINT32_MAX);
}

Test(bus, destroying_it_destroys_its_functions)
{
	struct model *model = model_create(256);
	bool destroyed = false;

	model->destroyed = &destroyed;
	model_add(model, bus, 8);
	vpci_bus_destroy(bus);
	cr_expect(destroyed);
	vpci_bus_destroy(NULL);
	bus = host_bus(&host);
}

Test(bus, reset_reaches_everyone_and_tells_the_first_error)
{
	struct model *one = model_create(256), *two = model_create(256);

	model_add(one, bus, 8);
	model_add(two, bus, 16);
	one->reset_error = -EIO;
	two->reset_error = -ENODEV;
	host_config_write(bus, 8, PCI_COMMAND, 2, 7);
	cr_expect_eq(vpci_bus_reset(bus), -EIO);
	cr_expect_eq(one->resets, 1);
	cr_expect_eq(two->resets, 1);
	cr_expect_eq(host_config_read(bus, 8, PCI_COMMAND, 2), 0);
}

/* Counts to a round number, so that a lost update would show. */
static void *bus_hammer(void *arg)
{
	unsigned int devfn = *(unsigned int *)arg;

	for (unsigned int i = 0; i < 2000; i++) {
		host_config_write(bus, devfn, PCI_INTERRUPT_LINE, 1, i);
		host_config_write(bus, 24, PCI_COMMAND, 2, i & 1 ? 2 : 0);
		host_config_write(bus, 24, PCI_BASE_ADDRESS_0, 4, (uint32_t)HOST_MEM32 + (i << 12));
	}
	return NULL;
}

Test(bus, racing_vcpus_do_no_harm)
{
	static uint8_t memory[0x1000] __attribute__((aligned(4096)));
	unsigned int devfns[] = {8, 16};
	struct model *model = model_create(256);
	pthread_t threads[2];

	model_bar(model, 0, VPCI_BAR_MEM32, 0x1000, MODEL_NOT_FIXED);
	model_window(model, 0, 0, 0x1000, memory);
	model_add(model, bus, 24);
	for (unsigned int i = 0; i < 2; i++) {
		model_add(model_create(256), bus, (int)devfns[i]);
		cr_assert_eq(pthread_create(&threads[i], NULL, bus_hammer, &devfns[i]), 0);
	}
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	cr_expect_eq(host_config_read(bus, 8, PCI_INTERRUPT_LINE, 1), 1999 & 0xff);
	cr_expect_eq(model->config_writes, 8000);
	host_config_write(bus, 24, PCI_COMMAND, 2, 0);
	cr_expect_eq(host_window_count(&host), 0);
}
