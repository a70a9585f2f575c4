// SPDX-License-Identifier: GPL-2.0-only
/*
 * One inode for each device, on a mount that nobody sees: all mappings of the device's registers, through
 * its own file and through those made for parts of its regions, belong to it, so that one call takes them
 * away, and none of these files has to outlive another.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>

#include "core/inode.h"

#define INODES_MAGIC 0x756c6466

static struct vfsmount *inodes_mount;

static int inodes_context(struct fs_context *context)
{
	return init_pseudo(context, INODES_MAGIC) ? 0 : -ENOMEM;
}

/* No owner: the module mounts it itself, and a reference to itself would keep it loaded. */
static struct file_system_type inodes_type = {
	.name = "uldf",
	.init_fs_context = inodes_context,
	.kill_sb = kill_anon_super,
};

/* Returns an inode to be given to iput(), or an ERR_PTR(). */
struct inode *uldf_inode_create(void)
{
	return alloc_anon_inode(inodes_mount->mnt_sb);
}

int uldf_inodes_init(void)
{
	inodes_mount = kern_mount(&inodes_type);
	return PTR_ERR_OR_ZERO(inodes_mount);
}

void uldf_inodes_fini(void)
{
	kern_unmount(inodes_mount);
}
