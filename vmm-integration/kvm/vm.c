// SPDX-License-Identifier: MIT
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "layout.h"

#define BITS 64

/* What we cannot do without, and since when Linux has it. */
static const struct {
	int number;
	const char *name;
} capabilities[] = {
	{KVM_CAP_IRQCHIP, "an in-kernel irqchip"},
	{KVM_CAP_PIT2, "an in-kernel PIT"},
	{KVM_CAP_USER_MEMORY, "user memory"},
	{KVM_CAP_IRQ_ROUTING, "interrupt routing"},
	{KVM_CAP_IRQFD, "irqfd"},
	{KVM_CAP_IRQFD_RESAMPLE, "resampling irqfds"},
	{KVM_CAP_SIGNAL_MSI, "message-signalled interrupts"},
	{KVM_CAP_EXT_CPUID, "CPUID"},
	{KVM_CAP_IMMEDIATE_EXIT, "immediate exits"},
	{KVM_CAP_REINJECT_CONTROL, "timer ticks that are not made up for"},
};

static int open_kvm(struct vmm_reason *reason)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int error = -errno;

	if (fd >= 0)
		return fd;
	if (error == -EACCES || error == -EPERM)
		return vmm_fail(reason, error,
				"/dev/kvm: no permission: run as root or join the group kvm");
	return vmm_fail(reason, error,
			"/dev/kvm: %s: load KVM with 'modprobe kvm_intel' or 'modprobe kvm_amd'; "
			"where both fail, switch virtualisation on in the firmware",
			strerror(-error));
}

static int check_capabilities(const struct vmm_vm *vm, struct vmm_reason *reason)
{
	if (ioctl(vm->kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		return vmm_fail(reason, -ENOTSUP, "/dev/kvm speaks another version of its API");
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++)
		if (ioctl(vm->kvm, KVM_CHECK_EXTENSION, capabilities[i].number) <= 0)
			return vmm_fail(reason, -ENOTSUP, "this kernel's KVM lacks %s",
					capabilities[i].name);
	return 0;
}

/* Intel's VMX needs three pages for the TSS and one for an identity map, out of the guest's way. */
static int place_private_pages(int fd)
{
	uint64_t identity_map = VMM_KVM_PAGES;

	if (ioctl(fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map))
		return -errno;
	if (ioctl(fd, KVM_SET_TSS_ADDR, VMM_KVM_PAGES + 0x1000))
		return -errno;
	return 0;
}

static int create(struct vmm_vm *vm, struct vmm_reason *reason)
{
	struct kvm_pit_config pit = {.flags = KVM_PIT_SPEAKER_DUMMY};
	/* KVM would watch each end of interrupt for it, and use no hardware's virtual APIC. */
	struct kvm_reinject_control ticks = {.pit_reinject = 0};
	int error;

	vm->fd = ioctl(vm->kvm, KVM_CREATE_VM, 0);
	if (vm->fd < 0) {
		error = -errno;
		return vmm_fail(reason, error, "KVM refuses a virtual machine: %s",
				strerror(-error));
	}
	error = place_private_pages(vm->fd);
	if (error)
		return vmm_fail(reason, error, "KVM refuses its private pages: %s",
				strerror(-error));
	if (ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0) || ioctl(vm->fd, KVM_CREATE_PIT2, &pit) ||
	    ioctl(vm->fd, KVM_REINJECT_CONTROL, &ticks)) {
		error = -errno;
		return vmm_fail(reason, error, "KVM refuses the irqchip: %s", strerror(-error));
	}
	return 0;
}

static int measure(struct vmm_vm *vm, struct vmm_reason *reason)
{
	int slots = ioctl(vm->kvm, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS);
	int vcpus = ioctl(vm->kvm, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
	int size = ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	if (size <= 0)
		return vmm_fail(reason, -ENOTSUP, "KVM does not tell the size of a vCPU's area");
	vm->run_size = (size_t)size;
	vm->max_vcpus =
		vcpus > 0 ? (unsigned int)vcpus : 4; /* Documentation/virt/kvm/api.rst 4.5 */
	vm->n_slots = slots > 0 ? (unsigned int)slots : 32;
	vm->slots = calloc((vm->n_slots + BITS - 1) / BITS, sizeof(*vm->slots));
	if (!vm->slots)
		return vmm_fail(reason, -ENOMEM, "out of memory");
	return 0;
}

int vmm_vm_open(struct vmm_vm *vm, struct vmm_reason *reason)
{
	int error;

	*vm = (struct vmm_vm){.kvm = -1, .fd = -1};
	pthread_mutex_init(&vm->lock, NULL);
	vm->kvm = open_kvm(reason);
	if (vm->kvm < 0)
		return vm->kvm;
	error = check_capabilities(vm, reason);
	if (!error)
		error = create(vm, reason);
	if (!error)
		error = measure(vm, reason);
	if (error)
		vmm_vm_close(vm);
	return error;
}

void vmm_vm_close(struct vmm_vm *vm)
{
	if (vm->fd >= 0)
		close(vm->fd);
	if (vm->kvm >= 0)
		close(vm->kvm);
	vm->fd = vm->kvm = -1;
	free(vm->slots);
	vm->slots = NULL;
	pthread_mutex_destroy(&vm->lock);
}

static int find_slot(const struct vmm_vm *vm, unsigned int *out)
{
	for (unsigned int slot = 0; slot < vm->n_slots; slot++)
		if (!(vm->slots[slot / BITS] & 1ULL << slot % BITS)) {
			*out = slot;
			return 0;
		}
	return -ENOSPC;
}

int vmm_vm_slot_add(struct vmm_vm *vm, uint64_t guest_address, void *host_address, uint64_t size,
		    unsigned int *out)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = guest_address,
		.memory_size = size,
		.userspace_addr = (uintptr_t)host_address,
	};
	unsigned int slot;
	int error;

	if (!size)
		return -EINVAL; /* to KVM this would be a removal */
	pthread_mutex_lock(&vm->lock);
	error = find_slot(vm, &slot);
	if (error)
		goto err_unlock;
	region.slot = slot;
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region)) {
		error = -errno;
		goto err_unlock;
	}
	vm->slots[slot / BITS] |= 1ULL << slot % BITS;
	*out = slot;
err_unlock:
	pthread_mutex_unlock(&vm->lock);
	return error;
}

int vmm_vm_slot_remove(struct vmm_vm *vm, unsigned int slot)
{
	struct kvm_userspace_memory_region region = {.slot = slot};
	int error = 0;

	pthread_mutex_lock(&vm->lock);
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region))
		error = -errno;
	else
		vm->slots[slot / BITS] &= ~(1ULL << slot % BITS);
	pthread_mutex_unlock(&vm->lock);
	return error;
}
