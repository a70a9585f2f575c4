// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registered memory: pinned once and charged once, to the user who registered it, until no space has it any
 * more.
 *
 * Pinning touches user memory, so this file pins under no lock. It takes uldf_space.lock to add memory to a
 * space and to remove it.
 */
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "dma/account.h"
#include "dma/memory.h"

/* Pages between two chances to reschedule. */
#define CHUNK	   512UL  /* pinned or unpinned */
#define RUNS_CHUNK SZ_64K /* looked at */

/*
 * Pinned pages. Each space that has them holds a reference, and so does the registration while it is
 * made. The last put unpins the pages and ends the charge. Constant.
 */
struct uldf_pinned {
	struct kref refs;
	struct uldf_charge charge;
	struct mutex lock;
	struct list_head memories; /* one for each space that has the pages; guarded by lock */
	bool readonly;
	struct page **pages;
	unsigned long count;
	struct uldf_run *runs; /* runs_count of them, and an end marker whose first is count */
	unsigned long runs_count;
};

static void unpin(struct uldf_pinned *pinned, unsigned long count)
{
	unsigned long done, chunk;

	for (done = 0; done < count; done += chunk) {
		chunk = min(count - done, CHUNK);
		unpin_user_pages_dirty_lock(pinned->pages + done, chunk, !pinned->readonly);
		cond_resched();
	}
	uldf_charge_pinned(&pinned->charge, -(long)count);
}

static int pin(struct uldf_pinned *pinned, u64 address)
{
	unsigned int flags = FOLL_LONGTERM | (pinned->readonly ? 0 : FOLL_WRITE);
	unsigned long done = 0;
	int ret;

	while (done < pinned->count) {
		ret = fatal_signal_pending(current) ? -EINTR : 0;
		if (!ret)
			ret = pin_user_pages_fast(address + (done << PAGE_SHIFT),
						  min(pinned->count - done, CHUNK), flags,
						  pinned->pages + done);
		if (ret <= 0) {
			unpin(pinned, done);
			return ret ?: -EFAULT;
		}
		uldf_charge_pinned(&pinned->charge, ret);
		done += ret;
		cond_resched();
	}
	return 0;
}

#define RUN_MAX (SZ_1G >> PAGE_SHIFT) /* pages, which one entry of a scatterlist can hold */

/* Does page @i continue the run that began at page @first? */
static bool run_goes_on(const struct uldf_pinned *pinned, unsigned long first, unsigned long i,
			unsigned long reach)
{
	return page_to_pfn(pinned->pages[i]) != reach && i - first < RUN_MAX &&
	       page_to_pfn(pinned->pages[i]) == page_to_pfn(pinned->pages[i - 1]) + 1;
}

/*
 * Finds the runs once, so that mapping need not look at each page. No run crosses page frame @reach, the
 * first that a device cannot reach.
 */
static int runs_create(struct uldf_pinned *pinned, unsigned long reach)
{
	unsigned long count = 0, first = 0, i;

	for (i = 0; i < pinned->count; i++) {
		if (!i || !run_goes_on(pinned, first, i, reach)) {
			first = i;
			count++;
		}
		if (!(i % RUNS_CHUNK))
			cond_resched();
	}
	pinned->runs =
		kvmalloc_array(count + 1, sizeof(*pinned->runs), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!pinned->runs)
		return -ENOMEM;
	for (i = 0; i < pinned->count; i++) {
		if (!i || !run_goes_on(pinned, first, i, reach)) {
			first = i;
			pinned->runs[pinned->runs_count++] =
				(struct uldf_run){i, page_to_phys(pinned->pages[i])};
		}
		if (!(i % RUNS_CHUNK))
			cond_resched();
	}
	pinned->runs[pinned->runs_count].first = pinned->count;
	return 0;
}

/* Does what uldf_memory_run() does, by a binary search. */
struct uldf_run *uldf_memory_search(const struct uldf_memory *memory, unsigned long page)
{
	unsigned long low = 0, high = memory->runs_count;

	/* runs[low] begins at @page or before it, runs[high] behind it */
	while (high - low > 1) {
		unsigned long middle = low + (high - low) / 2;

		if (memory->runs[middle].first <= page)
			low = middle;
		else
			high = middle;
	}
	return &memory->runs[low];
}

/* ---- pinned pages ------------------------------------------------------------------------------- */

static void pinned_end(struct kref *refs)
{
	struct uldf_pinned *pinned = container_of(refs, struct uldf_pinned, refs);

	unpin(pinned, pinned->count);
	kvfree(pinned->runs);
	kvfree(pinned->pages);
	uldf_charge_end(&pinned->charge);
	kfree(pinned);
}

