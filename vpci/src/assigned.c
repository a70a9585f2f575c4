// SPDX-License-Identifier: MIT
/* A real device as a function of the bus: its life, its reset and its moves between spaces. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include "assigned_function.h"
#include "bus_state.h"

/*
 * A pin's line that somebody on the host does not share is none that a guest must have, where the device
 * has MSI. Others have nothing else.
 */
static int assigned_start_interrupts(struct vpci_assigned *assigned)
{
	bool messages = assigned->shown.msi || assigned->shown.msix;
	int err = vpci_interrupts_update(assigned);

	return err == -EBUSY && assigned->interrupts.type == ULDF_IRQ_INTX && messages ? 0 : err;
}

static int assigned_attach(struct vpci_function *function)
{
	struct vpci_assigned *assigned = vpci_assigned_from(function);
	int err;

	vpci_assigned_push_command(assigned);
	err = assigned_start_interrupts(assigned);
	if (err)
		vpci_interrupts_stop(assigned);
	return err;
}

/*
 * With the configuration space as after a reset. Bus mastering goes off before the vectors: a message
 * on its way must still find its target.
 */
static void assigned_quiet(struct vpci_assigned *assigned)
{
	vpci_assigned_push_command(assigned);
	vpci_interrupts_stop(assigned);
}

static void assigned_detach(struct vpci_function *function)
{
	vpci_config_reset(&function->config);
	assigned_quiet(vpci_assigned_from(function));
}

static int assigned_reset(struct vpci_function *function)
{
	struct vpci_assigned *assigned = vpci_assigned_from(function);
	int err, started;

	assigned_quiet(assigned);
	vpci_msix_reset(&assigned->msix);
	err = vpci_assigned_note(assigned, uldf_device_reset(assigned->device, NULL));
	/*
	 * A device without reset does no DMA any more, as bus mastering is off. Its registers stay as
	 * the guest left them.
	 */
	if (err == -ENOTSUP)
		err = 0;
	vpci_assigned_push_command(assigned);
	started = assigned_start_interrupts(assigned);
	return err ? err : started;
}

static void assigned_check(struct vpci_function *function)
{
	struct vpci_assigned *assigned = vpci_assigned_from(function);
	uint32_t vendor;

	vpci_assigned_look(assigned);
	if (assigned->function.gone)
		return;
	vpci_assigned_note(assigned, uldf_config_read(assigned->device, PCI_VENDOR_ID, 2, &vendor));
}

static void assigned_destroy(struct vpci_function *function)
{
	struct vpci_assigned *assigned = vpci_assigned_from(function);

	vpci_assigned_unmap(assigned);
	vpci_msix_fini(&assigned->msix);
	uldf_device_close(assigned->device);
	free(assigned);
}

static const struct vpci_function_ops assigned_ops = {
	.attach = assigned_attach,
	.detach = assigned_detach,
	.destroy = assigned_destroy,
	.reset = assigned_reset,
	.config_read = vpci_assigned_config_read,
	.config_write = vpci_assigned_config_write,
	.check = assigned_check,
	.bar_read = vpci_assigned_bar_read,
	.bar_write = vpci_assigned_bar_write,
};

int vpci_assigned_create(struct uldf_device *device, char *reason, size_t size,
			 struct vpci_function **out)
{
	struct vpci_assigned *assigned = calloc(1, sizeof(*assigned));
	char spare[1];
	int err;

	if (!reason) {
		reason = spare;
		size = sizeof(spare);
	}
	if (!assigned) {
		snprintf(reason, size, "out of memory");
		return -ENOMEM;
	}
	assigned->function.ops = &assigned_ops;
	assigned->device = device;
	vpci_interrupts_init(&assigned->interrupts);
	err = vpci_assigned_init_config(assigned, reason, size);
	if (err)
		goto err_free;
	err = vpci_assigned_init_bars(assigned);
	if (err) {
		snprintf(reason, size, "device %s: a region of it fits no BAR",
			 uldf_device_info(device)->address);
		goto err_fini_msix;
	}
	vpci_assigned_map(assigned);
	*out = &assigned->function;
	return 0;
err_fini_msix:
	vpci_msix_fini(&assigned->msix);
err_free:
	free(assigned);
	return err;
}

static bool assigned_is(const struct vpci_function *function)
{
	return function && function->ops == &assigned_ops;
}

int vpci_assigned_move(struct vpci_bus *bus, uint8_t devfn,
		       int (*move)(struct uldf_device *device, void *arg), void *arg)
{
	struct vpci_function *function;
	int err = -ENODEV;
	bool assigned;

	/* Looks before it waits: the slot may be the one that the caller is in. */
	pthread_mutex_lock(&bus->lock);
	assigned = assigned_is(bus->slots[devfn].function);
	pthread_mutex_unlock(&bus->lock);
	if (!assigned)
		return -ENODEV;
	function = vpci_slot_enter(bus, devfn);
	/* One that is gone must leave its space, too, before that may end. */
	if (assigned_is(function))
		err = vpci_assigned_note(vpci_assigned_from(function),
					 move(vpci_assigned_from(function)->device, arg));
	if (!err && function->gone)
		err = -ENODEV;
	if (!err)
		vpci_assigned_push_command(vpci_assigned_from(function));
	vpci_slot_leave(bus, devfn);
	return err;
}
