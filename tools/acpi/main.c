// SPDX-License-Identifier: GPL-2.0-or-later
/* uldf-acpi: tells what the ACPI tables in a folder are. */
#include <argp.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "purpose.h"
#include "table.h"

#define SYSFS	   "/sys/firmware/acpi/tables"
#define TABLE_MOST (16u << 20) /* bytes: firmware has none of a tenth of that */

const char *argp_program_version = "uldf-acpi " ULDF_VERSION;

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const char **directory = state->input;

	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	if (state->arg_num)
		argp_error(state, "%s: one folder at a time", arg);
	*directory = arg;
	return 0;
}

static const struct argp argp = {
	.parser = parse,
	.args_doc = "[DIR]",
	.doc = "List the ACPI tables in DIR, a file each, and what each is for.\v"
	       "DIR has what 'uldf-vmm --dump-acpi DIR' wrote for a guest, or acpidump for a "
	       "machine; "
	       "without it, it is " SYSFS ": the tables of this machine, which root may "
	       "read. What is in a table tells 'iasl -d FILE'.\n\n"
	       "Exit status: 0; 1 a file could not be read, or is no sound table; 64 the command "
	       "line is wrong.",
};

static int complain(const char *directory, const char *name, const char *what)
{
	fflush(stdout);
	fprintf(stderr, "uldf-acpi: %s%s%s: %s\n", directory, *name ? "/" : "", name, what);
	return -EIO;
}

/* Return: how many bytes there are, or a negative errno. A file of sysfs does not tell its size. */
static ssize_t read_all(int fd, uint8_t *bytes, size_t room)
{
	size_t size = 0;

	while (size < room) {
		ssize_t got = read(fd, bytes + size, room - size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			return (ssize_t)size;
		size += (size_t)got;
	}
	return -EFBIG;
}

/* Return: how many bytes @out has, which the caller frees; or a negative errno. */
static ssize_t read_file(int directory, const char *name, uint8_t **out)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t size;
	uint8_t *bytes;

	if (fd < 0)
		return -errno;
	bytes = malloc(TABLE_MOST + 1);
	size = bytes ? read_all(fd, bytes, TABLE_MOST + 1) : -ENOMEM;
	close(fd);
	if (size < 0)
		free(bytes);
	else
		*out = bytes;
	return size;
}

static int list_file(const char *directory, int fd, const char *name)
{
	struct table table;
	const char *reason;
	uint8_t *bytes = NULL;
	ssize_t size = read_file(fd, name, &bytes);
	int error;

	if (size < 0)
		return complain(directory, name, strerror((int)-size));
	error = table_parse(bytes, (size_t)size, &table, &reason);
	free(bytes);
	if (error)
		return complain(directory, name, reason);
	printf("%-12s  %-9s  %8u  %8u  %-8s  %-6s  %s\n", name, table.signature, table.revision,
	       table.length,
	       !table.summed ? "-"
	       : table.sum   ? "bad"
			     : "good",
	       table.oem, purpose_of(table.signature));
	return table.sum ? complain(directory, name, "its checksum is wrong") : 0;
}

/* Folders, such as sysfs has for tables that come later, are left out. */
static int is_file(const struct dirent *entry)
{
	return entry->d_type != DT_DIR && entry->d_name[0] != '.';
}

static int list(const char *directory)
{
	struct dirent **names;
	int count, error = 0, fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return complain(directory, "", strerror(errno));
	count = scandirat(fd, ".", &names, is_file, alphasort);
	if (count < 0) {
		error = complain(directory, "", strerror(errno));
		goto out;
	}
	if (!count)
		error = complain(directory, "", "there is no table here");
	else
		printf("%-12s  %-9s  %8s  %8s  %-8s  %-6s  %s\n", "FILE", "SIGNATURE", "REVISION",
		       "LENGTH", "CHECKSUM", "OEM", "PURPOSE");
	for (int i = 0; i < count; i++) {
		int failed = list_file(directory, fd, names[i]->d_name);

		error = error ? error : failed;
		free(names[i]);
	}
	free(names);
out:
	close(fd);
	return error;
}

int main(int argc, char **argv)
{
	const char *directory = SYSFS;
	int error;

	argp_parse(&argp, argc, argv, 0, NULL, &directory);
	error = list(directory);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "uldf-acpi: standard output: %s\n", strerror(errno));
		error = -EIO;
	}
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
