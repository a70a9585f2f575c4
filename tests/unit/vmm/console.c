// SPDX-License-Identifier: MIT
#include "console.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <event2/event.h>
#include <fcntl.h>
#include <linux/serial_reg.h>
#include <poll.h>
#include <pty.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct vmm_console console;
static struct vmm_serial serial;
static struct vmm_pm pm;
static struct vmm_stop stop;
static struct event_base *base;
static int keyboard; /* what is written here arrives at standard input */

static void fake_line(void *host, unsigned int gsi, bool level)
{
}

static uint64_t fake_clock(void)
{
	return 0;
}

static void setup(void)
{
	const struct vmm_irq_line line = {.set = fake_line};

	base = event_base_new();
	cr_assert(zero(int, vmm_stop_init(&stop)));
	vmm_pm_init(&pm, &line, &stop, fake_clock);
	cr_assert(zero(int, vmm_console_init(&console, &serial, &pm, &stop)));
	vmm_serial_init(&serial, &line, &vmm_console_serial_ops, &console);
}

static void teardown(void)
{
	vmm_console_close(&console);
	vmm_console_fini(&console);
	vmm_serial_fini(&serial);
	vmm_pm_fini(&pm);
	vmm_stop_fini(&stop);
	event_base_free(base);
}

TestSuite(console, .init = setup, .fini = teardown, .timeout = 20);

static void open_terminal(void)
{
	int terminal;

	cr_assert(zero(int, openpty(&keyboard, &terminal, NULL, NULL, NULL)));
	cr_assert(eq(int, dup2(terminal, STDIN_FILENO), STDIN_FILENO));
	close(terminal);
	cr_assert(zero(int, vmm_console_open(&console, base)));
}

static void open_pipe(void)
{
	int fds[2];

	cr_assert(zero(int, pipe2(fds, O_CLOEXEC)));
	cr_assert(eq(int, dup2(fds[0], STDIN_FILENO), STDIN_FILENO));
	close(fds[0]);
	keyboard = fds[1];
	cr_assert(zero(int, vmm_console_open(&console, base)));
}

/* A pseudo-terminal passes on what is written when it gets round to it. */
static void settle(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

	while (!console.paused && poll(&input, 1, 50) > 0 && !(input.revents & POLLHUP))
		event_base_loop(base, EVLOOP_NONBLOCK);
}

static void type(const char *text)
{
	size_t length = strlen(text);

	cr_assert(eq(long, write(keyboard, text, length), (long)length));
	settle();
}

/* More than the serial port and the console hold together. */
static void type_much(void)
{
	char bytes[2000];

	memset(bytes, 'm', sizeof(bytes));
	cr_assert(eq(long, write(keyboard, bytes, sizeof(bytes)), (long)sizeof(bytes)));
	settle();
}

static uint8_t in(uint16_t offset)
{
	return (uint8_t)vmm_serial_port_ops.read(&serial, offset, 1);
}

