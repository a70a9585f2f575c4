/* SPDX-License-Identifier: MIT */
#ifndef UNIT_GUEST_MM_H
#define UNIT_GUEST_MM_H

#include <errno.h>
#include <linux/types.h>

#define PAGE_SHIFT	  12
#define PAGE_SIZE	  (1UL << PAGE_SHIFT)
#define BIT(number)	  (1UL << (number))
#define BIT_ULL(number)	  (1ULL << (number))
#define READ_ONCE(x)	  __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, to) __atomic_store_n(&(x), to, __ATOMIC_RELAXED)
#define GFP_KERNEL	  0

static inline u64 cmpxchg64(u64 *at, u64 old, u64 new)
{
	__atomic_compare_exchange_n(at, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return old;
}

/* Of the test: may fail. */
unsigned long get_zeroed_page(gfp_t gfp);
void free_page(unsigned long page);

#endif
