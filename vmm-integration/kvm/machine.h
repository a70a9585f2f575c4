/* SPDX-License-Identifier: MIT */
/* The whole machine: everything that a guest consists of, put together and taken apart in order. */
#ifndef VMM_MACHINE_H
#define VMM_MACHINE_H

#include <stddef.h>
#include <stdint.h>
#include <vpci/bus.h>

#include "assign.h"
#include "console.h"
#include "host-ops.h"
#include "io.h"
#include "irqchip.h"
#include "memory.h"
#include "options.h"
#include "pm.h"
#include "reason.h"
#include "rtc.h"
#include "serial.h"
#include "stats.h"
#include "stop.h"
#include "vcpu.h"
#include "viommu.h"
#include "vm.h"
#include "watch.h"

/**
 * struct vmm_machine - the machine, in the order in which it is built
 * @options: what it is to be
 * @stop: tells when the guest ends
 * @console: the other end of the serial port
 * @vm: KVM's part
 * @irqchip: interrupts
 * @supported: what KVM says of processors
 * @layout: where things lie
 * @assign: assigned devices
 * @map: the guest's memory map
 * @memory: RAM
 * @host: what the bus asks of us
 * @viommu: the guest's IOMMU, by policy 'viommu'
 * @io: who answers accesses, the bus among them
 * @serial: serial port
 * @rtc: clock
 * @pm: ACPI's fixed hardware
 * @faults: accesses of theirs that the host's IOMMU refused
 * @watch: sees what happens to the assigned devices
 * @vcpus: processors
 * @n_vcpus: how many there are
 */
struct vmm_machine {
	const struct vmm_options *options;
	struct vmm_stop stop;
	struct vmm_console console;
	struct vmm_vm vm;
	struct vmm_irqchip irqchip;
	struct kvm_cpuid2 *supported;
	struct vmm_layout layout;
	struct vmm_assign assign;
	struct vmm_memory_map map;
	struct vmm_memory memory;
	struct vmm_host host;
	struct vmm_viommu viommu;
	struct vmm_io io;
	struct vmm_serial serial;
	struct vmm_rtc rtc;
	struct vmm_pm pm;
	struct vmm_faults faults;
	struct vmm_watch watch;
	struct vmm_vcpu *vcpus;
	unsigned int n_vcpus;
};

/**
 * vmm_machine_create() - build a machine whose boot processor stands at the kernel's entry
 * @options: what it is to be; must outlive it
 * @out: the machine; untouched on failure
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_machine_create(const struct vmm_options *options, struct vmm_machine **out,
		       struct vmm_reason *reason);

/**
 * vmm_machine_start() - let its processors run
 * @machine: machine
 * @reason: set on failure
 *
 * Return: 0 or a negative errno; some of them may run then.
 */
int vmm_machine_start(struct vmm_machine *machine, struct vmm_reason *reason);

/**
 * vmm_machine_halt() - let its processors run no more
 * @machine: machine, started or not
 */
void vmm_machine_halt(struct vmm_machine *machine);

/**
 * vmm_machine_count() - add up what the guest has cost
 * @machine: machine, whose processors may run
 * @out: the counters; untouched on failure
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_machine_count(const struct vmm_machine *machine, struct vmm_stats *out,
		      struct vmm_reason *reason);

/**
 * vmm_machine_destroy() - take a machine apart
 * @machine: machine, running or not, or NULL
 *
 * Processors stop; then the bus goes, which takes its windows out of KVM before it unmaps BARs and
 * closes devices; then the space that the devices were attached to, which unpins RAM; then RAM; then
 * KVM's machine. So no processor sees memory that is gone, and no device does.
 */
void vmm_machine_destroy(struct vmm_machine *machine);

#endif
