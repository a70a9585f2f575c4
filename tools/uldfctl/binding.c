// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "binding.h"

static int sysfs_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* By the driver's folder, not by the device's link to it, which leads to whoever holds it by now. */
int binding_remove(const struct uldf_address *address, const char *driver)
{
	char text[ULDF_ADDRESS_TEXT], path[128];
	int err;

	uldf_address_format(address, text);
	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/unbind", driver);
	err = sysfs_write(path, text);
	/* A driver that was unloaded holds nothing. */
	return err == -ENOENT ? -ENODEV : err;
}

int binding_probe(const struct uldf_address *address)
{
	char text[ULDF_ADDRESS_TEXT];

	uldf_address_format(address, text);
	return sysfs_write("/sys/bus/pci/drivers_probe", text);
}
