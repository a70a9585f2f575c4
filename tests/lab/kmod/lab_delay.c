// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whoever takes a reference to a device's IOMMU group is held up between reading which group that is and counting the
 * reference, so that the device may go meanwhile.
 */
#include <linux/delay.h>
#include <linux/iommu.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/string.h>

#define DELAY_MS 300

static unsigned long delay_caller_size; /* bytes of iommu_group_get() */
static unsigned int delay_count;
module_param_named(count, delay_count, uint, 0444);
MODULE_PARM_DESC(count, "how often somebody was held up");

/* Called in its place. The probe leaves alone what is called from here, unless the call is the last thing done. */
static struct kobject *delay_get(struct kobject *kobj)
{
	msleep(DELAY_MS);
	kobj = kobject_get(kobj);
	delay_count++;
	return kobj;
}

static int delay_before(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned long from = (unsigned long)iommu_group_get;
	unsigned long caller = regs_get_kernel_stack_nth(regs, 0);

	if (caller <= from || caller >= from + delay_caller_size)
		return 0;
	instruction_pointer_set(regs, (unsigned long)delay_get);
	return 1;
}

/* Who has this may change the instruction pointer. */
static void delay_after(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe delay_probe = {
	.symbol_name = "kobject_get",
	.pre_handler = delay_before,
	.post_handler = delay_after,
};

/* From "iommu_group_get+0x0/0x40": a kernel that looks for mistakes has larger functions. */
static int __init find_caller(void)
{
	char name[KSYM_SYMBOL_LEN];
	const char *size;

	sprint_symbol(name, (unsigned long)iommu_group_get);
	size = strrchr(name, '/');
	return size ? kstrtoul(size + 1, 0, &delay_caller_size) : -ENOENT;
}

static int __init delay_init(void)
{
	return find_caller() ?: register_kprobe(&delay_probe);
}

static void __exit delay_exit(void)
{
	unregister_kprobe(&delay_probe);
}

module_init(delay_init);
module_exit(delay_exit);
MODULE_DESCRIPTION("lab: references to IOMMU groups that are late");
MODULE_LICENSE("GPL");
