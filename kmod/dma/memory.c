// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registered memory: pinned once, charged once to the mm that registered it, until it is
 * unregistered or its space dies. That may be after the mm's last user went: the mm_struct is kept.
 *
 * Pinning touches user memory, so it is done under no lock; uldf_space.lock is taken to make the
 * memory known and to take it away.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "dma/space.h"

#define CHUNK 512UL /* pages pinned or unpinned between two chances to reschedule */

static atomic64_t pinned_pages;

u64 uldf_memory_pinned_bytes(void)
{
	return (u64)atomic64_read(&pinned_pages) << PAGE_SHIFT;
}

/* Adds to what is pinned. */
void uldf_memory_account(long pages)
{
	atomic64_add(pages, &pinned_pages);
}

static void unpin(struct uldf_pinned *memory, unsigned long count)
{
	unsigned long done, chunk;

	for (done = 0; done < count; done += chunk) {
		chunk = min(count - done, CHUNK);
		unpin_user_pages_dirty_lock(memory->pages + done, chunk, !memory->readonly);
		cond_resched();
	}
	atomic64_sub(count, &pinned_pages);
}

static int pin(struct uldf_pinned *memory, u64 address)
{
	unsigned int flags = FOLL_LONGTERM | (memory->readonly ? 0 : FOLL_WRITE);
	unsigned long done = 0;
	int ret;

	while (done < memory->count) {
		ret = fatal_signal_pending(current) ? -EINTR : 0;
		if (!ret)
			ret = pin_user_pages_fast(address + (done << PAGE_SHIFT),
						  min(memory->count - done, CHUNK), flags,
						  memory->pages + done);
		if (ret <= 0) {
			unpin(memory, done);
			return ret ?: -EFAULT;
		}
		atomic64_add(ret, &pinned_pages);
		done += ret;
		cond_resched();
	}
	return 0;
}

#define RUN_MAX (SZ_1G >> PAGE_SHIFT) /* pages: what one entry of a scatterlist can hold */

/* Does page @i follow on the one before it, in a run that began at page @first? */
static bool run_goes_on(const struct uldf_pinned *memory, unsigned long first, unsigned long i,
			unsigned long reach)
{
	return page_to_pfn(memory->pages[i]) != reach && i - first < RUN_MAX &&
	       page_to_pfn(memory->pages[i]) == page_to_pfn(memory->pages[i - 1]) + 1;
}

/*
 * Finds the runs once, so that mapping need not look at each page. None goes past page @reach of the
 * machine, the first that a device cannot master.
 */
static int runs_create(struct uldf_pinned *memory, unsigned long reach)
{
	unsigned long count = 0, first = 0, i;

	for (i = 0; i < memory->count; i++)
		if (!i || !run_goes_on(memory, first, i, reach)) {
			first = i;
			count++;
		}
	memory->runs =
		kvmalloc_array(count + 1, sizeof(*memory->runs), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!memory->runs)
		return -ENOMEM;
	for (i = 0; i < memory->count; i++)
		if (!i || !run_goes_on(memory, first, i, reach)) {
			first = i;
			memory->runs[memory->runs_count++] =
				(struct uldf_run){i, page_to_phys(memory->pages[i])};
		}
	memory->runs[memory->runs_count].first = memory->count;
	return 0;
}

/* What uldf_memory_run() does, where it cannot tell at once. */
struct uldf_run *uldf_memory_search(const struct uldf_pinned *memory, unsigned long page)
{
	unsigned long low = 0, high = memory->runs_count;

	/* runs[low] begins at the page or before, runs[high] behind it */
	while (high - low > 1) {
		unsigned long middle = low + (high - low) / 2;

		if (memory->runs[middle].first <= page)
			low = middle;
		else
			high = middle;
	}
	return &memory->runs[low];
}

static int memory_create(struct uldf_space *space, u64 address, u64 size, bool readonly,
			 struct uldf_pinned **out)
{
	unsigned long reach = space->dma_device ? PHYS_PFN(space->mask) + 1 : 0;
	struct uldf_pinned *memory;
	int ret = -ENOMEM;

	memory = kzalloc(sizeof(*memory), GFP_KERNEL_ACCOUNT);
	if (!memory)
		return -ENOMEM;
	memory->readonly = readonly;
	memory->count = size >> PAGE_SHIFT;
	memory->mm = current->mm;
	/* charged first: the array of a size beyond the limit is not worth making */
	ret = account_locked_vm(memory->mm, memory->count, true);
	if (ret)
		goto err_free;
	mmgrab(memory->mm);
	memory->pages = kvmalloc_array(memory->count, sizeof(struct page *),
				       GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	ret = memory->pages ? pin(memory, address) : -ENOMEM;
	if (ret)
		goto err_charge;
	ret = runs_create(memory, reach);
	if (ret)
		goto err_unpin;
	ret = space->dma_device ? uldf_bare_memory_map(space, memory) : 0;
	if (ret)
		goto err_runs;
	*out = memory;
	return 0;

err_runs:
	kvfree(memory->runs);
err_unpin:
	unpin(memory, memory->count);
err_charge:
	kvfree(memory->pages);
	account_locked_vm(memory->mm, memory->count, false);
	mmdrop(memory->mm);
err_free:
	kfree(memory);
	return ret;
}

/* Nothing maps it any more, and the IOTLB was flushed since. */
static void memory_destroy(struct uldf_space *space, struct uldf_pinned *memory)
{
	if (space->dma_device)
		uldf_bare_memory_unmap(space, memory);
	unpin(memory, memory->count);
	kvfree(memory->runs);
	kvfree(memory->pages);
	account_locked_vm(memory->mm, memory->count, false);
	mmdrop(memory->mm);
	kfree(memory);
}

static int memory_register(void *object, void *args)
{
	struct uldf_ioc_memory *arg = args;
	struct uldf_space *space = object;
	struct uldf_pinned *memory;
	u64 end;
	int ret;

	if (arg->flags & ~ULDF_MEMORY_READONLY || arg->pad || !arg->size ||
	    !PAGE_ALIGNED(arg->address | arg->size) ||
	    check_add_overflow(arg->address, arg->size, &end))
		return -EINVAL;
	if (!access_ok(u64_to_user_ptr(arg->address), arg->size))
		return -EFAULT;
	ret = memory_create(space, arg->address, arg->size, arg->flags & ULDF_MEMORY_READONLY,
			    &memory);
	if (ret)
		return ret;
	mutex_lock(&space->lock);
	ret = xa_alloc(&space->memories, &arg->id, memory, xa_limit_31b, GFP_KERNEL_ACCOUNT);
	memory->id = arg->id;
	mutex_unlock(&space->lock);
	if (ret)
		memory_destroy(space, memory);
	return ret;
}

/* Nobody finds it any more. */
static void memory_forget(struct uldf_space *space, struct uldf_pinned *memory)
{
	if (space->recent == memory)
		space->recent = NULL;
	xa_erase(&space->memories, memory->id);
}

static int unregister(struct uldf_space *space, u32 id)
{
	struct uldf_pinned *memory;
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

	unregister(object, arg->id);
}

static int memory_unregister(void *object, void *args)
{
	struct uldf_ioc_memory *arg = args;

	if (arg->flags || arg->pad)
		return -EINVAL;
	return unregister(object, arg->id);
}

/* Unpins everything; the space is dying and its domain gone. */
void uldf_memory_clear(struct uldf_space *space)
{
	struct uldf_pinned *memory;
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
