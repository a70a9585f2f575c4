/* SPDX-License-Identifier: MIT */
/*
 * A hostile guest: a program that has a guest's processors write random and half-valid values to whatever belongs to
 * the virtual bus. It runs as root on a kernel that lets it: ports by iopl(), memory by /dev/mem ("iomem=relaxed").
 * A half-valid value is one that a driver could write: it gets past the first checks.
 */
#ifndef LAB_HOSTILE_H
#define LAB_HOSTILE_H

#include <stdbool.h>
#include <stdint.h>

#define RAM	  0x8000000ull /* "memmap=16M$0x8000000" keeps the kernel off it */
#define RAM_SIZE  0x1000000u
#define ECAM	  0xb0000000ull
#define MEM32	  0xc0000000ull
#define WINDOW	  0x2000000u /* bytes of each window that the program maps */
#define FUNCTIONS 16

/* State of a sequence of random numbers; each processor has its own. */
struct chance {
	uint64_t state;
};

struct function {
	uint8_t devfn;
	uint32_t id;	    /* device << 16 | vendor */
	uint32_t header[6]; /* BARs, as firmware left them */
	uint64_t bar[6];    /* addresses or ports, 0 for none */
	bool ports[6];
	uint16_t command;
	uint8_t msi, msix, express; /* capabilities, 0 for none */
	uint64_t table;		    /* address of the MSI-X table */
};

struct machine {
	struct function functions[FUNCTIONS];
	unsigned int count;
	uint8_t *ram;
	uint8_t *ecam;
	uint8_t *mem32;
	uint8_t *mem64; /* NULL for none */
	uint64_t mem64_base;
};

uint64_t draw(struct chance *chance);
uint64_t draw_below(struct chance *chance, uint64_t limit);
bool one_in(struct chance *chance, unsigned int times);

/*
 * Any value, more often one on some border, an address in RAM or in a window. No half of it is an address of the
 * window of interrupts: there, QEMU's IOMMU lets a device send the host any interrupt in the compatibility format,
 * which a real one blocks while GSTS.CFIS is clear (VT-d specification 3.3, section 5.1.4).
 */
uint64_t draw_value(struct chance *chance, const struct machine *machine);
uint64_t draw_ram(struct chance *chance); /* an address in RAM, of 16 bytes */
const struct function *draw_function(struct chance *chance, const struct machine *machine);

/* Maps memory, and finds the functions. Exits when that fails. */
void machine_init(struct machine *machine);
/* The function of these ids; NULL for none. */
const struct function *machine_find(const struct machine *machine, uint32_t id);
/* Gives a function back its BARs and switches all decoding on, so that others find its registers. */
void machine_restore(const struct function *function);

uint32_t config_read(unsigned int devfn, unsigned int offset, unsigned int width);
void config_write(unsigned int devfn, unsigned int offset, unsigned int width, uint32_t value);
uint32_t port_read(uint16_t port, unsigned int width);
void port_write(uint16_t port, unsigned int width, uint32_t value);
/* Nothing happens at addresses that are not mapped. */
uint64_t memory_read(const struct machine *machine, uint64_t address, unsigned int width);
void memory_write(const struct machine *machine, uint64_t address, unsigned int width,
		  uint64_t value);

/* One step each. */
void attack_config(struct chance *chance, const struct machine *machine);
void attack_memory(struct chance *chance, const struct machine *machine);
void attack_ports(struct chance *chance, const struct machine *machine);
void attack_vectors(struct chance *chance, const struct machine *machine);
void attack_dma(struct chance *chance, const struct machine *machine);
void attack_viommu(struct chance *chance, const struct machine *machine);

#endif
