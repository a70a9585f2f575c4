// SPDX-License-Identifier: MIT
#include "host-ops.h"

#include <string.h>

static int msi_send(void *arg, const struct vpci_msi *msi)
{
	struct vmm_host *host = arg;

	return vmm_irqchip_send(host->irqchip, msi->address, msi->data);
}

static int msi_route_add(void *arg, int fd, const struct vpci_msi *msi, unsigned int *route)
{
	struct vmm_host *host = arg;

	return vmm_irqchip_route_add(host->irqchip, fd, msi->address, msi->data, route);
}

static int msi_route_update(void *arg, unsigned int route, const struct vpci_msi *msi)
{
	struct vmm_host *host = arg;

	return vmm_irqchip_route_update(host->irqchip, route, msi->address, msi->data);
}

static void msi_route_mask(void *arg, unsigned int route)
{
	struct vmm_host *host = arg;

	vmm_irqchip_route_mask(host->irqchip, route);
}

static int msi_route_unmask(void *arg, unsigned int route)
{
	struct vmm_host *host = arg;

	return vmm_irqchip_route_unmask(host->irqchip, route);
}

static void msi_route_remove(void *arg, unsigned int route)
{
	struct vmm_host *host = arg;

	vmm_irqchip_route_remove(host->irqchip, route);
}

static void gsi_set(void *arg, unsigned int gsi, bool level)
{
	struct vmm_host *host = arg;

	vmm_irqchip_set(host->irqchip, gsi, level);
}

static int gsi_wire(void *arg, unsigned int gsi, int fd, int resample)
{
	struct vmm_host *host = arg;

	return vmm_irqchip_wire(host->irqchip, gsi, fd, resample);
}

static void gsi_unwire(void *arg, unsigned int gsi, int fd)
{
	struct vmm_host *host = arg;

	vmm_irqchip_unwire(host->irqchip, gsi, fd);
}

static int window_add(void *arg, const struct vpci_host_window *window, unsigned int *number)
{
	struct vmm_host *host = arg;
	int error = vmm_vm_slot_add(host->vm, window->guest, window->address, window->size, number);

	if (!error)
		vmm_assign_show(host->assign, window);
	return error;
}

/* The bus relies on it that no processor and no device reaches the memory from here on. */
static void window_remove(void *arg, unsigned int number, const struct vpci_host_window *window)
{
	struct vmm_host *host = arg;
	int error = vmm_assign_hide(host->assign, window);

	if (error)
		vmm_stop_failed(host->stop, "the IOMMU does not give a device's memory back: %s",
				strerror(-error));
	error = vmm_vm_slot_remove(host->vm, number);
	if (error)
		vmm_stop_failed(host->stop, "KVM does not give a device's memory back: %s",
				strerror(-error));
}

static void *memory(void *arg, uint64_t address, uint64_t size)
{
	const struct vmm_host *host = arg;

	return vmm_memory_at(host->memory, address, size);
}

static void report(void *arg, const char *text)
{
	vmm_warn("%s", text);
}

const struct vpci_host_ops vmm_host_ops = {
	.msi_send = msi_send,
	.msi_route_add = msi_route_add,
	.msi_route_update = msi_route_update,
	.msi_route_mask = msi_route_mask,
	.msi_route_unmask = msi_route_unmask,
	.msi_route_remove = msi_route_remove,
	.gsi_set = gsi_set,
	.gsi_wire = gsi_wire,
	.gsi_unwire = gsi_unwire,
	.window_add = window_add,
	.window_remove = window_remove,
	.memory = memory,
	.report = report,
};
