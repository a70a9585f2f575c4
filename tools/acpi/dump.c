// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verbs.h"

static int write_all(int fd, const uint8_t *bytes, size_t n)
{
	while (n) {
		ssize_t written = write(fd, bytes, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		bytes += written;
		n -= (size_t)written;
	}
	return 0;
}

static int write_file(const char *directory, const char *name, const uint8_t *bytes, size_t n)
{
	char path[PATH_MAX];
	int fd, err;

	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path)) {
		fprintf(stderr, "uldf-acpi: %s: path too long\n", directory);
		return -ENAMETOOLONG;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0) {
		err = -errno;
		goto err_say;
	}
	err = write_all(fd, bytes, n);
	if (close(fd) < 0 && !err)
		err = -errno;
	if (!err)
		return 0;
err_say:
	fprintf(stderr, "uldf-acpi: %s: %s\n", path, strerror(-err));
	return err;
}

int verb_dump(const struct acpi_tables *tables, const char *directory, bool blob)
{
	int err;

	if (mkdir(directory, 0777) < 0 && errno != EEXIST) {
		err = -errno;
		fprintf(stderr, "uldf-acpi: %s: %s\n", directory, strerror(-err));
		return err;
	}
	err = write_file(directory, "rsdp.dat", tables->rsdp, sizeof(tables->rsdp));
	for (size_t i = 0; !err && i < tables->n_tables; i++) {
		const struct acpi_table *t = &tables->index[i];
		char name[16];

		snprintf(name, sizeof(name), "%s.dat", t->signature);
		for (char *c = name; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		err = write_file(directory, name, tables->bytes + t->offset, t->length);
	}
	if (!err && blob)
		err = write_file(directory, "tables.bin", tables->bytes, tables->length);
	return err;
}
