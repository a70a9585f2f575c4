// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uldf/event.h>
#include "fault/fault.h"

/* Each time that a vector fired is a decision of its own: how many came together does not matter. */
static uint64_t fault_fired(void *arg, unsigned int line, uint64_t count)
{
	struct fault *fault = arg;
	uint64_t passed = 0;

	if (fault->gone)
		return 0;
	if (line == fault->event_line)
		return count;
	for (uint64_t i = 0; i < count; i++)
		passed += !fault_plan_strikes(&fault->plan, FAULT_LOST);
	return passed;
}

int fault_wrap(struct uldf_device *outer, struct uldf_device *inner, const char *plan)
{
	struct fault *fault = calloc(1, sizeof(*fault));
	struct relay_owner owner = {.fired = fault_fired, .arg = fault};
	const char *wrong;
	int err;

	if (!fault)
		return ctx_fail(outer->ctx, -ENOMEM, "out of memory");
	wrong = fault_plan_parse(plan, &fault->plan);
	if (wrong) {
		err = ctx_fail(outer->ctx, -EINVAL, "faults %s: %s", plan, wrong);
		goto err_free;
	}
	fault->references = 1;
	for (unsigned int i = 0; i < ULDF_IRQ_TYPES; i++)
		if (fault->event_line < inner->info.vectors[i])
			fault->event_line = inner->info.vectors[i];
	pthread_mutex_init(&fault->lock, NULL);
	owner.lock = &fault->lock;
	err = relay_create(fault->event_line + 1, &owner, &fault->relay);
	if (err) {
		ctx_fail(outer->ctx, err, "cannot relay interrupts: %s", ctx_strerror(err));
		goto err_lock;
	}
	decorator_init(&fault->decorator, outer, inner, false);
	return 0;
err_lock:
	pthread_mutex_destroy(&fault->lock);
err_free:
	free(fault);
	return err;
}

static int fault_open(struct uldf_device *device, const char *rest)
{
	struct uldf_device *inner;
	const char *address;
	char *plan;
	int err = decorator_parse(device->ctx, rest, &plan, &address);

	if (err)
		return err;
	if (!plan)
		return ctx_fail(device->ctx, -EINVAL,
				"fault%s: say by which seed: fault=SEED[,WHAT]...:ADDRESS", rest);
	err = uldf_device_open(device->ctx, address, &inner);
	if (err)
		goto out_plan;
	err = fault_wrap(device, inner, plan);
	if (err)
		uldf_device_close(inner);
out_plan:
	free(plan);
	return err;
}

void fault_put(struct fault *fault)
{
	bool last;

	pthread_mutex_lock(&fault->lock);
	last = !--fault->references;
	pthread_mutex_unlock(&fault->lock);
	if (!last)
		return;
	pthread_mutex_destroy(&fault->lock);
	free(fault);
}

static void fault_close(struct uldf_device *device)
{
	struct fault *fault = device->priv;

	decorator_fini(&fault->decorator);
	relay_destroy(fault->relay);
	fault_put(fault);
}

enum fault_state {
	FAULT_PRESENT,
	FAULT_ANSWERS_ONES,
	FAULT_GONE,
};

/* What @count accesses find. Locked. */
static enum fault_state state_of(const struct uldf_device *device, uint64_t count)
{
	struct fault *fault = device->priv;

	if (!fault->gone && fault_plan_removes(&fault->plan, count)) {
		fault->gone = true;
		relay_signal(fault->relay, fault->event_line, 1);
	}
	if (!fault->gone) {
		if (fault_plan_strikes(&fault->plan, FAULT_SPURIOUS) && device->irq_count)
			relay_signal(fault->relay,
				     (unsigned int)fault_plan_number(&fault->plan, FAULT_SPURIOUS,
								     device->irq_count),
				     1);
		return FAULT_PRESENT;
	}
	return fault->ones++ < FAULT_ONES ? FAULT_ANSWERS_ONES : FAULT_GONE;
}

static enum fault_state accesses(struct uldf_device *device, uint64_t count)
{
	struct fault *fault = device->priv;
	enum fault_state state;

	pthread_mutex_lock(&fault->lock);
	state = state_of(device, count);
	pthread_mutex_unlock(&fault->lock);
	if (state == FAULT_GONE)
		uldf_device_fail(device, -ENODEV, "injected fault: gone");
	return state;
}

