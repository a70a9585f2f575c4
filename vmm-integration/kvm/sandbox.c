// SPDX-License-Identifier: MIT
#include "sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "filter.h"
#include "landlock.h"

/* VFIO pins RAM again for a device that enters a domain of the guest: by the limit, once CAP_IPC_LOCK is gone. */
static void raise_memlock_limit(void)
{
	const struct rlimit unlimited = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};

	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_IPC_LOCK))
		setrlimit(RLIMIT_MEMLOCK, &unlimited); /* not without CAP_SYS_RESOURCE */
}

static int drop_capabilities(bool rawio)
{
	if (capng_get_caps_process())
		return -EIO;
	raise_memlock_limit();
	rawio = rawio && capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_RAWIO);
	capng_clear(CAPNG_SELECT_ALL);
	if (rawio)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_SYS_RAWIO);
	capng_apply(CAPNG_SELECT_BOUNDS); /* not without CAP_SETPCAP */
	return capng_apply(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT) ? -EPERM : 0;
}

/* Return: 0, -EOPNOTSUPP this kernel has no Landlock, or what made it fail. */
static int restrict_files(const char *socket)
{
	char *path = socket ? strdup(socket) : NULL;
	int error = -ENOMEM;

	if (path || !socket)
		error = vmm_landlock_enter(path ? dirname(path) : NULL);
	free(path);
	return error;
}

/* Return: how many threads there are beside this one. */
static unsigned int count_others(void)
{
	struct stat tasks;

	return stat("/proc/self/task", &tasks) ? 0 : (unsigned int)tasks.st_nlink - 3;
}

int vmm_sandbox_enter(const struct vmm_sandbox *needs, struct vmm_reason *reason)
{
	unsigned int others = count_others();
	const char *what = "no_new_privs";
	bool files;
	int error;

	if (others)
		vmm_warn("sandbox: threads of the devices' backends (%u) keep their capabilities: "
			 "it "
			 "restricts only their system calls",
			 others);
	error = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
	if (error)
		goto err_reason;
	what = "Landlock";
	error = restrict_files(needs->socket);
	files = !error;
	if (error && error != -EOPNOTSUPP)
		goto err_reason;
	what = "capabilities";
	error = drop_capabilities(needs->rawio);
	if (error)
		goto err_reason;
	what = "seccomp";
	error = vmm_filter_enter(files);
	if (!error)
		return 0;
err_reason:
	return vmm_fail(reason, error, "sandbox: %s: %s: to do without, give --sandbox=off", what,
			strerror(-error));
}
