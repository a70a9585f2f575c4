// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include "record/recorder.h"

/* A driver that polls memory is to see it soon, one that does nothing costs little. */
#define TICK_MS	     1
#define TICK_IDLE_MS 10
#define IDLE_NS	     100000000

uint64_t record_fired(void *arg, unsigned int line, uint64_t count)
{
	struct recorder *recorder = arg;

	recorder->fired[line] += count;
	recorder->pending = true;
	return 0;
}

void record_irqs_write(struct recorder *recorder)
{
	for (unsigned int i = 0; recorder->pending && i <= recorder->event_line; i++) {
		bool event = i == recorder->event_line;
		const struct uldf_record record = {
			.kind = event ? ULDF_RECORD_EVENT : ULDF_RECORD_IRQ,
			.time = recorder_now(recorder),
			.count = event ? 1 : 2,
			.args = {event ? recorder->fired[i] : i, recorder->fired[i]},
		};

		if (recorder->fired[i])
			recorder_add(recorder, &record);
	}
}

void record_irqs_signal(struct recorder *recorder)
{
	for (unsigned int i = 0; recorder->pending && i <= recorder->event_line; i++) {
		if (recorder->relay)
			relay_signal(recorder->relay, i, recorder->fired[i]);
		recorder->fired[i] = 0;
	}
	recorder->pending = false;
}

int record_tick(void *arg)
{
	struct recorder *recorder = arg;
	uint64_t idle = recorder_now(recorder) - recorder->called;
	bool busy;

	/* Who sleeps on sees what it was shown once it wakes; only an interrupt may be what it waits for. */
	if ((recorder->pending || !LIST_EMPTY(&recorder->windows)) &&
	    caller_waits(&recorder->caller) &&
	    (recorder->pending || caller_is_due(&recorder->caller)))
		recorder_show_waiting(recorder);
	busy = recorder->pending || idle < IDLE_NS ||
	       (!LIST_EMPTY(&recorder->windows) && !recorder->caller.asleep);
	return busy ? TICK_MS : TICK_IDLE_MS;
}

int record_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	struct record_call call;
	int err = recorder_begin(device->priv, ULDF_RECORD_IRQ_ENABLE, &call);

	if (err)
		return err;
	err = decorator_irq_enable(device, type, count);
	recorder_write(&call, err, 2, (uint64_t)type, (uint64_t)count);
	recorder_end(&call);
	return err;
}

int record_irq_disable(struct uldf_device *device)
{
	struct recorder *recorder = device->priv;
	struct record_call call;
	int err;

	recorder_begin_always(recorder, ULDF_RECORD_IRQ_DISABLE, &call);
	err = decorator_irq_disable(device);
	recorder_write(&call, err, 0);
	/* What fired before goes to the eventfds that were bound. */
	recorder_show(recorder);
	if (!err)
		relay_drop(recorder->relay, 0, recorder->event_line);
	recorder_end(&call);
	return err;
}

/* The device signals eventfds of the relay's; the driver's are signalled once it is written down. */
static int bind_lines(struct uldf_device *device, unsigned int first, unsigned int count,
		      const int *fds, struct relay_line *lines, int *own)
{
	struct recorder *recorder = device->priv;
	int err = relay_prepare(recorder->relay, first, fds, count, lines);

	if (err)
		return uldf_device_fail(device, err, "cannot relay its interrupts: %s",
					err == -EINVAL ? "not an eventfd" : ctx_strerror(err));
	for (unsigned int i = 0; i < count; i++)
		own[i] = lines[i].own;
	if (first == recorder->event_line)
		err = decorator_event_bind(device, own[0]);
	else
		err = decorator_irq_bind(device, first, count, own);
	if (err)
		relay_discard(recorder->relay, lines, count);
	else
		relay_commit(recorder->relay, first, count, lines);
	return err;
}

int record_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
		    const int *fds)
{
	struct relay_line *lines = calloc(count, sizeof(*lines));
	int *own = calloc(count, sizeof(*own));
	uint8_t *bound = calloc(count, 1);
	struct record_call call;
	int err = -ENOMEM;

	if (!lines || !own || !bound) {
		uldf_device_fail(device, err, "out of memory");
		goto out_free;
	}
	err = recorder_begin(device->priv, ULDF_RECORD_IRQ_BIND, &call);
	if (err)
		goto out_free;
	err = bind_lines(device, first, count, fds, lines, own);
	for (unsigned int i = 0; i < count; i++)
		bound[i] = fds[i] >= 0;
	call.record.data = bound;
	call.record.size = count;
	recorder_write(&call, err, 2, (uint64_t)first, (uint64_t)count);
	recorder_end(&call);
out_free:
	free(bound);
	free(own);
	free(lines);
	return err;
}

int record_event_bind(struct uldf_device *device, int fd)
{
	struct recorder *recorder = device->priv;
	struct relay_line line;
	struct record_call call;
	int own;
	int err = recorder_begin(recorder, ULDF_RECORD_EVENT_BIND, &call);

	if (err)
		return err;
	err = bind_lines(device, recorder->event_line, 1, &fd, &line, &own);
	recorder_write(&call, err, 1, (uint64_t)(fd >= 0));
	recorder_end(&call);
	return err;
}

int record_event_read(struct uldf_device *device, unsigned int *events)
{
	struct record_call call;
	unsigned int happened = 0;
	int err = recorder_begin(device->priv, ULDF_RECORD_EVENT_READ, &call);

	if (err)
		return err;
	err = decorator_event_read(device, &happened);
	recorder_write(&call, err, 1, (uint64_t)happened);
	recorder_end(&call);
	if (!err)
		*events = happened;
	return err;
}

int record_irq_bind_unmask(struct uldf_device *device, int fd)
{
	struct record_call call;
	int err = recorder_begin(device->priv, ULDF_RECORD_IRQ_BIND_UNMASK, &call);

	if (err)
		return err;
	err = decorator_irq_bind_unmask(device, fd);
	recorder_write(&call, err, 1, (uint64_t)(fd >= 0));
	recorder_end(&call);
	return err;
}

/* A call that takes and answers nothing. */
static int record_plain(struct uldf_device *device, enum uldf_record_kind kind,
			int (*fn)(struct uldf_device *device))
{
	struct record_call call;
	int err = recorder_begin(device->priv, kind, &call);

	if (err)
		return err;
	err = fn(device);
	recorder_write(&call, err, 0);
	recorder_end(&call);
	return err;
}

int record_irq_mask(struct uldf_device *device)
{
	return record_plain(device, ULDF_RECORD_IRQ_MASK, decorator_irq_mask);
}

int record_irq_unmask(struct uldf_device *device)
{
	return record_plain(device, ULDF_RECORD_IRQ_UNMASK, decorator_irq_unmask);
}

/* The kernel's counts change without a call: nothing could play that back. */
int record_irq_counts(struct uldf_device *device, const volatile struct uldf_irq_count **out)
{
	return uldf_device_fail(device, -ENOTSUP, "counts of interrupts are not recorded");
}
