// SPDX-License-Identifier: GPL-2.0-only
/* The structures of ioctls: taken from and given back to user space by one rule. */
#include <linux/uaccess.h>

#include "uldf.h"

static u32 call_known(const struct uldf_call *call)
{
	return call->known ?: call->size;
}

/* Copies in what is known of the structure at most; what the caller has beyond must be zero. */
static int args_read(const struct uldf_call *call, union uldf_args *args, void __user *from)
{
	u32 known = call_known(call), size, argsz;
	int ret;

	if (get_user(argsz, (u32 __user *)from))
		return -EFAULT;
	if (argsz < call->size || argsz > PAGE_SIZE)
		return -EINVAL;
	size = min(argsz, known);
	if (argsz > known) {
		ret = check_zeroed_user(from + known, argsz - known);
		if (ret <= 0)
			return ret ?: -EINVAL;
	}
	if (copy_from_user(args, from, size))
		return -EFAULT;
	memset((void *)args + size, 0, known - size);
	/* may have changed since it was judged */
	args->argsz = argsz;
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

	ret = args_read(call, &args, user);
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