/* Calls that are no accesses find a device that is gone to be so at once. */
static int gone(struct uldf_device *device)
{
	struct fault *fault = device->priv;
	bool is;

	pthread_mutex_lock(&fault->lock);
	is = fault->gone;
	pthread_mutex_unlock(&fault->lock);
	return is ? uldf_device_fail(device, -ENODEV, "injected fault: gone") : 0;
}

static uint64_t ones(unsigned int width)
{
	return UINT64_MAX >> (64 - 8 * width);
}

static int fault_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
			     unsigned int width, uint64_t *out)
{
	switch (accesses(device, 1)) {
	case FAULT_PRESENT:
		return decorator_region_read(device, index, offset, width, out);
	case FAULT_ANSWERS_ONES:
		*out = ones(width);
		return 0;
	default:
		return -ENODEV;
	}
}

static int fault_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
			      unsigned int width, uint64_t value)
{
	switch (accesses(device, 1)) {
	case FAULT_PRESENT:
		return decorator_region_write(device, index, offset, width, value);
	case FAULT_ANSWERS_ONES:
		return 0;
	default:
		return -ENODEV;
	}
}

/* A batch of a device that is gone: reads are all ones, and a poll for anything else is in vain. */
static int batch_of_ones(struct uldf_device *device, struct uldf_io *list, size_t count,
			 size_t *done)
{
	for (*done = 0; *done < count; (*done)++) {
		struct uldf_io *io = &list[*done];
		bool missed = io->kind == ULDF_IO_POLL && (ones(io->width) & io->mask) != io->value;

		if (io->kind == ULDF_IO_READ || io->kind == ULDF_IO_POLL)
			io->value = ones(io->width);
		if (io->kind == ULDF_IO_READ_STRING)
			memset(io->data, 0xff, (size_t)io->count * io->width);
		if (missed)
			return uldf_device_fail(device, -ETIMEDOUT,
						"injected fault: all ones are read");
	}
	return 0;
}

static int fault_io_batch(struct uldf_device *device, struct uldf_io *list, size_t count,
			  size_t *done)
{
	switch (accesses(device, count)) {
	case FAULT_PRESENT:
		return decorator_io_batch(device, list, count, done);
	case FAULT_ANSWERS_ONES:
		return batch_of_ones(device, list, count, done);
	default:
		return -ENODEV;
	}
}

static int fault_reset(struct uldf_device *device, enum uldf_reset *how)
{
	int err = gone(device);

	return err ? err : decorator_reset(device, how);
}

static int fault_attach(struct uldf_device *device, struct uldf_space *space)
{
	int err = gone(device);

	return err ? err : decorator_attach(device, space);
}

static int fault_move(struct uldf_device *device, struct uldf_space *space)
{
	int err = gone(device);

	return err ? err : decorator_move(device, space);
}

static int fault_power(struct uldf_device *device, unsigned int state)
{
	int err = gone(device);

	return err ? err : decorator_power(device, state);
}

static int fault_set_guest(struct uldf_device *device, int vm)
{
	int err = gone(device);

	return err ? err : decorator_set_guest(device, vm);
}

static int fault_functions(struct uldf_device *device, unsigned int count)
{
	int err = gone(device);

	return err ? err : decorator_functions(device, count);
}

static int fault_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	int err = gone(device);

	return err ? err : decorator_irq_enable(device, type, count);
}

static int fault_irq_reserve(struct uldf_device *device, enum uldf_irq_type type,
			     unsigned int count)
{
	int err = gone(device);

	return err ? err : decorator_irq_reserve(device, type, count);
}

static int fault_irq_disable(struct uldf_device *device)
{
	struct fault *fault = device->priv;
	int err = decorator_irq_disable(device);

	if (err)
		return err;
	pthread_mutex_lock(&fault->lock);
	relay_drop(fault->relay, 0, fault->event_line);
	pthread_mutex_unlock(&fault->lock);
	return gone(device);
}

