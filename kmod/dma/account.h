/* SPDX-License-Identifier: GPL-2.0-only */
/* Which user has how much memory pinned. */
#ifndef ULDF_DMA_ACCOUNT_H
#define ULDF_DMA_ACCOUNT_H

#include <linux/types.h>

struct mm_struct;
struct uldf_payer;

/* The charge for one registration or buffer. Used by one thread at a time. */
struct uldf_charge {
	struct uldf_payer *payer; /* the user */
	struct mm_struct *mm;  /* of the process, for its statistics; the process may have exited */
	unsigned long limited; /* pages charged to RLIMIT_MEMLOCK; 0 with CAP_IPC_LOCK */
};

int uldf_charge_begin(struct uldf_charge *charge, unsigned long pages);
void uldf_charge_pinned(const struct uldf_charge *charge, long pages);
void uldf_charge_end(struct uldf_charge *charge);
u64 uldf_account_total(void);
ssize_t uldf_account_show(char *buf);

#endif
