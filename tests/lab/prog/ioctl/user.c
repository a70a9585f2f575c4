// SPDX-License-Identifier: MIT
/* Users and capabilities. What fails here ends the program. */
#include <grp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/capability.h>
#include <unistd.h>

#include "ioctl.h"

static void capabilities_set(uint32_t and, uint32_t or)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	need(!syscall(SYS_capget, &header, data), "capget");
	data[0].permitted &= and;
	data[0].effective = (data[0].effective & and) | (data[0].permitted & or);
	need(!syscall(SYS_capset, &header, data), "capset");
}

void capability_drop(int drop)
{
	capabilities_set(~(1u << drop), 0);
}

void user_become(uint32_t uid)
{
	need(!setgroups(0, NULL) && !setresgid(uid, uid, uid) && !setresuid(uid, uid, uid),
	     "become another user");
}

void user_keep(uint32_t uid, int keep)
{
	need(!prctl(PR_SET_KEEPCAPS, 1), "keep capabilities");
	user_become(uid);
	capabilities_set(1u << keep, 1u << keep);
}

void memlock_limit(uint64_t bytes)
{
	const struct rlimit limit = {bytes, bytes};

	need(!setrlimit(RLIMIT_MEMLOCK, &limit), "limit locked memory");
}

int in_child(int (*run)(void *arg), void *arg)
{
	int answer[2], ret = 0;
	pid_t child;

	need(!pipe(answer), "a pipe");
	fflush(stdout);
	child = fork();
	if (!child) {
		ret = run(arg);
		need(write(answer[1], &ret, sizeof(ret)) == sizeof(ret), "answer");
		_exit(0);
	}
	close(answer[1]);
	need(read(answer[0], &ret, sizeof(ret)) == sizeof(ret), "a child's answer");
	close(answer[0]);
	/* its files are closed when it has gone */
	need(waitpid(child, NULL, 0) == child, "a child's end");
	return ret;
}
