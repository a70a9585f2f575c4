// SPDX-License-Identifier: MIT
/*
 * Loaded into the QEMU that emulates lab hosts, before it starts: mends its VMRUN instruction.
 *
 * VMRUN may deliver an interrupt to the guest that it enters. helper_vmrun() does so at once, yet leaves the vector
 * behind as the processor's pending exception. Mostly nobody looks: the next exit from the guest overwrites it. But a
 * processor that is asked to leave its loop before that, to meet QEMU's RCU for one, takes it for one that is yet to
 * be delivered. Then the guest's interrupt handler is interrupted by its own interrupt, with interrupts off, and
 * waits for ever for a lock that it holds itself.
 *
 * Here the instruction ends as others do that change the flow of the program: nothing is pending, the loop goes
 * on. A QEMU that does not have the parts of which this is made stays as it is.
 */
#include <dlfcn.h>
#include <stdio.h>

typedef void vmrun_fn(void *env, int address_size, int instruction_size);

static vmrun_fn *vmrun;
static void (*end_without_exception)(void *cpu);

static void vmrun_and_end(void *env, int address_size, int instruction_size)
{
	void **cpu = dlsym(RTLD_DEFAULT, "current_cpu"); /* this thread's */

	vmrun(env, address_size, instruction_size);
	end_without_exception(*cpu);
}

/* What QEMU knows of a helper begins with where it is. */
__attribute__((constructor)) static void mend(void)
{
	vmrun_fn **helper = dlsym(RTLD_DEFAULT, "helper_info_vmrun");

	vmrun = dlsym(RTLD_DEFAULT, "helper_vmrun");
	end_without_exception = dlsym(RTLD_DEFAULT, "cpu_loop_exit_noexc");
	if (vmrun && end_without_exception && dlsym(RTLD_DEFAULT, "current_cpu") && helper &&
	    *helper == vmrun)
		*helper = vmrun_and_end;
	else
		fputs("qemu-vmrun: this QEMU is built otherwise; guests in its guests may hang\n",
		      stderr);
}
