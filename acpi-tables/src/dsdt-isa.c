// SPDX-License-Identifier: MIT
/* Devices at fixed I/O ports, below the host bridge whose window holds their ports. */
#include <stdio.h>

#include "dsdt.h"
#include "resource.h"

#define RTC_PORT     0x70
#define RTC_N_PORTS  2
#define RTC_IRQ	     8
#define UART_N_PORTS 8

/* The PM ports belong to the system: no BAR may be put there. */
static void write_pm(struct aml *a, const struct acpi_pm *pm)
{
	aml_device(a, "PMIO");
	aml_name_eisaid(a, "_HID", "PNP0C02");
	aml_name_string(a, "_UID", "PM");
	aml_name_integer(a, "_STA", ACPI_STA_HIDDEN);
	aml_name_decl(a, "_CRS");
	aml_resource_template(a);
	aml_resource_io(a, pm->event_port, 4);
	aml_resource_io(a, pm->control_port, 2);
	if (pm->timer_port)
		aml_resource_io(a, pm->timer_port, 4);
	aml_end(a);
	aml_end(a);
}

static void write_rtc(struct aml *a)
{
	aml_device(a, "RTC");
	aml_name_eisaid(a, "_HID", "PNP0B00");
	aml_name_integer(a, "_STA", ACPI_STA_PRESENT);
	aml_name_decl(a, "_CRS");
	aml_resource_template(a);
	aml_resource_io(a, RTC_PORT, RTC_N_PORTS);
	aml_resource_irq(a, RTC_IRQ);
	aml_end(a);
	aml_end(a);
}

static void write_serial(struct aml *a, unsigned int number, const struct acpi_serial *serial)
{
	char name[5];

	snprintf(name, sizeof(name), "COM%u", number % 10);
	aml_device(a, name);
	aml_name_eisaid(a, "_HID", "PNP0501");
	aml_name_integer(a, "_UID", number);
	aml_name_integer(a, "_STA", ACPI_STA_PRESENT);
	aml_name_decl(a, "_CRS");
	aml_resource_template(a);
	aml_resource_io(a, serial->port, UART_N_PORTS);
	aml_resource_irq(a, serial->irq);
	aml_end(a);
	aml_end(a);
}

void acpi_dsdt_isa_devices(struct aml *a, const struct acpi_platform *p)
{
	write_pm(a, &p->pm);
	if (p->rtc)
		write_rtc(a);
	for (size_t i = 0; i < p->n_serial; i++)
		write_serial(a, (unsigned int)i + 1, &p->serial[i]);
}
