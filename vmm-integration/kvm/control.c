// SPDX-License-Identifier: MIT
#include "control.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Answers that a client did not read: whoever reads none is dropped. */
#define BACKLOG_MAX (1 << 20)

struct vmm_control_client {
	LIST_ENTRY(vmm_control_client) all;
	struct vmm_control *control;
	struct bufferevent *stream;
};

/* Closes the descriptor, too. */
static void drop(struct vmm_control_client *client)
{
	LIST_REMOVE(client, all);
	client->control->count--;
	bufferevent_free(client->stream);
	free(client);
}

/* Return: whether the client is still there. */
static bool answer(struct vmm_control_client *client, const char *line, size_t length)
{
	const struct vmm_control *control = client->control;
	struct evbuffer *output = bufferevent_get_output(client->stream);
	char *text = vmm_request_answer(line, length, control->ops, control->host);
	bool written = text && !bufferevent_write(client->stream, text, strlen(text));

	free(text);
	if (written && evbuffer_get_length(output) <= BACKLOG_MAX)
		return true;
	drop(client);
	return false;
}

static void on_read(struct bufferevent *stream, void *arg)
{
	struct evbuffer *input = bufferevent_get_input(stream);
	struct vmm_control_client *client = arg;
	size_t length;
	char *line;

	while ((line = evbuffer_readln(input, &length, EVBUFFER_EOL_LF))) {
		bool there = length <= VMM_REQUEST_MAX && answer(client, line, length);

		if (length > VMM_REQUEST_MAX)
			drop(client);
		free(line);
		if (!there)
			return;
	}
	if (evbuffer_get_length(input) > VMM_REQUEST_MAX)
		drop(client);
}

static void on_written(struct bufferevent *stream, void *client)
{
	drop(client);
}

/* A client that asks no more still reads what it asked for. */
static void on_end(struct bufferevent *stream, short what, void *client)
{
	if (what & BEV_EVENT_EOF && evbuffer_get_length(bufferevent_get_output(stream)))
		bufferevent_setcb(stream, NULL, on_written, on_end, client);
	else if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		drop(client);
}

static void on_client(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
		      int length, void *arg)
{
	struct vmm_control *control = arg;
	struct vmm_control_client *client = NULL;

	if (control->count < VMM_CONTROL_CLIENTS)
		client = calloc(1, sizeof(*client));
	if (client)
		client->stream = bufferevent_socket_new(evconnlistener_get_base(listener), fd,
							BEV_OPT_CLOSE_ON_FREE);
	if (!client || !client->stream) {
		free(client);
		close(fd);
		return;
	}
	client->control = control;
	LIST_INSERT_HEAD(&control->clients, client, all);
	control->count++;
	bufferevent_setcb(client->stream, on_read, NULL, on_end, client);
	bufferevent_enable(client->stream, EV_READ | EV_WRITE);
}

/* Return: whether there is a socket that nobody listens on: its owner was killed. */
static bool is_stale(const struct sockaddr_un *address)
{
	struct stat status;
	bool stale;
	int fd;

	if (lstat(address->sun_path, &status) || !S_ISSOCK(status.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	stale = connect(fd, (const struct sockaddr *)address, sizeof(*address)) &&
		errno == ECONNREFUSED;
	close(fd);
	return stale;
}

/* Return: a descriptor, or a negative errno. */
static int bind_socket(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0;
	mode_t mask;

	if (fd < 0)
		return -errno;
	if (is_stale(address))
		unlink(address->sun_path);
	mask = umask(0177);
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)))
		error = -errno;
	umask(mask);
	if (!error)
		return fd;
	close(fd);
	return error;
}

int vmm_control_open(struct vmm_control *control, struct event_base *base, const char *path,
		     const struct vmm_request_ops *ops, void *host, struct vmm_reason *reason)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return vmm_fail(reason, -ENAMETOOLONG,
				"--control %s: the path of a socket has at most %zu characters",
				path, sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	fd = bind_socket(&address);
	if (fd < 0)
		return vmm_fail(reason, fd, "--control %s: %s", path, strerror(-fd));
	*control = (struct vmm_control){.ops = ops, .host = host, .path = path};
	LIST_INIT(&control->clients);
	control->listener = evconnlistener_new(base, on_client, control,
					       LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
					       VMM_CONTROL_CLIENTS, fd);
	if (control->listener)
		return 0;
	close(fd);
	unlink(path);
	return vmm_fail(reason, -ENOMEM, "--control %s: out of memory", path);
}

/* Who asked for the guest's end is told of it, unless it does not read. */
static void send_rest(struct vmm_control_client *client)
{
	struct evbuffer *output = bufferevent_get_output(client->stream);

	evbuffer_unfreeze(output, 1); /* the stream holds its beginning */
	evbuffer_write(output, bufferevent_getfd(client->stream));
}

void vmm_control_close(struct vmm_control *control)
{
	if (!control->listener)
		return;
	while (!LIST_EMPTY(&control->clients)) {
		struct vmm_control_client *client = LIST_FIRST(&control->clients);

		send_rest(client);
		drop(client);
	}
	evconnlistener_free(control->listener);
	control->listener = NULL;
	unlink(control->path);
}
