/* SPDX-License-Identifier: MIT */
/* Waits in a thread of its own for what happens to the devices: closing and opening one may take a minute. */
#ifndef VMM_WATCH_H
#define VMM_WATCH_H

#include "assign.h"
#include "faults.h"
#include "thread.h"

/**
 * struct vmm_watch - the watch; zeroed memory is one that does not run
 * @thread: it
 * @assign: the devices
 * @bus: the bus that they stand on
 * @faults: the accesses of theirs that were refused
 * @stop: eventfd, signalled to end it
 * @stopping: it was
 */
struct vmm_watch {
	struct vmm_thread thread;
	struct vmm_assign *assign;
	struct vpci_bus *bus;
	struct vmm_faults *faults;
	int stop;
	atomic_bool stopping;
};

/**
 * vmm_watch_start() - begin to watch
 * @watch: zeroed memory
 * @assign: the devices, plugged; nobody else's until vmm_watch_stop()
 * @bus: their bus
 * @faults: opened for them; nobody else's until vmm_watch_stop(), but for the count
 * @reason: set on failure
 *
 * Return: 0 or a negative errno.
 */
int vmm_watch_start(struct vmm_watch *watch, struct vmm_assign *assign, struct vpci_bus *bus,
		    struct vmm_faults *faults, struct vmm_reason *reason);

/**
 * vmm_watch_stop() - watch no more
 * @watch: watch, running or not
 */
void vmm_watch_stop(struct vmm_watch *watch);

#endif
