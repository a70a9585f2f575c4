/* SPDX-License-Identifier: MIT */
/* What the VMM gives up before its guest runs: privileges, files and system calls. */
#ifndef VMM_SANDBOX_H
#define VMM_SANDBOX_H

#include <stdbool.h>

#include "reason.h"

/**
 * struct vmm_sandbox - what a VMM needs in spite of all
 * @rawio: CAP_SYS_RAWIO, if it is there: by policy 'identity' uldf.ko asks for it whenever a device is opened
 * @socket: path of a socket that is to be removed at the end, or NULL
 */
struct vmm_sandbox {
	bool rawio;
	const char *socket;
};

/**
 * vmm_sandbox_enter() - give up what a running guest's VMM does not need, for good
 * @needs: what is needed all the same
 * @reason: set on failure
 *
 * Drops all capabilities, sets no_new_privs, restricts files by Landlock where the kernel has it, and
 * system calls by a filter. The filter is for all threads, the rest for the calling thread and those
 * that it makes: call it before there are others.
 *
 * Return: 0, or a negative errno, after which the process is in an unknown part of the sandbox.
 */
int vmm_sandbox_enter(const struct vmm_sandbox *needs, struct vmm_reason *reason);

#endif
