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

/* Counts one more device of the group as attached to the space; the context's lock for groups is held. */
static int group_attach(struct uldf_device *device, struct vfio_group *group,
			struct vfio_space *space)
{
	int err = 0;

	pthread_mutex_lock(&space->lock);
	if (group->space && group->space != space)
		err = device_fail(device, -EBUSY,
				  "a device of its IOMMU group %d is attached to another space",
				  group->number);
	else if (!group->space)
		err = group_join(device, group, space);
	if (!err)
		group->attached++;
	pthread_mutex_unlock(&space->lock);
	return err;
}

/* Ends group_attach(): the group leaves the space with its last device. */
static void group_detach(struct vfio_group *group)
{
	struct vfio_space *space = group->space;

	pthread_mutex_lock(&space->lock);
	if (!--group->attached) {
		LIST_REMOVE(group, peer);
		vfio_group_unmap(group, 0, UINT64_MAX);
		group->space = NULL;
	}
	pthread_mutex_unlock(&space->lock);
}

int vfio_attach(struct uldf_device *device, struct uldf_space *space)
{
	struct vfio_device *vfio = device->priv;
	int err;

	if (vfio->attached)
		return device_fail(device, -EBUSY, "attached to a space already");
	pthread_mutex_lock(&device->ctx->vfio_lock);
	err = group_attach(device, vfio->group, space->priv);
	pthread_mutex_unlock(&device->ctx->vfio_lock);
	if (err)
		return err;
	vfio->attached = true;
	return pci_config_master(&vfio->config, true);
}

/* Moves a device that masters no bus; the context's lock for groups is held. -EIO: it is attached to none. */
static int device_move(struct uldf_device *device, struct vfio_space *space)
{
	struct vfio_device *vfio = device->priv;
	struct vfio_group *group = vfio->group;
	struct vfio_space *old = group->space;
	int err;

	if (group->attached > 1)
		return device_fail(device, -EBUSY,
				   "a device of its IOMMU group %d stays attached to its space",
				   group->number);
	group_detach(group);
	err = group_attach(device, group, space);
	if (!err || !group_attach(device, group, old))
		return err;
	vfio->attached = false;
	return device_fail(device, -EIO,
			   "attached to no space: neither the new one takes it, nor the old");
}

/* A device whose command register cannot be reached is gone; -EIO would say that it is attached to no space. */
static int move_fail(struct uldf_device *device, int err, const char *doing)
{
	return vfio_fail(device, err == -EIO ? -ENODEV : err, doing);
}

int vfio_move(struct uldf_device *device, struct uldf_space *space)
{
	struct vfio_device *vfio = device->priv;
	int err, resumed;
	bool masters;

	if (!vfio->attached)
		return vfio_attach(device, space);
	/* An attached device keeps its group in its space. */
	if (vfio->group->space == space->priv)
		return device_fail(device, -EBUSY, "attached to that space already");
	err = pci_config_suspend_master(&vfio->config, &masters);
	if (err)
		return move_fail(device, err, "stop it");
	pthread_mutex_lock(&device->ctx->vfio_lock);
	err = device_move(device, space->priv);
	pthread_mutex_unlock(&device->ctx->vfio_lock);
	if (!vfio->attached)
		return err;
	resumed = pci_config_resume_master(&vfio->config, masters);
	if (err || !resumed)
		return err;
	return move_fail(device, resumed, "start it in its new space");
}

int vfio_detach(struct uldf_device *device)
{
	struct vfio_device *vfio = device->priv;
	int err;

	if (!vfio->attached)
		return device_fail(device, -EINVAL, "not attached to a space");
	/* Of a device that is gone nothing is left to stop, and its mappings end all the same. */
	err = pci_config_master(&vfio->config, false);
	pthread_mutex_lock(&device->ctx->vfio_lock);
	group_detach(vfio->group);
	pthread_mutex_unlock(&device->ctx->vfio_lock);
	vfio->attached = false;
	return err ? vfio_fail(device, err, "stop it") : 0;
}
