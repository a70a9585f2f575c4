// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a space.
 *
 * A space has a reference from its file and one from each attached device, so at its end no device can
 * reach it any more: mappings go first, with one flush, then the pages are unpinned.
 *
 * Takes no lock.
 */
#include <linux/fs.h>
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

/* NULL is ignored. The caller holds no lock. */
void uldf_space_put(struct uldf_space *space)
{
	if (space)
		kref_put(&space->refs, space_end);
}

/* Leaves the end of the space to a worker: for remove(), which does not wait for gigabytes to be unpinned. */
void uldf_space_put_later(struct uldf_space *space)
{
	if (space)
		kref_put(&space->refs, space_end_later);
}

/**
 * uldf_space_create - make a space of one kind
 * @ops: the kind
 * @maker: the device that it is made with, its lock held
 * @out: the space, with its first reference
 *
 * Domains outlive attachments, and an IOMMU has few: so a device has no more than ULDF_SPACES spaces, from its
 * claim on, whoever holds them.
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

/* The space whose file this is, without a reference of its own; NULL: it is another kind of file. */
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

/* Waits for the spaces that are ending; no device is left, and no file. */
void uldf_spaces_fini(void)
{
	destroy_workqueue(ends);
}
