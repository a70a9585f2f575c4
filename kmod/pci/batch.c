// SPDX-License-Identifier: GPL-2.0-only
/*
 * Batches: a list of register accesses in one system call.
 *
 * A batch copies in and checks its whole list before the first access, and touches user memory again only
 * after the last. It makes consecutive reads and writes of BARs under one hold of memory_lock for reading.
 * It drops the lock between the parts of a string and between two reads of a poll, so that whoever closes
 * the gate waits for neither to end.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "core/call.h"
#include "core/compat.h"
#include "device/command.h"
#include "device/gate.h"
#include "pci/access.h"
#include "pci/batch.h"

#define LIST_SHORT    12  /* operations that fit on the stack */
#define STRING_PART   512 /* accesses of a string under one hold of the lock */
#define POLL_SPIN_US  20
#define POLL_SLEEP_US 50 /* at least, between two reads of a poll */

struct io_batch {
	struct uldf_device *udev;
	struct uldf_ioc_io *list;
	u32 count;
	u32 done;
	u8 *strings; /* data of all strings, to write or read, one after the other */
	u32 string_bytes;
	bool polled; /* the poll at list[done] timed out: its value is written back */
};

static bool is_string(const struct uldf_ioc_io *io)
{
	return io->op == ULDF_OP_READ_STRING || io->op == ULDF_OP_WRITE_STRING;
}

static u32 string_size(const struct uldf_ioc_io *io)
{
	return io->count * io->width;
}

static bool in_bar(const struct uldf_ioc_io *io)
{
	return io->index < PCI_STD_NUM_BARS;
}

/* ---- checking ------------------------------------------------------------------------------- */

