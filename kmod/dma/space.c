// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spaces: their file, their domain, the devices attached to them.
 *
 * The domain is made for the first device attached and stays, with its mappings, until the space
 * dies. A space has a reference from its file and one from each attached device, so at its end no
 * device can reach it any more: mappings go first, with one flush, then the domain, then the pages
 * are unpinned.
 *
 * Takes uldf_device.lock, uldf_space.lock, then groups_lock (in group.c).
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "core/compat.h"
#include "device/command.h"
#include "dma/group.h"
#include "dma/space.h"

static struct workqueue_struct *ends;

static void space_free(struct uldf_space *space)
{
	uldf_mapping_clear(space);
	if (space->domain)
		iommu_domain_free(space->domain);
	uldf_bare_clear(space);
	uldf_memory_clear(space);
	uldf_bare_end(space);
	uldf_mapping_forget(space);
	xa_destroy(&space->memories);
	mutex_destroy(&space->lock);
	kfree(space->reserved);
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

/* NULL is ignored. May wait for the mmap_lock of those who registered memory. */
void uldf_space_put(struct uldf_space *space)
{
	if (space)
		kref_put(&space->refs, space_end);
}

/* Does not wait: for remove(), as a page fault of the holder may last as long as user space likes. */
void uldf_space_put_later(struct uldf_space *space)
{
	if (space)
		kref_put(&space->refs, space_end_later);
}

int uldf_spaces_init(void)
{
	ends = alloc_workqueue("uldf_spaces", WQ_UNBOUND, 0);
	return ends ? 0 : -ENOMEM;
}

/* Waits for the spaces that are ending; no device is left, and no file. */
void uldf_spaces_fini(void)
{
	destroy_workqueue(ends);
}

/* ---- attaching ------------------------------------------------------------------------------- */

static bool is_reserved(const struct uldf_space *space, u32 count,
			struct uldf_ioc_space_range range)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (space->reserved[i].first <= range.first &&
		    range.last <= space->reserved[i].last)
			return true;
	return false;
}

/* Is any of @first..@last mapped? */
static bool is_mapped(const struct uldf_space *space, u64 first, u64 last)
{
	struct uldf_extent *extent;

	while ((extent = uldf_extent_find(&space->extents, first, last))) {
		if (extent->memory)
			return true;
		if (extent->last >= last)
			break;
		first = extent->last + 1;
	}
	return false;
}

static void extents_free(struct uldf_extent *chain)
{
	struct uldf_extent *extent;

	while ((extent = chain)) {
		chain = extent->next;
		kfree(extent);
	}
}

/* Takes the addresses of a reserved range, which may overlap with others. */
static void extent_reserve(struct uldf_space *space, struct uldf_extent *extent)
{
	struct uldf_extent *other;

	extent->memory = NULL;
	while ((other = uldf_extent_find(&space->extents, extent->first, extent->last))) {
		extent->first = min(extent->first, other->first);
		extent->last = max(extent->last, other->last);
		uldf_extent_remove(&space->extents, other);
		kfree(other);
	}
	uldf_extent_insert(&space->extents, extent);
}

/*
 * Adds the addresses that the group's devices cannot use; none of them may be mapped already. Their
 * extents are chained in @chain, for extent_reserve() when the group is attached.
 */
static int reserve(struct uldf_space *space, struct iommu_group *group, struct uldf_extent **chain)
{
	struct iommu_resv_region *region, *next;
	struct uldf_ioc_space_range *ranges, range;
	u32 count = space->reserved_count, room = count;
	struct uldf_extent *extent;
	LIST_HEAD(regions);
	int ret;

	ret = iommu_get_group_resv_regions(group, &regions);
	if (ret)
		goto out;
	list_for_each_entry(region, &regions, list)
		room++;
	ranges = krealloc_array(space->reserved, room ?: 1, sizeof(*ranges), GFP_KERNEL_ACCOUNT);
	if (!ranges) {
		ret = -ENOMEM;
		goto out;
	}
	space->reserved = ranges;
	list_for_each_entry(region, &regions, list) {
		if (region->type == IOMMU_RESV_DIRECT_RELAXABLE || !region->length)
			continue;
		range.first = region->start;
		range.last = region->start + region->length - 1;
		/* those of a device that was attached before, most of all */
		if (is_reserved(space, count, range))
			continue;
		extent = kzalloc(sizeof(*extent), GFP_KERNEL_ACCOUNT);
		if (!extent) {
			ret = -ENOMEM;
			break;
		}
		extent->first = ALIGN_DOWN(range.first, PAGE_SIZE);
		extent->last = range.last | ~PAGE_MASK;
		extent->next = *chain;
		*chain = extent;
		if (is_mapped(space, extent->first, extent->last))
			ret = -ERANGE;
		ranges[count++] = range;
	}
	if (!ret)
		space->reserved_count = count;
out:
	list_for_each_entry_safe(region, next, &regions, list)
		kfree(region);
	return ret;
}

