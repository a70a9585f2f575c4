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

/* RAM below 4 GiB that a guest is given if it can be had: what 32-bit devices reach without a copy. */
#define LOW_WANTED (256 * VMM_1MIB)

/* Less than this, and Linux has no room there for its copies (swiotlb, 64 MiB). */
#define LOW_LEAST (96 * VMM_1MIB)

/* So many times what the guest needs, or so many bytes, are taken in search of pages that suit it. */
#define TAKE_TIMES 8
#define TAKE_BYTES (4 * VMM_1GIB)

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

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Segments as runs of a file that begins with the first of them. Return: NULL without memory. */
static struct vmm_run *make_runs(const struct uldf_dma *dma)
{
	struct vmm_run *runs = calloc(dma->count, sizeof(*runs));
	uint64_t offset = 0;

	for (size_t i = 0; runs && i < dma->count; i++) {
		runs[i] = (struct vmm_run){.address = dma->list[i].address,
					   .offset = offset,
					   .size = dma->list[i].length};
		offset += runs[i].size;
	}
	return runs;
}

/* Lets the file have @size bytes and finds where they lie on the bus; on failure all is as it was. */
static int grow(struct vmm_assign *assign, struct pages *pages, uint64_t size,
		struct vmm_reason *reason)
{
	struct vmm_assign_pinned pinned;
	struct vmm_run *runs;
	size_t count;
	void *base;
	int error;

	if (ftruncate(pages->fd, (off_t)size))
		return vmm_fail(reason, -errno, "guest RAM: %s", strerror(errno));
	base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, pages->fd, 0);
	if (base == MAP_FAILED) {
		error = vmm_fail(reason, -errno, "guest RAM: %s", strerror(errno));
		goto err_truncate;
	}
	error = vmm_assign_pin(assign, base, size, &pinned, reason);
	if (error)
		goto err_munmap;
	count = pinned.dma->count;
	runs = make_runs(pinned.dma);
	vmm_assign_unpin(&pinned);
	if (!runs) {
		error = vmm_fail(reason, -ENOMEM, "out of memory");
		goto err_munmap;
	}
	munmap(base, size);
	free(pages->runs);
	vmm_runs_sort(runs, count);
	pages->runs = runs;
	pages->n_runs = count;
	pages->taken = size;
	return 0;

err_munmap:
	munmap(base, size);
err_truncate:
	if (ftruncate(pages->fd, (off_t)pages->taken))
		error = -errno;
	return error;
}

/* Takes as many huge pages as the guest needs, and more as long as those do not suit it. */
static int take(struct vmm_assign *assign, struct pages *pages, const struct vmm_identity *wanted,
		struct vmm_reason *reason)
{
	const struct vmm_wish wish = {
		.page = wanted->page,
		.size = wanted->size,
		.low = LOW_WANTED,
		.limit = wanted->limit,
		.room = PIECES_MAX,
	};
	const uint64_t much = TAKE_TIMES * wanted->size;
	const uint64_t most =
		least(pages->host.free * wanted->page,
		      much > TAKE_BYTES ? much : TAKE_BYTES / wanted->page * wanted->page);
	int error = grow(assign, pages, wanted->size, reason);

	if (error)
		return error;
	for (;;) {
		vmm_runs_choose(pages->runs, pages->n_runs, &wish, &pages->choice);
		if (pages->choice.size == wanted->size &&
		    pages->choice.low >= least(wanted->size, LOW_WANTED) &&
		    pages->choice.largest >= wanted->together)
			return 0;
		/* others may have taken what was free: then the guest has what there is */
		if (pages->taken >= most ||
		    grow(assign, pages, least(2 * pages->taken, most), &(struct vmm_reason){}))
			return 0;
	}
}

