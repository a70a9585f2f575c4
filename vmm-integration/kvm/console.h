/* SPDX-License-Identifier: MIT */
/* The terminal: standard input and output as the other end of the guest's serial line. */
#ifndef VMM_CONSOLE_H
#define VMM_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

#include "output.h"
#include "pm.h"
#include "serial.h"
#include "stop.h"

struct event;
struct event_base;

/**
 * struct vmm_console - the terminal; its input is the main thread's, its output a thread's of its own
 * @serial: the guest's serial port
 * @pm: whose power button Ctrl-A p presses
 * @stop: told of Ctrl-A x
 * @output: on its way to standard output
 * @saved: settings of the terminal to go back to
 * @terminal: standard input is one, and is in raw mode
 * @paused: @input is not watched, because the guest does not take what was read
 * @escaped: a Ctrl-A has been typed
 * @input: event of standard input
 * @room: event of @room_fd
 * @room_fd: eventfd by which a vCPU tells that the serial port has room again
 * @bytes: read, not taken by the serial port yet
 * @count: how many
 */
struct vmm_console {
	struct vmm_serial *serial;
	struct vmm_pm *pm;
	struct vmm_stop *stop;
	struct vmm_output output;
	struct termios saved;
	bool terminal;
	bool paused;
	bool escaped;
	struct event *input;
	struct event *room;
	int room_fd;
	uint8_t bytes[256];
	size_t count;
};

/* The host of these is a struct vmm_console. */
extern const struct vmm_serial_ops vmm_console_serial_ops;

/**
 * vmm_console_init() - prepare
 * @console: uninitialised memory
 * @serial: the guest's serial port, which may be initialised later
 * @pm: whose power button Ctrl-A p presses; likewise
 * @stop: told of Ctrl-A x
 *
 * Return: 0, or -EMFILE and what else eventfd() answers.
 */
int vmm_console_init(struct vmm_console *console, struct vmm_serial *serial, struct vmm_pm *pm,
		     struct vmm_stop *stop);

/**
 * vmm_console_fini() - end vmm_console_init()
 * @console: closed, used by no vCPU any more
 */
void vmm_console_fini(struct vmm_console *console);

/**
 * vmm_console_open() - take input and write output from now on, a terminal in raw mode
 * @console: initialised console
 * @base: event loop
 *
 * In the background of a terminal there is no input, and the terminal is left as it is.
 *
 * Return: 0, -ENOMEM, -EAGAIN no more threads.
 */
int vmm_console_open(struct vmm_console *console, struct event_base *base);

/**
 * vmm_console_close() - take no more input, and give the terminal back as it was
 * @console: console, open or not; no vCPU runs any more
 *
 * What the guest has sent is written first; output that nobody reads for seconds is dropped.
 */
void vmm_console_close(struct vmm_console *console);

#endif
