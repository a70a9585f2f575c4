/* SPDX-License-Identifier: MIT */
/* Requests on the control socket: a line of JSON in, a line of JSON out. Knows neither sockets nor the machine. */
#ifndef VMM_REQUESTS_H
#define VMM_REQUESTS_H

#include <jansson.h>
#include <stddef.h>

/* The longest request, in bytes without its end of line. */
#define VMM_REQUEST_MAX 4096

/**
 * struct vmm_request_ops - what requests do
 * @stats: count what the guest has cost; a new reference, or NULL if that fails
 * @devices: tell of the guest's devices; a new reference, or NULL if that fails
 * @power: press the power button
 * @stop: end the guest
 */
struct vmm_request_ops {
	json_t *(*stats)(void *host);
	json_t *(*devices)(void *host);
	void (*power)(void *host);
	void (*stop)(void *host);
};

/**
 * vmm_request_answer() - carry a request out
 * @line: the request, {"command": NAME} with NAME stats, devices, power or stop; it may have an "id"; not trusted
 * @length: its bytes, without the end of line
 * @ops: what to do
 * @host: first argument of each
 *
 * The answer is {"version": 1, "ok": true, ...}, with the member "stats" or "devices" that was asked for, or
 * {"version": 1, "ok": false, "error": TEXT}; and the "id" of the request, if it had one.
 *
 * Return: the answer with its end of line, to be freed; NULL without memory.
 */
char *vmm_request_answer(const char *line, size_t length, const struct vmm_request_ops *ops,
			 void *host);

#endif
