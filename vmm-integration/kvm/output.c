// SPDX-License-Identifier: MIT
#include "output.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int vmm_output_init(struct vmm_output *output, struct vmm_serial *serial, int fd)
{
	int wake = eventfd(0, EFD_CLOEXEC);

	if (wake < 0)
		return -errno;
	*output = (struct vmm_output){.serial = serial, .fd = fd, .wake = wake};
	return 0;
}

void vmm_output_fini(struct vmm_output *output)
{
	close(output->wake);
	output->wake = -1;
}

void vmm_output_wake(struct vmm_output *output)
{
	eventfd_write(output->wake, 1);
}

static void write_out(struct vmm_output *output, const uint8_t *bytes, size_t count)
{
	struct pollfd writable = {.fd = output->fd, .events = POLLOUT};

	while (count && !atomic_load(&output->abandon)) {
		ssize_t written = write(output->fd, bytes, count);

		if (written >= 0) {
			bytes += written;
			count -= (size_t)written;
		} else if (errno == EAGAIN) {
			poll(&writable, 1, -1); /* another program made it non-blocking */
		} else if (errno != EINTR) {
			return;
		}
	}
}

static void *run(void *arg)
{
	struct vmm_output *output = arg;
	uint8_t bytes[4096];
	eventfd_t wakes;

	while (!atomic_load(&output->abandon)) {
		bool last = atomic_load(&output->finish); /* before looking what there is */
		size_t count = vmm_serial_fetch(output->serial, bytes, sizeof(bytes));

		if (count)
			write_out(output, bytes, count);
		else if (last)
			break;
		else
			eventfd_read(output->wake, &wakes);
	}
	return NULL;
}

int vmm_output_start(struct vmm_output *output)
{
	atomic_store(&output->finish, false);
	atomic_store(&output->abandon, false);
	return vmm_thread_start(&output->thread, "output", run, output);
}

void vmm_output_stop(struct vmm_output *output, unsigned int milliseconds)
{
	atomic_store(&output->finish, true);
	vmm_output_wake(output);
	if (vmm_thread_join(&output->thread, milliseconds))
		return;
	atomic_store(&output->abandon, true);
	do {
		vmm_thread_kick(&output->thread);
	} while (!vmm_thread_join(&output->thread, VMM_THREAD_PATIENCE));
}
