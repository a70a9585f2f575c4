/* SPDX-License-Identifier: MIT */
/* What a bus needs when ThreadSanitizer watches: a VMM and a device, whose memory is plain so that unordered accesses show. */
#ifndef RACES_H
#define RACES_H

#include <vpci/assigned.h>
#include <vpci/bus.h>

#define RACES_ECAM     0xb0000000ull
#define RACES_PORTS    0x1000u
#define RACES_MEM32    0xc0000000ull
#define RACES_RAM      0x100000ull
#define RACES_RAM_SIZE 0x20000u
#define CARD_BAR       0x4000u

/* The device behind an assigned function; touched under its slot's lock only, but for @gone. */
struct card {
	uint8_t config[4096];
	uint8_t bar[CARD_BAR] __attribute__((aligned(4096)));
	int type;
	unsigned int accesses;
	bool gone; /* atomic: it vanishes at any time */
};

extern const struct vpci_host_ops races_host_ops;
extern uint8_t races_ram[RACES_RAM_SIZE];

/* A function with MSI-X and FLR that stands for the card. Aborts on failure. */
struct vpci_function *card_assign(struct card *card);

#endif
