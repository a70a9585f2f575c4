// SPDX-License-Identifier: MIT
#include "control.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct event_base *base;
static struct vmm_control control;
static char folder[] = "/tmp/control-XXXXXX";
static char path[64];
static unsigned int stops;

static json_t *fake_stats(void *host)
{
	return json_pack("{s:o}", "text", json_stringn(host, 1 << 16));
}

static json_t *fake_devices(void *host)
{
	return json_array();
}

static void fake_power(void *host)
{
}

static void fake_stop(void *host)
{
	stops++;
}

static const struct vmm_request_ops ops = {fake_stats, fake_devices, fake_power, fake_stop};
static char letters[1 << 16];

static void setup(void)
{
	cr_assert(ne(ptr, mkdtemp(folder), NULL));
	snprintf(path, sizeof(path), "%s/socket", folder);
	memset(letters, 'x', sizeof(letters));
	base = event_base_new();
}

static void teardown(void)
{
	vmm_control_close(&control);
	event_base_free(base);
	unlink(path);
	rmdir(folder);
}

TestSuite(control, .init = setup, .fini = teardown, .timeout = 20);

static int open_control(struct vmm_reason *reason)
{
	return vmm_control_open(&control, base, path, &ops, letters, reason);
}

static void must_open(void)
{
	struct vmm_reason reason = {.text = ""};

	cr_assert(zero(int, open_control(&reason)), "%s", reason.text);
}

static int dial(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	cr_assert(zero(int, connect(fd, (struct sockaddr *)&address, sizeof(address))));
	return fd;
}

static void say(int fd, const char *text)
{
	cr_assert(eq(sz, (size_t)write(fd, text, strlen(text)), strlen(text)));
}

static void run_loop(void)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

static void expect_line(int fd, const char *wanted)
{
	char text[256] = "";
	struct pollfd readable = {.fd = fd, .events = POLLIN};

	run_loop();
	cr_assert(eq(int, poll(&readable, 1, 5000), 1));
	cr_assert(gt(int, (int)read(fd, text, sizeof(text) - 1), 0));
	cr_expect(eq(str, text, (char *)wanted));
}

/* The other side closed it, perhaps with data of ours unread. */
static void expect_end(int fd)
{
	char byte;
	ssize_t got;

	run_loop();
	got = recv(fd, &byte, 1, MSG_DONTWAIT);
	cr_expect(got == 0 || (got < 0 && errno == ECONNRESET), "%zd, %s", got, strerror(errno));
	close(fd);
}

Test(control, answers_lines_as_they_become_whole)
{
	int fd;

	must_open();
	fd = dial();
	say(fd, "{\"command\":");
	run_loop();
	say(fd, "\"devices\"}\n{\"command\":\"power\"}\n");
	expect_line(fd,
		    "{\"version\":1,\"ok\":true,\"devices\":[]}\n{\"version\":1,\"ok\":true}\n");
	close(fd);
	run_loop();
	cr_expect(zero(uint, control.count));
}

Test(control, who_asks_no_more_is_answered_to_the_end)
{
	static char text[1 << 16];
	size_t lines = 0;
	ssize_t got;
	int fd;

	must_open();
	fd = dial();
	/* more than the socket holds */
	for (int i = 0; i < 8; i++)
		say(fd, "{\"command\":\"stats\"}\n");
	cr_assert(zero(int, shutdown(fd, SHUT_WR)));
	do {
		run_loop();
		got = recv(fd, text, sizeof(text), MSG_DONTWAIT);
		for (ssize_t i = 0; i < got; i++)
			lines += text[i] == '\n';
	} while (got > 0);
	cr_expect(zero(int, (int)got));
	cr_expect(eq(sz, lines, 8));
	cr_expect(zero(uint, control.count));
	close(fd);
}

Test(control, the_socket_is_its_users_alone)
{
	struct stat status;
	mode_t mask = umask(0);

	must_open();
	umask(mask);
	cr_assert(zero(int, stat(path, &status)));
	cr_expect(eq(uint, status.st_mode, S_IFSOCK | 0600));
}

