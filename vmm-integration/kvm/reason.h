/* SPDX-License-Identifier: MIT */
#ifndef VMM_REASON_H
#define VMM_REASON_H

/**
 * struct vmm_reason - why something failed, one line for a person
 * @text: the line; empty while nothing has failed
 */
struct vmm_reason {
	char text[512];
};

/**
 * vmm_fail() - leave a reason
 * @reason: where it goes
 * @error: negative errno
 * @format: what failed and what to do about it
 *
 * Return: @error, so that a failing function can end in `return vmm_fail(...)`.
 */
int vmm_fail(struct vmm_reason *reason, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * vmm_warn() - tell the person at once
 * @format: what happened and what to do about it, one line without its end
 */
void vmm_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
