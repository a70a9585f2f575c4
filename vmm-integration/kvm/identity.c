// SPDX-License-Identifier: MIT
#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hugepages.h"
#include "iomem.h"
#include "runs.h"

/* RAM below 4 GiB that a guest does not do without: the kernel, the initrd, 64 MiB to bounce 32-bit devices' data. */
#define LOW_LEAST (128 * VMM_1MIB)

/* As much as that is chosen if it is there, so that data of 32-bit devices need not be bounced. */
#define LOW_WANTED (512 * VMM_1MIB)

/* The first MiB is a piece of its own. */
#define PIECES_MAX (VMM_RAM_MAX - 1)

/**
 * struct pages - huge pages that were taken, and what of them is chosen
 * @host: what the host had before
 * @fd: memfd that has them
 * @taken: its bytes
 * @runs: where it lies on the bus, by address
 * @n_runs: how many runs
 * @choice: the guest's
 */
struct pages {
	struct vmm_hugepages host;
	int fd;
	uint64_t taken;
	struct vmm_run *runs;
	size_t n_runs;
	struct vmm_choice choice;
};

/* Leaves in pages->runs where the file lies on the bus. */
static int find_runs(struct vmm_assign *assign, struct pages *pages, struct vmm_reason *reason)
{
	void *base = mmap(NULL, pages->taken, PROT_READ | PROT_WRITE, MAP_SHARED, pages->fd, 0);
	struct uldf_segment *segments;
	uint64_t offset = 0;
	size_t count;
	int error;

	if (base == MAP_FAILED)
		return vmm_fail(reason, -errno, "guest RAM: %s", strerror(errno));
	error = vmm_assign_locate(assign, base, pages->taken, false, &segments, &count, reason);
	munmap(base, pages->taken);
	if (error)
		return error;
	free(pages->runs);
	pages->runs = calloc(count, sizeof(*pages->runs));
	pages->n_runs = count;
	for (size_t i = 0; pages->runs && i < count; i++) {
		pages->runs[i] = (struct vmm_run){.address = segments[i].address,
						  .offset = offset,
						  .size = segments[i].length};
		offset += segments[i].length;
	}
	free(segments);
	if (!pages->runs)
		return vmm_fail(reason, -ENOMEM, "out of memory");
	vmm_runs_sort(pages->runs, pages->n_runs);
	return 0;
}

static uint64_t least(uint64_t size, uint64_t limit)
{
	return size < limit ? size : limit;
}

/* Takes as many huge pages as the guest needs, and more as long as a guest could not boot with those. */
static int take(struct vmm_assign *assign, struct pages *pages, uint64_t size,
		struct vmm_reason *reason)
{
	const uint64_t page = pages->host.size, most = pages->host.free * page;
	int error;

	for (pages->taken = size;;) {
		if (ftruncate(pages->fd, (off_t)pages->taken))
			return vmm_fail(reason, -errno, "guest RAM: %s", strerror(errno));
		error = find_runs(assign, pages, reason);
		if (error)
			return error;
		vmm_runs_choose(pages->runs, pages->n_runs, page, size, least(size, LOW_WANTED),
				PIECES_MAX, &pages->choice);
		if (pages->taken >= most ||
		    (pages->choice.size == size && pages->choice.low >= least(size, LOW_LEAST)))
			return 0;
		pages->taken = pages->taken < most / 2 ? 2 * pages->taken : most;
	}
}

static int check_count(const struct vmm_hugepages *host, uint64_t size, struct vmm_reason *reason)
{
	if (size % host->size || !size)
		return vmm_fail(reason, -EINVAL,
				"--memory: by --dma identity a multiple of the huge page size, "
				"%llu MiB",
				host->size / VMM_1MIB + 0ULL);
	if (size / host->size > host->free)
		return vmm_fail(reason, -ENOMEM,
				"guest RAM: it takes %llu huge pages of %llu MiB, and %llu of %llu "
				"are free: reserve more in %s/hugepages-%llukB/nr_hugepages, or "
				"at boot with hugepages=N",
				size / host->size + 0ULL, host->size / VMM_1MIB + 0ULL,
				host->free + 0ULL, host->total + 0ULL, VMM_HUGEPAGES,
				host->size / 1024 + 0ULL);
	return 0;
}

static int check_choice(const struct pages *pages, uint64_t size, struct vmm_reason *reason)
{
	const uint64_t low = least(size, LOW_LEAST);

	if (pages->choice.size < size)
		return vmm_fail(
			reason, -ENOSPC,
			"guest RAM: a guest can have %llu MiB of the host's free huge pages: those "
			"below 2 GiB or above 4 GiB, in no more than %d pieces: reserve more, "
			"best at boot with hugepages=N, where they lie together",
			pages->choice.size / VMM_1MIB + 0ULL, PIECES_MAX);
	if (pages->choice.low < low)
		return vmm_fail(
			reason, -ENOSPC,
			"guest RAM: %llu MiB of the host's free huge pages lie below 2 GiB, "
			"where a guest needs %llu MiB: reserve more at boot with hugepages=N "
			"than fit above 4 GiB",
			pages->choice.low / VMM_1MIB + 0ULL, low / VMM_1MIB + 0ULL);
	return 0;
}

