// SPDX-License-Identifier: MIT
#include "check.h"

#define PAGE	      0x1000
#define LAST_APIC_ID  254
#define LAST_ISA_IRQ  15
#define LAST_SLP_TYP  7
#define RTC_REGISTERS 128
#define BIOS_AREA     0xe0000u
#define BIOS_AREA_END 0x100000u
#define RSDP_ALIGN    16
#define FOUR_GIB      (UINT64_C(1) << 32)

static int check_cpus(const struct acpi_platform *p, const char **reason)
{
	bool seen[LAST_APIC_ID + 1] = {false};
	int err = acpi_check_count(p->cpus, p->n_cpus, ACPI_MAX_CPUS);

	if (err || !p->n_cpus)
		return acpi_refuse(reason, err ? err : -EINVAL,
				   "there must be 1 to 255 processors");
	for (size_t i = 0; i < p->n_cpus; i++) {
		uint32_t id = p->cpus[i].apic_id;

		if (id > LAST_APIC_ID)
			return acpi_refuse(reason, -EINVAL, "a local APIC id is above 254");
		if (seen[id])
			return acpi_refuse(reason, -EINVAL,
					   "two processors have one local APIC id");
		seen[id] = true;
	}
	return 0;
}

static int check_overrides(const struct acpi_platform *p, const char **reason)
{
	unsigned int seen = 0;
	int err = acpi_check_count(p->overrides, p->n_overrides, ACPI_MAX_OVERRIDES);

	if (err)
		return acpi_refuse(reason, err, "there can be up to 16 interrupt overrides");
	for (size_t i = 0; i < p->n_overrides; i++) {
		const struct acpi_override *o = &p->overrides[i];

		if (o->irq > LAST_ISA_IRQ)
			return acpi_refuse(reason, -EINVAL, "an override is not of an ISA IRQ");
		if (seen & 1u << o->irq)
			return acpi_refuse(reason, -EINVAL, "two overrides are of one ISA IRQ");
		seen |= 1u << o->irq;
		if (o->polarity != ACPI_POLARITY_BUS && o->polarity != ACPI_POLARITY_HIGH &&
		    o->polarity != ACPI_POLARITY_LOW)
			return acpi_refuse(reason, -EINVAL, "an override's polarity is reserved");
		if (o->trigger != ACPI_TRIGGER_BUS && o->trigger != ACPI_TRIGGER_EDGE &&
		    o->trigger != ACPI_TRIGGER_LEVEL)
			return acpi_refuse(reason, -EINVAL,
					   "an override's trigger mode is reserved");
	}
	return 0;
}

static int check_interrupts(const struct acpi_platform *p, const char **reason)
{
	if (p->lapic_base % PAGE || p->ioapic.base % PAGE)
		return acpi_refuse(reason, -EINVAL, "an APIC is not page-aligned");
	return check_overrides(p, reason);
}

/* Ports @port to @port + @n - 1 exist, and 0 means none. */
static bool port_is_good(uint16_t port, uint32_t n)
{
	return port && port + n <= 0x10000;
}

static int check_pm(const struct acpi_pm *pm, const char **reason)
{
	if (!port_is_good(pm->event_port, 4) || !port_is_good(pm->control_port, 2) ||
	    (pm->timer_port && !port_is_good(pm->timer_port, 4)))
		return acpi_refuse(reason, -EINVAL, "a PM port is missing or out of range");
	if (pm->s5_type > LAST_SLP_TYP)
		return acpi_refuse(reason, -EINVAL, "the S5 sleep type is above 7");
	if (!pm->sci_irq)
		return acpi_refuse(reason, -EINVAL, "the SCI cannot be interrupt 0");
	return 0;
}

static int check_isa(const struct acpi_platform *p, const char **reason)
{
	int err = acpi_check_count(p->serial, p->n_serial, ACPI_MAX_SERIAL);

	if (err)
		return acpi_refuse(reason, err, "there can be up to 4 serial ports");
	for (size_t i = 0; i < p->n_serial; i++) {
		if (!port_is_good(p->serial[i].port, 8))
			return acpi_refuse(reason, -EINVAL, "a serial port is out of range");
		if (p->serial[i].irq > LAST_ISA_IRQ)
			return acpi_refuse(reason, -EINVAL, "a serial port has no ISA IRQ");
	}
	if (p->rtc_century >= RTC_REGISTERS || (p->rtc_century && !p->rtc))
		return acpi_refuse(reason, -EINVAL, "the clock has no such century register");
	return 0;
}

static int check_placement(const struct acpi_platform *p, const char **reason)
{
	uint64_t end;

	if (p->rsdp_address < BIOS_AREA || p->rsdp_address > BIOS_AREA_END - ACPI_RSDP_LENGTH ||
	    p->rsdp_address % RSDP_ALIGN)
		return acpi_refuse(reason, -EINVAL,
				   "the RSDP must be in 0xe0000-0xfffff and 16-byte aligned");
	if (!p->tables_base || p->tables_base % ACPI_TABLES_ALIGN)
		return acpi_refuse(reason, -EINVAL, "the tables must be 64-byte aligned, not at 0");
	if (__builtin_add_overflow(p->tables_base, p->tables_size, &end) || end > FOUR_GIB)
		return acpi_refuse(reason, -EINVAL, "the tables must be below 4 GiB");
	if (!p->tables_size)
		return acpi_refuse(reason, -E2BIG, "the tables have no room");
	return 0;
}

int acpi_check_platform(const struct acpi_platform *p, const char **reason)
{
	int err = check_cpus(p, reason);

	if (!err)
		err = check_interrupts(p, reason);
	if (!err)
		err = acpi_check_segments(p, reason);
	if (!err)
		err = acpi_check_viommu(p, reason);
	if (!err)
		err = check_pm(&p->pm, reason);
	if (!err)
		err = check_isa(p, reason);
	if (!err)
		err = check_placement(p, reason);
	if (!err)
		err = acpi_check_overlaps(p, reason);
	return err;
}
