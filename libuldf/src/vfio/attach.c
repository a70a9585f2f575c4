// SPDX-License-Identifier: MIT
/*
 * Attaches devices to spaces and detaches them: the container of a device's group has the mappings of the
 * space while a device of the group is attached. Takes the context's lock for groups, then the space's.
 */
#include <errno.h>
#include "vfio/vfio.h"

/* Has what is chosen from now on lie in these ranges; nothing that is mapped lies outside. */
static int ranges_settle(struct vfio_space *vfio, const struct vfio_ranges *usable)
{
	uint64_t from = 0;
	bool rest = true;
	int err = 0;

	for (size_t i = 0; !err && i < usable->count; i++) {
		const struct uldf_range *range = &usable->list[i];

		if (!vfio->attached)
			err = iova_add(&vfio->iova, range->first, range->last);
		else if (range->first > from)
			err = iova_exclude(&vfio->iova, from, range->first - 1);
		rest = range->last != UINT64_MAX;
		from = range->last + 1;
	}
	if (!err && rest && vfio->attached)
		err = iova_exclude(&vfio->iova, from, UINT64_MAX);
	if (!err)
		vfio->usable = *usable;
	return err;
}

/* Has the group's container see what is mapped in the space; the space's lock is held. */
static int group_join(struct uldf_device *device, struct vfio_group *group, struct vfio_space *vfio)
{
	struct vfio_ranges usable = vfio->usable;
	const struct table *table = &vfio->table;
	int err = 0;

	vfio_ranges_clip(&usable, &group->usable);
	for (size_t i = 0; !err && i < table->count; i++) {
		const struct uldf_mapping *mapping = &table->list[i];

		if (!vfio_ranges_hold(&usable, mapping->address,
				      mapping->address + (mapping->size - 1)))
			err = device_fail(device, -ENOTSUP,
					  "its IOMMU lacks addresses that are mapped in the space");
		else
			err = vfio_group_map(group, mapping);
	}
	if (err && err != -ENOTSUP)
		device_fail(device, err, "cannot map in its IOMMU what is mapped in the space: %s",
			    vfio_map_strerror(err));
	if (!err && ranges_settle(vfio, &usable))
		err = device_fail(device, -ENOMEM, "out of memory");
	if (err) {
		vfio_group_unmap(group, 0, UINT64_MAX);
		return err;
	}
	vfio->attached = true;
	LIST_INSERT_HEAD(&vfio->groups, group, peer);
	group->space = vfio;
	return 0;
}

int vfio_attach(struct uldf_device *device, struct uldf_space *space)
{
	struct vfio_device *vfio = device->priv;
	struct vfio_group *group = vfio->group;
	struct vfio_space *target = space->priv;
	int err = 0;

	if (vfio->attached)
		return device_fail(device, -EBUSY, "attached to a space already");
	pthread_mutex_lock(&device->ctx->vfio_lock);
	pthread_mutex_lock(&target->lock);
	if (group->space && group->space != target)
		err = device_fail(device, -EBUSY,
				  "a device of its IOMMU group %d is attached to another space",
				  group->number);
	else if (!group->space)
		err = group_join(device, group, target);
	if (!err)
		group->attached++;
	pthread_mutex_unlock(&target->lock);
	pthread_mutex_unlock(&device->ctx->vfio_lock);
	if (err)
		return err;
	vfio->attached = true;
	return pci_config_master(&vfio->config, true);
}

int vfio_detach(struct uldf_device *device)
{
	struct vfio_device *vfio = device->priv;
	struct vfio_group *group = vfio->group;
	struct vfio_space *space;
	int err;

	if (!vfio->attached)
		return device_fail(device, -EINVAL, "not attached to a space");
	/* Of a device that is gone nothing is left to stop, and its mappings end all the same. */
	err = pci_config_master(&vfio->config, false);
	pthread_mutex_lock(&device->ctx->vfio_lock);
	space = group->space;
	pthread_mutex_lock(&space->lock);
	if (!--group->attached) {
		LIST_REMOVE(group, peer);
		vfio_group_unmap(group, 0, UINT64_MAX);
		group->space = NULL;
	}
	pthread_mutex_unlock(&space->lock);
	pthread_mutex_unlock(&device->ctx->vfio_lock);
	vfio->attached = false;
	return err ? vfio_fail(device, err, "stop it") : 0;
}
