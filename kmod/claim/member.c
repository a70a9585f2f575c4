// SPDX-License-Identifier: GPL-2.0-only
/* Lists the functions of an IOMMU group. */
#include <linux/iommu.h>
#include <linux/slab.h>

#include "claim/member.h"

/* Is @pdev a bridge? No claim takes one. */
bool uldf_member_is_bridge(const struct pci_dev *pdev)
{
	return pdev->hdr_type != PCI_HEADER_TYPE_NORMAL ||
	       pdev->class >> 16 == PCI_BASE_CLASS_BRIDGE;
}

static int member_add(struct device *dev, void *data)
{
	struct uldf_members *members = data;
	struct pci_dev *pdev;

	if (!dev_is_pci(dev))
		return 0;
	pdev = to_pci_dev(dev);
	if (pdev == members->pdev[0] || uldf_member_is_bridge(pdev))
		return 0;
	if (members->count == ULDF_MEMBERS_MAX)
		return -E2BIG;
	members->pdev[members->count++] = pci_dev_get(pdev);
	return 0;
}

/**
 * uldf_members_get - list the functions of a device's IOMMU group, without its bridges
 * @pdev: the device, the first of the list; all of it where there is no IOMMU
 * @out: the list, ended by uldf_members_put()
 *
 * Return: 0; -E2BIG more than ULDF_MEMBERS_MAX; -ENOMEM
 */
int uldf_members_get(struct pci_dev *pdev, struct uldf_members **out)
{
	struct iommu_group *group = iommu_group_get(&pdev->dev);
	struct uldf_members *members;
	int ret = 0;

	members = kzalloc(sizeof(*members), GFP_KERNEL);
	if (!members) {
		iommu_group_put(group);
		return -ENOMEM;
	}
	members->number = -1;
	members->pdev[members->count++] = pci_dev_get(pdev);
	if (group) {
		members->number = iommu_group_id(group);
		ret = iommu_group_for_each_dev(group, members, member_add);
		iommu_group_put(group);
	}
	if (ret)
		uldf_members_put(members);
	else
		*out = members;
	return ret;
}

void uldf_members_put(struct uldf_members *members)
{
	while (members->count)
		pci_dev_put(members->pdev[--members->count]);
	kfree(members);
}
