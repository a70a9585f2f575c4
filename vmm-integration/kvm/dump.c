// SPDX-License-Identifier: MIT
#include "dump.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		bytes += written;
		size -= (size_t)written;
	}
	return 0;
}

static int write_file(const char *directory, const char *name, const uint8_t *bytes, size_t size,
		      struct vmm_reason *reason)
{
	char path[PATH_MAX];
	int fd, error;

	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path))
		return vmm_fail(reason, -ENAMETOOLONG, "%s: %s", directory, strerror(ENAMETOOLONG));
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	error = fd < 0 ? -errno : write_all(fd, bytes, size);
	if (fd >= 0 && close(fd) && !error)
		error = -errno;
	if (error == -EEXIST)
		return vmm_fail(reason, error, "%s: tables are there already: name another folder",
				path);
	return error ? vmm_fail(reason, error, "%s: %s", path, strerror(-error)) : 0;
}

int vmm_dump_acpi(const struct acpi_tables *tables, const char *directory,
		  struct vmm_reason *reason)
{
	int error;

	if (mkdir(directory, 0777) && errno != EEXIST)
		return vmm_fail(reason, -errno, "%s: %s", directory, strerror(errno));
	error = write_file(directory, "rsdp.dat", tables->rsdp, sizeof(tables->rsdp), reason);
	for (size_t i = 0; !error && i < tables->n_tables; i++) {
		const struct acpi_table *table = &tables->index[i];
		char name[16];

		snprintf(name, sizeof(name), "%s.dat", table->signature);
		for (char *c = name; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		error = write_file(directory, name, tables->bytes + table->offset, table->length,
				   reason);
	}
	return error;
}
