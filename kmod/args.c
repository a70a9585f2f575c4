// SPDX-License-Identifier: GPL-2.0-only
/* The structures of ioctls: taken from and given back to user space by one rule. */
#include <linux/uaccess.h>

#include "uldf.h"

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
	/* may have changed since it was judged */
	*(u32 *)args = argsz;
	return 0;
}

/**
 * uldf_call - run one ioctl
 * @calls: what the file answers
 * @count: how many there are
 * @object: first argument of the call
 * @command: the ioctl's number
 * @arg: user pointer to its structure
 *
 * Return: 0; -ENOTTY unknown command; -EFAULT, -EINVAL bad structure; what the call returned
 */
long uldf_call(const struct uldf_call *calls, size_t count, void *object, unsigned int command,
	       unsigned long arg)
{
	const struct uldf_call *call = NULL;
	void __user *user = (void __user *)arg;
	union uldf_args args;
	size_t i;
	int ret;

	for (i = 0; i < count && !call; i++)
		if (calls[i].command == command)
			call = &calls[i];
	if (!call)
		return -ENOTTY;

	ret = uldf_args_read(&args, user, call->size, call_known(call));
	if (ret)
		return ret;
	ret = call->run(object, &args);
	if (ret && !call->always)
		return ret;
	if (copy_to_user(user, &args, min(args.argsz, call_known(call)))) {
		if (!ret && call->undo)
			call->undo(object, &args);
		return ret ?: -EFAULT;
	}
	if (!ret && call->finish)
		call->finish(object, &args);
	return ret;
}
