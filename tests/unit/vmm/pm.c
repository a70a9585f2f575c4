// SPDX-License-Identifier: MIT
#include "pm.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define SECOND 1000000000ULL
#define PWRBTN 0x100

static uint64_t now;
static bool sci;
static struct vmm_stop stop;
static struct vmm_pm pm;

static uint64_t fake_clock(void)
{
	return now;
}

static void fake_line(void *host, unsigned int gsi, bool level)
{
	cr_assert(eq(uint, gsi, 9));
	sci = level;
}

static void setup(void)
{
	const struct vmm_irq_line line = {.set = fake_line, .gsi = 9};

	now = 17 * SECOND;
	sci = false;
	cr_assert(zero(int, vmm_stop_init(&stop)));
	vmm_pm_init(&pm, &line, &stop, fake_clock);
}

static void teardown(void)
{
	vmm_pm_fini(&pm);
	vmm_stop_fini(&stop);
}

TestSuite(pm, .init = setup, .fini = teardown);

static uint32_t in(uint16_t port, unsigned int width)
{
	uint32_t value = vmm_pm_port_ops.read(&pm, port, width);

	return width == 4 ? value : value & ((1u << 8 * width) - 1);
}

static void out(uint16_t port, unsigned int width, uint32_t value)
{
	vmm_pm_port_ops.write(&pm, port, width, value);
}

Test(pm, the_timer_starts_at_zero_and_counts_at_its_rate)
{
	cr_assert(zero(u32, in(VMM_PM_TIMER, 4)));
	now += SECOND;
	cr_assert(eq(u32, in(VMM_PM_TIMER, 4), 3579545));
	now += SECOND;
	cr_assert(eq(u32, in(VMM_PM_TIMER, 4), 7159090));
}

Test(pm, the_timer_wraps_after_24_bits)
{
	now += 5 * SECOND;
	cr_assert(eq(u32, in(VMM_PM_TIMER, 4), (5 * 3579545) & 0xffffff));
}

Test(pm, the_timer_is_right_after_years)
{
	uint64_t seconds = 10ULL * 365 * 86400;

	now += seconds * SECOND;
	cr_assert(eq(u32, in(VMM_PM_TIMER, 4), seconds * 3579545 & 0xffffff));
}

Test(pm, the_timer_ignores_writes)
{
	out(VMM_PM_TIMER, 4, 0xffffffff);
	cr_assert(zero(u32, in(VMM_PM_TIMER, 4)));
}

Test(pm, s5_with_sleep_enable_powers_off)
{
	struct vmm_reason reason;

	out(VMM_PM_CONTROL, 2, 0x2000 | VMM_PM_S5_TYPE << 10);
	cr_assert(vmm_stop_requested(&stop));
	cr_assert(eq(int, (int)vmm_stop_outcome(&stop, &reason), (int)VMM_POWERED_OFF));
}

Test(pm, s5_without_sleep_enable_does_nothing)
{
	out(VMM_PM_CONTROL, 2, VMM_PM_S5_TYPE << 10);
	cr_assert(not(vmm_stop_requested(&stop)));
	cr_assert(eq(u32, in(VMM_PM_CONTROL, 2), VMM_PM_S5_TYPE << 10 | 1));
}

Test(pm, other_sleep_types_do_nothing)
{
	for (uint32_t type = 0; type < 8; type++)
		if (type != VMM_PM_S5_TYPE)
			out(VMM_PM_CONTROL, 2, 0x2000 | type << 10);
	cr_assert(not(vmm_stop_requested(&stop)));
}

Test(pm, s5_may_be_written_bytewise)
{
	out(VMM_PM_CONTROL + 1, 1, (0x2000 | VMM_PM_S5_TYPE << 10) >> 8);
	cr_assert(vmm_stop_requested(&stop));
}

Test(pm, acpi_mode_cannot_be_left)
{
	out(VMM_PM_CONTROL, 2, 0);
	cr_assert(eq(u32, in(VMM_PM_CONTROL, 2), 1));
	cr_assert(eq(u32, in(VMM_PM_CONTROL, 1), 1));
}

Test(pm, a_masked_button_is_seen_but_not_heard)
{
	vmm_pm_press(&pm);
	cr_assert(eq(u32, in(VMM_PM_EVENT, 2), PWRBTN));
	cr_assert(not(sci));
	out(VMM_PM_EVENT + 2, 2, PWRBTN);
	cr_assert(sci);
}

Test(pm, the_button_raises_the_sci_until_its_status_is_cleared)
{
	out(VMM_PM_EVENT + 2, 2, PWRBTN);
	vmm_pm_press(&pm);
	cr_assert(sci);
	out(VMM_PM_EVENT, 2, 0xffff & ~PWRBTN);
	cr_assert(sci);
	out(VMM_PM_EVENT, 2, PWRBTN);
	cr_assert(not(sci));
	cr_assert(zero(u32, in(VMM_PM_EVENT, 2)));
	cr_assert(eq(u32, in(VMM_PM_EVENT, 4), PWRBTN << 16));
}

Test(pm, a_write_to_enable_leaves_status_alone)
{
	vmm_pm_press(&pm);
	out(VMM_PM_EVENT + 2, 2, 0xffff);
	cr_assert(eq(u32, in(VMM_PM_EVENT, 2), PWRBTN));
}

Test(pm, events_that_do_not_exist_cannot_be_enabled)
{
	out(VMM_PM_EVENT + 2, 2, 0xffff);
	cr_assert(zero(u32, in(VMM_PM_EVENT + 2, 2) & 0x4001));
}

Test(pm, bytes_of_the_enable_register_are_merged)
{
	out(VMM_PM_EVENT + 3, 1, PWRBTN >> 8);
	out(VMM_PM_EVENT + 2, 1, 0x20);
	cr_assert(eq(u32, in(VMM_PM_EVENT + 2, 2), PWRBTN | 0x20));
	cr_assert(eq(u32, in(VMM_PM_EVENT + 3, 1), PWRBTN >> 8));
}

Test(pm, accesses_across_registers_reach_both)
{
	struct vmm_ports ports = {.count = 0};
	uint32_t value;

	cr_assert(zero(int, vmm_ports_add(&ports, 0x600, VMM_PM_PORTS, &vmm_pm_port_ops, &pm)));
	/* Enable register and control register, from an address that is not a multiple of four. */
	cr_assert(vmm_ports_write(&ports, 0x602, 4, VMM_PM_S5_TYPE << 26 | PWRBTN));
	cr_assert(vmm_ports_read(&ports, 0x602, 4, &value));
	cr_assert(eq(u32, value, (VMM_PM_S5_TYPE << 10 | 1) << 16 | PWRBTN));
	/* The upper byte of one and the lower byte of the other. */
	cr_assert(vmm_ports_read(&ports, 0x603, 2, &value));
	cr_assert(eq(u32, value, 1 << 8 | PWRBTN >> 8));
	cr_assert(vmm_ports_write(&ports, 0x603, 2, 0));
	cr_assert(vmm_ports_read(&ports, 0x602, 2, &value));
	cr_assert(zero(u32, value));
	cr_assert(not(vmm_stop_requested(&stop)));
	cr_assert(vmm_ports_write(&ports, 0x603, 4, (0x2000 | VMM_PM_S5_TYPE << 10) << 8));
	cr_assert(vmm_stop_requested(&stop));
}