/* Maps the part of a piece that is in a run. */
static int map_run(const struct pages *pages, const struct vmm_run *run, const struct vmm_ram *ram,
		   uint8_t *at)
{
	uint64_t first = run->address > ram->address ? run->address : ram->address;
	uint64_t run_end = run->address + run->size, ram_end = ram->address + ram->size;
	uint64_t end = run_end < ram_end ? run_end : ram_end;

	if (first >= end)
		return 0;
	if (mmap(at + (first - ram->address), end - first, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, pages->fd,
		 (off_t)(run->offset + (first - run->address))) == MAP_FAILED)
		return -errno;
	return 0;
}

/* Gives the parts of a run back that are in no piece. */
static int free_rest(const struct pages *pages, const struct vmm_run *run)
{
	uint64_t at = run->address, end = run->address + run->size;

	for (size_t i = 0; at < end; i++) {
		const struct vmm_ram *ram = &pages->choice.ram[i];
		uint64_t stop = i < pages->choice.n_ram && ram->address < end ? ram->address : end;

		if (stop > at &&
		    fallocate(pages->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			      (off_t)(run->offset + (at - run->address)), (off_t)(stop - at)))
			return -errno;
		if (stop == end)
			break;
		if (ram->address + ram->size > at)
			at = ram->address + ram->size;
	}
	return 0;
}

/* The pieces one behind the other, after a page's room for the first MiB. */
static void place(const struct pages *pages, struct vmm_memory *memory)
{
	const struct vmm_choice *choice = &pages->choice;

	memory->ram[0] = (struct vmm_ram){.address = 0, .size = VMM_1MIB};
	memory->size = pages->host.size;
	for (size_t i = 0; i < choice->n_ram; i++) {
		memory->ram[i + 1] = choice->ram[i];
		memory->offsets[i + 1] = memory->size;
		memory->size += choice->ram[i].size;
	}
	memory->n_ram = choice->n_ram + 1;
}

static int map_pieces(const struct pages *pages, struct vmm_memory *memory)
{
	int error = 0;

	memory->base = vmm_memory_reserve(memory->size, pages->host.size);
	if (!memory->base)
		return -errno;
	if (mmap(memory->base, VMM_1MIB, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		error = -errno;
	for (size_t i = 0; !error && i < pages->n_runs; i++) {
		for (size_t j = 1; !error && j < memory->n_ram; j++)
			error = map_run(pages, &pages->runs[i], &memory->ram[j],
					memory->base + memory->offsets[j]);
		if (!error)
			error = free_rest(pages, &pages->runs[i]);
	}
	if (error)
		munmap(memory->base, memory->size);
	else
		madvise(memory->base, memory->size, MADV_DONTDUMP);
	return error;
}

/* Whether the bus has the pieces where the guest is to have them. */
static bool is_identity(const struct vmm_memory *memory, const struct uldf_segment *segments,
			size_t count)
{
	uint64_t done = 0;
	size_t piece = 1;

	for (size_t i = 0; i < count; i++) {
		uint64_t length = segments[i].length;

		for (uint64_t at = segments[i].address; length; piece += !done) {
			const struct vmm_ram *ram = &memory->ram[piece];
			uint64_t step;

			if (piece == memory->n_ram || at != ram->address + done)
				return false;
			step = ram->size - done < length ? ram->size - done : length;
			at += step;
			length -= step;
			done = (done + step) % ram->size;
		}
	}
	return piece == memory->n_ram && !done;
}

/* Pins the pieces for good. */
static int pin(struct vmm_assign *assign, const struct pages *pages,
	       const struct vmm_memory *memory, struct vmm_reason *reason)
{
	struct uldf_segment *segments;
	size_t count;
	int error;

	error = vmm_assign_locate(assign, memory->base + pages->host.size,
				  memory->size - pages->host.size, true, &segments, &count, reason);
	if (error)
		return error;
	if (!is_identity(memory, segments, count))
		error = vmm_fail(reason, -EIO, "guest RAM: the host moved huge pages: try again");
	free(segments);
	return error;
}

static int create(struct vmm_assign *assign, struct pages *pages, uint64_t size,
		  struct vmm_memory *out, struct vmm_reason *reason)
{
	struct vmm_memory memory = {.fd = pages->fd};
	int error;

	error = take(assign, pages, size, reason);
	if (!error)
		error = check_choice(pages, size, reason);
	if (error)
		return error;
	place(pages, &memory);
	error = map_pieces(pages, &memory);
	if (error)
		return vmm_fail(reason, error, "guest RAM: %s", strerror(-error));
	error = vmm_memory_seal(pages->fd, reason);
	if (!error)
		error = pin(assign, pages, &memory, reason);
	if (error)
		munmap(memory.base, memory.size);
	else
		*out = memory;
	return error;
}

int vmm_identity_create(struct vmm_assign *assign, uint64_t size, uint64_t page,
			struct vmm_memory *out, struct vmm_reason *reason)
{
	struct pages pages = {.fd = -1};
	int error;

	vmm_hugepages_read(VMM_HUGEPAGES, page, &pages.host);
	error = check_count(&pages.host, size, reason);
	if (error)
		return error;
	pages.fd = vmm_memory_file(size, page, reason);
	if (pages.fd < 0)
		return pages.fd;
	error = create(assign, &pages, size, out, reason);
	if (error)
		close(pages.fd);
	free(pages.runs);
	return error;
}

void vmm_identity_host_ram(struct vmm_host_ram *out)
{
	FILE *file = fopen("/proc/iomem", "re");

	*out = (struct vmm_host_ram){.low_end = 0};
	if (!file)
		return;
	vmm_iomem_read(file, out);
	fclose(file);
}
