// SPDX-License-Identifier: MIT
#include "fixture.h"

TestSuite(check, .fini = fixture_check_leaks);

/* Changes one thing of a good platform; the reason it is refused with, NULL if it is accepted. */
struct spoiled {
	void (*spoil)(struct fixture *f);
	int error;
	const char *reason;
};

static void expect_all(const struct spoiled *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct fixture f;
		const char *reason;

		fixture_init(&f);
		cases[i].spoil(&f);
		if (cases[i].reason) {
			fixture_expect_refusal(&f, cases[i].error, cases[i].reason);
			continue;
		}
		cr_expect_eq(fixture_build(&f, &reason), 0, "case %zu: %s", i, reason);
	}
}

#define SPOIL(name, statement)              \
	static void name(struct fixture *f) \
	{                                   \
		statement;                  \
	}

#define COUNT(cases) (sizeof(cases) / sizeof((cases)[0]))

SPOIL(nothing, (void)f)

Test(check, the_fixture_is_accepted)
{
	static const struct spoiled cases[] = {{nothing, 0, NULL}};

	expect_all(cases, COUNT(cases));
}

SPOIL(no_cpus, f->platform.n_cpus = 0)
SPOIL(cpus_are_null, f->platform.cpus = NULL)
SPOIL(too_many_cpus, f->platform.n_cpus = 256)
SPOIL(huge_n_cpus, f->platform.n_cpus = SIZE_MAX)
SPOIL(apic_id_254, f->cpus[1].apic_id = 254)
SPOIL(apic_id_255, f->cpus[1].apic_id = 255)
SPOIL(apic_id_huge, f->cpus[1].apic_id = UINT32_MAX)
SPOIL(apic_id_twice, f->cpus[1].apic_id = f->cpus[0].apic_id)

Test(check, processors_are_1_to_255_with_different_ids)
{
	static const struct spoiled cases[] = {
		{no_cpus, -EINVAL, "there must be 1 to 255 processors"},
		{cpus_are_null, -EINVAL, "there must be 1 to 255 processors"},
		{too_many_cpus, -E2BIG, "there must be 1 to 255 processors"},
		{huge_n_cpus, -E2BIG, "there must be 1 to 255 processors"},
		{apic_id_254, 0, NULL},
		{apic_id_255, -EINVAL, "a local APIC id is above 254"},
		{apic_id_huge, -EINVAL, "a local APIC id is above 254"},
		{apic_id_twice, -EINVAL, "two processors have one local APIC id"},
	};

	expect_all(cases, COUNT(cases));
}

SPOIL(lapic_odd, f->platform.lapic_base += 4)
SPOIL(ioapic_odd, f->platform.ioapic.base += 0x800)
SPOIL(no_overrides, f->platform.n_overrides = 0; f->platform.overrides = NULL)
SPOIL(overrides_are_null, f->platform.overrides = NULL)
SPOIL(too_many_overrides, f->platform.n_overrides = 17)
SPOIL(override_irq_15, f->overrides[1].irq = 15)
SPOIL(override_irq_16, f->overrides[1].irq = 16)
SPOIL(override_twice, f->overrides[1].irq = 0)
SPOIL(polarity_reserved, f->overrides[1].polarity = 2)
SPOIL(polarity_wild, f->overrides[1].polarity = 4)
SPOIL(trigger_reserved, f->overrides[1].trigger = 2)
SPOIL(trigger_wild, f->overrides[1].trigger = 7)

Test(check, interrupt_controllers_are_sane)
{
	static const struct spoiled cases[] = {
		{lapic_odd, -EINVAL, "an APIC is not page-aligned"},
		{ioapic_odd, -EINVAL, "an APIC is not page-aligned"},
		{no_overrides, 0, NULL},
		{overrides_are_null, -EINVAL, "there can be up to 16 interrupt overrides"},
		{too_many_overrides, -E2BIG, "there can be up to 16 interrupt overrides"},
		{override_irq_15, 0, NULL},
		{override_irq_16, -EINVAL, "an override is not of an ISA IRQ"},
		{override_twice, -EINVAL, "two overrides are of one ISA IRQ"},
		{polarity_reserved, -EINVAL, "an override's polarity is reserved"},
		{polarity_wild, -EINVAL, "an override's polarity is reserved"},
		{trigger_reserved, -EINVAL, "an override's trigger mode is reserved"},
		{trigger_wild, -EINVAL, "an override's trigger mode is reserved"},
	};

	expect_all(cases, COUNT(cases));
}

