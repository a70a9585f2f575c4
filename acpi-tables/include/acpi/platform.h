/* SPDX-License-Identifier: MIT */
/*
 * A virtual machine's hardware in, its ACPI tables out.
 *
 * The machine described is a full-hardware ACPI one (ACPI 6.3 §4.8: PM1 registers, dual 8259 and
 * IOAPIC), because a compatibility-mode IDE controller needs ISA IRQ 14 and 15, which Linux turns
 * off on hardware-reduced platforms. It is always in ACPI mode: there is no SMI command port, and
 * SCI_EN in the PM1 control register must always read as one.
 */
#ifndef ACPI_PLATFORM_H
#define ACPI_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ACPI_MAX_CPUS	   255 /* xAPIC ids 0..254; 255 is the broadcast id */
#define ACPI_MAX_SEGMENTS  16
#define ACPI_MAX_WINDOWS   16  /* of one kind in one segment */
#define ACPI_MAX_ROUTES	   128 /* 32 devices x 4 pins */
#define ACPI_MAX_OVERRIDES 16
#define ACPI_MAX_SERIAL	   4
#define ACPI_MAX_RANGES	   64 /* of endpoints behind an IOMMU */
#define ACPI_MAX_TABLES	   8
#define ACPI_RSDP_LENGTH   36
#define ACPI_TABLES_ALIGN  64 /* of the tables' region and of each table in it (FACS needs it) */

/**
 * struct acpi_cpu - one processor
 * @apic_id: local APIC id, 0..254, different for each processor
 *
 * Its ACPI _UID is its index in the platform's array; index 0 is the boot processor.
 */
struct acpi_cpu {
	uint32_t apic_id;
};

/**
 * struct acpi_ioapic - the I/O interrupt controller
 * @id: its APIC id
 * @base: guest-physical address of its registers, page-aligned
 * @gsi_base: global system interrupt of its pin 0
 */
struct acpi_ioapic {
	uint8_t id;
	uint32_t base;
	uint32_t gsi_base;
};

/**
 * enum acpi_polarity - active level of an interrupt line, as encoded in the MADT
 * @ACPI_POLARITY_BUS: as the ISA bus has it (active high)
 * @ACPI_POLARITY_HIGH: active high
 * @ACPI_POLARITY_LOW: active low
 */
enum acpi_polarity {
	ACPI_POLARITY_BUS = 0,
	ACPI_POLARITY_HIGH = 1,
	ACPI_POLARITY_LOW = 3,
};

/**
 * enum acpi_trigger - trigger mode of an interrupt line, as encoded in the MADT
 * @ACPI_TRIGGER_BUS: as the ISA bus has it (edge)
 * @ACPI_TRIGGER_EDGE: edge
 * @ACPI_TRIGGER_LEVEL: level
 */
enum acpi_trigger {
	ACPI_TRIGGER_BUS = 0,
	ACPI_TRIGGER_EDGE = 1,
	ACPI_TRIGGER_LEVEL = 3,
};

/**
 * struct acpi_override - an ISA interrupt that does not follow the default (IRQ n = GSI n, edge, high)
 * @irq: ISA interrupt, 0..15, named at most once in a platform
 * @gsi: global system interrupt it is wired to
 * @polarity: its active level
 * @trigger: its trigger mode
 *
 * Usual ones: IRQ 0 -> GSI 2; the SCI, IRQ 9 -> GSI 9 level, high.
 */
struct acpi_override {
	uint8_t irq;
	uint32_t gsi;
	enum acpi_polarity polarity;
	enum acpi_trigger trigger;
};

/**
 * struct acpi_window - a run of memory addresses or I/O ports
 * @base: first address or port
 * @size: number of bytes or ports, not zero
 */
struct acpi_window {
	uint64_t base;
	uint64_t size;
};

/**
 * struct acpi_pci_route - where one interrupt pin of a device on a root bus is wired to
 * @device: device number, 0..31; all its functions share the wiring
 * @pin: 0 = INTA .. 3 = INTD
 * @gsi: global system interrupt, level and active low
 */
struct acpi_pci_route {
	uint8_t device;
	uint8_t pin;
	uint32_t gsi;
};

