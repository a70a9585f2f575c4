// SPDX-License-Identifier: MIT
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "wire.h"

int vpci_wire_init(struct vpci_wire *wire, const struct vpci_host *host, unsigned int gsi,
		   bool level)
{
	int fd, resample = -1, err;

	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (level) {
		resample = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (resample < 0) {
			err = -errno;
			goto err_close_fd;
		}
	}
	err = host->ops->gsi_wire(host->host, gsi, fd, resample);
	if (err)
		goto err_close_resample;
	*wire = (struct vpci_wire){.fd = fd, .resample = resample, .gsi = gsi};
	return 0;
err_close_resample:
	if (resample >= 0)
		close(resample);
err_close_fd:
	close(fd);
	return err;
}

void vpci_wire_fini(struct vpci_wire *wire, const struct vpci_host *host)
{
	if (wire->fd < 0)
		return;
	host->ops->gsi_unwire(host->host, wire->gsi, wire->fd);
	if (wire->resample >= 0)
		close(wire->resample);
	close(wire->fd);
	wire->fd = wire->resample = -1;
}
