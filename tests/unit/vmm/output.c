// SPDX-License-Identifier: MIT
#include "output.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <linux/serial_reg.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct vmm_serial serial;
static struct vmm_output output;
static int pipe_fds[2];

static void fake_line(void *host, unsigned int gsi, bool level)
{
}

static void wake(void *host)
{
	vmm_output_wake(host);
}

static const struct vmm_serial_ops ops = {.output = wake};

static void setup(void)
{
	const struct vmm_irq_line line = {.set = fake_line};

	signal(SIGPIPE, SIG_IGN);
	cr_assert(zero(int, pipe2(pipe_fds, O_CLOEXEC)));
	vmm_serial_init(&serial, &line, &ops, &output);
	cr_assert(zero(int, vmm_output_init(&output, &serial, pipe_fds[1])));
}

static void teardown(void)
{
	vmm_output_fini(&output);
	vmm_serial_fini(&serial);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

TestSuite(output, .init = setup, .fini = teardown, .timeout = 20);

static void guest_sends(const char *text)
{
	for (; *text; text++)
		vmm_serial_port_ops.write(&serial, UART_TX, 1, (uint8_t)*text);
}

/* More than a pipe and the line hold together. */
static void guest_floods(void)
{
	for (int i = 0; i < 3 * VMM_SERIAL_LINE; i++)
		guest_sends("a");
}

static bool line_is_full(void)
{
	return !(vmm_serial_port_ops.read(&serial, UART_LSR, 1) & UART_LSR_THRE);
}

/* The thread finds no room for what it has taken, and takes no more. */
static bool all_is_full(void)
{
	struct pollfd end = {.fd = pipe_fds[1], .events = POLLOUT};

	return poll(&end, 1, 0) == 0 && line_is_full();
}

static void read_expecting(const char *text)
{
	char bytes[64] = "";
	size_t count = 0;

	while (count < strlen(text)) {
		ssize_t got = read(pipe_fds[0], bytes + count, strlen(text) - count);

		cr_assert(gt(long, got, 0));
		count += (size_t)got;
	}
	cr_assert(eq(str, bytes, (char *)text));
}

static long milliseconds_of_stop(unsigned int limit)
{
	struct timespec before, after;

	clock_gettime(CLOCK_MONOTONIC, &before);
	vmm_output_stop(&output, limit);
	clock_gettime(CLOCK_MONOTONIC, &after);
	return (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
}

Test(output, what_is_sent_comes_out)
{
	cr_assert(zero(int, vmm_output_start(&output)));
	guest_sends("one");
	read_expecting("one");
	guest_sends("two");
	read_expecting("two");
	vmm_output_stop(&output, 10000);
}

Test(output, what_was_sent_before_the_start_comes_out)
{
	guest_sends("early");
	cr_assert(zero(int, vmm_output_start(&output)));
	read_expecting("early");
	vmm_output_stop(&output, 10000);
}

Test(output, a_stop_writes_what_is_left)
{
	cr_assert(zero(int, vmm_output_start(&output)));
	guest_sends("the last words");
	vmm_output_stop(&output, 10000);
	read_expecting("the last words");
}

Test(output, a_stop_without_start_does_nothing)
{
	cr_assert(lt(long, milliseconds_of_stop(10000), 5000));
}

Test(output, a_reader_that_stalls_holds_up_neither_the_guest_nor_the_stop)
{
	cr_assert(zero(int, vmm_output_start(&output)));
	while (!all_is_full()) {
		guest_floods();
		usleep(1000);
	}
	guest_floods();
	cr_assert(all_is_full());
	cr_assert(lt(long, milliseconds_of_stop(50), 5000));
}

Test(output, a_pipe_that_someone_made_non_blocking_loses_nothing)
{
	const size_t total = 4 * VMM_SERIAL_LINE;
	size_t sent = 0, got = 0;
	char bytes[512];

	cr_assert(zero(int, fcntl(pipe_fds[1], F_SETFL, O_NONBLOCK)));
	cr_assert(zero(int, vmm_output_start(&output)));
	while (got < total) {
		if (sent < total &&
		    vmm_serial_port_ops.read(&serial, UART_LSR, 1) & UART_LSR_THRE) {
			guest_sends("a");
			sent++;
		} else {
			got += (size_t)read(pipe_fds[0], bytes, sizeof(bytes));
		}
	}
	vmm_output_stop(&output, 10000);
	cr_assert(eq(sz, got, total));
}

Test(output, a_reader_that_has_gone_is_no_end)
{
	close(pipe_fds[0]);
	cr_assert(zero(int, vmm_output_start(&output)));
	guest_floods();
	cr_assert(lt(long, milliseconds_of_stop(10000), 5000));
	pipe_fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
}