/* What _OSC grants the guest beyond the PCIe capability structure (PCI Firmware 3.3 §4.5.1). */
#define ACPI_PCI_NATIVE_HOTPLUG (1u << 0)
#define ACPI_PCI_PME		(1u << 2)
#define ACPI_PCI_AER		(1u << 3)

/**
 * struct acpi_pci_segment - one PCI host bridge, all of a PCI segment group
 * @segment: segment group number, different for each; in ascending order, the first one is 0
 * @bus_first: number of the root bus
 * @bus_last: highest bus number below it
 * @ecam_base: guest-physical address of the configuration space of bus *0* (as in the MCFG), also
 *             if @bus_first is not 0; aligned to the power of two that holds (@bus_last + 1) MiB
 * @io: I/O port windows. The configuration ports 0xcf8-0xcff are cut out of them.
 * @n_io: number of @io
 * @mmio32: memory windows below 4 GiB
 * @n_mmio32: number of @mmio32
 * @mmio64: memory windows above 4 GiB
 * @n_mmio64: number of @mmio64
 * @routes: wiring of the interrupt pins on the root bus, each (device, pin) at most once
 * @n_routes: number of @routes
 * @osc_control: ACPI_PCI_* that the guest's drivers may take over
 */
struct acpi_pci_segment {
	uint16_t segment;
	uint8_t bus_first;
	uint8_t bus_last;
	uint64_t ecam_base;
	const struct acpi_window *io;
	size_t n_io;
	const struct acpi_window *mmio32;
	size_t n_mmio32;
	const struct acpi_window *mmio64;
	size_t n_mmio64;
	const struct acpi_pci_route *routes;
	size_t n_routes;
	uint32_t osc_control;
};

/**
 * struct acpi_endpoints - a run of PCI functions behind a virtio-iommu
 * @first: address of the first function, bus << 8 | device << 3 | function
 * @last: address of the last function
 *
 * The virtio-iommu knows each function by its address, as the number of an endpoint.
 */
struct acpi_endpoints {
	uint16_t first;
	uint16_t last;
};

/**
 * struct acpi_viommu - a virtio-iommu on a PCI bus
 * @segment: the segment group of the virtio-iommu and of the functions behind it
 * @address: its own address, bus << 8 | device << 3 | function; no harm if it lies in a range
 * @ranges: functions behind it, in any order; they do not overlap. Linux from 6.15 on gives the
 *	virtio-iommu up if it does not know one of them that is there, so the host bridge is left out
 * @n_ranges: number of @ranges, 1..ACPI_MAX_RANGES
 */
struct acpi_viommu {
	uint16_t segment;
	uint16_t address;
	const struct acpi_endpoints *ranges;
	size_t n_ranges;
};

/**
 * struct acpi_pm - power management ports (ACPI 6.3 §4.8.3)
 * @event_port: PM1a event block, 4 ports: status and enable, 16 bits each. Enable bits must read back
 *              as they were written: the guest checks that.
 * @control_port: PM1a control block, 2 ports
 * @timer_port: PM timer, 4 ports; 0 = none
 * @timer_is_32bit: the timer wraps after 32 bits, else after 24
 * @power_button: the fixed-hardware power button (PWRBTN bits in the PM1a event block) exists
 * @s5_type: SLP_TYP that powers off when written with SLP_EN, 0..7
 * @sci_irq: interrupt of the PM1 events, as an ISA IRQ or GSI
 * @reset_port: port that resets the machine; 0 = none
 * @reset_value: the byte that does it
 */
struct acpi_pm {
	uint16_t event_port;
	uint16_t control_port;
	uint16_t timer_port;
	bool timer_is_32bit;
	bool power_button;
	uint8_t s5_type;
	uint16_t sci_irq;
	uint16_t reset_port;
	uint8_t reset_value;
};

/**
 * struct acpi_serial - a 16550 serial port
 * @port: first of its 8 I/O ports
 * @irq: ISA IRQ, 0..15
 */
struct acpi_serial {
	uint16_t port;
	uint8_t irq;
};

