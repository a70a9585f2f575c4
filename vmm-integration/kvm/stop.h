/* SPDX-License-Identifier: MIT */
/* How a running guest ends: any thread says so, the main thread learns it from a descriptor. */
#ifndef VMM_STOP_H
#define VMM_STOP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "reason.h"

/**
 * enum vmm_outcome - how a guest ended; also the program's exit status
 * @VMM_POWERED_OFF: it powered itself off
 * @VMM_FAILED: uldf-vmm could not go on
 * @VMM_RESET: it asked for a reset
 * @VMM_CRASHED: its processor shut down (triple fault)
 * @VMM_STOPPED: a person or a signal stopped it
 */
enum vmm_outcome {
	VMM_POWERED_OFF = 0,
	VMM_FAILED = 1,
	VMM_RESET = 2,
	VMM_CRASHED = 3,
	VMM_STOPPED = 4,
};

/**
 * struct vmm_stop - the one-time event that ends the guest
 * @lock: protects @outcome and @reason, and changes of @stopped
 * @stopped: it has come
 * @outcome: how
 * @reason: why, with VMM_FAILED
 * @fd: eventfd, readable once @stopped
 */
struct vmm_stop {
	pthread_mutex_t lock;
	atomic_bool stopped;
	enum vmm_outcome outcome;
	struct vmm_reason reason;
	int fd;
};

/**
 * vmm_stop_init() - prepare
 * @stop: uninitialised memory
 *
 * Return: 0, or -EMFILE and what else eventfd() answers.
 */
int vmm_stop_init(struct vmm_stop *stop);

/**
 * vmm_stop_fini() - end vmm_stop_init()
 * @stop: initialised, used by no thread any more
 */
void vmm_stop_fini(struct vmm_stop *stop);

/**
 * vmm_stop_request() - end the guest; the first request counts
 * @stop: any thread's
 * @outcome: how it ended; not VMM_FAILED
 */
void vmm_stop_request(struct vmm_stop *stop, enum vmm_outcome outcome);

/**
 * vmm_stop_failed() - end the guest because we cannot go on
 * @stop: any thread's
 * @format: what failed and what to do about it
 */
void vmm_stop_failed(struct vmm_stop *stop, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * vmm_stop_requested() - has the guest ended
 * @stop: any thread's
 *
 * Return: whether a request came.
 */
static inline bool vmm_stop_requested(struct vmm_stop *stop)
{
	return atomic_load(&stop->stopped);
}

/**
 * vmm_stop_outcome() - how the guest ended
 * @stop: stopped
 * @reason: filled with the reason of VMM_FAILED
 *
 * Return: the outcome of the request that counted.
 */
enum vmm_outcome vmm_stop_outcome(struct vmm_stop *stop, struct vmm_reason *reason);

#endif