SPOIL(no_event_port, f->platform.pm.event_port = 0)
SPOIL(no_control_port, f->platform.pm.control_port = 0)
SPOIL(no_timer_port, f->platform.pm.timer_port = 0)
SPOIL(event_at_the_end, f->platform.pm.event_port = 0xfffc)
SPOIL(event_beyond, f->platform.pm.event_port = 0xfffd)
SPOIL(control_beyond, f->platform.pm.control_port = 0xffff)
SPOIL(timer_beyond, f->platform.pm.timer_port = 0xfffe)
SPOIL(s5_type_8, f->platform.pm.s5_type = 8)
SPOIL(sci_0, f->platform.pm.sci_irq = 0)
SPOIL(sci_20, f->platform.pm.sci_irq = 20)

Test(check, power_management_is_within_the_ports)
{
	static const struct spoiled cases[] = {
		{no_event_port, -EINVAL, "a PM port is missing or out of range"},
		{no_control_port, -EINVAL, "a PM port is missing or out of range"},
		{no_timer_port, 0, NULL},
		{event_at_the_end, 0, NULL},
		{event_beyond, -EINVAL, "a PM port is missing or out of range"},
		{control_beyond, -EINVAL, "a PM port is missing or out of range"},
		{timer_beyond, -EINVAL, "a PM port is missing or out of range"},
		{s5_type_8, -EINVAL, "the S5 sleep type is above 7"},
		{sci_0, -EINVAL, "the SCI cannot be interrupt 0"},
		{sci_20, 0, NULL},
	};

	expect_all(cases, COUNT(cases));
}

SPOIL(no_serial, f->platform.n_serial = 0; f->platform.serial = NULL)
SPOIL(serial_is_null, f->platform.serial = NULL)
SPOIL(too_many_serial, f->platform.n_serial = 5)
SPOIL(serial_at_0, f->serial[0].port = 0)
SPOIL(serial_at_the_end, f->serial[0].port = 0xfff8)
SPOIL(serial_beyond, f->serial[0].port = 0xfff9)
SPOIL(serial_irq_16, f->serial[0].irq = 16)
SPOIL(no_century, f->platform.rtc_century = 0)
SPOIL(century_128, f->platform.rtc_century = 128)
SPOIL(century_without_clock, f->platform.rtc = false)

Test(check, isa_devices_have_ports_and_interrupts)
{
	static const struct spoiled cases[] = {
		{no_serial, 0, NULL},
		{serial_is_null, -EINVAL, "there can be up to 4 serial ports"},
		{too_many_serial, -E2BIG, "there can be up to 4 serial ports"},
		{serial_at_0, -EINVAL, "a serial port is out of range"},
		{serial_at_the_end, 0, NULL},
		{serial_beyond, -EINVAL, "a serial port is out of range"},
		{serial_irq_16, -EINVAL, "a serial port has no ISA IRQ"},
		{no_century, 0, NULL},
		{century_128, -EINVAL, "the clock has no such century register"},
		{century_without_clock, -EINVAL, "the clock has no such century register"},
	};

	expect_all(cases, COUNT(cases));
}

SPOIL(rsdp_low, f->platform.rsdp_address = 0xdfff0)
SPOIL(rsdp_last, f->platform.rsdp_address = 0xfffd0)
SPOIL(rsdp_beyond, f->platform.rsdp_address = 0xfffe0)
SPOIL(rsdp_high, f->platform.rsdp_address = UINT64_C(0x1000e0000))
SPOIL(rsdp_odd, f->platform.rsdp_address = 0xe0008)
SPOIL(tables_at_0, f->platform.tables_base = 0)
SPOIL(tables_odd, f->platform.tables_base += 32)
SPOIL(tables_last, f->platform.tables_base = 0xffff0000)
SPOIL(tables_beyond, f->platform.tables_base = 0xffff0040)
SPOIL(tables_overflow, f->platform.tables_base = UINT64_MAX - 63)
SPOIL(tables_no_room, f->platform.tables_size = 0)

#define RSDP_REASON "the RSDP must be in 0xe0000-0xfffff and 16-byte aligned"

Test(check, tables_lie_where_a_guest_finds_them)
{
	static const struct spoiled cases[] = {
		{rsdp_low, -EINVAL, RSDP_REASON},
		{rsdp_last, 0, NULL},
		{rsdp_beyond, -EINVAL, RSDP_REASON},
		{rsdp_high, -EINVAL, RSDP_REASON},
		{rsdp_odd, -EINVAL, RSDP_REASON},
		{tables_at_0, -EINVAL, "the tables must be 64-byte aligned, not at 0"},
		{tables_odd, -EINVAL, "the tables must be 64-byte aligned, not at 0"},
		{tables_last, 0, NULL},
		{tables_beyond, -EINVAL, "the tables must be below 4 GiB"},
		{tables_overflow, -EINVAL, "the tables must be below 4 GiB"},
		{tables_no_room, -E2BIG, "the tables have no room"},
	};

	expect_all(cases, COUNT(cases));
}
