/* SPDX-License-Identifier: MIT */
/* The services that the virtual PCI bus asks of its VMM, given by KVM. */
#ifndef VMM_HOST_OPS_H
#define VMM_HOST_OPS_H

#include <vpci/host.h>

#include "assign.h"
#include "irqchip.h"
#include "memory.h"
#include "stop.h"
#include "vm.h"

/**
 * struct vmm_host - what the services work on; first argument of each
 * @vm: the machine
 * @irqchip: its interrupts
 * @stop: told when the machine cannot be trusted any more
 * @memory: the guest's RAM
 * @assign: the devices
 */
struct vmm_host {
	struct vmm_vm *vm;
	struct vmm_irqchip *irqchip;
	struct vmm_stop *stop;
	const struct vmm_memory *memory;
	struct vmm_assign *assign;
};

extern const struct vpci_host_ops vmm_host_ops;

#endif