/* What the guest hears, until there is no more. */
static size_t heard(char *bytes, size_t room)
{
	size_t count = 0;

	for (int idle = 0; idle < 3; idle++) {
		while (in(UART_LSR)&UART_LSR_DR && count < room) {
			bytes[count++] = (char)in(UART_RX);
			idle = 0;
		}
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	return count;
}

static void expect_heard(const char *text)
{
	char bytes[64] = "";

	heard(bytes, sizeof(bytes) - 1);
	cr_assert(eq(str, bytes, (char *)text));
}

Test(console, what_is_typed_is_heard)
{
	open_terminal();
	type("word\r");
	expect_heard("word\r");
}

Test(console, ctrl_a_twice_is_one)
{
	open_terminal();
	type("a\x01\x01z");
	expect_heard("a\x01z");
}

Test(console, a_key_that_means_nothing_after_ctrl_a_is_dropped)
{
	open_terminal();
	type("a\x01qz");
	expect_heard("az");
}

Test(console, ctrl_a_p_presses_the_power_button)
{
	open_terminal();
	type("\x01p");
	cr_assert(ne(u16, pm.status, 0));
	expect_heard("");
}

Test(console, ctrl_a_x_ends_the_guest)
{
	struct vmm_reason reason;

	open_terminal();
	type("\x01");
	cr_assert(not(vmm_stop_requested(&stop)));
	type("x");
	cr_assert(vmm_stop_requested(&stop));
	cr_assert(eq(int, (int)vmm_stop_outcome(&stop, &reason), (int)VMM_STOPPED));
}

Test(console, ctrl_a_x_ends_a_guest_that_hears_nothing)
{
	open_terminal();
	type_much();
	type("\x01x");
	cr_assert(vmm_stop_requested(&stop));
}

Test(console, a_guest_that_hears_late_hears_what_was_typed_first)
{
	char bytes[4096];

	open_terminal();
	type("first");
	type_much();
	cr_assert(lt(sz, heard(bytes, sizeof(bytes)), 2000));
	cr_assert(zero(int, memcmp(bytes, "firstmmmm", 9)));
	type("again");
	expect_heard("again");
}

Test(console, a_pipe_loses_nothing)
{
	char bytes[4096];

	open_pipe();
	type_much();
	cr_assert(eq(sz, heard(bytes, sizeof(bytes)), 2000));
}

Test(console, in_a_pipe_ctrl_a_is_a_byte_like_any)
{
	open_pipe();
	type("\x01x");
	cr_assert(not(vmm_stop_requested(&stop)));
	expect_heard("\x01x");
}

Test(console, after_the_end_of_input_the_guest_runs_on)
{
	open_pipe();
	type("bye");
	close(keyboard);
	expect_heard("bye");
	cr_assert(not(vmm_stop_requested(&stop)));
}

Test(console, a_terminal_is_given_back_as_it_was)
{
	struct termios before, raw, after;
	int terminal;

	cr_assert(zero(int, openpty(&keyboard, &terminal, NULL, NULL, NULL)));
	cr_assert(eq(int, dup2(terminal, STDIN_FILENO), STDIN_FILENO));
	cr_assert(zero(int, tcgetattr(terminal, &before)));
	cr_assert(zero(int, vmm_console_open(&console, base)));
	cr_assert(zero(int, tcgetattr(terminal, &raw)));
	cr_assert(zero(uint, raw.c_lflag & (ICANON | ECHO | ISIG)));
	cr_assert(eq(uint, raw.c_oflag, before.c_oflag));
	vmm_console_close(&console);
	cr_assert(zero(int, tcgetattr(terminal, &after)));
	cr_assert(eq(uint, after.c_lflag, before.c_lflag));
	cr_assert(eq(uint, after.c_iflag, before.c_iflag));
	close(terminal);
}

/* In a child, because a session of its own is needed: @terminal becomes the one that controls it. */
static int in_background_of(int terminal)
{
	pid_t child = fork();
	int status;

	if (!child) {
		setsid();
		ioctl(terminal, TIOCSCTTY, 0);
		dup2(terminal, STDIN_FILENO);
		child = fork();
		if (!child) {
			struct termios before, after;

			setpgid(0, 0); /* the session's leader stays in the foreground */
			tcgetattr(terminal, &before);
			if (vmm_console_open(&console, base))
				_exit(1);
			tcgetattr(terminal, &after);
			if (before.c_lflag != after.c_lflag || console.terminal)
				_exit(2);
			if (write(keyboard, "x\n", 2) != 2)
				_exit(3);
			event_base_loop(base, EVLOOP_NONBLOCK);
			_exit(in(UART_LSR)&UART_LSR_DR ? 4 : 0);
		}
		if (waitpid(child, &status, WUNTRACED) != child || !WIFEXITED(status))
			_exit(5);
		_exit(WEXITSTATUS(status));
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

Test(console, a_terminal_is_left_alone_in_the_background)
{
	int terminal;

	cr_assert(zero(int, openpty(&keyboard, &terminal, NULL, NULL, NULL)));
	cr_assert(zero(int, in_background_of(terminal)));
	close(terminal);
}
