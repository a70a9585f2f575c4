// SPDX-License-Identifier: MIT
#include "loop.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <string.h>

#include "control.h"
#include "machine-requests.h"
#include "sandbox.h"

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

/* Polls, because epoll does not take a regular file or /dev/null as standard input. */
static struct event_base *create_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (!config)
		return NULL;
	if (!event_config_require_features(config, EV_FEATURE_FDS))
		base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

static void on_signal(evutil_socket_t number, short what, void *stop)
{
	vmm_stop_request(stop, VMM_STOPPED);
}

static void on_stop(evutil_socket_t fd, short what, void *base)
{
	event_base_loopbreak(base);
}

static bool watch(struct event_base *base, struct vmm_stop *stop, struct event **events)
{
	events[0] = event_new(base, stop->fd, EV_READ, on_stop, base);
	for (size_t i = 0; i < SIGNALS; i++)
		events[i + 1] = evsignal_new(base, signals[i], on_signal, stop);
	for (size_t i = 0; i < SIGNALS + 1; i++)
		if (!events[i] || event_add(events[i], NULL))
			return false;
	return true;
}

/* Return: how the guest ended. */
static enum vmm_outcome dispatch(struct event_base *base, struct vmm_stop *stop,
				 struct vmm_reason *reason)
{
	int result = event_base_dispatch(base);

	/* It never runs out of events: those of the signals stay. */
	if (!vmm_stop_requested(stop))
		vmm_stop_failed(stop, "the event loop broke off (%d)", result);
	return vmm_stop_outcome(stop, reason);
}

/* While this is the only thread. */
static int enter_sandbox(const struct vmm_options *options, struct vmm_reason *reason)
{
	const struct vmm_sandbox needs = {
		.rawio = options->dma == VMM_DMA_IDENTITY,
		.socket = options->control,
	};

	return options->sandbox ? vmm_sandbox_enter(&needs, reason) : 0;
}

/* Return: 0, or a negative errno: then nothing of it is left. */
static int open_ends(struct vmm_machine *machine, struct event_base *base,
		     struct vmm_control *control, struct vmm_reason *reason)
{
	const char *path = machine->options->control;
	int error = 0;

	if (path)
		error = vmm_control_open(control, base, path, &vmm_machine_requests, machine,
					 reason);
	if (error)
		return error;
	error = enter_sandbox(machine->options, reason);
	if (error)
		goto err_control;
	error = vmm_console_open(&machine->console, base);
	if (!error)
		return 0;
	vmm_fail(reason, error, "the console cannot be had: %s", strerror(-error));
err_control:
	vmm_control_close(control);
	return error;
}

enum vmm_outcome vmm_loop_run(struct vmm_machine *machine, struct vmm_reason *reason)
{
	struct event *events[SIGNALS + 1] = {NULL};
	struct vmm_control control = {.path = NULL};
	struct event_base *base = create_base();
	enum vmm_outcome outcome = VMM_FAILED;

	if (!base || !watch(base, &machine->stop, events)) {
		vmm_fail(reason, -ENOMEM, "the event loop does not start: %s", strerror(ENOMEM));
		goto out_free;
	}
	if (open_ends(machine, base, &control, reason))
		goto out_free;
	if (!vmm_machine_start(machine, reason))
		outcome = dispatch(base, &machine->stop, reason);
	vmm_machine_halt(machine);
	vmm_control_close(&control);
	vmm_console_close(&machine->console);
out_free:
	for (size_t i = 0; i < SIGNALS + 1; i++)
		if (events[i])
			event_free(events[i]);
	if (base)
		event_base_free(base);
	return outcome;
}
