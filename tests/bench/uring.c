// SPDX-License-Identifier: MIT
/* Reading an NVMe disk through the kernel's driver: io_uring and O_DIRECT. */
#include <fcntl.h>
#include <glob.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "bench.h"

enum {
	DEPTH_MOST = 32,
	BATCHES = 64,
	READS = 32, /* in a batch, for one sample */
	DISK = 64 << 20,
};

struct uring {
	int ring;
	int disk;
	unsigned int depth;
	unsigned int *sq_tail, *cq_head, *cq_tail;
	unsigned int mask, cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	unsigned char *memory;
	uint64_t next; /* block to read */
	struct idle *idle;
};

static int disk_open(const char *address)
{
	char pattern[96], path[64];
	glob_t found;
	int fd;

	snprintf(pattern, sizeof(pattern), "/sys/bus/pci/devices/%s/nvme/nvme*", address);
	need(!glob(pattern, 0, NULL, &found), "find the disk");
	snprintf(path, sizeof(path), "/dev%sn1", strrchr(found.gl_pathv[0], '/'));
	globfree(&found);
	fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
	need(fd >= 0, path);
	return fd;
}

static void *ring_map(int ring, size_t size, uint64_t offset)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, offset);

	need(at != MAP_FAILED, "map the ring");
	return at;
}

static void *uring_begin(const char *address, unsigned int depth)
{
	struct uring *uring = calloc(1, sizeof(*uring));
	struct io_uring_params params = {0};
	unsigned char *rings;

	need(uring != NULL, "memory");
	uring->depth = depth;
	uring->disk = disk_open(address);
	uring->memory = pages_scattered(2 * DEPTH_MOST * PAGE);
	uring->ring = syscall(SYS_io_uring_setup, DEPTH_MOST, &params);
	need(uring->ring >= 0, "io_uring");
	need(params.features & IORING_FEAT_SINGLE_MMAP, "one mapping of both rings");
	rings = ring_map(uring->ring, params.cq_off.cqes + params.cq_entries * sizeof(*uring->cqes),
			 IORING_OFF_SQ_RING);
	uring->sqes =
		ring_map(uring->ring, params.sq_entries * sizeof(*uring->sqes), IORING_OFF_SQES);
	uring->sq_tail = (unsigned int *)(rings + params.sq_off.tail);
	uring->cq_head = (unsigned int *)(rings + params.cq_off.head);
	uring->cq_tail = (unsigned int *)(rings + params.cq_off.tail);
	uring->mask = params.sq_entries - 1;
	uring->cq_mask = params.cq_entries - 1;
	uring->cqes = (struct io_uring_cqe *)(rings + params.cq_off.cqes);
	for (unsigned int i = 0; i < params.sq_entries; i++)
		((unsigned int *)(rings + params.sq_off.array))[i] = i;
	uring->idle = idle_new();
	return uring;
}

static void *qd1_begin(const char *address)
{
	return uring_begin(address, 1);
}

static void *qd32_begin(const char *address)
{
	return uring_begin(address, DEPTH_MOST);
}

/* Which page of memory a read goes to is of no interest: nobody looks at it. */
static void read_prepare(struct uring *uring)
{
	unsigned int tail = *uring->sq_tail, slot = tail & uring->mask;

	uring->sqes[slot] = (struct io_uring_sqe){
		.opcode = IORING_OP_READ,
		.fd = uring->disk,
		.addr = (uintptr_t)(uring->memory + slot * PAGE),
		.len = PAGE,
		.off = uring->next,
	};
	uring->next = (uring->next + 5 * PAGE) % DISK;
	__atomic_store_n(uring->sq_tail, tail + 1, __ATOMIC_RELEASE);
}

static unsigned int collect(struct uring *uring)
{
	unsigned int head = *uring->cq_head, count = 0;

	for (; head != __atomic_load_n(uring->cq_tail, __ATOMIC_ACQUIRE); head++, count++)
		need(uring->cqes[head & uring->cq_mask].res == PAGE, "a read");
	__atomic_store_n(uring->cq_head, head, __ATOMIC_RELEASE);
	return count;
}

/* As many reads as @count, never more than the depth under way; what has ended is replaced at once. */
static void reads(struct uring *uring, unsigned int count)
{
	unsigned int submitted = 0, ended = 0;

	while (ended < count) {
		unsigned int fresh = 0;

		for (; submitted < count && submitted - ended < uring->depth; submitted++, fresh++)
			read_prepare(uring);
		need(syscall(SYS_io_uring_enter, uring->ring, fresh, 1, IORING_ENTER_GETEVENTS,
			     NULL, 0) == (long)fresh,
		     "submit");
		ended += collect(uring);
	}
}

static void measure(void *state, struct bench_count *out)
{
	struct uring *uring = state;
	uint64_t took[BATCHES];

	reads(uring, BATCHES);
	for (unsigned int i = 0; i < BATCHES; i++) {
		idle_begin(uring->idle);
		reads(uring, READS);
		took[i] = idle_end(uring->idle) / READS;
	}
	count_samples(took, BATCHES, out);
}

const struct bench_case uring_cases[] = {
	{"nvme-read-qd1", "kernel", "nvme", qd1_begin, .measure = measure},
	{"nvme-read-qd32", "kernel", "nvme", qd32_begin, .measure = measure},
	{0},
};
