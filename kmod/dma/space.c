// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a space.
 *
 * Its file and each attached device hold a reference to a space, so no device reaches its memory when the
 * last one is put. The space then ends all mappings, with one flush, before it unpins the pages.
 *
 * Takes uldf_space.lock: devices whose registers a space maps find the space until its memory is gone (dma/peer.c).
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "device/device.h"
#include "dma/memory.h"
#include "dma/space.h"

static struct workqueue_struct *ends;
static const struct file_operations *space_file_ops;

static void space_free(struct uldf_space *space)
{
	space->ops->clear(space);
	uldf_memory_clear(space);
	space->ops->end(space);
	xa_destroy(&space->memories);
	mutex_destroy(&space->lock);
	kvfree(space->pieces);
	atomic_dec(&space->maker->spaces);
	put_device(&space->maker->dev);
	kfree(space);
}

static void space_end(struct kref *refs)
{
	space_free(container_of(refs, struct uldf_space, refs));
}

static void space_end_work(struct work_struct *work)
{
	space_free(container_of(work, struct uldf_space, end));
}

static void space_end_later(struct kref *refs)
{
	struct uldf_space *space = container_of(refs, struct uldf_space, refs);

	INIT_WORK(&space->end, space_end_work);
	queue_work(ends, &space->end);
}

void uldf_space_get(struct uldf_space *space)
{
	kref_get(&space->refs);
}

/* Drops a reference, and with the last one ends the space. NULL is ignored. The caller holds no lock. */
void uldf_space_put(struct uldf_space *space)
{
	if (space)
		kref_put(&space->refs, space_end);
}

/* Lets a worker end the space: for remove(), which does not wait for gigabytes to be unpinned. */
void uldf_space_put_later(struct uldf_space *space)
{
	if (space)
		kref_put(&space->refs, space_end_later);
}

/**
 * uldf_space_create - make a space of one kind
 * @ops: the operations of the kind
 * @maker: the device that the space is made with, its lock held
 * @out: the space, with its first reference
 *
 * A domain outlives its attachments, and an IOMMU has few domains, so a device has at most ULDF_SPACES spaces
 * during its claim, whoever holds them.
 *
 * Return: 0; -ENOSPC; -ENOMEM
 */
int uldf_space_create(const struct uldf_space_ops *ops, struct uldf_device *maker,
		      struct uldf_space **out)
{
	struct uldf_space *space = kzalloc(sizeof(*space), GFP_KERNEL_ACCOUNT);

	if (!space)
		return -ENOMEM;
	if (!atomic_add_unless(&maker->spaces, 1, ULDF_SPACES)) {
		kfree(space);
		return -ENOSPC;
	}
	get_device(&maker->dev);
	space->maker = maker;
	kref_init(&space->refs);
	space->ops = ops;
	space->mask = U64_MAX;
	mutex_init(&space->lock);
	space->extents = RB_ROOT;
	INIT_LIST_HEAD(&space->slots);
	xa_init_flags(&space->memories, XA_FLAGS_ALLOC1);
	*out = space;
	return 0;
}

/* Returns the space of a file, without another reference, or NULL for another kind of file. */
struct uldf_space *uldf_space_of(struct file *file)
{
	return file->f_op == space_file_ops ? file->private_data : NULL;
}

int uldf_spaces_init(const struct file_operations *file_ops)
{
	space_file_ops = file_ops;
	ends = alloc_workqueue("uldf_spaces", WQ_UNBOUND, 0);
	return ends ? 0 : -ENOMEM;
}

/* Waits for the workers that end spaces; no device and no file is left. */
void uldf_spaces_fini(void)
{
	destroy_workqueue(ends);
}
