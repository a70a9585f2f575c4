// SPDX-License-Identifier: MIT
/* Memory that may be gone, or registers that do not answer: a fault ends the access, not the process. */
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "storm.h"

int main(int argc, char **argv);

static _Thread_local sigjmp_buf escape;
static _Thread_local volatile bool guarded;

static void on_fault(int number, siginfo_t *info, void *context)
{
	const ucontext_t *at = context;

	if (guarded)
		siglongjmp(escape, number);
	/* a fault of this program, which ends by it */
	dprintf(1, "signal %d of lab-storm itself: address %p, instruction at main%+lld\n", number,
		info->si_addr, (long long)(at->uc_mcontext.gregs[REG_RIP] - (uintptr_t)main));
	signal(number, SIG_DFL);
}

bool guard_copy(void *to, const void *from, size_t size)
{
	bool done = false;

	if (!sigsetjmp(escape, 1)) {
		guarded = true;
		atomic_signal_fence(memory_order_seq_cst);
		memcpy(to, from, size);
		atomic_signal_fence(memory_order_seq_cst);
		done = true;
	}
	guarded = false;
	return done;
}

static void on_interrupt(int number)
{
}

/* SIGUSR1 interrupts a call that another thread is in. */
void guard_init(void)
{
	struct sigaction fault = {.sa_sigaction = on_fault, .sa_flags = SA_NODEFER | SA_SIGINFO},
			 interrupt = {.sa_handler = on_interrupt};

	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGBUS, &fault, NULL);
	sigaction(SIGUSR1, &interrupt, NULL);
	signal(SIGPIPE, SIG_IGN);
}
