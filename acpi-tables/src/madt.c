// SPDX-License-Identifier: MIT
/* Multiple APIC Description Table (ACPI 6.3 §5.2.12). */
#include "table.h"

#define REVISION    5
#define PCAT_COMPAT (1u << 0) /* the machine has two 8259s as well */

enum {
	TYPE_LOCAL_APIC = 0,
	TYPE_IO_APIC = 1,
	TYPE_OVERRIDE = 2,
	TYPE_LOCAL_APIC_NMI = 4,
};

#define LOCAL_APIC_ENABLED (1u << 0)
#define ALL_PROCESSORS	   0xff
#define NMI_LINT	   1

static void write_local_apic(struct acpi_buffer *b, uint8_t uid, uint8_t apic_id)
{
	acpi_buffer_u8(b, TYPE_LOCAL_APIC);
	acpi_buffer_u8(b, 8);
	acpi_buffer_u8(b, uid);
	acpi_buffer_u8(b, apic_id);
	acpi_buffer_u32(b, LOCAL_APIC_ENABLED);
}

static void write_io_apic(struct acpi_buffer *b, const struct acpi_ioapic *ioapic)
{
	acpi_buffer_u8(b, TYPE_IO_APIC);
	acpi_buffer_u8(b, 12);
	acpi_buffer_u8(b, ioapic->id);
	acpi_buffer_u8(b, 0);
	acpi_buffer_u32(b, ioapic->base);
	acpi_buffer_u32(b, ioapic->gsi_base);
}

static void write_override(struct acpi_buffer *b, const struct acpi_override *o)
{
	acpi_buffer_u8(b, TYPE_OVERRIDE);
	acpi_buffer_u8(b, 10);
	acpi_buffer_u8(b, 0); /* ISA */
	acpi_buffer_u8(b, o->irq);
	acpi_buffer_u32(b, o->gsi);
	acpi_buffer_u16(b, (uint16_t)(o->polarity | o->trigger << 2));
}

static void write_nmi(struct acpi_buffer *b)
{
	acpi_buffer_u8(b, TYPE_LOCAL_APIC_NMI);
	acpi_buffer_u8(b, 6);
	acpi_buffer_u8(b, ALL_PROCESSORS);
	acpi_buffer_u16(b, 0); /* polarity and trigger mode as the bus has them */
	acpi_buffer_u8(b, NMI_LINT);
}

void acpi_madt_write(struct acpi_blob *blob, const struct acpi_platform *p)
{
	struct acpi_buffer *b = &blob->bytes;

	acpi_table_start_header(blob, "APIC", REVISION);
	acpi_buffer_u32(b, p->lapic_base);
	acpi_buffer_u32(b, PCAT_COMPAT);
	for (size_t i = 0; i < p->n_cpus; i++)
		write_local_apic(b, (uint8_t)i, (uint8_t)p->cpus[i].apic_id);
	write_io_apic(b, &p->ioapic);
	for (size_t i = 0; i < p->n_overrides; i++)
		write_override(b, &p->overrides[i]);
	write_nmi(b);
	acpi_table_end_header(blob);
}
