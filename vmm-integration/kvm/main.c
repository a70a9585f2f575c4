// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "loop.h"
#include "machine.h"
#include "options.h"

/* Each interrupt vector of a device takes a descriptor, and a shell's limit may be below them. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Before the guest runs, so that a file that cannot be had does not cost its figures. */
static int open_stats(const char *path, int *out, struct vmm_reason *reason)
{
	*out = -1;
	if (!path)
		return 0;
	*out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return *out < 0 ? vmm_fail(reason, -errno, "--stats %s: %s", path, strerror(errno)) : 0;
}

static void write_stats(struct vmm_machine *machine, const char *path, int fd)
{
	struct vmm_reason reason;
	struct vmm_stats stats;
	int error;

	vmm_machine_halt(machine);
	if (vmm_machine_count(machine, &stats, &reason)) {
		vmm_warn("%s", reason.text);
		return;
	}
	error = vmm_stats_write(&stats, fd);
	if (error)
		vmm_warn("--stats %s: %s", path, strerror(-error));
}

int main(int argc, char **argv)
{
	enum vmm_outcome outcome = VMM_FAILED;
	struct vmm_reason reason = {.text = ""};
	struct vmm_machine *machine = NULL;
	struct vmm_options options;
	int stats;

	vmm_options_parse(argc, argv, &options);
	signal(SIGPIPE, SIG_IGN); /* the guest outlives who reads its console */
	raise_descriptor_limit();
	if (!open_stats(options.stats, &stats, &reason) &&
	    !vmm_machine_create(&options, &machine, &reason)) {
		outcome = options.dump_acpi ? VMM_POWERED_OFF : vmm_loop_run(machine, &reason);
		if (stats >= 0)
			write_stats(machine, options.stats, stats);
	}
	vmm_machine_destroy(machine);
	if (outcome == VMM_FAILED)
		vmm_warn("%s", reason.text);
	if (stats >= 0)
		close(stats);
	vmm_options_free(&options);
	return outcome;
}
