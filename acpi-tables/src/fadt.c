// SPDX-License-Identifier: MIT
/* Fixed ACPI Description Table (ACPI 6.3 §5.2.9), of a machine that is not hardware-reduced. */
#include "table.h"

#define REVISION       6
#define MINOR_REVISION 3

/* IA-PC boot architecture flags, §5.2.9.3 */
#define BOOT_LEGACY_DEVICES (1u << 0)
#define BOOT_NO_VGA	    (1u << 2)
#define BOOT_NO_CMOS_RTC    (1u << 5)

/* Fixed feature flags, table 5-35 */
#define FLAG_WBINVD	     (1u << 0)
#define FLAG_PROC_C1	     (1u << 2)
#define FLAG_NO_POWER_BUTTON (1u << 4) /* none in the PM1 registers */
#define FLAG_NO_SLEEP_BUTTON (1u << 5)
#define FLAG_NO_RTC_WAKE     (1u << 6)
#define FLAG_TIMER_32BIT     (1u << 8)
#define FLAG_RESET_REGISTER  (1u << 10)

/* Latencies from these values on say that the state does not exist. */
#define NO_C2 101
#define NO_C3 1001

#define EVENT_LENGTH   4
#define CONTROL_LENGTH 2
#define TIMER_LENGTH   4

/* Generic address structure, §5.2.3.2: I/O space, byte = 1, word = 2, double word = 3 */
enum access_size {
	ACCESS_BYTE = 1,
	ACCESS_WORD = 2,
	ACCESS_DWORD = 3,
};

static void port_address(struct acpi_buffer *b, uint16_t port, uint8_t bits, enum access_size size)
{
	if (!port) {
		acpi_buffer_zeros(b, 12);
		return;
	}
	acpi_buffer_u8(b, 1); /* system I/O */
	acpi_buffer_u8(b, bits);
	acpi_buffer_u8(b, 0); /* bit offset */
	acpi_buffer_u8(b, (uint8_t)size);
	acpi_buffer_u64(b, port);
}

static uint16_t boot_flags(const struct acpi_platform *p)
{
	return (uint16_t)((p->n_serial ? BOOT_LEGACY_DEVICES : 0) | (p->vga ? 0 : BOOT_NO_VGA) |
			  (p->rtc ? 0 : BOOT_NO_CMOS_RTC));
}

static uint32_t feature_flags(const struct acpi_pm *pm)
{
	return FLAG_WBINVD | FLAG_PROC_C1 | (pm->power_button ? 0 : FLAG_NO_POWER_BUTTON) |
	       FLAG_NO_SLEEP_BUTTON | FLAG_NO_RTC_WAKE |
	       (pm->timer_port && pm->timer_is_32bit ? FLAG_TIMER_32BIT : 0) |
	       (pm->reset_port ? FLAG_RESET_REGISTER : 0);
}

/* Offsets 36-111: what ACPI 1.0 had. Ports here and in the extended part are the same ones. */
static void write_legacy_part(struct acpi_blob *blob, const struct acpi_platform *p)
{
	const struct acpi_pm *pm = &p->pm;
	struct acpi_buffer *b = &blob->bytes;

	acpi_buffer_u32(b, 0); /* FACS: the 64-bit field below */
	acpi_buffer_u32(b, (uint32_t)acpi_table_address(blob, "DSDT"));
	acpi_buffer_u8(b, 0);
	acpi_buffer_u8(b, 0); /* power profile: unspecified */
	acpi_buffer_u16(b, pm->sci_irq);
	acpi_buffer_u32(b, 0);	 /* SMI command port: none, always in ACPI mode */
	acpi_buffer_zeros(b, 4); /* the values to write to it */
	acpi_buffer_u32(b, pm->event_port);
	acpi_buffer_u32(b, 0); /* PM1b event */
	acpi_buffer_u32(b, pm->control_port);
	acpi_buffer_u32(b, 0); /* PM1b control */
	acpi_buffer_u32(b, 0); /* PM2 control */
	acpi_buffer_u32(b, pm->timer_port);
	acpi_buffer_zeros(b, 8); /* general-purpose events 0 and 1 */
	acpi_buffer_u8(b, EVENT_LENGTH);
	acpi_buffer_u8(b, CONTROL_LENGTH);
	acpi_buffer_u8(b, 0); /* PM2 */
	acpi_buffer_u8(b, pm->timer_port ? TIMER_LENGTH : 0);
	acpi_buffer_zeros(b, 3); /* GPE lengths and base */
	acpi_buffer_u8(b, 0);	 /* C-state control */
	acpi_buffer_u16(b, NO_C2);
	acpi_buffer_u16(b, NO_C3);
	acpi_buffer_zeros(b, 4); /* flush size and stride: WBINVD works */
	acpi_buffer_zeros(b, 2); /* duty cycle */
	acpi_buffer_zeros(b, 2); /* RTC day and month alarm */
	acpi_buffer_u8(b, p->rtc_century);
	acpi_buffer_u16(b, boot_flags(p));
	acpi_buffer_u8(b, 0);
}

/* Offsets 112-275 */
static void write_extended_part(struct acpi_blob *blob, const struct acpi_platform *p)
{
	const struct acpi_pm *pm = &p->pm;
	struct acpi_buffer *b = &blob->bytes;

	acpi_buffer_u32(b, feature_flags(pm));
	port_address(b, pm->reset_port, 8, ACCESS_BYTE);
	acpi_buffer_u8(b, pm->reset_port ? pm->reset_value : 0);
	acpi_buffer_u16(b, 0); /* ARM boot architecture */
	acpi_buffer_u8(b, MINOR_REVISION);
	acpi_buffer_u64(b, acpi_table_address(blob, "FACS"));
	acpi_buffer_u64(b, acpi_table_address(blob, "DSDT"));
	port_address(b, pm->event_port, 8 * EVENT_LENGTH, ACCESS_WORD);
	port_address(b, 0, 0, 0);
	port_address(b, pm->control_port, 8 * CONTROL_LENGTH, ACCESS_WORD);
	port_address(b, 0, 0, 0);
	port_address(b, 0, 0, 0);
	port_address(b, pm->timer_port, 8 * TIMER_LENGTH, ACCESS_DWORD);
	acpi_buffer_zeros(b, 4 * 12); /* GPE 0 and 1, sleep control and status */
	acpi_buffer_u64(b, 0);	      /* hypervisor vendor */
}

void acpi_fadt_write(struct acpi_blob *blob, const struct acpi_platform *p)
{
	acpi_table_start_header(blob, "FACP", REVISION);
	write_legacy_part(blob, p);
	write_extended_part(blob, p);
	acpi_table_end_header(blob);
}
