// SPDX-License-Identifier: MIT
#include "irqchip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* With the lock held. */
static int commit(struct vmm_irqchip *irqchip)
{
	return ioctl(irqchip->vm, KVM_SET_GSI_ROUTING, irqchip->routes.table) ? -errno : 0;
}

int vmm_irqchip_init(struct vmm_irqchip *irqchip, const struct vmm_vm *vm,
		     struct vmm_reason *reason)
{
	int limit = ioctl(vm->kvm, KVM_CHECK_EXTENSION, KVM_CAP_IRQ_ROUTING);
	size_t max = limit > 0 ? (size_t)limit : 0;
	int error;

	*irqchip = (struct vmm_irqchip){.vm = vm->fd};
	irqchip->fds = calloc(max ? max : 1, sizeof(*irqchip->fds));
	if (!irqchip->fds)
		return vmm_fail(reason, -ENOMEM, "out of memory");
	error = vmm_routes_init(&irqchip->routes, max);
	if (error) {
		vmm_fail(reason, error, "out of memory");
		goto err_free;
	}
	error = commit(irqchip);
	if (error) {
		vmm_fail(reason, error, "KVM refuses the interrupt routes: %s", strerror(-error));
		goto err_fini;
	}
	pthread_mutex_init(&irqchip->lock, NULL);
	return 0;

err_fini:
	vmm_routes_fini(&irqchip->routes);
err_free:
	free(irqchip->fds);
	irqchip->fds = NULL;
	return error;
}

void vmm_irqchip_fini(struct vmm_irqchip *irqchip)
{
	vmm_routes_fini(&irqchip->routes);
	free(irqchip->fds);
	irqchip->fds = NULL;
	pthread_mutex_destroy(&irqchip->lock);
}

void vmm_irqchip_set(void *host, unsigned int gsi, bool level)
{
	struct vmm_irqchip *irqchip = host;
	struct kvm_irq_level line = {.irq = gsi, .level = level};

	/* Fails only for a machine without irqchip, and ours has one. */
	ioctl(irqchip->vm, KVM_IRQ_LINE, &line);
}

int vmm_irqchip_send(struct vmm_irqchip *irqchip, uint64_t address, uint32_t data)
{
	struct kvm_msi msi = {
		.address_lo = (uint32_t)address,
		.address_hi = (uint32_t)(address >> 32),
		.data = data,
	};

	return ioctl(irqchip->vm, KVM_SIGNAL_MSI, &msi) < 0 ? -errno : 0;
}

int vmm_irqchip_wire(struct vmm_irqchip *irqchip, unsigned int gsi, int fd, int resample)
{
	struct kvm_irqfd irqfd = {.fd = (uint32_t)fd, .gsi = gsi};

	if (resample >= 0) {
		irqfd.flags = KVM_IRQFD_FLAG_RESAMPLE;
		irqfd.resamplefd = (uint32_t)resample;
	}
	return ioctl(irqchip->vm, KVM_IRQFD, &irqfd) ? -errno : 0;
}

void vmm_irqchip_unwire(struct vmm_irqchip *irqchip, unsigned int gsi, int fd)
{
	struct kvm_irqfd irqfd = {.fd = (uint32_t)fd, .gsi = gsi, .flags = KVM_IRQFD_FLAG_DEASSIGN};

	ioctl(irqchip->vm, KVM_IRQFD, &irqfd);
}

int vmm_irqchip_route_add(struct vmm_irqchip *irqchip, int fd, uint64_t address, uint32_t data,
			  unsigned int *out)
{
	unsigned int gsi;
	int error;

	pthread_mutex_lock(&irqchip->lock);
	error = vmm_routes_add(&irqchip->routes, address, data, &gsi);
	if (error)
		goto out_unlock;
	error = commit(irqchip);
	if (!error)
		error = vmm_irqchip_wire(irqchip, gsi, fd, -1);
	if (error)
		goto err_remove;
	irqchip->fds[gsi] = fd;
	*out = gsi;
	goto out_unlock;

err_remove:
	vmm_routes_remove(&irqchip->routes, gsi);
	commit(irqchip);
out_unlock:
	pthread_mutex_unlock(&irqchip->lock);
	return error;
}

int vmm_irqchip_route_update(struct vmm_irqchip *irqchip, unsigned int gsi, uint64_t address,
			     uint32_t data)
{
	int error;

	pthread_mutex_lock(&irqchip->lock);
	error = vmm_routes_update(&irqchip->routes, gsi, address, data);
	if (!error)
		error = commit(irqchip);
	pthread_mutex_unlock(&irqchip->lock);
	return error;
}

void vmm_irqchip_route_mask(struct vmm_irqchip *irqchip, unsigned int gsi)
{
	vmm_irqchip_unwire(irqchip, gsi, irqchip->fds[gsi]);
}

int vmm_irqchip_route_unmask(struct vmm_irqchip *irqchip, unsigned int gsi)
{
	return vmm_irqchip_wire(irqchip, gsi, irqchip->fds[gsi], -1);
}

void vmm_irqchip_route_remove(struct vmm_irqchip *irqchip, unsigned int gsi)
{
	pthread_mutex_lock(&irqchip->lock);
	vmm_irqchip_unwire(irqchip, gsi, irqchip->fds[gsi]);
	vmm_routes_remove(&irqchip->routes, gsi);
	commit(irqchip);
	pthread_mutex_unlock(&irqchip->lock);
}
