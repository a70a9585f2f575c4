// SPDX-License-Identifier: GPL-2.0-only
/*
 * An eventfd that unmasks INTx whenever it is signalled: what KVM calls a resample eventfd.
 *
 * An unmasker is an entry in the eventfd's wait queue and holds a reference to the eventfd. When the last
 * descriptor is closed the queue stays alive, and the entry idle in it, until the vector is disabled or
 * bound anew. Takes the lock of that wait queue.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "irq/unmasker.h"

struct uldf_unmasker {
	struct uldf_device *udev;
	void (*unmask)(struct uldf_device *udev);
	struct eventfd_ctx *event;
	struct wait_queue_entry wait;
	poll_table table;
};

/* Runs when the eventfd is signalled, with the wait queue's lock held and interrupts off. */
static int unmasker_wake(struct wait_queue_entry *wait, unsigned int mode, int sync, void *key)
{
	struct uldf_unmasker *unmasker = container_of(wait, struct uldf_unmasker, wait);
	u64 count;

	if (key_to_poll(key) & EPOLLIN) {
		/* reads the eventfd so that it never overflows, since nobody else reads it */
		eventfd_ctx_do_read(unmasker->event, &count);
		unmasker->unmask(unmasker->udev);
	}
	return 0;
}

static void unmasker_queue(struct file *file, wait_queue_head_t *queue, poll_table *table)
{
	struct uldf_unmasker *unmasker = container_of(table, struct uldf_unmasker, table);

	add_wait_queue(queue, &unmasker->wait);
}

/**
 * uldf_unmasker_create - let an eventfd unmask INTx
 * @udev: the device, INTx enabled, its lock held
 * @fd: descriptor of the eventfd; if it is signalled already, INTx is unmasked at once
 * @signalled: the eventfd that the vector signals; refused, since each interrupt would then unmask INTx
 * @unmask: unmasks INTx; called with the eventfd's wait queue lock held and interrupts off
 * @out: the unmasker, for uldf_unmasker_destroy()
 *
 * Return: 0; -EBADF; -EINVAL not an eventfd, or @signalled; -ENOMEM
 */
int uldf_unmasker_create(struct uldf_device *udev, int fd, const struct eventfd_ctx *signalled,
			 void (*unmask)(struct uldf_device *udev), struct uldf_unmasker **out)
{
	struct uldf_unmasker *unmasker;
	struct file *file;

	unmasker = kzalloc(sizeof(*unmasker), GFP_KERNEL_ACCOUNT);
	if (!unmasker)
		return -ENOMEM;
	file = eventfd_fget(fd);
	if (IS_ERR(file)) {
		kfree(unmasker);
		return PTR_ERR(file);
	}
	unmasker->udev = udev;
	unmasker->unmask = unmask;
	unmasker->event = eventfd_ctx_fileget(file);
	if (unmasker->event == signalled) {
		eventfd_ctx_put(unmasker->event);
		fput(file);
		kfree(unmasker);
		return -EINVAL;
	}
	init_waitqueue_func_entry(&unmasker->wait, unmasker_wake);
	init_poll_funcptr(&unmasker->table, unmasker_queue);
	if (vfs_poll(file, &unmasker->table) & EPOLLIN)
		unmask(udev);
	fput(file);
	*out = unmasker;
	return 0;
}

/* Says whether @event is the eventfd that unmasks; @unmasker may be NULL. */
bool uldf_unmasker_listens(const struct uldf_unmasker *unmasker, const struct eventfd_ctx *event)
{
	return unmasker && unmasker->event == event;
}

/* Frees an unmasker; the eventfd does not unmask INTx once this returns. NULL is ignored. */
void uldf_unmasker_destroy(struct uldf_unmasker *unmasker)
{
	u64 count;

	if (!unmasker)
		return;
	eventfd_ctx_remove_wait_queue(unmasker->event, &unmasker->wait, &count);
	eventfd_ctx_put(unmasker->event);
	kfree(unmasker);
}
