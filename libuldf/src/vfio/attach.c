// SPDX-License-Identifier: MIT
/*
 * Attaches devices to spaces, detaches and moves them. While a device of a group is attached, the
 * group's container has the mappings of the space. Takes the context's lock for groups, then the
 * space's.
 */
#include <errno.h>
#include "vfio/vfio.h"

/* Has the space choose addresses in these ranges only. All that is mapped lies in them. */
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

/*
 * Makes the space's mappings in the group's container. The caller holds the space's lock. Maps
 * nothing that a revoked space has left in other containers.
 */
static int group_join(struct uldf_device *device, struct vfio_group *group, struct vfio_space *vfio)
{
	struct vfio_ranges usable = vfio->usable;
	const struct table *table = &vfio->table;
	int err = 0;

	if (group->full && vfio_group_empty(group))
		return uldf_device_fail(device, -EIO,
					"its IOMMU keeps mappings of the space that it left");
	vfio_ranges_clip(&usable, &group->usable);
	for (size_t i = 0; !err && !vfio->revoked && i < table->count; i++) {
		const struct uldf_mapping *mapping = &table->list[i];

		if (!vfio_ranges_hold(&usable, mapping->address,
				      mapping->address + (mapping->size - 1)))
			err = uldf_device_fail(
				device, -ERANGE,
				"its IOMMU lacks addresses that are mapped in the space");
		else
			err = vfio_group_map(group, mapping);
	}
	if (err && err != -ERANGE)
		uldf_device_fail(device, err,
				 "cannot map in its IOMMU what is mapped in the space: %s",
				 vfio_map_strerror(err));
	if (!err && ranges_settle(vfio, &usable))
		err = uldf_device_fail(device, -ENOMEM, "out of memory");
	if (err) {
		vfio_group_empty(group);
		return err;
	}
	vfio->attached = true;
	LIST_INSERT_HEAD(&vfio->groups, group, peer);
	group->space = vfio;
	return 0;
}

/* Attaches one more device of the group. The caller holds the context's lock for groups. */
static int group_attach(struct uldf_device *device, struct vfio_group *group,
			struct vfio_space *space)
{
	int err = 0;

	pthread_mutex_lock(&space->lock);
	if (group->space && group->space != space)
		err = uldf_device_fail(
			device, -EBUSY,
			"a device of its IOMMU group %d is attached to another space",
			group->number);
	else if (!group->space)
		err = group_join(device, group, space);
	if (!err)
		group->attached++;
	pthread_mutex_unlock(&space->lock);
	return err;
}

/*
 * Ends group_attach(). The group leaves the space with its last device. -EIO: see
 * vfio_group.full.
 */
static int group_detach(struct vfio_group *group)
{
	struct vfio_space *space = group->space;
	int err = 0;

	pthread_mutex_lock(&space->lock);
	if (!--group->attached) {
		LIST_REMOVE(group, peer);
		err = vfio_group_empty(group);
		group->space = NULL;
	}
	pthread_mutex_unlock(&space->lock);
	return err;
}

int vfio_attach(struct uldf_device *device, struct uldf_space *space)
{
	struct vfio_device *vfio = device->priv;
	int err;

	if (vfio->attached)
		return uldf_device_fail(device, -EBUSY, "attached to a space already");
	pthread_mutex_lock(&device->ctx->vfio_lock);
	err = group_attach(device, vfio->group, space->priv);
	pthread_mutex_unlock(&device->ctx->vfio_lock);
	if (err)
		return err;
	vfio->attached = true;
	return pci_config_master(&vfio->config, true);
}

/*
 * Returns -EBUSY while another device of the group is attached. The caller holds the context's
 * lock for groups.
 */
static int device_check_alone(struct uldf_device *device)
{
	const struct vfio_device *vfio = device->priv;

	if (vfio->group->attached > 1)
		return uldf_device_fail(
			device, -EBUSY,
			"a device of its IOMMU group %d stays attached to its space",
			vfio->group->number);
	return 0;
}

/* Ends a move whose device is attached to no space any more. */
static int move_fail(struct uldf_device *device, const char *why)
{
	struct vfio_device *vfio = device->priv;

	vfio->attached = false;
	pci_config_master(&vfio->config, false);
	return uldf_device_fail(device, -EIO, "attached to no space: %s", why);
}

/*
 * Moves a device that masters no bus. The caller holds the context's lock for groups. On failure
 * the device is attached to its old space again; only after -EIO it is attached to none.
 */
static int device_move(struct uldf_device *device, struct vfio_space *space)
{
	struct vfio_device *vfio = device->priv;
	struct vfio_group *group = vfio->group;
	struct vfio_space *old = group->space;
	int err = device_check_alone(device);

	if (err)
		return err;
	/* A failure sets vfio_group.full, for which group_attach() refuses the group. */
	group_detach(group);
	err = group_attach(device, group, space);
	if (!err)
		return 0;
	if (group_attach(device, group, old))
		return move_fail(device, "neither the new one takes it, nor the old");
	/* The kernel answered -EIO for a mapping of the new space. */
	return err == -EIO ? -ERANGE : err;
}

/* Lets an attached device master the bus as before its move. */
static int move_resume(struct uldf_device *device, bool masters)
{
	struct vfio_device *vfio = device->priv;

	if (!pci_config_resume_master(&vfio->config, masters))
		return 0;
	pthread_mutex_lock(&device->ctx->vfio_lock);
	group_detach(vfio->group);
	pthread_mutex_unlock(&device->ctx->vfio_lock);
	return move_fail(device, "its command register cannot be written");
}

int vfio_move(struct uldf_device *device, struct uldf_space *space)
{
	struct vfio_device *vfio = device->priv;
	int err, resumed;
	bool masters;

	if (!vfio->attached)
		return vfio_attach(device, space);
	/* The group stays in its space while the device is attached: no lock is needed. */
	if (vfio->group->space == space->priv)
		return uldf_device_fail(device, -EBUSY, "attached to that space already");
	pthread_mutex_lock(&device->ctx->vfio_lock);
	err = device_check_alone(device);
	pthread_mutex_unlock(&device->ctx->vfio_lock);
	if (err)
		return err;
	err = pci_config_suspend_master(&vfio->config, &masters);
	/* A device whose command register cannot be read is gone; it stays attached. */
	if (err)
		return vfio_fail(device, -ENODEV, "stop it");
	pci_config_drain(&vfio->config);
	pthread_mutex_lock(&device->ctx->vfio_lock);
	err = device_move(device, space->priv);
	pthread_mutex_unlock(&device->ctx->vfio_lock);
	if (!vfio->attached)
		return err;
	resumed = move_resume(device, masters);
	return resumed ? resumed : err;
}

int vfio_detach(struct uldf_device *device)
{
	struct vfio_device *vfio = device->priv;
	int err, kept;

	if (!vfio->attached)
		return uldf_device_fail(device, -EINVAL, "not attached to a space");
	/* The mappings end also when the device is gone and cannot be stopped. */
	err = pci_config_master(&vfio->config, false);
	pthread_mutex_lock(&device->ctx->vfio_lock);
	kept = group_detach(vfio->group);
	pthread_mutex_unlock(&device->ctx->vfio_lock);
	vfio->attached = false;
	if (err)
		return vfio_fail(device, -ENODEV, "stop it");
	return kept ? vfio_fail(device, kept, "end its mappings") : 0;
}
