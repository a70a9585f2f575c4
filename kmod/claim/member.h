/* SPDX-License-Identifier: GPL-2.0-only */
/* The functions of an IOMMU group. */
#ifndef ULDF_MEMBER_H
#define ULDF_MEMBER_H

#include <linux/pci.h>

#define ULDF_MEMBERS_MAX 256

/* The functions of an IOMMU group, with a reference to each. */
struct uldf_members {
	int number; /* the group's; -1 without IOMMU */
	unsigned int count;
	struct pci_dev *pdev[ULDF_MEMBERS_MAX];
};

bool uldf_member_is_bridge(const struct pci_dev *pdev);
int uldf_members_init(void);
void uldf_members_fini(void);
int uldf_members_get(u32 segment, u16 bus, u8 devfn, struct uldf_members **out);
void uldf_members_put(struct uldf_members *members);

#endif
