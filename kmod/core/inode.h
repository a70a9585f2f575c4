/* SPDX-License-Identifier: GPL-2.0-only */
/* Inodes that belong to no file: one for each device, to which all mappings of its registers belong. */
#ifndef ULDF_INODE_H
#define ULDF_INODE_H

struct inode;

struct inode *uldf_inode_create(void);
int uldf_inodes_init(void);
void uldf_inodes_fini(void);

#endif