static int check_count(const struct vmm_hugepages *host, uint64_t size, struct vmm_reason *reason)
{
	if (size % host->size || size < VMM_LAYOUT_RAM_MIN)
		return vmm_fail(reason, -EINVAL,
				"--memory: by --dma identity at least 32M, and a multiple of the "
				"huge page size, %llu MiB",
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

static int check_choice(const struct pages *pages, const struct vmm_identity *wanted,
			struct vmm_reason *reason)
{
	const struct vmm_choice *choice = &pages->choice;

	if (choice->size < wanted->size)
		return vmm_fail(
			reason, -ENOSPC,
			"guest RAM: of %llu MiB in huge pages a guest can have %llu MiB: those "
			"below 2 GiB or above 4 GiB, in pieces of 16 MiB or more: reserve "
			"more, best at boot with hugepages=N, where they lie together",
			pages->taken / VMM_1MIB + 0ULL, choice->size / VMM_1MIB + 0ULL);
	if (choice->largest < wanted->together)
		return vmm_fail(
			reason, -ENOSPC,
			"guest RAM: the largest piece has %llu MiB, and kernel and initrd take "
			"%llu MiB: reserve huge pages at boot with hugepages=N, where they "
			"lie together",
			choice->largest / VMM_1MIB + 0ULL,
			(wanted->together + VMM_1MIB - 1) / VMM_1MIB + 0ULL);
	if (choice->low < least(wanted->size, LOW_LEAST))
		vmm_warn(
			"%llu MiB of the guest's RAM lie below 4 GiB: its devices that master only "
			"32 bits of addresses will not work (the host gives huge pages there last: "
			"reserve more of them)",
			choice->low / VMM_1MIB + 0ULL);
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

/* Maps what a run has of the pieces, and gives the rest of it back. */
static int map_run(const struct pages *pages, const struct vmm_run *run,
		   const struct vmm_memory *memory)
{
	uint64_t at = run->address;
	struct vmm_run part;

	for (size_t i = 1; i < memory->n_ram; i++)
		if (vmm_runs_part(run, &memory->ram[i], &part) &&
		    mmap(memory->base + memory->offsets[i] +
				 (part.address - memory->ram[i].address),
			 part.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, pages->fd,
			 (off_t)part.offset) == MAP_FAILED)
			return -errno;
	while (vmm_runs_rest(run, &pages->choice, &at, &part))
		if (fallocate(pages->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			      (off_t)part.offset, (off_t)part.size))
			return -errno;
	return 0;
}

static int map_pieces(const struct pages *pages, struct vmm_memory *memory,
		      struct vmm_reason *reason)
{
	int error = 0;

	memory->base = vmm_memory_reserve(memory->size, pages->host.size);
	if (!memory->base)
		return vmm_fail(reason, -errno, "guest RAM: %s", strerror(errno));
	if (mmap(memory->base, VMM_1MIB, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		error = -errno;
	for (size_t i = 0; !error && i < pages->n_runs; i++)
		error = map_run(pages, &pages->runs[i], memory);
	if (error) {
		munmap(memory->base, memory->size);
		return vmm_fail(
			reason, error,
			"guest RAM: its huge pages lie in up to %zu pieces of the file: %s: "
			"/proc/sys/vm/max_map_count must be larger than that",
			(size_t)(memory->size / pages->host.size), strerror(-error));
	}
	madvise(memory->base, memory->size, MADV_DONTDUMP);
	return 0;
}

/* Pins the pieces until the devices are closed. */
static int pin(struct vmm_assign *assign, const struct pages *pages,
	       const struct vmm_memory *memory, struct vmm_reason *reason)
{
	struct vmm_assign_pinned pinned;
	struct vmm_run *runs;
	bool same;
	int error;

	error = vmm_assign_pin(assign, memory->base + pages->host.size,
			       memory->size - pages->host.size, &pinned, reason);
	if (error)
		return error;
	runs = make_runs(pinned.dma);
	same = runs && vmm_runs_are(runs, pinned.dma->count, memory->ram + 1, memory->n_ram - 1);
	free(runs);
	if (same) {
		vmm_assign_keep(assign, &pinned);
		return 0;
	}
	vmm_assign_unpin(&pinned);
	return vmm_fail(reason, -EIO, "guest RAM: the host moved huge pages: try again");
}

static int create(struct vmm_assign *assign, struct pages *pages, const struct vmm_identity *wanted,
		  struct vmm_memory *out, struct vmm_reason *reason)
{
	struct vmm_memory memory = {.fd = pages->fd};
	int error;

	error = take(assign, pages, wanted, reason);
	if (!error)
		error = check_choice(pages, wanted, reason);
	if (error)
		return error;
	place(pages, &memory);
	error = map_pieces(pages, &memory, reason);
	if (error)
		return error;
	error = vmm_memory_seal(pages->fd, reason);
	if (!error)
		error = pin(assign, pages, &memory, reason);
	if (error)
		munmap(memory.base, memory.size);
	else
		*out = memory;
	return error;
}

int vmm_identity_create(struct vmm_assign *assign, const struct vmm_identity *wanted,
			struct vmm_memory *out, struct vmm_reason *reason)
{
	struct pages pages = {.fd = -1};
	int error;

	vmm_hugepages_read(VMM_HUGEPAGES, wanted->page, &pages.host);
	error = check_count(&pages.host, wanted->size, reason);
	if (error)
		return error;
	pages.fd = vmm_memory_file(wanted->size, wanted->page, reason);
	if (pages.fd < 0)
		return pages.fd;
	error = create(assign, &pages, wanted, out, reason);
	if (error)
		close(pages.fd);
	free(pages.runs);
	return error;
}

int vmm_identity_host_ram(struct vmm_host_ram *out, struct vmm_reason *reason)
{
	struct vmm_host_ram ram = {.low_end = 0};
	FILE *file = fopen("/proc/iomem", "re");

	if (file) {
		vmm_iomem_read(file, &ram);
		fclose(file);
	}
	if (!ram.end)
		return vmm_fail(reason, -EPERM,
				"/proc/iomem does not tell where the host's RAM is: --dma identity "
				"takes CAP_SYS_ADMIN");
	*out = ram;
	return 0;
}
