/* SPDX-License-Identifier: MIT */
/*
 * What the guest sends, on its way out. A thread of its own writes it, because a write can block for
 * as long as nobody reads: no vCPU waits for it, nor does the main thread, and a descriptor that is
 * shared with other programs need not be made non-blocking under them.
 */
#ifndef VMM_OUTPUT_H
#define VMM_OUTPUT_H

#include <stdatomic.h>

#include "serial.h"
#include "thread.h"

/**
 * struct vmm_output - carries what a serial port sends to a descriptor
 * @serial: the port
 * @fd: the descriptor
 * @wake: eventfd that the thread sleeps on
 * @thread: the thread
 * @finish: it is to end as soon as nothing is left to write
 * @abandon: it is to end now
 */
struct vmm_output {
	struct vmm_serial *serial;
	int fd;
	int wake;
	struct vmm_thread thread;
	atomic_bool finish;
	atomic_bool abandon;
};

/**
 * vmm_output_init() - prepare; what is sent before vmm_output_start() waits
 * @output: uninitialised memory
 * @serial: the port
 * @fd: where its bytes go; stays the caller's
 *
 * Return: 0, or -EMFILE and what else eventfd() answers.
 */
int vmm_output_init(struct vmm_output *output, struct vmm_serial *serial, int fd);

/**
 * vmm_output_fini() - end vmm_output_init()
 * @output: stopped, used by no vCPU any more
 */
void vmm_output_fini(struct vmm_output *output);

/**
 * vmm_output_wake() - the port has something to fetch; never blocks
 * @output: any thread's
 */
void vmm_output_wake(struct vmm_output *output);

/**
 * vmm_output_start() - begin to write
 * @output: initialised
 *
 * What cannot be written, because its reader has gone or a disk is full, is dropped.
 *
 * Return: 0, -EAGAIN no more threads.
 */
int vmm_output_start(struct vmm_output *output);

/**
 * vmm_output_stop() - write what is left, and end
 * @output: started or not; no vCPU sends any more
 * @milliseconds: how long that may take; what is not written by then is dropped
 */
void vmm_output_stop(struct vmm_output *output, unsigned int milliseconds);

#endif
