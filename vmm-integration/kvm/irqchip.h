/* SPDX-License-Identifier: MIT */
/* The guest's interrupts: KVM's irqchip, its routing table, irqfds and messages. */
#ifndef VMM_IRQCHIP_H
#define VMM_IRQCHIP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "reason.h"
#include "routes.h"
#include "vm.h"

/**
 * struct vmm_irqchip - the interrupts of a machine; thread-safe
 * @vm: descriptor of the machine
 * @lock: protects what follows, and keeps KVM's table equal to @routes
 * @routes: routing table
 * @fds: eventfd of each message's GSI, by GSI; that of a route is its owner's to use without @lock
 */
struct vmm_irqchip {
	int vm;
	pthread_mutex_t lock;
	struct vmm_routes routes;
	int *fds;
};

/**
 * vmm_irqchip_init() - set the fixed routes of a machine
 * @irqchip: uninitialised memory
 * @vm: the machine; must outlive the irqchip
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_irqchip_init(struct vmm_irqchip *irqchip, const struct vmm_vm *vm,
		     struct vmm_reason *reason);

/**
 * vmm_irqchip_fini() - end vmm_irqchip_init()
 * @irqchip: irqchip without irqfds
 */
void vmm_irqchip_fini(struct vmm_irqchip *irqchip);

/**
 * vmm_irqchip_set() - drive a line; fits struct vmm_irq_line
 * @irqchip: struct vmm_irqchip
 * @gsi: the line
 * @level: up or down
 */
void vmm_irqchip_set(void *irqchip, unsigned int gsi, bool level);

/**
 * vmm_irqchip_send() - raise a message now
 * @irqchip: irqchip
 * @address: of the message
 * @data: of the message
 *
 * Return: 0, also when no processor takes it, or a negative errno.
 */
int vmm_irqchip_send(struct vmm_irqchip *irqchip, uint64_t address, uint32_t data);

/**
 * vmm_irqchip_wire() - raise a GSI whenever an eventfd is signalled
 * @irqchip: irqchip
 * @gsi: the line
 * @fd: eventfd, stays the caller's
 * @resample: eventfd signalled at the guest's end of interrupt, making the line a level; or -1
 *
 * Return: 0 or a negative errno.
 */
int vmm_irqchip_wire(struct vmm_irqchip *irqchip, unsigned int gsi, int fd, int resample);

/**
 * vmm_irqchip_unwire() - end vmm_irqchip_wire(); afterwards @fd raises nothing
 * @irqchip: irqchip
 * @gsi: the line
 * @fd: eventfd
 */
void vmm_irqchip_unwire(struct vmm_irqchip *irqchip, unsigned int gsi, int fd);

/**
 * vmm_irqchip_route_add() - raise a message whenever an eventfd is signalled
 * @irqchip: irqchip
 * @fd: eventfd, stays the caller's and open until the route is removed
 * @address: of the message
 * @data: of the message
 * @gsi: out: the route's number; untouched on failure
 *
 * Return: 0, -ENOSPC, -ENOMEM, or another negative errno.
 */
int vmm_irqchip_route_add(struct vmm_irqchip *irqchip, int fd, uint64_t address, uint32_t data,
			  unsigned int *gsi);

/**
 * vmm_irqchip_route_update() - change a route's message
 * @irqchip: irqchip
 * @gsi: the route's number
 * @address: of the message
 * @data: of the message
 *
 * Return: 0 or a negative errno.
 */
int vmm_irqchip_route_update(struct vmm_irqchip *irqchip, unsigned int gsi, uint64_t address,
			     uint32_t data);

/**
 * vmm_irqchip_route_mask() - have a route's eventfd raise nothing for a while; KVM's table stays as it is
 * @irqchip: irqchip
 * @gsi: the route's number
 */
void vmm_irqchip_route_mask(struct vmm_irqchip *irqchip, unsigned int gsi);

/**
 * vmm_irqchip_route_unmask() - undo vmm_irqchip_route_mask()
 * @irqchip: irqchip
 * @gsi: the route's number
 *
 * Return: 0 or a negative errno.
 */
int vmm_irqchip_route_unmask(struct vmm_irqchip *irqchip, unsigned int gsi);

/**
 * vmm_irqchip_route_remove() - end vmm_irqchip_route_add()
 * @irqchip: irqchip
 * @gsi: the route's number; its eventfd raises nothing afterwards
 */
void vmm_irqchip_route_remove(struct vmm_irqchip *irqchip, unsigned int gsi);

#endif
