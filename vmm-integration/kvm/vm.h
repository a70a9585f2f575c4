/* SPDX-License-Identifier: MIT */
/* The KVM virtual machine: its descriptors and its memory slots. */
#ifndef VMM_VM_H
#define VMM_VM_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "reason.h"

/**
 * struct vmm_vm - a KVM virtual machine
 * @kvm: /dev/kvm
 * @fd: the machine
 * @run_size: bytes of a vCPU's shared page area
 * @max_vcpus: the most that KVM allows
 * @lock: protects @slots; every vCPU may change windows
 * @slots: a bit for each memory slot in use
 * @n_slots: how many slots KVM has
 */
struct vmm_vm {
	int kvm;
	int fd;
	size_t run_size;
	unsigned int max_vcpus;
	pthread_mutex_t lock;
	uint64_t *slots;
	unsigned int n_slots;
};

/**
 * vmm_vm_open() - create a virtual machine with the full in-kernel irqchip and PIT
 * @vm: uninitialised memory
 * @reason: set on failure
 *
 * Return: 0 or a negative errno; nothing to close then.
 */
int vmm_vm_open(struct vmm_vm *vm, struct vmm_reason *reason);

/**
 * vmm_vm_close() - close the machine; its vCPUs must be closed
 * @vm: open machine
 */
void vmm_vm_close(struct vmm_vm *vm);

/**
 * vmm_vm_slot_add() - show memory of this process to the guest
 * @vm: machine
 * @guest_address: where, page-aligned
 * @host_address: the memory, page-aligned
 * @size: bytes, page-aligned
 * @out: slot number; untouched on failure
 *
 * Return: 0, -ENOSPC no slot is free, -EEXIST overlaps another slot, -EINVAL.
 */
int vmm_vm_slot_add(struct vmm_vm *vm, uint64_t guest_address, void *host_address, uint64_t size,
		    unsigned int *out);

/**
 * vmm_vm_slot_remove() - end vmm_vm_slot_add()
 * @vm: machine
 * @slot: its number
 *
 * When it returns no vCPU reaches the memory any more: KVM drops the slot's translations and waits
 * for the vCPUs to leave them.
 *
 * Return: 0, or a negative errno and the guest still has the memory.
 */
int vmm_vm_slot_remove(struct vmm_vm *vm, unsigned int slot);

#endif
