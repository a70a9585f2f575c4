// SPDX-License-Identifier: GPL-2.0-only
/*
 * ULDF_MEMORY_SHARE: gives memory of one space to another without pinning or charging it again.
 *
 * Takes uldf_space.lock of one space after the other, never of both.
 */
#include <linux/file.h>

#include "dma/memory.h"
#include "dma/share.h"
#include "dma/space.h"

static int share_call(void *object, void *args)
{
	struct uldf_ioc_memory_share *arg = args;
	struct uldf_space *space = object, *from;
	struct file *file;
	int ret = -EINVAL;

	if (arg->flags || arg->pad)
		return -EINVAL;
	file = fget(arg->space);
	if (!file)
		return -EBADF;
	from = uldf_space_of(file);
	/* a bare space's runs have the bus addresses of its own device */
	if (from)
		ret = from->bare || space->bare
			      ? -EOPNOTSUPP
			      : uldf_memory_share(from, arg->memory, space, &arg->id);
	fput(file);
	return ret;
}

static void share_undo(void *object, void *args)
{
	struct uldf_ioc_memory_share *arg = args;

	uldf_memory_unregister(object, arg->id);
}

const struct uldf_call uldf_share_calls[] = {
	{ULDF_MEMORY_SHARE, sizeof(struct uldf_ioc_memory_share), .run = share_call,
	 .undo = share_undo},
	{},
};
