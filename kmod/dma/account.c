// SPDX-License-Identifier: GPL-2.0-only
/*
 * Charges pinned memory to the user who registered it, so that a fork or exit does not end the charge.
 * RLIMIT_MEMLOCK bounds a user's charges together with those of io_uring and iommufd, unless the caller has
 * CAP_IPC_LOCK.
 *
 * Takes payers_lock, under which nothing else is taken.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/user.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "dma/account.h"

/* A user with charges. Freed with the last charge. */
struct uldf_payer {
	struct list_head node;
	const struct cred *cred; /* of the first to be charged; holds a reference to the user */
	unsigned long charges;
	atomic_long_t pages; /* pinned */
};

static DEFINE_MUTEX(payers_lock);
static LIST_HEAD(payers);
static atomic_long_t total; /* pages pinned */

static struct uldf_payer *payer_find(struct user_struct *user)
{
	struct uldf_payer *payer;

	list_for_each_entry(payer, &payers, node)
		if (payer->cred->user == user)
			return payer;
	return NULL;
}

/* Returns the payer for the calling user, made if there is none yet, or NULL without memory. */
static struct uldf_payer *payer_get(void)
{
	struct uldf_payer *payer;

	mutex_lock(&payers_lock);
	payer = payer_find(current_user());
	if (!payer) {
		payer = kzalloc(sizeof(*payer), GFP_KERNEL_ACCOUNT);
		if (payer) {
			payer->cred = get_current_cred();
			list_add_tail(&payer->node, &payers);
		}
	}
	if (payer)
		payer->charges++;
	mutex_unlock(&payers_lock);
	return payer;
}

static void payer_put(struct uldf_payer *payer)
{
	mutex_lock(&payers_lock);
	if (!--payer->charges) {
		list_del(&payer->node);
		put_cred(payer->cred);
		kfree(payer);
	}
	mutex_unlock(&payers_lock);
}

/* Adds to the user's locked memory; returns false if that would exceed RLIMIT_MEMLOCK. */
static bool limit_add(struct user_struct *user, unsigned long pages)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	long locked = atomic_long_read(&user->locked_vm);

	do {
		if (pages > limit || locked > limit - pages)
			return false;
	} while (!atomic_long_try_cmpxchg(&user->locked_vm, &locked, locked + pages));
	return true;
}

/**
 * uldf_charge_begin - charge the calling user for memory that is to be pinned
 * @charge: the charge, for uldf_charge_end()
 * @pages: how many pages
 *
 * Return: 0; -ENOMEM over the limit, or no memory
 */
int uldf_charge_begin(struct uldf_charge *charge, unsigned long pages)
{
	struct uldf_payer *payer = payer_get();

	if (!payer)
		return -ENOMEM;
	charge->limited = capable(CAP_IPC_LOCK) ? 0 : pages;
	if (charge->limited && !limit_add(payer->cred->user, pages)) {
		payer_put(payer);
		return -ENOMEM;
	}
	charge->payer = payer;
	charge->mm = current->mm;
	mmgrab(charge->mm);
	return 0;
}

/* Counts @pages more of a charge as pinned, or fewer if @pages is negative. */
void uldf_charge_pinned(const struct uldf_charge *charge, long pages)
{
	atomic_long_add(pages, &charge->payer->pages);
	atomic_long_add(pages, &total);
	atomic64_add(pages, &charge->mm->pinned_vm);
}

/* Ends a charge, of which no page is pinned any more. */
void uldf_charge_end(struct uldf_charge *charge)
{
	atomic_long_sub(charge->limited, &charge->payer->cred->user->locked_vm);
	mmdrop(charge->mm);
	payer_put(charge->payer);
}

/* Returns how many bytes are pinned for all users. */
u64 uldf_account_total(void)
{
	return (u64)atomic_long_read(&total) << PAGE_SHIFT;
}

/* Writes a line "UID BYTES" for each user with pinned memory, as many as a page holds. */
ssize_t uldf_account_show(char *buf)
{
	const int line = 48; /* bytes of the longest line */
	struct uldf_payer *payer;
	ssize_t at = 0;
	u64 pages;

	mutex_lock(&payers_lock);
	list_for_each_entry(payer, &payers, node) {
		pages = atomic_long_read(&payer->pages);
		if (pages && at < PAGE_SIZE - line)
			at += sysfs_emit_at(buf, at, "%u %llu\n",
					    from_kuid_munged(&init_user_ns, payer->cred->user->uid),
					    pages << PAGE_SHIFT);
	}
	mutex_unlock(&payers_lock);
	return at;
}
