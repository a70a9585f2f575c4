/* SPDX-License-Identifier: MIT */
#ifndef ULDF_DRIVERS_DISK_H
#define ULDF_DRIVERS_DISK_H

#include <uldf/dma.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: struct uldf_disk - a disk, whatever the driver that serves it
 *
 * Opaque. One thread at a time per disk. Nothing here makes a system call on its own account: a driver
 * whose registers are mapped submits and completes without any.
 */
struct uldf_disk;

/**
 * struct uldf_disk_options - how to drive a disk; all zero for what suits most
 * @unit: which disk of the controller, from 0. IDE: 0 and 1 are master and slave of the primary
 *        channel, 2 and 3 those of the secondary one. NVMe: namespace @unit + 1
 * @depth: the most requests at once; 0 for what the driver finds fit
 * @polled: no interrupts: the caller asks by uldf_disk_poll() until all is there
 * @pio: the CPU moves the data (IDE); requests need @data then
 * @unmapped: reach registers by calls even where they could be mapped
 */
struct uldf_disk_options {
	unsigned int unit;
	unsigned int depth;
	bool polled;
	bool pio;
	bool unmapped;
};

/**
 * struct uldf_disk_info - what a disk is
 * @model: name its maker gave it
 * @serial: serial number
 * @blocks: how many it has
 * @block_size: bytes in each, a power of two from 512 on
 * @most_blocks: the most that one request reads or writes
 * @most_discarded: the most that one %ULDF_DISK_DISCARD takes; 0: the disk has no such command
 * @most_zeroed: likewise %ULDF_DISK_ZERO
 * @depth: the most requests at once
 * @cached: it has a volatile write cache: what is written lasts only after a flush, or when %ULDF_DISK_WRITE_FUA wrote it
 * @fua: it has %ULDF_DISK_WRITE_FUA
 * @read_only: it was write-protected when it was opened: writes are -EROFS
 * @bounced: requests need @data, as the CPU moves the data
 */
struct uldf_disk_info {
	char model[41];
	char serial[21];
	uint64_t blocks;
	uint32_t block_size;
	uint32_t most_blocks;
	uint32_t most_discarded;
	uint32_t most_zeroed;
	uint32_t depth;
	bool cached;
	bool fua;
	bool read_only;
	bool bounced;
};

/**
 * enum uldf_disk_command - what a request asks for
 * @ULDF_DISK_READ: blocks from the disk into memory
 * @ULDF_DISK_WRITE: blocks from memory onto the disk
 * @ULDF_DISK_FLUSH: all writes completed before it are to last; no blocks, no memory
 * @ULDF_DISK_DISCARD: nobody needs what the blocks hold; no memory. What they read as afterwards is the disk's choice
 * @ULDF_DISK_ZERO: the blocks are to read as zeros; no memory
 * @ULDF_DISK_WRITE_FUA: a write that lasts when it completes (force unit access)
 */
enum uldf_disk_command {
	ULDF_DISK_READ,
	ULDF_DISK_WRITE,
	ULDF_DISK_FLUSH,
	ULDF_DISK_DISCARD,
	ULDF_DISK_ZERO,
	ULDF_DISK_WRITE_FUA,
};

/**
 * struct uldf_disk_request - something for a disk to do
 * @tag: comes back with the completion; not looked at
 * @command: one of enum uldf_disk_command
 * @blocks: how many, 1..@most_blocks, @most_discarded or @most_zeroed; 0 for a flush
 * @block: the first
 * @list: where the memory is for the disk, @blocks of it in all: an uldf_dma's list, or a part of an
 *        uldf_buffer. The first begins at a multiple of 4, each other at one of 4096, and all but the
 *        last end at one (NVMe 1.4 section 4.3, BMIDE 1.0 section 1.2)
 * @count: how many segments
 * @data: where the memory is for the CPU, in one piece; NULL unless the disk is @bounced
 *
 * The list is read by uldf_disk_submit(), the memory is the disk's until the completion.
 */
struct uldf_disk_request {
	uint64_t tag;
	enum uldf_disk_command command;
	uint32_t blocks;
	uint64_t block;
	const struct uldf_segment *list;
	size_t count;
	void *data;
};

/**
 * struct uldf_disk_completion - a request that was done
 * @tag: the request's
 * @status: 0, -EIO the disk could not, -ENOSPC, -EROFS it is write-protected, -ETIMEDOUT it took too long,
 *          -ENODEV the disk is gone
 */
struct uldf_disk_completion {
	uint64_t tag;
	int status;
};

