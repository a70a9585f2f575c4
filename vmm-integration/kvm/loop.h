/* SPDX-License-Identifier: MIT */
/* The main thread's event loop while the guest runs: terminal, signals, the guest's end. */
#ifndef VMM_LOOP_H
#define VMM_LOOP_H

#include "machine.h"

/**
 * vmm_loop_run() - run a guest until it ends
 * @machine: machine, not started
 * @reason: set when the outcome is VMM_FAILED
 *
 * On return the machine's processors are halted, its output is written, and the terminal is as before.
 *
 * Return: how the guest ended.
 */
enum vmm_outcome vmm_loop_run(struct vmm_machine *machine, struct vmm_reason *reason);

#endif
