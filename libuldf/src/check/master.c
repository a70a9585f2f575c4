// SPDX-License-Identifier: MIT
/*
 * MSI and MSI-X are writes by the device (PCI 3.0 section 6.8): with bus mastering off none leaves it, and a driver
 * waits in vain. Drivers may enable vectors first and bus mastering later, so a thread looks whether the driver has
 * stopped to call in between. A driver that has switched it on once knows why it is off.
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <signal.h>
#include <time.h>
#include "check/checker.h"

#define WAIT_NS 1000000000

static uint64_t time_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void checker_called(struct checker *checker)
{
	__atomic_store_n(&checker->called, time_now(), __ATOMIC_RELAXED);
}

/* The first vector that the driver waits for in vain; NULL for none. */
static const struct check_binding *bound_in_vain(const struct checker *checker)
{
	for (unsigned int i = 0; checker->awaits_master && i < checker->vectors; i++)
		if (checker->binding[i].bound)
			return &checker->binding[i];
	return NULL;
}

static void *watch(void *arg)
{
	struct checker *checker = arg;
	const struct check_binding *binding;
	struct timespec until;
	uint64_t due;

	pthread_mutex_lock(&checker->lock);
	while (!checker->closing) {
		binding = bound_in_vain(checker);
		due = __atomic_load_n(&checker->called, __ATOMIC_RELAXED) + WAIT_NS;
		if (!binding) {
			pthread_cond_wait(&checker->wake, &checker->lock);
		} else if (time_now() < due) {
			until = (struct timespec){(time_t)(due / 1000000000),
						  (long)(due % 1000000000)};
			pthread_cond_timedwait(&checker->wake, &checker->lock, &until);
		} else {
			checker->awaits_master = false;
			checker_find(checker, ULDF_CHECK_NO_MASTER, &binding->trace,
				     "vector %u is bound, but bus mastering is off: no message "
				     "leaves the device; attach it and set bit 2 of PCI_COMMAND",
				     (unsigned int)(binding - checker->binding));
		}
	}
	pthread_mutex_unlock(&checker->lock);
	return NULL;
}

int checker_watch(struct checker *checker)
{
	pthread_condattr_t monotonic;
	sigset_t all, before;
	int err;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&checker->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	/* Signals are the program's own: its handlers run in its own threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&checker->thread, NULL, watch, checker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		pthread_cond_destroy(&checker->wake);
	return -err;
}

void checker_unwatch(struct checker *checker)
{
	pthread_mutex_lock(&checker->lock);
	checker->closing = true;
	pthread_cond_signal(&checker->wake);
	pthread_mutex_unlock(&checker->lock);
	pthread_join(checker->thread, NULL);
	pthread_cond_destroy(&checker->wake);
}

void checker_vectors(struct checker *checker, enum uldf_irq_type type)
{
	checker->messages = type == ULDF_IRQ_MSI || type == ULDF_IRQ_MSIX;
	checker->awaits_master = checker->messages && !checker->masters;
}

void checker_masters(struct checker *checker, bool on)
{
	checker->masters = on;
	checker->awaits_master = checker->messages && !on;
	if (checker->awaits_master)
		pthread_cond_signal(&checker->wake);
}

static void config_written(struct checker *checker, uint64_t offset, unsigned int width,
			   uint64_t value)
{
	bool on;

	if (offset > PCI_COMMAND || offset + width <= PCI_COMMAND)
		return;
	on = value >> 8 * (PCI_COMMAND - offset) & PCI_COMMAND_MASTER;
	pthread_mutex_lock(&checker->lock);
	if (on)
		checker->awaits_master = false;
	checker->masters = on;
	pthread_mutex_unlock(&checker->lock);
}

int check_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		      unsigned int width, uint64_t *out)
{
	int err = decorator_region_read(device, index, offset, width, out);

	checker_called(device->priv);
	return err;
}

int check_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		       unsigned int width, uint64_t value)
{
	int err = decorator_region_write(device, index, offset, width, value);

	if (!err && index == ULDF_CONFIG)
		config_written(device->priv, offset, width, value);
	checker_called(device->priv);
	return err;
}

/* A string is written to one register: its last unit counts. */
static uint64_t written_last(const struct uldf_io *io)
{
	const uint8_t *data = io->data;
	uint64_t value = 0;

	if (io->kind == ULDF_IO_WRITE)
		return io->value;
	for (unsigned int byte = 0; byte < io->width; byte++)
		value |= (uint64_t)data[(uint64_t)(io->count - 1) * io->width + byte] << 8 * byte;
	return value;
}

int check_io_batch(struct uldf_device *device, struct uldf_io *list, size_t count, size_t *done)
{
	int err = decorator_io_batch(device, list, count, done);

	for (size_t i = 0; i < *done; i++)
		if (list[i].region == ULDF_CONFIG &&
		    (list[i].kind == ULDF_IO_WRITE || list[i].kind == ULDF_IO_WRITE_STRING))
			config_written(device->priv, list[i].offset, list[i].width,
				       written_last(&list[i]));
	checker_called(device->priv);
	return err;
}
