/* SPDX-License-Identifier: MIT */
/* A card made of memory, of which tests see and set everything; and an opened driver over it. */
#ifndef TESTS_UNIT_DRIVERS_E1000E_FAKE_H
#define TESTS_UNIT_DRIVERS_E1000E_FAKE_H

#include <linux/pci_regs.h>
#include "e1000e-card.h"

struct card {
	uint32_t registers[0x6000 / 4];
	uint32_t id;
	uint32_t command;
	bool hangs; /* its reset does not end */
	int writes; /* how many succeed before it is gone; -1 for all */
	unsigned int pinned;
	unsigned int mapped;
	unsigned int irqs;
	int fd;
};

extern struct card card;

struct fixture {
	struct uldf_ctx *ctx;
	struct uldf_device *device;
	struct uldf_space *space;
	struct uldf_e1000e *nic;
};

/* Opens the device only. */
void fixture_init(struct fixture *f);

/* Opens the driver, too. */
void fixture_open(struct fixture *f, const struct uldf_e1000e_options *options);

/* Closes the device. After a close, or an open that failed, nothing of the driver may be left. */
void fixture_fini(struct fixture *f);

/* The 64-bit address in two registers, of which @low is the first. */
uint64_t card_pair(unsigned int low);

#endif
