/* SPDX-License-Identifier: GPL-2.0-only */
/* IOMMU groups: who owns their DMA, and which space it goes to. */
#ifndef ULDF_GROUP_H
#define ULDF_GROUP_H

#include "device/device.h"

struct iommu_domain;
struct iommu_group;

int uldf_group_get(struct pci_dev *pdev, char *reason, struct uldf_group **out);
void uldf_group_put(struct uldf_group *group);
int uldf_group_attach(struct uldf_group *group, struct uldf_space *space,
		      struct iommu_domain *domain);
void uldf_group_detach(struct uldf_group *group, struct iommu_domain *domain);
int uldf_group_open(struct uldf_device *udev);
void uldf_group_close(struct uldf_device *udev);
struct iommu_group *uldf_group_iommu(struct uldf_group *group);

#endif
