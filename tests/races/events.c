// SPDX-License-Identifier: MIT
/*
 * Events of a device's vectors in the loop of another thread: the thread that uses the device enables and
 * disables INTx, creates and frees events, while the loop calls back and unmasks, and the hardware fires.
 * ThreadSanitizer ends the program when accesses are not ordered. RACES_ROUNDS makes it longer.
 */
#include <err.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/thread.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "backend.h"

#define ROUNDS 20000

/* What stands for the kernel: it has a lock of its own, and does not rely on its callers. */
static struct {
	pthread_mutex_t lock;
	bool enabled;
	bool masked;
	int fd;		   /* its duplicate of what is bound, -1 for none */
	unsigned int late; /* calls that unmasked what was disabled */
} line = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

static bool ended; /* atomic */

static int line_open(struct uldf_device *device, const char *rest)
{
	device->info.vectors[ULDF_IRQ_INTX] = 1;
	return 0;
}

static void line_close(struct uldf_device *device)
{
}

static int line_set(bool enabled)
{
	pthread_mutex_lock(&line.lock);
	line.enabled = enabled;
	line.masked = false;
	if (line.fd >= 0)
		close(line.fd);
	line.fd = -1;
	pthread_mutex_unlock(&line.lock);
	return 0;
}

static int line_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	return line_set(true);
}

static int line_disable(struct uldf_device *device)
{
	return line_set(false);
}

static int line_bind(struct uldf_device *device, unsigned int first, unsigned int count,
		     const int *fds)
{
	pthread_mutex_lock(&line.lock);
	if (line.fd >= 0)
		close(line.fd);
	line.fd = fds[0] < 0 ? -1 : fcntl(fds[0], F_DUPFD_CLOEXEC, 0);
	pthread_mutex_unlock(&line.lock);
	return 0;
}

static int line_unmask(struct uldf_device *device)
{
	int err = 0;

	pthread_mutex_lock(&line.lock);
	if (line.enabled) {
		line.masked = false;
	} else {
		line.late++;
		err = -EINVAL;
	}
	pthread_mutex_unlock(&line.lock);
	return err;
}

static const struct uldf_backend_ops line_ops = {
	.name = "line",
	.open = line_open,
	.close = line_close,
	.irq_enable = line_enable,
	.irq_disable = line_disable,
	.irq_bind = line_bind,
	.irq_unmask = line_unmask,
};

static void *run_hardware(void *arg)
{
	while (!__atomic_load_n(&ended, __ATOMIC_RELAXED)) {
		pthread_mutex_lock(&line.lock);
		if (line.enabled && !line.masked && line.fd >= 0) {
			line.masked = true;
			eventfd_write(line.fd, 1);
		}
		pthread_mutex_unlock(&line.lock);
		sched_yield();
	}
	return NULL;
}

static void *run_loop(void *base)
{
	event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
	return NULL;
}

/* A driver's own; gone when its event is, so that a late call of the event is seen. */
struct listener {
	struct uldf_device *device;
	uint64_t count;	     /* the loop's; this thread's once the event is freed */
	unsigned int called; /* atomic */
};

static void called(uint64_t count, void *arg)
{
	struct listener *listener = arg;
	int err;

	listener->count += count;
	__atomic_add_fetch(&listener->called, 1, __ATOMIC_RELAXED);
	/* The other thread is to disable the vector now, if it is about to. */
	sched_yield();
	err = uldf_irq_unmask(listener->device);
	if (err && err != -EINVAL)
		errx(1, "unmasking: %d", err);
}

static void must(int err, const char *what)
{
	if (err)
		errx(1, "%s: %d", what, err);
}

/* One event's life. Answers how often the vector fired. */
static uint64_t run_event(struct event_base *base, struct uldf_device *device, unsigned int round)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	struct uldf_irq_event *event;
	uint64_t count;

	if (!listener)
		errx(1, "out of memory");
	listener->device = device;
	must(uldf_irq_enable(device, ULDF_IRQ_INTX, 1), "enable");
	must(uldf_irq_event_new(base, device, 0, called, listener, &event), "event");
	/* Some events end before the first call, others amid one. */
	for (unsigned int i = 0;
	     i < 100 && __atomic_load_n(&listener->called, __ATOMIC_RELAXED) < round % 4; i++)
		sched_yield();
	if (round % 2)
		must(uldf_irq_disable(device), "disable");
	uldf_irq_event_free(event);
	must(uldf_irq_disable(device), "disable");
	count = listener->count;
	free(listener);
	return count;
}

int main(void)
{
	const char *text = getenv("RACES_ROUNDS");
	unsigned int rounds = text ? (unsigned int)strtoul(text, NULL, 0) : ROUNDS;
	struct uldf_device *device;
	struct event_base *base;
	pthread_t loop, hardware;
	struct uldf_ctx *ctx;
	uint64_t fired = 0;

	if (evthread_use_pthreads() || !(base = event_base_new()))
		errx(1, "no loop");
	must(uldf_ctx_create(&ctx), "context");
	must(device_open_backend(ctx, &line_ops, "", &device), "device");
	if (pthread_create(&loop, NULL, run_loop, base) ||
	    pthread_create(&hardware, NULL, run_hardware, NULL))
		errx(1, "no thread");
	for (unsigned int i = 0; i < rounds; i++)
		fired += run_event(base, device, i);
	__atomic_store_n(&ended, true, __ATOMIC_RELAXED);
	event_base_loopbreak(base);
	pthread_join(hardware, NULL);
	pthread_join(loop, NULL);
	uldf_device_close(device);
	uldf_ctx_destroy(ctx);
	event_base_free(base);
	printf("%u events, fired %llu times, %u unmasked what was disabled meanwhile\n", rounds,
	       (unsigned long long)fired, line.late);
	if (!fired)
		errx(1, "nothing fired");
	return 0;
}
