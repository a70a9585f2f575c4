// SPDX-License-Identifier: MIT
#include "stop.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <sys/eventfd.h>

Test(stop, the_first_request_counts)
{
	struct vmm_reason reason = {.text = ""};
	struct vmm_stop stop;
	eventfd_t count;

	cr_assert(zero(int, vmm_stop_init(&stop)));
	cr_assert(not(vmm_stop_requested(&stop)));
	cr_assert(ne(int, eventfd_read(stop.fd, &count), 0));
	vmm_stop_request(&stop, VMM_RESET);
	vmm_stop_request(&stop, VMM_POWERED_OFF);
	vmm_stop_failed(&stop, "too late");
	cr_assert(vmm_stop_requested(&stop));
	cr_assert(zero(int, eventfd_read(stop.fd, &count)));
	cr_assert(eq(u64, count, 1));
	cr_assert(eq(int, (int)vmm_stop_outcome(&stop, &reason), (int)VMM_RESET));
	cr_assert(zero(u8, reason.text[0]));
	vmm_stop_fini(&stop);
}

Test(stop, a_failure_carries_its_reason)
{
	struct vmm_reason reason;
	struct vmm_stop stop;

	cr_assert(zero(int, vmm_stop_init(&stop)));
	vmm_stop_failed(&stop, "processor %u is tired", 3);
	cr_assert(eq(int, (int)vmm_stop_outcome(&stop, &reason), (int)VMM_FAILED));
	cr_assert(eq(str, reason.text, "processor 3 is tired"));
	vmm_stop_fini(&stop);
}
