// SPDX-License-Identifier: MIT
/* Reading an NVMe disk through libuldf's driver, polled. */
#include <stdlib.h>
#include <uldf/drivers/nvme.h>
#include <x86intrin.h>
#include "bench.h"

enum {
	DEPTH_MOST = 32,
	BATCHES = 64,
	READS = 32, /* in a batch, for one sample */
	DISK = 64 << 20,
};

struct reader {
	struct ours *ours;
	struct uldf_disk *disk;
	struct uldf_buffer *memory;
	unsigned int depth;
	uint32_t block_size;
	uint64_t next; /* byte of the disk to read */
	uint64_t took;
};

static void *reader_begin(struct ours *ours, unsigned int depth)
{
	const struct uldf_disk_options polled = {.polled = true};
	struct reader *reader = calloc(1, sizeof(*reader));

	need(reader != NULL, "memory");
	reader->ours = ours;
	reader->depth = depth;
	ours_need(ours, uldf_nvme_open(ours->device, ours->space, &polled, &reader->disk),
		  "open the disk");
	ours_need(ours, uldf_buffer_create(ours->space, DEPTH_MOST * PAGE, &reader->memory),
		  "a buffer");
	reader->block_size = uldf_disk_info(reader->disk)->block_size;
	return reader;
}

static void *kmod_qd1_begin(const char *address)
{
	return reader_begin(ours_open(address), 1);
}

static void *kmod_qd32_begin(const char *address)
{
	return reader_begin(ours_open(address), DEPTH_MOST);
}

/* Which part of the buffer a read goes to is of no interest: nobody looks at it. */
static void submit(struct reader *reader, unsigned int count)
{
	struct uldf_disk_request list[DEPTH_MOST];
	struct uldf_segment segments[DEPTH_MOST];
	uint64_t before = __rdtsc();
	size_t done;

	for (unsigned int i = 0; i < count; i++) {
		segments[i] = (struct uldf_segment){reader->memory->bus + i * PAGE, PAGE};
		list[i] = (struct uldf_disk_request){
			.command = ULDF_DISK_READ,
			.blocks = PAGE / reader->block_size,
			.block = reader->next / reader->block_size,
			.list = &segments[i],
			.count = 1,
		};
		reader->next = (reader->next + 5 * PAGE) % DISK;
	}
	ours_need(reader->ours, uldf_disk_submit(reader->disk, list, count, &done), "submit");
	reader->took += __rdtsc() - before;
	need(done == count, "all of them");
}

/* Asking in vain is idling: only what found something counts. */
static unsigned int collect(struct reader *reader)
{
	struct uldf_disk_completion list[DEPTH_MOST];
	size_t count = 0;

	while (!count) {
		uint64_t before = __rdtsc();

		ours_need(reader->ours, uldf_disk_poll(reader->disk, list, DEPTH_MOST, &count),
			  "poll");
		if (count)
			reader->took += __rdtsc() - before;
	}
	for (size_t i = 0; i < count; i++)
		need(!list[i].status, "a read");
	return count;
}

/* As many reads as @count, never more than the depth under way; what has ended is replaced at once. */
static void reads(struct reader *reader, unsigned int count)
{
	unsigned int submitted = 0, ended = 0;

	while (ended < count) {
		unsigned int room = reader->depth - (submitted - ended), left = count - submitted;
		unsigned int fresh = room < left ? room : left;

		if (fresh)
			submit(reader, fresh);
		submitted += fresh;
		ended += collect(reader);
	}
}

static void measure(void *state, struct bench_count *out)
{
	struct reader *reader = state;
	uint64_t took[BATCHES];

	reads(reader, BATCHES);
	for (unsigned int i = 0; i < BATCHES; i++) {
		reader->took = 0;
		reads(reader, READS);
		took[i] = reader->took / READS;
	}
	count_samples(took, BATCHES, out);
	uldf_disk_close(reader->disk);
}

const struct bench_case nvme_cases[] = {
	{"nvme-read-qd1", "kmod", "nvme", kmod_qd1_begin, .measure = measure},
	{"nvme-read-qd32", "kmod", "nvme", kmod_qd32_begin, .measure = measure},
	{0},
};
