// SPDX-License-Identifier: GPL-2.0-only
/*
 * Segments: tells the bus addresses of registered memory in a bare space, and holds the memory until the
 * caller says that the device is done with it.
 *
 * Takes uldf_device.lock of the space's device, then uldf_space.lock.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "dma/bare_device.h"
#include "dma/memory.h"
#include "dma/segment.h"

static int segments_check(struct uldf_space *space, const struct uldf_ioc_segments *arg,
			  struct uldf_memory **out)
{
	struct uldf_memory *memory = xa_load(&space->memories, arg->memory);
	u64 end;

	if (!memory)
		return -ENOENT;
	if (check_add_overflow(arg->offset, arg->size, &end) || end > (u64)memory->count
										<< PAGE_SHIFT)
		return -ERANGE;
	if (memory->readonly && arg->flags & ULDF_MAP_WRITE)
		return -EPERM;
	*out = memory;
	return 0;
}

/* Writes up to @room segments to @list; sets @count to how many there are. */
static int segments_find(struct uldf_memory *memory, u64 offset, u64 size,
			 struct uldf_ioc_segment *list, u32 room, u32 *count)
{
	struct uldf_run *run = uldf_memory_run(memory, offset >> PAGE_SHIFT);
	u64 skip = offset - ((u64)run->first << PAGE_SHIFT), next = ULDF_UNREACHABLE, length;
	u32 found = 0;

	for (; size; size -= length, run++, skip = 0) {
		length = min(size, uldf_run_size(run) - skip);
		if (run->address == ULDF_UNREACHABLE)
			return -ERANGE;
		if (found && run->address + skip == next) {
			if (found <= room)
				list[found - 1].length += length;
		} else if (found++ < room) {
			list[found - 1].address = run->address + skip;
			list[found - 1].length = length;
		}
		next = run->address + skip + length;
	}
	*count = found;
	return 0;
}

static int memory_let_go(struct uldf_space *space, u32 id)
{
	struct uldf_memory *memory;
	int ret = -ENOENT;

	mutex_lock(&space->lock);
	memory = xa_load(&space->memories, id);
	if (memory && memory->mappings) {
		memory->mappings--;
		ret = 0;
	}
	mutex_unlock(&space->lock);
	return ret;
}

static int segments(void *object, void *args)
{
	struct uldf_ioc_segments *arg = args;
	struct uldf_ioc_segment *list = NULL;
	struct uldf_space *space = object;
	struct uldf_memory *memory;
	u32 room = arg->count;
	int ret;

	arg->count = 0;
	if (arg->flags & ~(ULDF_MAP_READ | ULDF_MAP_WRITE) || !arg->flags || !arg->size)
		return -EINVAL;
	if (!space->bare)
		return -EOPNOTSUPP;
	if (room > ULDF_SEGMENTS)
		return -E2BIG;
	if (room) {
		list = kvmalloc_array(room, sizeof(*list), GFP_KERNEL_ACCOUNT);
		if (!list)
			return -ENOMEM;
	}
	ret = uldf_device_enter(space->bare->udev);
	if (ret)
		goto out;
	mutex_lock(&space->lock);
	ret = segments_check(space, arg, &memory);
	if (!ret)
		ret = segments_find(memory, arg->offset, arg->size, list, room, &arg->count);
	if (!ret && arg->count > room)
		ret = -ENOSPC;
	if (!ret)
		memory->mappings++;
	mutex_unlock(&space->lock);
	uldf_device_leave(space->bare->udev);
	if (!ret && copy_to_user(u64_to_user_ptr(arg->list), list, arg->count * sizeof(*list))) {
		memory_let_go(space, arg->memory);
		ret = -EFAULT;
	}
out:
	kvfree(list);
	return ret;
}

static void segments_undo(void *object, void *args)
{
	struct uldf_ioc_segments *arg = args;

	memory_let_go(object, arg->memory);
}

static int segments_end(void *object, void *args)
{
	struct uldf_ioc_segments *arg = args;
	struct uldf_space *space = object;

	if (arg->flags || arg->offset || arg->size || arg->count || arg->list)
		return -EINVAL;
	return space->bare ? memory_let_go(space, arg->memory) : -EOPNOTSUPP;
}

const struct uldf_call uldf_segment_calls[] = {
	{ULDF_SPACE_SEGMENTS, sizeof(struct uldf_ioc_segments), .always = true, .run = segments,
	 .undo = segments_undo},
	{ULDF_SPACE_SEGMENTS_END, sizeof(struct uldf_ioc_segments), .run = segments_end},
	{},
};
