// SPDX-License-Identifier: MIT
#include "landlock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The rights of Landlock's first version. What later ones add takes system calls that the filter has not. */
#define RIGHTS                                                            \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |     \
	 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |     \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |     \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |     \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |   \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)
#define READ_BELOW (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define READ_WRITE (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE)

/* The C library has no function for these calls. */
static int create_ruleset(void)
{
	const struct landlock_ruleset_attr attr = {.handled_access_fs = RIGHTS};
	int fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	if (fd >= 0)
		return fd;
	return errno == ENOSYS ? -EOPNOTSUPP : -errno;
}

static int allow(int ruleset, int fd, uint64_t rights)
{
	const struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};

	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0)
		       ? -errno
		       : 0;
}

static int allow_below(int ruleset, const char *path, uint64_t rights)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	error = allow(ruleset, fd, rights);
	close(fd);
	return error;
}

/* Return: 0 also for a device that has no path, such as one of VFIO's. */
static int allow_device(int ruleset, int fd)
{
	struct stat status;
	int error;

	if (fstat(fd, &status) || !S_ISCHR(status.st_mode))
		return 0;
	error = allow(ruleset, fd, READ_WRITE);
	return error == -EBADFD ? 0 : error;
}

/* Devices are opened again after an error: the nodes that a backend opened at the start are the ones it needs. */
static int allow_open_devices(int ruleset)
{
	DIR *list = opendir("/proc/self/fd");
	struct dirent *entry;
	int error = 0;

	if (!list)
		return -errno;
	while (!error && (entry = readdir(list)))
		if (entry->d_name[0] != '.')
			error = allow_device(ruleset, atoi(entry->d_name));
	closedir(list);
	return error;
}

int vmm_landlock_enter(const char *removable)
{
	int ruleset = create_ruleset();
	int error;

	if (ruleset < 0)
		return ruleset;
	error = allow_open_devices(ruleset);
	if (!error)
		error = allow_below(ruleset, "/sys", READ_BELOW);
	if (!error)
		error = allow_below(ruleset, "/proc/self", READ_BELOW);
	if (!error && removable)
		error = allow_below(ruleset, removable, LANDLOCK_ACCESS_FS_REMOVE_FILE);
	if (!error && syscall(SYS_landlock_restrict_self, ruleset, 0))
		error = -errno;
	close(ruleset);
	return error;
}