static void pinned_put(struct uldf_pinned *pinned)
{
	kref_put(&pinned->refs, pinned_end);
}

static int pinned_create(u64 address, u64 size, bool readonly, unsigned long reach,
			 struct uldf_pinned **out)
{
	struct uldf_pinned *pinned;
	int ret;

	pinned = kzalloc(sizeof(*pinned), GFP_KERNEL_ACCOUNT);
	if (!pinned)
		return -ENOMEM;
	kref_init(&pinned->refs);
	mutex_init(&pinned->lock);
	INIT_LIST_HEAD(&pinned->memories);
	pinned->readonly = readonly;
	pinned->count = size >> PAGE_SHIFT;
	/* first, so that no array is allocated for a size beyond the limit */
	ret = uldf_charge_begin(&pinned->charge, pinned->count);
	if (ret)
		goto err_free;
	pinned->pages = kvmalloc_array(pinned->count, sizeof(struct page *),
				       GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	ret = pinned->pages ? pin(pinned, address) : -ENOMEM;
	if (ret)
		goto err_charge;
	ret = runs_create(pinned, reach);
	if (ret)
		goto err_unpin;
	*out = pinned;
	return 0;

err_unpin:
	unpin(pinned, pinned->count);
err_charge:
	kvfree(pinned->pages);
	uldf_charge_end(&pinned->charge);
err_free:
	kfree(pinned);
	return ret;
}

/* Returns how many pinned pages the memory has; registers have none. */
static unsigned long pinned_count(const struct uldf_memory *memory)
{
	return memory->pinned ? memory->count : 0;
}

/* ---- memory of a space -------------------------------------------------------------------------- */

/* Enters a space's memory, one for each space: the bound of the space's IOMMU tables grows with its pages. */
static int pinned_enter(struct uldf_pinned *pinned, struct uldf_memory *memory)
{
	struct uldf_memory *other;
	int ret = 0;

	mutex_lock(&pinned->lock);
	list_for_each_entry(other, &pinned->memories, pinned_node)
		if (other->space == memory->space)
			ret = -EEXIST;
	if (!ret)
		list_add(&memory->pinned_node, &pinned->memories);
	mutex_unlock(&pinned->lock);
	return ret;
}

static void pinned_leave(struct uldf_pinned *pinned, struct uldf_memory *memory)
{
	mutex_lock(&pinned->lock);
	list_del(&memory->pinned_node);
	mutex_unlock(&pinned->lock);
}

static void memory_end(struct uldf_memory *memory)
{
	pinned_leave(memory->pinned, memory);
	pinned_put(memory->pinned);
	kfree(memory);
}

/* Takes over the reference to @pinned, also on failure. Nobody can find the memory yet. */
static int memory_create(struct uldf_space *space, struct uldf_pinned *pinned,
			 struct uldf_memory **out)
{
	struct uldf_memory *memory = kzalloc(sizeof(*memory), GFP_KERNEL_ACCOUNT);
	int ret = -ENOMEM;

