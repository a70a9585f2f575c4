/* SPDX-License-Identifier: MIT */
/* An interrupt line from a device to a GSI: INTx (level, with resample) or ISA (edge). */
#ifndef VPCI_SRC_WIRE_H
#define VPCI_SRC_WIRE_H

#include <vpci/function.h>

/**
 * struct vpci_wire - the line
 * @fd: eventfd that the device signals, -1 for none
 * @resample: eventfd that the host signals at the end of the interrupt, -1 on an edge
 * @gsi: where it leads
 */
struct vpci_wire {
	int fd;
	int resample;
	unsigned int gsi;
};

/**
 * vpci_wire_init() - create the eventfds and have the host listen
 * @wire: line; untouched on failure
 * @host: the VMM's services
 * @gsi: where it leads
 * @level: level-triggered
 *
 * Return: 0, -errno of eventfd(), or what the host answered.
 */
int vpci_wire_init(struct vpci_wire *wire, const struct vpci_host *host, unsigned int gsi,
		   bool level);

/**
 * vpci_wire_fini() - undo vpci_wire_init()
 * @wire: line; one with @fd -1 is none
 * @host: the VMM's services
 */
void vpci_wire_fini(struct vpci_wire *wire, const struct vpci_host *host);

#endif
