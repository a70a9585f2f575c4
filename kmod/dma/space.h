/* SPDX-License-Identifier: GPL-2.0-only */
/* DMA address spaces: what translated and bare ones have in common. */
#ifndef ULDF_DMA_SPACE_H
#define ULDF_DMA_SPACE_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <linux/uldf.h>

#include "dma/tables.h"

struct file;
struct file_operations;
struct iommu_domain;
struct scatterlist;
struct uldf_bare;
struct uldf_device;
struct uldf_memory;
struct uldf_space;
struct vm_area_struct;

/**
 * struct uldf_space_ops - what a translated space and a bare one do differently
 * @attach: lets a device, its lock held, use the addresses of the space; the device is attached to no space.
 *          Changes nothing on failure. Returns what struct uldf_ioc_device_attach documents
 * @detach: undoes @attach; the device's lock is held, its bus mastering is off. Cannot fail
 * @memory_map: maps new memory by the DMA API before anybody finds it; NULL if there is nothing to do.
 *              Called under no lock, changes nothing on failure
 * @memory_unmap: undoes @memory_map; nothing uses the memory. NULL if @memory_map is
 * @info: fills flags, page_sizes and aperture, which are 0; the space's lock is held
 * @clear: ends every mapping and flushes; the space is dying and no device is attached; nobody but
 *         uldf_peers_end() finds it, which takes the space's lock. The caller unpins the memory afterwards
 * @end: frees what this kind of space keeps; no memory is left
 *
 * Guarantee of @detach and @clear together: after both no device reaches memory of the space.
 */
struct uldf_space_ops {
	int (*attach)(struct uldf_space *space, struct uldf_device *udev);
	void (*detach)(struct uldf_space *space, struct uldf_device *udev);
	int (*memory_map)(struct uldf_space *space, struct uldf_memory *memory);
	void (*memory_unmap)(struct uldf_space *space, struct uldf_memory *memory);
	void (*info)(struct uldf_space *space, struct uldf_ioc_space_info *info);
	void (*clear)(struct uldf_space *space);
	void (*end)(struct uldf_space *space);
};

/*
 * A DMA address space. Its file and each attached device hold a reference. Freed with the last one, so
 * after every device was detached.
 */
struct uldf_space {
	struct kref refs;
	const struct uldf_space_ops *ops;
	struct uldf_device *maker; /* the device it was made with; holds a reference */
	u64 mask;		   /* last physical address that devices can reach */
	struct uldf_bare *bare;	   /* what a bare space keeps; NULL in a translated one */
	struct work_struct end;
	atomic64_t mapped, unmapped;	 /* statistics: pieces */
	struct uldf_ioc_mapping *pieces; /* room for a batch, taken by xchg(), or NULL */

	struct mutex lock;	     /* guards everything below */
	struct iommu_domain *domain; /* NULL before a device was attached, and in a bare space */
	bool snoops;		     /* the IOMMU makes all DMA of the domain snoop */
	struct uldf_ioc_space_range *reserved;
	u32 reserved_count;
	struct rb_root extents; /* mappings and reserved ranges */
	struct list_head slots; /* pages of slots that have room for more mappings */
	u32 slots_idle;		/* how many of these pages have no mapping */
	u32 mappings_count;
	bool revoked; /* ULDF_SPACE_REVOKE was called: nothing can be mapped any more */
	struct uldf_tables tables;
	struct scatterlist *sg; /* for batches, or NULL */
	struct xarray memories;
	struct uldf_memory *recent; /* the memory that was looked up last, or NULL */
};

int uldf_space_create(const struct uldf_space_ops *ops, struct uldf_device *maker,
		      struct uldf_space **out);
struct uldf_space *uldf_space_of(struct file *file);
void uldf_space_get(struct uldf_space *space);
void uldf_space_put(struct uldf_space *space);
void uldf_space_put_later(struct uldf_space *space);
int uldf_spaces_init(const struct file_operations *file_ops);
void uldf_spaces_fini(void);

#endif