	if (!memory)
		goto err_pinned;
	memory->readonly = pinned->readonly;
	memory->count = pinned->count;
	memory->runs = pinned->runs;
	memory->runs_count = pinned->runs_count;
	memory->prot = IOMMU_CACHE;
	memory->end = memory_end;
	memory->pinned = pinned;
	memory->space = space;
	INIT_LIST_HEAD(&memory->bare_node);
	ret = pinned_enter(pinned, memory);
	if (ret)
		goto err_free;
	ret = space->ops->memory_map ? space->ops->memory_map(space, memory) : 0;
	if (ret)
		goto err_leave;
	*out = memory;
	return 0;

err_leave:
	pinned_leave(pinned, memory);
err_free:
	kfree(memory);
err_pinned:
	pinned_put(pinned);
	return ret;
}

/* Frees memory that has no mapping any more; the IOTLB was flushed since the last one ended. */
static void memory_destroy(struct uldf_space *space, struct uldf_memory *memory)
{
	if (space->ops->memory_unmap)
		space->ops->memory_unmap(space, memory);
	memory->end(memory);
}

/**
 * uldf_memory_enter - add memory to a space under an id
 * @space: the space
 * @memory: the memory
 * @id: gets the memory's id
 *
 * Return: 0; -ENOSPC the space has ULDF_MEMORIES; -ENOMEM
 */
int uldf_memory_enter(struct uldf_space *space, struct uldf_memory *memory, u32 *id)
{
	int ret;

	mutex_lock(&space->lock);
	ret = xa_alloc(&space->memories, id, memory, XA_LIMIT(1, ULDF_MEMORIES),
		       GFP_KERNEL_ACCOUNT);
	memory->id = *id;
	if (!ret)
		space->tables.pages += pinned_count(memory);
	mutex_unlock(&space->lock);
	return ret == -EBUSY ? -ENOSPC : ret;
}

/**
 * uldf_memory_share - give memory of one space to another
 * @from: the space that has it
 * @memory: its id in @from
 * @to: the other space; neither is bare
 * @id: gets its id in @to
 *
 * Return: 0; -ENOENT; -EEXIST @to has it already; -EOPNOTSUPP it is registers; -ENOSPC @to has ULDF_MEMORIES;
 * -ENOMEM
 */
int uldf_memory_share(struct uldf_space *from, u32 memory, struct uldf_space *to, u32 *id)
{
	struct uldf_pinned *pinned;
	struct uldf_memory *shared;
	int ret;

	mutex_lock(&from->lock);
	shared = xa_load(&from->memories, memory);
	pinned = shared ? shared->pinned : NULL;
	if (pinned)
		kref_get(&pinned->refs);
	mutex_unlock(&from->lock);
	if (!pinned)
		return shared ? -EOPNOTSUPP : -ENOENT;
	ret = memory_create(to, pinned, &shared);
	if (ret)
		return ret;
	ret = uldf_memory_enter(to, shared, id);
	if (ret)
		memory_destroy(to, shared);
	return ret;
}

static int memory_register(void *object, void *args)
{
	struct uldf_ioc_memory *arg = args;
	struct uldf_space *space = object;
	struct uldf_pinned *pinned;
	struct uldf_memory *memory;
	u64 end;
	int ret;

	if (arg->flags & ~ULDF_MEMORY_READONLY || arg->pad || !arg->size ||
	    !PAGE_ALIGNED(arg->address | arg->size) ||
	    check_add_overflow(arg->address, arg->size, &end))
		return -EINVAL;
	if (!access_ok(u64_to_user_ptr(arg->address), arg->size))
		return -EFAULT;
	ret = pinned_create(arg->address, arg->size, arg->flags & ULDF_MEMORY_READONLY,
			    PHYS_PFN(space->mask) + 1, &pinned);
	if (!ret)
		ret = memory_create(space, pinned, &memory);
	if (ret)
		return ret;
	ret = uldf_memory_enter(space, memory, &arg->id);
	if (ret)
		memory_destroy(space, memory);
	return ret;
}

/* Removes memory from its space, so that nobody finds it any more; the space's lock is held. */
static void memory_forget(struct uldf_space *space, struct uldf_memory *memory)
{
	if (space->recent == memory)
		space->recent = NULL;
	xa_erase(&space->memories, memory->id);
	space->tables.pages -= pinned_count(memory);
}

/**
 * uldf_memory_unregister - take memory from a space
 * @space: the space
 * @id: the memory's id
 *
 * Return: 0; -ENOENT; -EBUSY it has mappings
 */
int uldf_memory_unregister(struct uldf_space *space, u32 id)
{
	struct uldf_memory *memory;
	int ret = 0;

	mutex_lock(&space->lock);
	memory = xa_load(&space->memories, id);
	if (!memory)
		ret = -ENOENT;
	else if (memory->mappings)
		ret = -EBUSY;
	else
		memory_forget(space, memory);
	mutex_unlock(&space->lock);
	if (!ret)
		memory_destroy(space, memory);
	return ret;
}

static void memory_register_undo(void *object, void *args)
{
	struct uldf_ioc_memory *arg = args;

	uldf_memory_unregister(object, arg->id);
}

static int memory_unregister(void *object, void *args)
{
	struct uldf_ioc_memory *arg = args;

	if (arg->flags || arg->pad)
		return -EINVAL;
	return uldf_memory_unregister(object, arg->id);
}

/* Removes and frees all memory of a space that is dying and has no domain any more. */
void uldf_memory_clear(struct uldf_space *space)
{
	struct uldf_memory *memory;
	unsigned long id;

	xa_for_each(&space->memories, id, memory)
	{
		xa_erase(&space->memories, id);
		memory_destroy(space, memory);
	}
}

const struct uldf_call uldf_memory_calls[] = {
	{ULDF_MEMORY_REGISTER, sizeof(struct uldf_ioc_memory), .run = memory_register,
	 .undo = memory_register_undo},
	{ULDF_MEMORY_UNREGISTER, sizeof(struct uldf_ioc_memory), .run = memory_unregister},
	{},
};