static int domain_create(struct uldf_space *space, struct uldf_device *udev)
{
	struct iommu_domain *domain = uldf_domain_alloc(&udev->pdev->dev);
	int ret;

	if (IS_ERR(domain))
		return PTR_ERR(domain);
	ret = uldf_batch_prepare(space);
	if (!ret)
		ret = uldf_group_attach(udev->group, space, domain);
	if (ret) {
		iommu_domain_free(domain);
		return ret;
	}
	/*
	 * Before anything is mapped. Where the IOMMU cannot make all DMA snoop, devices do so by
	 * themselves, as No Snoop is kept off in them.
	 */
	if (domain->ops->enforce_cache_coherency)
		domain->ops->enforce_cache_coherency(domain);
	space->domain = domain;
	return 0;
}

static int attach_error(int ret)
{
	return ret == -EBUSY || ret == -ENOMEM ? ret : -EOPNOTSUPP;
}

/* The space's lock is held. */
static int space_join(struct uldf_space *space, struct uldf_device *udev)
{
	u32 reserved = space->reserved_count;
	struct uldf_extent *chain = NULL, *next;
	int ret;

	ret = reserve(space, uldf_group_iommu(udev->group), &chain);
	if (ret)
		goto err_extents;
	if (space->domain)
		ret = uldf_group_attach(udev->group, space, space->domain);
	else
		ret = domain_create(space, udev);
	if (ret) {
		ret = attach_error(ret);
		goto err_reserve;
	}
	for (; chain; chain = next) {
		next = chain->next;
		extent_reserve(space, chain);
	}
	return 0;

err_reserve:
	space->reserved_count = reserved;
err_extents:
	extents_free(chain);
	return ret;
}

static int device_may_attach(struct uldf_space *space, struct uldf_device *udev)
{
	struct device *dev = &udev->pdev->dev;

	if (udev->space)
		return -EBUSY;
	/* asked for more than any other space when it was created */
	if (space->dma_device)
		return uldf_bare_attach(space, udev);
	if (!udev->group || !device_iommu_capable(dev, IOMMU_CAP_CACHE_COHERENCY))
		return -EOPNOTSUPP;
	return 0;
}

static const struct file_operations space_fops;

/**
 * space_attach - attach a device to a space
 * @udev: the device
 * @fd: descriptor of the space
 *
 * Return: 0 or negative errno, as struct uldf_ioc_device_attach tells
 */
static int space_attach(struct uldf_device *udev, int fd)
{
	struct uldf_space *space;
	struct file *file = fget(fd);
	int ret;

	if (!file)
		return -EBADF;
	if (file->f_op != &space_fops) {
		ret = -EINVAL;
		goto out_file;
	}
	space = file->private_data;
	ret = uldf_device_enter(udev);
	if (ret)
		goto out_file;
	ret = device_may_attach(space, udev);
	if (!ret && !space->dma_device) {
		mutex_lock(&space->lock);
		ret = space_join(space, udev);
		mutex_unlock(&space->lock);
	}
	if (!ret) {
		kref_get(&space->refs);
		udev->space = space;
	}
	uldf_device_leave(udev);
out_file:
	fput(file);
	return ret;
}

/**
 * uldf_space_detach - detach a device from its space, if it has one
 * @udev: the device, its lock held; bus mastering is off and drained
 *
 * Return: the space, whose reference is now the caller's to put without locks, or NULL
 */
struct uldf_space *uldf_space_detach(struct uldf_device *udev)
{
	struct uldf_space *space = udev->space;

	if (!space)
		return NULL;
	/* the domain lives as long as the space, but mapping looks which IOMMUs it is on */
	mutex_lock(&space->lock);
	if (!space->dma_device)
		uldf_group_detach(udev->group, space->domain);
	mutex_unlock(&space->lock);
	udev->space = NULL;
	return space;
}

/* ---- the file -------------------------------------------------------------------------------- */

static int space_info(void *object, void *arg)
{
	struct uldf_ioc_space_info *info = arg;
	struct uldf_space *space = object;
	struct uldf_ioc_space_range *ranges = NULL;
	u32 count;
	int ret = 0;

	if (info->flags || info->pad)
		return -EINVAL;
	mutex_lock(&space->lock);
	count = min(info->count, space->reserved_count);
	if (count) {
		ranges = kmemdup(space->reserved, count * sizeof(*ranges), GFP_KERNEL);
		ret = ranges ? 0 : -ENOMEM;
	}
	if (!ret && space->domain) {
		info->page_sizes = space->domain->pgsize_bitmap;
		info->aperture.first = space->domain->geometry.aperture_start;
		info->aperture.last = space->domain->geometry.aperture_end;
	} else if (!ret) {
		info->page_sizes = 0;
		info->aperture = (struct uldf_ioc_space_range){};
	}
	if (space->dma_device) {
		info->flags = ULDF_SPACE_IS_BARE;
		info->aperture.last = space->mask;
	}
	info->count = space->reserved_count;
	mutex_unlock(&space->lock);
	if (count && !ret &&
	    copy_to_user(u64_to_user_ptr(info->reserved), ranges, count * sizeof(*ranges)))
		ret = -EFAULT;
	kfree(ranges);
	return ret;
}

