// SPDX-License-Identifier: MIT
#include "console.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CTRL_A 0x01

/* How long the end of a guest waits for who reads its output. */
#define FLUSH_MILLISECONDS 2000

static void output(void *host)
{
	struct vmm_console *console = host;

	vmm_output_wake(&console->output);
}

static void room(void *host)
{
	struct vmm_console *console = host;

	eventfd_write(console->room_fd, 1);
}

const struct vmm_serial_ops vmm_console_serial_ops = {
	.output = output,
	.room = room,
};

int vmm_console_init(struct vmm_console *console, struct vmm_serial *serial, struct vmm_pm *pm,
		     struct vmm_stop *stop)
{
	int error;

	*console = (struct vmm_console){.serial = serial, .pm = pm, .stop = stop};
	console->room_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (console->room_fd < 0)
		return -errno;
	error = vmm_output_init(&console->output, serial, STDOUT_FILENO);
	if (error)
		close(console->room_fd);
	return error;
}

void vmm_console_fini(struct vmm_console *console)
{
	vmm_output_fini(&console->output);
	close(console->room_fd);
	console->room_fd = -1;
}

/* Return: whether the serial port has taken all that was read. */
static bool offer(struct vmm_console *console)
{
	size_t taken;

	if (!console->count)
		return true;
	taken = vmm_serial_receive(console->serial, console->bytes, console->count);
	console->count -= taken;
	memmove(console->bytes, console->bytes + taken, console->count);
	return !console->count;
}

/* Return: whether the byte is the guest's. */
static bool filter(struct vmm_console *console, uint8_t byte)
{
	if (!console->terminal)
		return true;
	if (!console->escaped) {
		console->escaped = byte == CTRL_A;
		return !console->escaped;
	}
	console->escaped = false;
	switch (byte) {
	case 'x':
	case 'X':
		vmm_stop_request(console->stop, VMM_STOPPED);
		return false;
	case 'p':
	case 'P':
		vmm_pm_press(console->pm);
		return false;
	default:
		return byte == CTRL_A;
	}
}

static void on_input(evutil_socket_t fd, short what, void *arg)
{
	struct vmm_console *console = arg;
	uint8_t bytes[sizeof(console->bytes)];
	ssize_t count = read(fd, bytes, sizeof(bytes));

	if (count < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (count <= 0) {
		event_del(console->input); /* the end; the guest runs on */
		return;
	}
	for (ssize_t i = 0; i < count; i++)
		if (filter(console, bytes[i]) && console->count < sizeof(console->bytes))
			console->bytes[console->count++] = bytes[i];
	/*
	 * A terminal is read on, so that Ctrl-A is heard even if the guest is deaf: what it cannot
	 * take is lost, as on a real line. Other input can wait where it is.
	 */
	if (!offer(console) && !console->terminal) {
		event_del(console->input);
		console->paused = true;
	}
}

static void on_room(evutil_socket_t fd, short what, void *arg)
{
	struct vmm_console *console = arg;
	eventfd_t count;

	eventfd_read(fd, &count);
	if (offer(console) && console->paused) {
		console->paused = false;
		event_add(console->input, NULL);
	}
}

/* A program in the background that touches the terminal's settings, or reads it, is stopped. */
static bool in_background(void)
{
	pid_t foreground = tcgetpgrp(STDIN_FILENO);

	return foreground >= 0 && foreground != getpgrp();
}

static void set_raw(struct vmm_console *console)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &console->saved))
		return;
	raw = console->saved;
	cfmakeraw(&raw);
	/* What we print ourselves still needs its carriage returns. */
	raw.c_oflag = console->saved.c_oflag;
	console->terminal = !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

int vmm_console_open(struct vmm_console *console, struct event_base *base)
{
	int error = -ENOMEM;

	console->input = event_new(base, STDIN_FILENO, EV_READ | EV_PERSIST, on_input, console);
	console->room = event_new(base, console->room_fd, EV_READ | EV_PERSIST, on_room, console);
	if (!console->input || !console->room || event_add(console->room, NULL))
		goto err_close;
	error = vmm_output_start(&console->output);
	if (error)
		goto err_close;
	if (!in_background()) {
		set_raw(console);
		event_add(console->input, NULL); /* fails where it is closed: so be it */
	}
	return 0;

err_close:
	vmm_console_close(console);
	return error;
}

void vmm_console_close(struct vmm_console *console)
{
	vmm_output_stop(&console->output, FLUSH_MILLISECONDS);
	if (console->terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &console->saved);
	console->terminal = false;
	if (console->input)
		event_free(console->input);
	if (console->room)
		event_free(console->room);
	console->input = console->room = NULL;
}
