// SPDX-License-Identifier: GPL-2.0-only
/*
 * An eventfd that unmasks INTx whenever it is signalled: what KVM calls a resample eventfd.
 *
 * An entry in the eventfd's wait queue. It holds a reference to the eventfd, so that closing the last
 * descriptor leaves the entry idle in a live queue until the vector is disabled or bound anew.
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

/* The queue's lock is held and interrupts are off. */
static int unmasker_wake(struct wait_queue_entry *wait, unsigned int mode, int sync, void *key)
{
	struct uldf_unmasker *unmasker = container_of(wait, struct uldf_unmasker, wait);
	u64 count;

	if (key_to_poll(key) & EPOLLIN) {
		/* emptied, as nobody else reads it, so that it never overflows */
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
 * @fd: descriptor of the eventfd; one that is signalled already counts
 * @signalled: the eventfd that the vector signals, which is refused: it would unmask what it delivers
 * @unmask: unmasks INTx; called with the eventfd's wait queue lock held and interrupts off
 * @out: to be given to uldf_unmasker_destroy()
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

/* Is it @event that unmasks? Nothing does where @unmasker is NULL. */
bool uldf_unmasker_listens(const struct uldf_unmasker *unmasker, const struct eventfd_ctx *event)
{
	return unmasker && unmasker->event == event;
}

/* Once this returns the eventfd unmasks no more. NULL is ignored. */
void uldf_unmasker_destroy(struct uldf_unmasker *unmasker)
{
	u64 count;

	if (!unmasker)
		return;
	eventfd_ctx_remove_wait_queue(unmasker->event, &unmasker->wait, &count);
	eventfd_ctx_put(unmasker->event);
	kfree(unmasker);
}
