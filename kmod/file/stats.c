// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happened to a device since it was claimed, as files in /sys/class/uldf/<address>/. Interrupts and
 * resets are counted under locks that are held anyway, mappings once for each batch.
 *
 * Takes uldf_device.lock, uldf_space.lock.
 */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "core/class.h"
#include "core/compat.h"
#include "dma/account.h"
#include "dma/space.h"
#include "file/stats.h"
#include "irq/vector.h"

static struct uldf_device *to_device(struct device *dev)
{
	return container_of(dev, struct uldf_device, dev);
}

static ssize_t opens_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(to_device(dev)->opening));
}
static DEVICE_ATTR_RO(opens);

static ssize_t resets_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(to_device(dev)->resets));
}
static DEVICE_ATTR_RO(resets);

static ssize_t functions_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(to_device(dev)->functions));
}
static DEVICE_ATTR_RO(functions);

static ssize_t interrupts_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct uldf_device *udev = to_device(dev);
	u64 count;

	mutex_lock(&udev->lock);
	count = uldf_vectors_fired(udev);
	mutex_unlock(&udev->lock);
	return sysfs_emit(buf, "%llu\n", count);
}
static DEVICE_ATTR_RO(interrupts);

enum space_count {
	SPACE_MAPPINGS,
	SPACE_MAPPED,
	SPACE_UNMAPPED
};

/* Shows a count of the space that the device is attached to, or 0. */
static ssize_t space_show(struct device *dev, enum space_count what, char *buf)
{
	struct uldf_device *udev = to_device(dev);
	struct uldf_space *space;
	u64 count[3] = {};

	mutex_lock(&udev->lock);
	space = udev->space;
	if (space) {
		mutex_lock(&space->lock);
		count[SPACE_MAPPINGS] = space->mappings_count;
		count[SPACE_MAPPED] = atomic64_read(&space->mapped);
		count[SPACE_UNMAPPED] = atomic64_read(&space->unmapped);
		mutex_unlock(&space->lock);
	}
	mutex_unlock(&udev->lock);
	return sysfs_emit(buf, "%llu\n", count[what]);
}

static ssize_t space_mappings_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return space_show(dev, SPACE_MAPPINGS, buf);
}
static DEVICE_ATTR_RO(space_mappings);

static ssize_t space_mapped_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return space_show(dev, SPACE_MAPPED, buf);
}
static DEVICE_ATTR_RO(space_mapped);

static ssize_t space_unmapped_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return space_show(dev, SPACE_UNMAPPED, buf);
}
static DEVICE_ATTR_RO(space_unmapped);

static struct attribute *stats_attrs[] = {
	&dev_attr_opens.attr,	       &dev_attr_resets.attr,
	&dev_attr_functions.attr,      &dev_attr_interrupts.attr,
	&dev_attr_space_mappings.attr, &dev_attr_space_mapped.attr,
	&dev_attr_space_unmapped.attr, NULL,
};

static const struct attribute_group stats_group = {
	.attrs = stats_attrs,
};

const struct attribute_group *uldf_stats_groups[] = {
	&stats_group,
	NULL,
};

/* ---- of all devices ----------------------------------------------------------------------------- */

static ssize_t pinned_bytes_show(uldf_attr_class *class, uldf_attr_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", uldf_account_total());
}
static CLASS_ATTR_RO(pinned_bytes);

static ssize_t pinned_by_user_show(uldf_attr_class *class, uldf_attr_attribute *attr, char *buf)
{
	return uldf_account_show(buf);
}
static CLASS_ATTR_RO(pinned_by_user);

int uldf_stats_init(void)
{
	int ret = class_create_file(&uldf_class, &class_attr_pinned_bytes);

	if (ret)
		return ret;
	ret = class_create_file(&uldf_class, &class_attr_pinned_by_user);
	if (ret)
		class_remove_file(&uldf_class, &class_attr_pinned_bytes);
	return ret;
}

void uldf_stats_fini(void)
{
	class_remove_file(&uldf_class, &class_attr_pinned_by_user);
	class_remove_file(&uldf_class, &class_attr_pinned_bytes);
}
