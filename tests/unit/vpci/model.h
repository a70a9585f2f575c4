/* SPDX-License-Identifier: MIT */
/* A function of nothing but registers, which remembers what the bus did with it. */
#ifndef UNIT_VPCI_MODEL_H
#define UNIT_VPCI_MODEL_H

#include <semaphore.h>
#include "host.h"

#define MODEL_ACCESSES 16

struct model_access {
	bool write;
	unsigned int bar;
	uint64_t offset;
	unsigned int width;
	uint64_t value;
};

/* An op that takes until it is told to go on. */
enum model_slow {
	MODEL_QUICK,
	MODEL_SLOW_ATTACH,
	MODEL_SLOW_RESET,
	MODEL_SLOW_DETACH,
	MODEL_SLOW_DESTROY,
	MODEL_SLOW_BAR,
};

struct model {
	struct vpci_function function;
	struct model_access accesses[MODEL_ACCESSES]; /* of BARs */
	unsigned int access_count;
	unsigned int config_writes;
	unsigned int resets;
	unsigned int detaches;
	unsigned int checks;
	bool vanished;	 /* what the next check finds */
	bool *destroyed; /* where to say so */
	int attach_error;
	int reset_error;
	/* What the windows were like when the reset came. */
	unsigned int windows_at_reset;
	struct host *host;
	enum model_slow slow;
	sem_t *begun, *go; /* of it */
};

/* A model with INTA and a conventional or express sized configuration space. */
struct model *model_create(unsigned int size);

/* Gives it a BAR; -1ull as base of one that is not fixed. */
void model_bar(struct model *model, unsigned int index, enum vpci_bar_type type, uint64_t size,
	       uint64_t base);

/* Gives it a window over memory of its own. */
void model_window(struct model *model, unsigned int bar, uint64_t offset, uint64_t size,
		  void *address);

/* Puts it into a slot, which must succeed. */
void model_add(struct model *model, struct vpci_bus *bus, int devfn);

#define MODEL_NOT_FIXED UINT64_MAX

#endif