/* Locked. */
static int bind_lines(struct uldf_device *device, unsigned int first, unsigned int count,
		      const int *fds, struct relay_line *lines, int *own)
{
	struct fault *fault = device->priv;
	int err = relay_prepare(fault->relay, first, fds, count, lines);

	if (err)
		return uldf_device_fail(device, err, "cannot relay its interrupts: %s",
					err == -EINVAL ? "not an eventfd" : ctx_strerror(err));
	for (unsigned int i = 0; i < count; i++)
		own[i] = lines[i].own;
	if (first == fault->event_line) {
		/* Of its removal it tells even where the device tells nothing. */
		err = decorator_event_bind(device, own[0]);
		err = err == -ENOTSUP ? 0 : err;
	} else {
		err = decorator_irq_bind(device, first, count, own);
	}
	if (err)
		relay_discard(fault->relay, lines, count);
	else
		relay_commit(fault->relay, first, count, lines);
	return err;
}

static int fault_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
			  const int *fds)
{
	struct fault *fault = device->priv;
	struct relay_line *lines = calloc(count, sizeof(*lines));
	int *own = calloc(count, sizeof(*own));
	int err = -ENOMEM;

	if (!lines || !own) {
		uldf_device_fail(device, err, "out of memory");
		goto out_free;
	}
	err = gone(device);
	if (err)
		goto out_free;
	pthread_mutex_lock(&fault->lock);
	err = bind_lines(device, first, count, fds, lines, own);
	pthread_mutex_unlock(&fault->lock);
out_free:
	free(own);
	free(lines);
	return err;
}

static int fault_event_bind(struct uldf_device *device, int fd)
{
	struct fault *fault = device->priv;
	struct relay_line line;
	int own, err;

	pthread_mutex_lock(&fault->lock);
	err = bind_lines(device, fault->event_line, 1, &fd, &line, &own);
	if (!err && fault->gone && !fault->told)
		relay_signal(fault->relay, fault->event_line, 1);
	pthread_mutex_unlock(&fault->lock);
	return err;
}

static int fault_event_read(struct uldf_device *device, unsigned int *events)
{
	struct fault *fault = device->priv;
	unsigned int happened = 0;
	int err = decorator_event_read(device, &happened);

	if (err && err != -ENOTSUP)
		return err;
	pthread_mutex_lock(&fault->lock);
	if (fault->gone && !fault->told) {
		happened |= ULDF_EVENT_REMOVED;
		fault->told = true;
	}
	pthread_mutex_unlock(&fault->lock);
	*events = happened;
	return 0;
}

/* They would tell of interrupts that are lost. */
static int fault_irq_counts(struct uldf_device *device, const volatile struct uldf_irq_count **out)
{
	return uldf_device_fail(device, -ENOTSUP,
				"no counts of interrupts where some of them are lost");
}

const struct uldf_backend_ops fault_backend = {
	.name = "fault",
	.decorates = true,
	.open = fault_open,
	.close = fault_close,
	.reset = fault_reset,
	.attach = fault_attach,
	.move = fault_move,
	.detach = decorator_detach,
	.region_read = fault_region_read,
	.region_write = fault_region_write,
	.region_map = decorator_no_region_map,
	.region_unmap = decorator_no_region_unmap,
	.irq_enable = fault_irq_enable,
	.irq_reserve = fault_irq_reserve,
	.irq_disable = fault_irq_disable,
	.irq_bind = fault_irq_bind,
	.irq_bind_unmask = decorator_irq_bind_unmask,
	.irq_mask = decorator_irq_mask,
	.irq_unmask = decorator_irq_unmask,
	.io_batch = fault_io_batch,
	.irq_counts = fault_irq_counts,
	.event_bind = fault_event_bind,
	.event_read = fault_event_read,
	.power = fault_power,
	.set_guest = fault_set_guest,
	.functions = fault_functions,
	.region_fd = decorator_no_region_fd,
	.space_create = fault_space_create,
	.space_destroy = fault_space_destroy,
	.space_reserved = decorator_space_reserved,
	.memory_register = fault_memory_register,
	.memory_region = decorator_no_memory_region,
	.memory_share = fault_memory_share,
	.memory_unregister = decorator_memory_unregister,
	.map = fault_map,
	.map_anywhere = fault_map_anywhere,
	.unmap = decorator_unmap,
	.unmap_range = decorator_unmap_range,
	.revoke = decorator_revoke,
	.segments_map = fault_segments_map,
	.segments_unmap = decorator_segments_unmap,
	.coherent_alloc = fault_coherent_alloc,
	.coherent_free = decorator_coherent_free,
};
