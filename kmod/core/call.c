// SPDX-License-Identifier: GPL-2.0-only
/* Copies the structures of ioctls from and to user space, by one rule for all. */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "core/call.h"

/**
 * uldf_argsz_check - judge the size that a caller says its structure has
 * @from: the structure
 * @argsz: its first member
 * @size: as first published
 * @known: as known now
 *
 * What the caller has beyond what is known must be zero.
 *
 * Return: 0; -EINVAL; -EFAULT
 */
int uldf_argsz_check(const void __user *from, u32 argsz, u32 size, u32 known)
{
	int ret;

	if (argsz < size || argsz > PAGE_SIZE)
		return -EINVAL;
	if (argsz <= known)
		return 0;
	ret = check_zeroed_user(from + known, argsz - known);
	return ret > 0 ? 0 : ret ?: -EINVAL;
}

static u32 call_known(const struct uldf_call *call)
{
	return call->known ?: call->size;
}

/**
 * uldf_args_read - take a structure from user space
 * @args: room for what is known of it, which is all that is copied
 * @from: the structure
 * @size: as first published
 * @known: as known now
 *
 * Return: 0; -EINVAL; -EFAULT
 */
int uldf_args_read(void *args, const void __user *from, u32 size, u32 known)
{
	u32 argsz;
	int ret;

	if (get_user(argsz, (u32 __user *)from))
		return -EFAULT;
	ret = uldf_argsz_check(from, argsz, size, known);
	if (ret)
		return ret;
	size = min(argsz, known);
	if (copy_from_user(args, from, size))
		return -EFAULT;
	memset(args + size, 0, known - size);
	/* user space may have changed it since the check */
	*(u32 *)args = argsz;
	return 0;
}

static const struct uldf_call *call_find(const struct uldf_call *const *tables,
					 unsigned int command)
{
	const struct uldf_call *call;

	for (; *tables; tables++)
		for (call = *tables; call->command; call++)
			if (call->command == command)
				return call;
	return NULL;
}

/**
 * uldf_call_run - run one ioctl
 * @tables: what the file answers: tables, NULL behind the last
 * @object: first argument of the call
 * @command: the ioctl's number
 * @arg: user pointer to its structure
 *
 * Return: 0; -ENOTTY unknown command; -EFAULT, -EINVAL bad structure; what the call returned
 */
long uldf_call_run(const struct uldf_call *const *tables, void *object, unsigned int command,
		   unsigned long arg)
{
	const struct uldf_call *call = command ? call_find(tables, command) : NULL;
	u64 args[ULDF_CALL_ARGS_MAX / sizeof(u64)];
	void __user *user = (void __user *)arg;
	u32 known;
	int ret;

	if (!call)
		return -ENOTTY;
	known = call_known(call);
	if (WARN_ON_ONCE(known > sizeof(args)))
		return -EINVAL;
	ret = uldf_args_read(args, user, call->size, known);
	if (ret)
		return ret;
	ret = call->run(object, args);
	if (ret && !call->always)
		return ret;
	/* argsz is the first member */
	if (copy_to_user(user, args, min(*(u32 *)args, known))) {
		if (!ret && call->undo)
			call->undo(object, args);
		return ret ?: -EFAULT;
	}
	if (!ret && call->finish)
		call->finish(object, args);
	return ret;
}
