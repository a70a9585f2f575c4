/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sysfs tells of a device beside who holds it: its resets, regions, vectors, place and power state. */
#ifndef TOOLS_ULDFCTL_FACTS_H
#define TOOLS_ULDFCTL_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <uldf/discover.h>
#include "capability.h"

#define FACTS_BARS 6

/*
 * A window of the device.
 * @size: bytes; 0 for none
 * @address: bus address or port number
 * @ports: it consists of I/O ports, else of memory
 * @prefetchable: memory that can be read ahead
 * @wide: a 64-bit BAR
 * @fixed: at a legacy address that no BAR can move
 */
struct facts_region {
	uint64_t size;
	uint64_t address;
	bool ports;
	bool prefetchable;
	bool wide;
	bool fixed;
};

/*
 * @resets: names of the methods that the kernel has for it, in the order in which it tries them: "flr pm bus"; empty
 *          for none
 * @override: the only driver that may take it, by its driver_override; empty for any
 * @power: its power state, "D0" to "D3cold"; empty where the kernel does not tell
 * @numa: NUMA node; -1 where the firmware does not tell
 * @bars: its base address registers
 * @rom: its expansion ROM
 * @config: bytes of its configuration space; 0 where they are not told
 * @vectors: its interrupts
 * @functions: virtual functions (SR-IOV) that it has now
 * @functions_most: virtual functions that it can have; 0 without SR-IOV
 * @physical: address of the physical function that it is a virtual function of; empty for none
 */
struct facts {
	char resets[128];
	char override[64];
	char power[16];
	int numa;
	struct facts_region bars[FACTS_BARS];
	struct facts_region rom;
	unsigned int config;
	struct vectors vectors;
	unsigned int functions;
	unsigned int functions_most;
	char physical[ULDF_ADDRESS_TEXT];
};

/* Reads the facts of a device below @sysfs, as "/sys". What cannot be read is left out. */
void facts_read(const char *sysfs, const struct uldf_address *address, struct facts *out);

#endif