Test(control, who_asks_for_the_end_is_told_of_it)
{
	char text[64] = "";
	int fd;

	must_open();
	fd = dial();
	run_loop();
	say(fd, "{\"command\":\"stop\"}\n");
	event_base_loop(base, EVLOOP_ONCE);
	cr_expect(eq(uint, stops, 1));
	vmm_control_close(&control);
	cr_assert(gt(int, (int)read(fd, text, sizeof(text) - 1), 0));
	cr_expect(eq(str, text, "{\"version\":1,\"ok\":true}\n"));
	close(fd);
	cr_expect(eq(int, access(path, F_OK), -1));
}

Test(control, a_line_that_does_not_end_costs_the_client_its_place)
{
	char text[VMM_REQUEST_MAX + 2];
	int fd;

	must_open();
	fd = dial();
	memset(text, ' ', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	say(fd, text);
	expect_end(fd);
	cr_expect(zero(uint, control.count));
}

Test(control, a_line_that_is_too_long_is_not_carried_out)
{
	char text[VMM_REQUEST_MAX + 64];
	int fd;

	must_open();
	fd = dial();
	memset(text, ' ', sizeof(text));
	strcpy(text + VMM_REQUEST_MAX + 1, "{\"command\":\"stop\"}\n");
	say(fd, text);
	expect_end(fd);
	cr_expect(zero(uint, stops));
}

Test(control, a_client_that_does_not_read_is_dropped)
{
	int fd;

	must_open();
	fd = dial();
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (unsigned int i = 0; i < 1000; i++) {
		if (send(fd, "{\"command\":\"stats\"}\n", 20, MSG_NOSIGNAL) != 20)
			break;
		run_loop();
	}
	cr_expect(zero(uint, control.count));
	close(fd);
}

Test(control, eight_clients_have_places_and_the_ninth_is_turned_away)
{
	int fds[VMM_CONTROL_CLIENTS + 1];

	must_open();
	for (size_t i = 0; i <= VMM_CONTROL_CLIENTS; i++) {
		fds[i] = dial();
		run_loop();
	}
	expect_end(fds[VMM_CONTROL_CLIENTS]);
	say(fds[0], "{\"command\":\"power\"}\n");
	expect_line(fds[0], "{\"version\":1,\"ok\":true}\n");
	for (size_t i = 0; i < VMM_CONTROL_CLIENTS; i++)
		close(fds[i]);
	run_loop();
	cr_expect(zero(uint, control.count));
}

Test(control, a_socket_that_a_killed_one_left_is_replaced)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	cr_assert(zero(int, bind(fd, (struct sockaddr *)&address, sizeof(address))));
	close(fd);
	must_open();
	close(dial());
}

Test(control, what_is_no_socket_of_a_dead_one_stays)
{
	struct vmm_reason reason = {.text = ""};
	struct vmm_control other = {.path = NULL};

	close(open(path, O_CREAT | O_WRONLY, 0600));
	cr_expect(eq(int, open_control(&reason), -EADDRINUSE));
	cr_expect(ne(ptr, strstr(reason.text, path), NULL), "%s", reason.text);
	unlink(path);
	must_open();
	cr_expect(
		eq(int, vmm_control_open(&other, base, path, &ops, letters, &reason), -EADDRINUSE));
	close(dial());
}

Test(control, a_path_that_does_not_fit_is_refused)
{
	struct vmm_reason reason = {.text = ""};
	char much[200];

	memset(much, 'a', sizeof(much) - 1);
	much[sizeof(much) - 1] = 0;
	cr_expect(eq(int, vmm_control_open(&control, base, much, &ops, letters, &reason),
		     -ENAMETOOLONG));
	cr_expect(ne(ptr, strstr(reason.text, "107 characters"), NULL), "%s", reason.text);
	cr_expect(eq(int,
		     vmm_control_open(&control, base, "/nowhere/socket", &ops, letters, &reason),
		     -ENOENT));
}