/**
 * struct acpi_platform - the whole machine
 * @cpus: processors, the boot processor first
 * @n_cpus: number of @cpus, 1..ACPI_MAX_CPUS
 * @lapic_base: guest-physical address of the local APICs
 * @ioapic: the IOAPIC
 * @overrides: ISA interrupt overrides
 * @n_overrides: number of @overrides
 * @segments: PCI host bridges; ISA devices stand below the first
 * @n_segments: number of @segments, 1..ACPI_MAX_SEGMENTS
 * @viommu: the virtio-iommu; NULL = none, then there is no VIOT
 * @pm: power management hardware
 * @serial: serial ports, COM1 first
 * @n_serial: number of @serial
 * @rtc: the MC146818 clock at ports 0x70-0x71 with IRQ 8 exists
 * @rtc_century: index of its century byte, 0 = none
 * @vga: VGA hardware may be probed for; false tells the guest not to
 * @rsdp_address: where the RSDP goes: in 0xe0000-0xfffff, 16-byte aligned
 * @tables_base: where all else goes: guest-physical, below 4 GiB, aligned to ACPI_TABLES_ALIGN
 * @tables_size: room there, in bytes. 64 KiB is enough for 255 CPUs and one segment.
 *
 * There is no 8042 keyboard controller. Windows, ECAM, APICs and tables must not overlap each other.
 */
struct acpi_platform {
	const struct acpi_cpu *cpus;
	size_t n_cpus;
	uint32_t lapic_base;
	struct acpi_ioapic ioapic;
	const struct acpi_override *overrides;
	size_t n_overrides;
	const struct acpi_pci_segment *segments;
	size_t n_segments;
	const struct acpi_viommu *viommu;
	struct acpi_pm pm;
	const struct acpi_serial *serial;
	size_t n_serial;
	bool rtc;
	uint8_t rtc_century;
	bool vga;
	uint64_t rsdp_address;
	uint64_t tables_base;
	uint32_t tables_size;
};

/**
 * struct acpi_table - where one table lies in the blob
 * @signature: its four letters, terminated
 * @offset: from the start of the blob, in bytes
 * @length: in bytes, the header's included
 */
struct acpi_table {
	char signature[5];
	uint32_t offset;
	uint32_t length;
};

/**
 * struct acpi_tables - linked and checksummed tables, ready to be copied into guest memory
 * @rsdp_address: guest-physical address for @rsdp
 * @rsdp: the root pointer
 * @address: guest-physical address for @bytes
 * @bytes: all other tables; owned by this struct
 * @length: length of @bytes
 * @index: the tables in @bytes, in ascending order of offset
 * @n_tables: number of @index
 *
 * The guest must treat [@address, @address + @length) as reserved or ACPI memory (E820 type 2 or 3;
 * the FACS is written by the guest, and is not reclaimable: type 4 or 2 for it).
 */
struct acpi_tables {
	uint64_t rsdp_address;
	uint8_t rsdp[ACPI_RSDP_LENGTH];
	uint64_t address;
	uint8_t *bytes;
	size_t length;
	struct acpi_table index[ACPI_MAX_TABLES];
	size_t n_tables;
};

/**
 * acpi_tables_build() - make RSDP, XSDT, FADT, FACS, MADT, MCFG, VIOT and DSDT for a platform
 * @platform: the machine; only read, and not kept
 * @reason: if not NULL, set on failure (only) to a static text that says what is wrong
 * @out: the tables; untouched on failure. To be freed with acpi_tables_free().
 *
 * A pure function: the same platform gives the same bytes. It may be called from any thread.
 *
 * Return: 0; -EINVAL the platform contradicts itself or a limit of ACPI; -E2BIG more of something than
 * an ACPI_MAX_* allows, or the tables do not fit in @tables_size; -ENOMEM.
 */
int acpi_tables_build(const struct acpi_platform *platform, const char **reason,
		      struct acpi_tables *out);

/**
 * acpi_tables_free() - free what acpi_tables_build() allocated
 * @tables: the tables; NULL and zeroed ones are allowed. Empty afterwards.
 */
void acpi_tables_free(struct acpi_tables *tables);

#ifdef __cplusplus
}
#endif

#endif
