/* SPDX-License-Identifier: MIT */
#ifndef UNIT_GUEST_ATOMIC_H
#define UNIT_GUEST_ATOMIC_H

typedef struct {
	int value;
} atomic_t;

#define atomic_set(at, to)    ((at)->value = (to))
#define atomic_inc_return(at) __atomic_add_fetch(&(at)->value, 1, __ATOMIC_SEQ_CST)
#define atomic_dec(at)	      __atomic_sub_fetch(&(at)->value, 1, __ATOMIC_SEQ_CST)

#endif
