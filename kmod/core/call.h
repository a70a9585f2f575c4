/* SPDX-License-Identifier: GPL-2.0-only */
/* ioctls: how their structures come from user space and go back, by one rule. */
#ifndef ULDF_CALL_H
#define ULDF_CALL_H

#include <linux/types.h>

#define ULDF_CALL_ARGS_MAX \
	192 /* bytes of the largest structure, and of what a call keeps with it */

/**
 * struct uldf_call - one ioctl of a kind of file
 * @command: its number; 0 ends a table
 * @size: size of its structure as first published
 * @known: size of it as known now; 0 where it has not grown
 * @always: write the structure back on failure also
 * @run: does it; takes the locks it needs. Sets no field on failure, but with @always
 * @undo: takes back what @run did when writing the result back failed; may be NULL
 * @finish: does what cannot be taken back, when the result was written; may be NULL
 *
 * @arg has room for %ULDF_CALL_ARGS_MAX bytes: behind its structure a call may keep what @undo and
 * @finish need.
 */
struct uldf_call {
	unsigned int command;
	u32 size;
	u32 known;
	bool always;
	int (*run)(void *object, void *arg);
	void (*undo)(void *object, void *arg);
	void (*finish)(void *object, void *arg);
};

int uldf_args_read(void *args, const void __user *from, u32 size, u32 known);
int uldf_argsz_check(const void __user *from, u32 argsz, u32 size, u32 known);
long uldf_call_run(const struct uldf_call *const *tables, void *object, unsigned int command,
		   unsigned long arg);

#endif
