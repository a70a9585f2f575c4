// SPDX-License-Identifier: GPL-2.0-or-later
/* uldf-blk: drives an IDE or NVMe disk and serves it to the host's nbd module. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "drive.h"
#include "export.h"
#include "options.h"
#include "server.h"

struct program {
	struct options options;
	struct drive drive;
	struct event_base *base;
	struct server server;
	struct export export;
	struct event *signals[3];
	struct event *ready;
	int fate_fd; /* eventfd for what happens to the device */
	struct event *fate;
};

/* Registers of a device that was unplugged are no longer there (uldf_region_map()). */
static void on_sigbus(int number)
{
	static const char text[] = "uldf-blk: the device is gone\n";

	/* Nothing can be done about a failure here. */
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(2);
	_exit(1);
}

/*
 * The host may write to the disk to get memory back: this process must not need any then, nor wait for
 * pages of its own. Where it may not ask for that it goes on without.
 */
static void stay_in_memory(void)
{
	mlockall(MCL_CURRENT | MCL_FUTURE);
	prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0);
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct program *program = arg;

	if (program->export.ending || export_end(&program->export))
		event_base_loopbreak(program->base);
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval soon = {.tv_usec = 10000};
	struct program *program = arg;
	const struct uldf_disk_info *info = program->server.info;

	if (!export_ready(&program->export)) {
		event_add(program->ready, &soon);
		return;
	}
	printf("%s: %s, %s, %" PRIu64 " blocks of %u bytes\n", program->export.path, info->model,
	       info->serial, info->blocks, info->block_size);
	fflush(stdout);
}

static void on_fate(evutil_socket_t fd, short what, void *arg)
{
	struct program *program = arg;
	unsigned int events = 0;
	eventfd_t fired;

	eventfd_read(fd, &fired);
	if (!uldf_event_read(program->drive.device, &events) && events)
		server_stop(&program->server, events & ULDF_EVENT_REMOVED ? -ENODEV : -EIO);
}

/* A backend that tells nothing leaves it to the next request to fail. */
static int fate_init(struct program *program)
{
	int err;

	program->fate_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (program->fate_fd < 0)
		return -errno;
	err = uldf_event_bind(program->drive.device, program->fate_fd);
	if (err)
		return err == -ENOTSUP ? 0 : err;
	program->fate =
		event_new(program->base, program->fate_fd, EV_READ | EV_PERSIST, on_fate, program);
	return program->fate && !event_add(program->fate, NULL) ? 0 : -ENOMEM;
}

static void fate_fini(struct program *program)
{
	if (program->fate)
		event_free(program->fate);
	if (program->fate_fd >= 0)
		close(program->fate_fd);
}

static int events_init(struct program *program)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	const struct timeval soon = {.tv_usec = 10000};

	signal(SIGBUS, on_sigbus);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		program->signals[i] = evsignal_new(program->base, numbers[i], on_signal, program);
		if (!program->signals[i] || event_add(program->signals[i], NULL))
			return -ENOMEM;
	}
	program->ready = evtimer_new(program->base, on_ready, program);
	if (!program->ready || event_add(program->ready, &soon))
		return -ENOMEM;
	return fate_init(program);
}

static void events_fini(struct program *program)
{
	fate_fini(program);
	for (size_t i = 0; i < sizeof(program->signals) / sizeof(program->signals[0]); i++) {
		if (program->signals[i])
			event_free(program->signals[i]);
	}
	if (program->ready)
		event_free(program->ready);
}

static int serve(struct program *program)
{
	const struct uldf_disk_info *info = uldf_disk_info(program->drive.disk);
	const struct export_size size = {
		.blocks = info->blocks,
		.block_size = info->block_size,
		.most = program->server.most,
		.cached = info->cached,
		.fua = info->fua,
		.discards = info->most_discarded,
		.read_only = program->server.read_only,
	};
	int err = export_open(&program->export, program->options.nbd_device, &size), lost, flushed;

	if (err)
		return err;
	err = events_init(program);
	if (!err)
		err = server_run(&program->server, program->export.socket);
	if (err)
		fprintf(stderr, "uldf-blk: device %s: %s\n", program->options.device,
			err == -EIO ? "its controller does not work any more" : strerror(-err));
	events_fini(program);
	lost = export_close(&program->export);
	/* Requests that nobody waits for any more are left to the disk's close. */
	flushed = program->server.submitted || !info->cached ? 0
							     : uldf_disk_flush(program->drive.disk);
	if (flushed)
		fprintf(stderr, "uldf-blk: device %s: flushing its cache: %s\n",
			program->options.device, strerror(-flushed));
	return err ? err : lost ? lost : flushed;
}

static int run(struct program *program)
{
	int err = drive_open(&program->drive, &program->options);

	if (err)
		return err;
	program->base = event_base_new();
	if (!program->base) {
		fprintf(stderr, "uldf-blk: out of memory\n");
		err = -ENOMEM;
	} else {
		err = server_init(&program->server, program->base, program->drive.ctx,
				  program->drive.disk, program->drive.space,
				  program->options.read_only);
		if (!err)
			err = serve(program);
	}
	/* The disk must have let go of the memory before it is freed. */
	uldf_disk_close(program->drive.disk);
	program->drive.disk = NULL;
	server_fini(&program->server);
	if (program->base)
		event_base_free(program->base);
	drive_close(&program->drive);
	return err;
}

int main(int argc, char **argv)
{
	struct program program = {.fate_fd = -1};

	options_read(&program.options, argc, argv);
	stay_in_memory();
	return run(&program) ? EXIT_FAILURE : EXIT_SUCCESS;
}