/**
 * uldf_disk_open() - drive the disk behind a controller, by its class
 * @device: device of class 0x0101 (IDE) or 0x010802 (NVMe), attached to @space; no vector is enabled
 * @space: where its DMA memory is; IDE needs one with the mask 0xffffffff
 * @options: how; NULL for all zero
 * @out: the disk, closed with uldf_disk_close(); untouched on failure
 *
 * Switches bus mastering on and enables vectors. uldf_reason() says what is wrong with a disk that is refused.
 *
 * Return: 0, -ENOTSUP no driver for this class, and as uldf_ide_open() and uldf_nvme_open().
 */
int uldf_disk_open(struct uldf_device *device, struct uldf_space *space,
		   const struct uldf_disk_options *options, struct uldf_disk **out);

/**
 * uldf_disk_close() - stop a disk
 * @disk: disk, or NULL
 *
 * Requests not yet completed never will be. The controller is shut down, its vectors are freed, bus
 * mastering goes off; the device stays open and attached. Flush before, to keep what is in its cache.
 */
void uldf_disk_close(struct uldf_disk *disk);

/**
 * uldf_disk_info() - what the disk is
 * @disk: disk
 *
 * Return: facts that stay the same while it is open; owned by it.
 */
const struct uldf_disk_info *uldf_disk_info(const struct uldf_disk *disk);

/**
 * uldf_disk_submit() - hand requests to the disk
 * @disk: disk
 * @list: the requests
 * @count: how many
 * @done: out: how many of them, from the first, the disk took, also on failure
 *
 * Return: 0 also when fewer were taken than given, as the disk has all it can do; else why the first
 * not taken was refused: -EINVAL command, segments or size, -ERANGE outside the disk, -E2BIG more than
 * its most blocks, -EROFS the disk is @read_only, -ENOTSUP it has no such command, -ENODEV gone, -EIO the
 * controller does not work any more.
 */
int uldf_disk_submit(struct uldf_disk *disk, const struct uldf_disk_request *list, size_t count,
		     size_t *done);

/**
 * uldf_disk_poll() - collect requests that were done, in any order
 * @disk: disk
 * @list: where they go
 * @room: how many fit
 * @count: out: how many there were, 0 for none; fewer than @room means no more for now
 *
 * Return: 0, -ENODEV gone, -EIO the controller does not work any more: then all that was submitted
 * completes with that status first.
 */
int uldf_disk_poll(struct uldf_disk *disk, struct uldf_disk_completion *list, size_t room,
		   size_t *count);

/**
 * uldf_disk_fd() - what becomes readable when there may be something to collect
 * @disk: disk
 *
 * Not to be read: uldf_disk_poll() does.
 *
 * Return: an eventfd, owned by the disk; -1 when it is polled.
 */
int uldf_disk_fd(const struct uldf_disk *disk);

/**
 * uldf_disk_expire() - recover from requests that take too long
 * @disk: disk
 * @age: calls
 *
 * To be called about every second. A request that was there at @age calls before this one is overdue: the
 * controller is reset. NVMe: what was in flight is issued again, once, so that a request that is there at
 * a second reset completes with -ETIMEDOUT (-EIO when the controller had failed). IDE: the request completes
 * with -ETIMEDOUT. The reset goes on in the calls that follow, none of which waits longer than 0.5 s, and
 * nothing is taken meanwhile. Lost interrupts are found by the way: uldf_disk_poll() is worth a call afterwards.
 *
 * Return: 0, -ENODEV gone, -EIO the controller does not come back.
 */
int uldf_disk_expire(struct uldf_disk *disk, unsigned int age);

/**
 * uldf_disk_read() - read blocks and wait for them
 * @disk: disk with nothing submitted that uldf_disk_poll() has not told yet
 * @request: as for uldf_disk_submit(); the command and the tag are not looked at
 *
 * Return: 0, -EBUSY something was submitted and not collected, and as uldf_disk_submit() and a
 * completion's status.
 */
int uldf_disk_read(struct uldf_disk *disk, const struct uldf_disk_request *request);

/**
 * uldf_disk_write() - write blocks and wait for it
 * @disk: disk as for uldf_disk_read()
 * @request: as for uldf_disk_read()
 *
 * Return: as uldf_disk_read().
 */
int uldf_disk_write(struct uldf_disk *disk, const struct uldf_disk_request *request);

/**
 * uldf_disk_flush() - make what was written last, and wait for it
 * @disk: disk as for uldf_disk_read()
 *
 * Return: as uldf_disk_read().
 */
int uldf_disk_flush(struct uldf_disk *disk);

#ifdef __cplusplus
}
#endif

#endif
