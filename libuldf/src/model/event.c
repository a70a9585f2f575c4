// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "eventfds.h"
#include "model/model.h"

void model_event(struct model *model, unsigned int events)
{
	model->events |= events;
	eventfds_signal(model->listener);
}

int model_event_bind(struct uldf_device *device, int fd)
{
	struct model *model = model_of(device);
	int listener = -1, old;

	if (eventfds_check(&fd, 1))
		return uldf_device_fail(device, -EINVAL, "cannot bind events: not an eventfd");
	if (fd >= 0) {
		listener = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (listener < 0)
			return uldf_device_fail(device, -errno, "cannot bind events: %s",
						ctx_strerror(-errno));
	}
	model_lock(model);
	if (model->gone) {
		model_unlock(model);
		if (listener >= 0)
			close(listener);
		return model_fail_gone(device);
	}
	old = model->listener;
	model->listener = listener;
	model_unlock(model);
	if (old >= 0)
		close(old);
	return 0;
}

int model_event_read(struct uldf_device *device, unsigned int *events)
{
	struct model *model = model_of(device);

	model_lock(model);
	*events = model->events;
	model->events = 0;
	model_unlock(model);
	return 0;
}