static const struct uldf_call info_calls[] = {
	{ULDF_SPACE_INFO, sizeof(struct uldf_ioc_space_info), .run = space_info},
	{},
};

static const struct uldf_call *const space_calls[] = {
	info_calls,
	uldf_memory_calls,
	uldf_bare_calls,
	NULL,
};

static long space_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	if (command == ULDF_SPACE_MAP)
		return uldf_mapping_map(file->private_data, arg);
	if (command == ULDF_SPACE_UNMAP)
		return uldf_mapping_unmap(file->private_data, arg);
	return uldf_call_run(space_calls, file->private_data, command, arg);
}

static int space_mmap(struct file *file, struct vm_area_struct *vma)
{
	return uldf_bare_mmap(file->private_data, vma);
}

static int space_release(struct inode *inode, struct file *file)
{
	uldf_space_put(file->private_data);
	return 0;
}

static const struct file_operations space_fops = {
	.owner = THIS_MODULE,
	.release = space_release,
	.mmap = space_mmap,
	.unlocked_ioctl = space_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct uldf_space *space_alloc(void)
{
	struct uldf_space *space = kzalloc(sizeof(*space), GFP_KERNEL_ACCOUNT);

	if (!space)
		return NULL;
	kref_init(&space->refs);
	mutex_init(&space->lock);
	space->extents = RB_ROOT;
	INIT_LIST_HEAD(&space->slots);
	xa_init_flags(&space->memories, XA_FLAGS_ALLOC1);
	return space;
}

/* What ULDF_DEVICE_SPACE keeps until its structure was written back. */
struct space_made {
	struct uldf_ioc_device_space arg;
	struct file *file;
};

static int space_create(void *object, void *args)
{
	struct space_made *made = args;
	struct uldf_ioc_device_space *arg = &made->arg;
	struct uldf_device *udev = object;
	struct uldf_space *space;
	struct file *file;
	int fd, ret;

	if (arg->flags & ~ULDF_SPACE_BARE || arg->pad || (arg->mask && !arg->flags))
		return -EINVAL;
	if (!udev->group && !arg->flags)
		return -EOPNOTSUPP;
	space = space_alloc();
	if (!space)
		return -ENOMEM;
	if (arg->flags) {
		ret = uldf_device_enter(udev);
		if (!ret) {
			ret = uldf_bare_create(space, udev, arg->mask);
			uldf_device_leave(udev);
		}
		if (ret) {
			uldf_space_put(space);
			return ret;
		}
	}
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		uldf_space_put(space);
		return fd;
	}
	file = anon_inode_getfile("[uldf-space]", &space_fops, space, O_RDWR);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		uldf_space_put(space);
		return PTR_ERR(file);
	}
	arg->fd = fd;
	made->file = file;
	return 0;
}

static void space_undo(void *object, void *args)
{
	struct space_made *made = args;

	put_unused_fd(made->arg.fd);
	fput(made->file);
}

/* From here on any thread can use the descriptor, and close it. */
static void space_finish(void *object, void *args)
{
	struct space_made *made = args;

	fd_install(made->arg.fd, made->file);
}

/* ---- calls on a device -------------------------------------------------------------------------- */

static int attach_call(void *object, void *arg)
{
	struct uldf_ioc_device_attach *attach = arg;

	if (attach->flags || attach->pad)
		return -EINVAL;
	return space_attach(object, attach->space);
}

static int detach_call(void *object, void *arg)
{
	struct uldf_ioc_device_attach *attach = arg;
	struct uldf_device *udev = object;
	struct uldf_space *space = NULL;
	int ret;

	if (attach->flags || attach->pad || attach->space != -1)
		return -EINVAL;
	ret = uldf_device_enter(udev);
	if (ret)
		return ret;
	if (udev->space) {
		uldf_command_stop_master(udev);
		pci_wait_for_pending_transaction(udev->pdev);
		space = uldf_space_detach(udev);
	}
	uldf_device_leave(udev);
	if (!space)
		return -EINVAL;
	uldf_space_put(space);
	return 0;
}

#define SIZE(type, last) offsetofend(struct uldf_ioc_##type, last)

const struct uldf_call uldf_space_calls[] = {
	{ULDF_DEVICE_SPACE, SIZE(device_space, pad), .known = sizeof(struct uldf_ioc_device_space),
	 .run = space_create, .undo = space_undo, .finish = space_finish},
	{ULDF_DEVICE_ATTACH, SIZE(device_attach, pad), .run = attach_call},
	{ULDF_DEVICE_DETACH, SIZE(device_attach, pad), .run = detach_call},
	{},
};
