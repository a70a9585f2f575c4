// SPDX-License-Identifier: MIT
#include <signal.h>
#include <sys/resource.h>

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

int main(int argc, char **argv)
{
	enum vmm_outcome outcome = VMM_FAILED;
	struct vmm_reason reason = {.text = ""};
	struct vmm_machine *machine = NULL;
	struct vmm_options options;

	vmm_options_parse(argc, argv, &options);
	signal(SIGPIPE, SIG_IGN); /* the guest outlives who reads its console */
	raise_descriptor_limit();
	if (!vmm_machine_create(&options, &machine, &reason))
		outcome = vmm_loop_run(machine, &reason);
	vmm_machine_destroy(machine);
	if (outcome == VMM_FAILED)
		vmm_warn("%s", reason.text);
	vmm_options_free(&options);
	return outcome;
}
