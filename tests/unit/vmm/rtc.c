// SPDX-License-Identifier: MIT
#include "rtc.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define REGISTER_A 10
#define REGISTER_B 11
#define BINARY	   0x04
#define HOURS_24   0x02

static time_t now;
static struct vmm_rtc rtc;

static time_t fake_clock(void)
{
	return now;
}

static void setup(void)
{
	now = 1795203180; /* Friday, 2026-11-20 19:33:00 UTC */
	vmm_rtc_init(&rtc, fake_clock);
}

static void teardown(void)
{
	vmm_rtc_fini(&rtc);
}

TestSuite(rtc, .init = setup, .fini = teardown);

static void set(uint8_t index, uint8_t value)
{
	vmm_rtc_port_ops.write(&rtc, 0, 1, index);
	vmm_rtc_port_ops.write(&rtc, 1, 1, value);
}

static uint32_t get(uint8_t index)
{
	vmm_rtc_port_ops.write(&rtc, 0, 1, index);
	return vmm_rtc_port_ops.read(&rtc, 1, 1);
}

Test(rtc, the_time_is_decimal_after_power_on)
{
	const uint8_t time[][2] = {{0, 0x00}, {2, 0x33}, {4, 0x19}, {6, 6},
				   {7, 0x20}, {8, 0x11}, {9, 0x26}, {0x32, 0x20}};

	for (size_t i = 0; i < 8; i++)
		cr_assert(eq(u32, get(time[i][0]), time[i][1]), "register %u", time[i][0]);
}

Test(rtc, the_time_is_binary_when_asked)
{
	set(REGISTER_B, BINARY | HOURS_24);
	cr_assert(eq(u32, get(2), 33));
	cr_assert(eq(u32, get(4), 19));
	cr_assert(eq(u32, get(9), 26));
}

Test(rtc, twelve_hours_have_an_afternoon)
{
	set(REGISTER_B, BINARY);
	cr_assert(eq(u32, get(4), 7 | 0x80));
	now -= 12 * 3600;
	cr_assert(eq(u32, get(4), 7));
	now -= 7 * 3600;
	cr_assert(eq(u32, get(4), 12));
	now += 12 * 3600;
	cr_assert(eq(u32, get(4), 12 | 0x80));
}

Test(rtc, the_century_changes)
{
	now = 946684799; /* the last second of 1999 */
	cr_assert(eq(u32, get(0x32), 0x19));
	cr_assert(eq(u32, get(9), 0x99));
	now++;
	cr_assert(eq(u32, get(0x32), 0x20));
	cr_assert(eq(u32, get(9), 0x00));
}

Test(rtc, no_update_is_ever_going_on)
{
	set(REGISTER_A, 0xff);
	cr_assert(zero(u32, get(REGISTER_A) & 0x80));
}

Test(rtc, the_clock_is_valid_and_has_no_interrupt_pending)
{
	cr_assert(eq(u32, get(13), 0x80));
	cr_assert(zero(u32, get(12)));
}

Test(rtc, the_guest_cannot_set_the_time)
{
	set(2, 0x59);
	cr_assert(eq(u32, get(2), 0x33));
}

Test(rtc, other_bytes_are_memory)
{
	set(0x7f, 0xa5);
	set(0x40, 0x5a);
	cr_assert(eq(u32, get(0x7f), 0xa5));
	cr_assert(eq(u32, get(0x40), 0x5a));
}

Test(rtc, the_nmi_bit_of_the_index_is_not_part_of_it)
{
	set(0xc0, 0x77);
	cr_assert(eq(u32, get(0x40), 0x77));
	cr_assert(eq(u32, vmm_rtc_port_ops.read(&rtc, 0, 1), 0xff));
}
