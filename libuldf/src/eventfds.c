// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "eventfds.h"

int eventfds_check(const int *fds, unsigned int count)
{
	static const char wanted[] = "anon_inode:[eventfd]";
	char path[32], target[sizeof(wanted)];

	for (unsigned int i = 0; i < count; i++) {
		if (fds[i] == -1)
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[i]);
		if (readlink(path, target, sizeof(target)) != sizeof(wanted) - 1 ||
		    memcmp(target, wanted, sizeof(wanted) - 1))
			return -EINVAL;
	}
	return 0;
}

void eventfds_signal(int fd)
{
	const uint64_t one = 1;

	if (fd >= 0 && write(fd, &one, sizeof(one)) < 0)
		return;
}

int eventfds_drain(int fd)
{
	uint64_t count;

	return read(fd, &count, sizeof(count)) == sizeof(count);
}