/* Checks the fields that depend on the operation. Adds to the sums that are limited for the whole list. */
static int fields_check(const struct uldf_ioc_io *io, u64 *bytes, u64 *microseconds)
{
	switch (io->op) {
	case ULDF_OP_READ:
	case ULDF_OP_WRITE:
		return io->count || io->mask ? -EINVAL : 0;
	case ULDF_OP_POLL:
		*microseconds += io->count;
		return io->value & ~(io->mask & GENMASK_ULL(8 * io->width - 1, 0)) ? -EINVAL : 0;
	case ULDF_OP_READ_STRING:
	case ULDF_OP_WRITE_STRING:
		*bytes += (u64)io->count * io->width;
		return io->width == 8 || !io->count ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

static bool writes(const struct uldf_ioc_io *io)
{
	return io->op == ULDF_OP_WRITE || io->op == ULDF_OP_WRITE_STRING;
}

static int io_check(struct uldf_device *udev, struct uldf_ioc_io *io, u64 *bytes, u64 *microseconds)
{
	const struct uldf_window *window;

	if (io->index >= ULDF_REGIONS)
		return -EINVAL;
	/* bounds the index for the accesses that follow as well */
	io->index = array_index_nospec(io->index, ULDF_REGIONS);
	window = &udev->window[io->index];
	if (!(io->width & window->widths) || io->width & (io->width - 1) ||
	    io->offset & (io->width - 1) || (io->index == ULDF_REGION_ROM && writes(io)))
		return -EINVAL;
	if (io->offset >= window->size || io->width > window->size - io->offset)
		return -ERANGE;
	return fields_check(io, bytes, microseconds);
}

static int list_check(struct io_batch *batch)
{
	struct uldf_device *udev = batch->udev;
	u64 bytes = 0, microseconds = 0;
	u32 i;
	int ret;

	for (i = 0; i < batch->count; i++) {
		struct uldf_ioc_io *io = &batch->list[i];

		ret = io_check(udev, io, &bytes, &microseconds);
		if (ret)
			return ret;
		if (in_bar(io) && !udev->window[io->index].ports &&
		    !READ_ONCE(udev->bar[io->index])) {
			ret = uldf_access_prepare(udev, io->index);
			if (ret)
				return ret;
		}
	}
	if (bytes > ULDF_OP_STRING || microseconds > ULDF_OP_POLL_US)
		return -E2BIG;
	batch->string_bytes = bytes;
	return 0;
}

/* ---- strings -------------------------------------------------------------------------------- */

static void ports_touch(unsigned long port, u8 width, u8 *data, u32 count, bool write)
{
	switch (width) {
	case 1:
		if (write)
			outsb(port, data, count);
		else
			insb(port, data, count);
		break;
	case 2:
		if (write)
			outsw(port, data, count);
		else
			insw(port, data, count);
		break;
	default:
		if (write)
			outsl(port, data, count);
		else
			insl(port, data, count);
	}
}

/* Transfers part of a string to or from a BAR that the device decodes; memory_lock is held. */
static void bar_part(struct uldf_device *udev, const struct uldf_ioc_io *io, u8 *data, u32 count)
{
	const struct uldf_window *window = &udev->window[io->index];
	u64 value = 0;

	if (window->ports) {
		ports_touch(window->port + io->offset, io->width, data, count, writes(io));
		return;
	}
	for (; count; count--, data += io->width) {
		if (writes(io))
			memcpy(&value, data, io->width);
		uldf_access_bar(udev, io->index, io->offset, io->width, &value, writes(io));
		if (!writes(io))
			memcpy(data, &value, io->width);
	}
}

static int string_part(struct uldf_device *udev, const struct uldf_ioc_io *io, u8 *data, u32 count)
{
	u64 value = 0;
	int ret = 0;

	if (in_bar(io)) {
		uldf_access_begin(udev);
		if (!udev->gate)
			ret = -ENODEV;
		else if (!uldf_command_decodes(udev, udev->window[io->index].decode))
			ret = -EIO;
		else
			bar_part(udev, io, data, count);
		uldf_access_end(udev);
		return ret;
	}
	for (; count && !ret; count--, data += io->width) {
		if (writes(io))
			memcpy(&value, data, io->width);
		ret = uldf_access_one(udev, io->index, io->offset, io->width, &value, writes(io));
		if (!writes(io))
			memcpy(data, &value, io->width);
		/* vital product data take long */
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	}
	return ret;
}

static int string_do(struct uldf_device *udev, const struct uldf_ioc_io *io, u8 *data)
{
	u32 left = io->count, part;
	int ret = 0;

	while (left && !ret) {
		part = min_t(u32, left, STRING_PART);
		ret = string_part(udev, io, data, part);
		data += part * io->width;
		left -= part;
		cond_resched();
		if (left && fatal_signal_pending(current))
			ret = -EINTR;
	}
	return ret;
}

/* Allocates room for all strings and copies in the data of those that write. */
static int strings_fetch(struct io_batch *batch)
{
	u8 *at;
	u32 i;

	if (!batch->string_bytes)
		return 0;
	at = batch->strings = kvzalloc(batch->string_bytes, GFP_KERNEL_ACCOUNT);
	if (!at)
		return -ENOMEM;
	for (i = 0; i < batch->count; i++) {
		const struct uldf_ioc_io *io = &batch->list[i];

		if (!is_string(io))
			continue;
		if (writes(io) && copy_from_user(at, u64_to_user_ptr(io->data), string_size(io)))
			return -EFAULT;
		at += string_size(io);
	}
	return 0;
}

/* Copies out the strings that were read to their end. */
static int strings_return(struct io_batch *batch)
{
	const u8 *at = batch->strings;
	u32 i;

	for (i = 0; at && i < batch->done; i++) {
		const struct uldf_ioc_io *io = &batch->list[i];

		if (!is_string(io))
			continue;
		if (!writes(io) && copy_to_user(u64_to_user_ptr(io->data), at, string_size(io)))
			return -EFAULT;
		at += string_size(io);
	}
	return 0;
}

/* ---- running the list ----------------------------------------------------------------------- */

/* Takes the time before each read, so that the last read comes after the limit. */
static int poll_do(struct uldf_device *udev, struct uldf_ioc_io *io)
{
	u64 wanted = io->value;
	ktime_t begin = 0;
	s64 spent = 0;
	int ret;

	for (;;) {
		ret = uldf_access_one(udev, io->index, io->offset, io->width, &io->value, false);
		if (ret || (io->value & io->mask) == wanted)
			return ret;
		if (spent >= io->count)
			return -ETIMEDOUT;
		if (fatal_signal_pending(current))
			return -EINTR;
		if (!begin)
			begin = ktime_get();
		if (spent < POLL_SPIN_US)
			cond_resched();
		else
			usleep_range(POLL_SLEEP_US, 2 * POLL_SLEEP_US);
		spent = ktime_us_delta(ktime_get(), begin);
	}
}

static void port_touch(unsigned long port, struct uldf_ioc_io *io)
{
	bool write = io->op == ULDF_OP_WRITE;

	if (io->width == 1 && write)
		outb(io->value, port);
	else if (io->width == 1)
		io->value = inb(port);
	else if (io->width == 2 && write)
		outw(io->value, port);
	else if (io->width == 2)
		io->value = inw(port);
	else if (write)
		outl(io->value, port);
	else
		io->value = inl(port);
}

/* Makes the reads and writes of BARs up to the first other operation or failure, whose index is @done. */
static int touch_many(struct io_batch *batch)
{
	struct uldf_ioc_io *io = batch->list + batch->done, *end = batch->list + batch->count;
	struct uldf_device *udev = batch->udev;
	u16 decodes;
	int ret = 0;

	uldf_access_begin(udev);
	decodes = udev->gate ? udev->command.decodes : 0;
	for (; io < end && io->op <= ULDF_OP_WRITE && in_bar(io); io++) {
		const struct uldf_window *window = &udev->window[io->index];

		if (!(decodes & window->decode)) {
			ret = udev->gate ? -EIO : -ENODEV;
			break;
		}
		if (window->ports)
			port_touch(window->port + io->offset, io);
		else
			uldf_access_bar(udev, io->index, io->offset, io->width, &io->value,
					io->op == ULDF_OP_WRITE);
	}
	batch->done = io - batch->list;
	uldf_access_end(udev);
	return ret;
}

static int list_do(struct io_batch *batch)
{
	u8 *string = batch->strings;
	struct uldf_ioc_io *io;
	int ret;

	for (;;) {
		ret = touch_many(batch);
		if (ret || batch->done == batch->count)
			return ret;
		io = &batch->list[batch->done];
		if (is_string(io)) {
			ret = string_do(batch->udev, io, string);
			string += string_size(io);
		} else if (io->op == ULDF_OP_POLL) {
			ret = poll_do(batch->udev, io);
			batch->polled = ret == -ETIMEDOUT;
		} else {
			ret = uldf_access_one(batch->udev, io->index, io->offset, io->width,
					      &io->value, io->op == ULDF_OP_WRITE);
			if (!ret && fatal_signal_pending(current))
				ret = -EINTR;
		}
		if (ret)
			return ret;
		batch->done++;
	}
}

/* ---- user memory: copied by words, as a copy of variable size costs several times as much --------- */

static int list_fetch(struct io_batch *batch, const struct uldf_ioc_io __user *from)
{
	const u64 __user *at = (const u64 __user *)from;
	u64 *to = (u64 *)batch->list;
	const u64 *end = (u64 *)(batch->list + batch->count);

	BUILD_BUG_ON(sizeof(*from) != 4 * sizeof(*at));
	if (!user_read_access_begin(from, batch->count * sizeof(*from)))
		return -EFAULT;
	for (; to < end; to += 4, at += 4) {
		unsafe_get_user(to[0], at, fault);
		unsafe_get_user(to[1], at + 1, fault);
		unsafe_get_user(to[2], at + 2, fault);
		unsafe_get_user(to[3], at + 3, fault);
	}
	user_read_access_end();
	return 0;

fault:
	user_read_access_end();
	return -EFAULT;
}

static int list_return(struct io_batch *batch, struct uldf_ioc_io __user *to)
{
	u32 count = batch->done + batch->polled, i;

	if (!user_write_access_begin(to, batch->count * sizeof(*to)))
		return -EFAULT;
	for (i = 0; i < count; i++)
		if (batch->list[i].op == ULDF_OP_READ || batch->list[i].op == ULDF_OP_POLL)
			unsafe_put_user(batch->list[i].value, &to[i].value, fault);
	user_write_access_end();
	return strings_return(batch);

fault:
	user_write_access_end();
	return -EFAULT;
}

static int list_run(struct io_batch *batch, struct uldf_ioc_io __user *user)
{
	int ret, fault;

	ret = list_fetch(batch, user);
	if (!ret)
		ret = list_check(batch);
	if (!ret)
		ret = strings_fetch(batch);
	if (ret)
		goto out;
	ret = list_do(batch);
	fault = list_return(batch, user);
	ret = ret ?: fault;
out:
	kvfree(batch->strings);
	return ret;
}

static int arg_fetch(struct uldf_ioc_io_batch *arg, const struct uldf_ioc_io_batch __user *from)
{
	if (!user_read_access_begin(from, sizeof(*from)))
		return -EFAULT;
	unsafe_get_user(arg->argsz, &from->argsz, fault);
	unsafe_get_user(arg->flags, &from->flags, fault);
	unsafe_get_user(arg->count, &from->count, fault);
	unsafe_get_user(arg->ios, &from->ios, fault);
	user_read_access_end();
	return uldf_argsz_check(from, arg->argsz, sizeof(*arg), sizeof(*arg));

fault:
	user_read_access_end();
	return -EFAULT;
}

/**
 * uldf_batch_run - run ULDF_IO_BATCH, which copies its own arguments
 * @udev: the device
 * @user: pointer to struct uldf_ioc_io_batch
 *
 * Return: 0 or negative errno, see struct uldf_ioc_io_batch
 */
long uldf_batch_run(struct uldf_device *udev, unsigned long user)
{
	struct uldf_ioc_io_batch __user *from = (void __user *)user;
	struct uldf_ioc_io few[LIST_SHORT] uldf_uninitialized;
	struct io_batch batch = {.udev = udev, .list = few};
	struct uldf_ioc_io_batch arg;
	int ret;

	ret = arg_fetch(&arg, from);
	if (ret)
		return ret;
	ret = -EINVAL;
	if (arg.flags || !arg.count)
		goto out;
	ret = -E2BIG;
	if (arg.count > ULDF_OP_BATCH)
		goto out;
	batch.count = arg.count;
	if (arg.count > LIST_SHORT)
		batch.list = kmalloc_array(arg.count, sizeof(*few), GFP_KERNEL_ACCOUNT);
	ret = -ENOMEM;
	if (!batch.list)
		goto out;
	ret = list_run(&batch, u64_to_user_ptr(arg.ios));
	if (batch.list != few)
		kfree(batch.list);
out:
	if (put_user(batch.done, &from->done))
		ret = ret ?: -EFAULT;
	return ret;
}
