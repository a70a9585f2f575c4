// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells KVM that its guest has a device, however that interrupts: KVM of 6.1 and 6.12 clears the processor's
 * buffers against MMIO Stale Data only for guests that have one. From 6.17 on KVM looks at what the guest
 * maps, and has no such call.
 *
 * Holds the file of the virtual machine, which holds nothing of ours, from the call on until the
 * device's quiesce. KVM is looked up and not linked against. Guarded by uldf_device.lock.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "device/guest.h"

#define START "kvm_arch_start_assignment"
#define END   "kvm_arch_end_assignment"
#define IS_VM "file_is_kvm"

struct kvm;

struct uldf_guest {
	struct file *vm;
	void (*end)(struct kvm *kvm);
};

/* A machine's file has the machine as its private data. */
static struct kvm *guest_kvm(const struct uldf_guest *guest)
{
	return guest->vm->private_data;
}

static int guest_check(struct file *file)
{
	bool (*is_vm)(struct file * file) = (void *)__symbol_get(IS_VM);
	bool is;

	if (!is_vm)
		return -EOPNOTSUPP;
	is = is_vm(file);
	__symbol_put(IS_VM);
	return is ? 0 : -EINVAL;
}

/* The reference to END keeps KVM until guest_end(). */
static int guest_start(struct uldf_guest *guest)
{
	void (*start)(struct kvm * kvm) = (void *)__symbol_get(START);
	int ret = -EOPNOTSUPP;

	if (!start)
		return ret;
	guest->end = (void *)__symbol_get(END);
	if (guest->end)
		ret = guest_check(guest->vm);
	if (!ret)
		start(guest_kvm(guest));
	else if (guest->end)
		__symbol_put(END);
	__symbol_put(START);
	return ret;
}

static void guest_end(struct uldf_guest *guest)
{
	if (!guest)
		return;
	guest->end(guest_kvm(guest));
	__symbol_put(END);
	fput(guest->vm);
	kfree(guest);
}

static int guest_create(int fd, struct uldf_guest **out)
{
	struct uldf_guest *guest = kzalloc(sizeof(*guest), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!guest)
		return -ENOMEM;
	guest->vm = fget(fd);
	if (!guest->vm) {
		ret = -EBADF;
		goto err_free;
	}
	ret = guest_start(guest);
	if (ret)
		goto err_put;
	*out = guest;
	return 0;

err_put:
	fput(guest->vm);
err_free:
	kfree(guest);
	return ret;
}

static int device_guest(void *object, void *arg)
{
	const struct uldf_ioc_device_guest *args = arg;
	struct uldf_device *udev = object;
	struct uldf_guest *guest = NULL;
	int ret = 0;

	if (args->flags || args->pad || args->vm < -1)
		return -EINVAL;
	if (args->vm >= 0)
		ret = guest_create(args->vm, &guest);
	if (ret)
		return ret;
	ret = uldf_device_enter(udev);
	if (!ret) {
		swap(guest, udev->guest);
		uldf_device_leave(udev);
	}
	guest_end(guest);
	return ret;
}

/* The device is no guest's any more; its lock is held. */
void uldf_guest_end(struct uldf_device *udev)
{
	guest_end(udev->guest);
	udev->guest = NULL;
}

const struct uldf_call uldf_guest_calls[] = {
	{ULDF_DEVICE_GUEST, offsetofend(struct uldf_ioc_device_guest, pad), .run = device_guest},
	{},
};
