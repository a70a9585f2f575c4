// SPDX-License-Identifier: MIT
#include "reset.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "stop.h"

static bool resets(const struct vmm_port_ops *ops, uint32_t value)
{
	struct vmm_reason reason;
	struct vmm_stop stop;
	bool stopped;

	cr_assert(zero(int, vmm_stop_init(&stop)));
	ops->write(&stop, 0, 1, value);
	stopped = vmm_stop_requested(&stop);
	if (stopped)
		cr_assert(eq(int, (int)vmm_stop_outcome(&stop, &reason), (int)VMM_RESET));
	vmm_stop_fini(&stop);
	return stopped;
}

Test(reset, the_value_of_the_fadt_resets)
{
	cr_assert(resets(&vmm_reset_port_ops, VMM_RESET_VALUE));
}

Test(reset, only_the_cpu_bit_resets)
{
	cr_assert(not(resets(&vmm_reset_port_ops, 0x00)));
	cr_assert(not(resets(&vmm_reset_port_ops, 0x02)));
	cr_assert(not(resets(&vmm_reset_port_ops, 0xfb)));
	cr_assert(resets(&vmm_reset_port_ops, 0x04));
}

Test(reset, only_the_pulse_command_of_the_keyboard_controller_resets)
{
	cr_assert(resets(&vmm_i8042_port_ops, 0xfe));
	cr_assert(not(resets(&vmm_i8042_port_ops, 0xd1)));
	cr_assert(not(resets(&vmm_i8042_port_ops, 0xff)));
}

Test(reset, the_keyboard_controller_is_always_ready)
{
	cr_assert(zero(u32, vmm_i8042_port_ops.read(NULL, 0, 1)));
}
