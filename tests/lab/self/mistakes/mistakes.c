// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes one mistake of each kind that a debug kernel reports, when it is loaded: whoever reads the kernel's log
 * must find them all. Needs the lab's edu device. The reports leave the machine working.
 */
#include <linux/dma-mapping.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timer.h>

static DEFINE_SPINLOCK(spin);
static DEFINE_MUTEX(one);
static DEFINE_MUTEX(other);
static int number = 40;
static int __rcu *shared = &number;
static void *kept;

/* KASAN, whose reports put lockdep off too */
static void read_freed_memory(void)
{
	u8 *bytes = kzalloc(64, GFP_KERNEL);

	kfree(bytes);
	pr_info("freed memory has %u\n", READ_ONCE(bytes[3]));
}

/* UBSAN */
static void shift_too_far(void)
{
	pr_info("shifted: %d\n", 1 << READ_ONCE(number));
}

/* DEBUG_LIST */
static void delete_twice(void)
{
	LIST_HEAD(list);
	struct list_head entry;

	list_add(&entry, &list);
	list_del(&entry);
	list_del(&entry);
}

static void ring(struct timer_list *timer)
{
}

/* DEBUG_OBJECTS */
static void free_running_timer(void)
{
	struct timer_list *timer = kzalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, ring, 0);
	mod_timer(timer, jiffies + 1000 * HZ);
	kfree(timer);
}

/* DEBUG_ATOMIC_SLEEP */
static void sleep_under_spin_lock(void)
{
	spin_lock(&spin);
	might_sleep();
	spin_unlock(&spin);
}

/* PROVE_RCU */
static void dereference_unprotected(void)
{
	pr_info("shared: %d\n", *rcu_dereference(shared));
}

/* PROVE_LOCKING, which is off from here on */
static void lock_in_both_orders(void)
{
	mutex_lock(&one);
	mutex_lock(&other);
	mutex_unlock(&other);
	mutex_unlock(&one);

	mutex_lock(&other);
	mutex_lock(&one);
	mutex_unlock(&one);
	mutex_unlock(&other);
}

/* DMA_API_DEBUG */
static void unmap_half(void)
{
	struct pci_dev *edu = pci_get_device(0x1234, 0x11e8, NULL);
	void *bytes = kzalloc(64, GFP_KERNEL);
	dma_addr_t address;

	if (edu && bytes) {
		address = dma_map_single(&edu->dev, bytes, 64, DMA_TO_DEVICE);
		if (!dma_mapping_error(&edu->dev, address))
			dma_unmap_single(&edu->dev, address, 32, DMA_TO_DEVICE);
	}
	kfree(bytes);
	pci_dev_put(edu);
}

/* DEBUG_KMEMLEAK; some, as an address may stay behind on a stack */
static void forget_memory(void)
{
	int i;

	for (i = 0; i < 10; i++)
		WRITE_ONCE(kept, kmalloc(200, GFP_KERNEL));
	WRITE_ONCE(kept, NULL);
}

static int __init mistakes_init(void)
{
	sleep_under_spin_lock();
	dereference_unprotected();
	lock_in_both_orders();
	read_freed_memory();
	shift_too_far();
	delete_twice();
	free_running_timer();
	unmap_half();
	forget_memory();
	return 0;
}

static void __exit mistakes_exit(void)
{
}

module_init(mistakes_init);
module_exit(mistakes_exit);
MODULE_DESCRIPTION("Mistakes, for those who look for them");
MODULE_LICENSE("GPL");
