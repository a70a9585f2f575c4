/* SPDX-License-Identifier: MIT */
/* A guest's accesses to ports and to memory that is not RAM: our device models first, then the bus. */
#ifndef VMM_IO_H
#define VMM_IO_H

#include <linux/kvm.h>
#include <vpci/bus.h>

#include "ports.h"

/**
 * struct vmm_io - who answers; constant while vCPUs run
 * @ports: our device models
 * @bus: the PCI bus
 */
struct vmm_io {
	struct vmm_ports ports;
	struct vpci_bus *bus;
};

/**
 * vmm_io_port() - serve KVM_EXIT_IO
 * @io: who answers
 * @run: the vCPU's area; data read goes there
 *
 * A repeated access (rep ins, rep outs) is served element by element. Where nobody answers, reads are
 * all ones.
 */
void vmm_io_port(struct vmm_io *io, struct kvm_run *run);

/**
 * vmm_io_memory() - serve KVM_EXIT_MMIO
 * @io: who answers
 * @run: the vCPU's area; data read goes there
 */
void vmm_io_memory(struct vmm_io *io, struct kvm_run *run);

#endif
