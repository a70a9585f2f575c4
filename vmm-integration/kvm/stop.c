// SPDX-License-Identifier: MIT
#include "stop.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

int vmm_stop_init(struct vmm_stop *stop)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	*stop = (struct vmm_stop){.fd = fd};
	pthread_mutex_init(&stop->lock, NULL);
	return 0;
}

void vmm_stop_fini(struct vmm_stop *stop)
{
	close(stop->fd);
	stop->fd = -1;
	pthread_mutex_destroy(&stop->lock);
}

/* With the lock held. Return: whether this request counts. */
static bool take(struct vmm_stop *stop, enum vmm_outcome outcome)
{
	if (atomic_load(&stop->stopped))
		return false;
	stop->outcome = outcome;
	atomic_store(&stop->stopped, true);
	eventfd_write(stop->fd, 1);
	return true;
}

void vmm_stop_request(struct vmm_stop *stop, enum vmm_outcome outcome)
{
	pthread_mutex_lock(&stop->lock);
	take(stop, outcome);
	pthread_mutex_unlock(&stop->lock);
}

void vmm_stop_failed(struct vmm_stop *stop, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	pthread_mutex_lock(&stop->lock);
	if (take(stop, VMM_FAILED))
		vsnprintf(stop->reason.text, sizeof(stop->reason.text), format, arguments);
	pthread_mutex_unlock(&stop->lock);
	va_end(arguments);
}

enum vmm_outcome vmm_stop_outcome(struct vmm_stop *stop, struct vmm_reason *reason)
{
	enum vmm_outcome outcome;

	pthread_mutex_lock(&stop->lock);
	outcome = stop->outcome;
	if (outcome == VMM_FAILED)
		*reason = stop->reason;
	pthread_mutex_unlock(&stop->lock);
	return outcome;
}
