// SPDX-License-Identifier: MIT
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void *run(void *arg)
{
	struct vmm_watch *watch = arg;
	struct pollfd fds[] = {
		{.fd = watch->stop, .events = POLLIN},
		{.fd = watch->assign->events, .events = POLLIN},
		{.fd = vmm_faults_fd(watch->faults), .events = POLLIN},
	};
	int patience = -1;

	for (;;) {
		if (poll(fds, 3, patience) < 0 && errno != EINTR)
			return NULL;
		if (fds[0].revents)
			return NULL;
		if (fds[2].revents)
			vmm_faults_tell(watch->faults);
		patience = vmm_assign_check(watch->assign, watch->bus, &watch->stopping);
	}
}

int vmm_watch_start(struct vmm_watch *watch, struct vmm_assign *assign, struct vpci_bus *bus,
		    struct vmm_faults *faults, struct vmm_reason *reason)
{
	int error;

	*watch = (struct vmm_watch){.assign = assign, .bus = bus, .faults = faults};
	watch->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (watch->stop < 0)
		return vmm_fail(reason, -errno, "an eventfd: %s", strerror(errno));
	error = vmm_thread_start(&watch->thread, "devices", run, watch);
	if (!error)
		return 0;
	close(watch->stop);
	return vmm_fail(reason, error, "no thread to watch the devices: %s", strerror(-error));
}

void vmm_watch_stop(struct vmm_watch *watch)
{
	if (!watch->thread.started)
		return;
	atomic_store(&watch->stopping, true);
	eventfd_write(watch->stop, 1);
	while (!vmm_thread_join(&watch->thread, VMM_THREAD_PATIENCE))
		;
	close(watch->stop);
}
