// SPDX-License-Identifier: MIT
/* Seeing all of a BAR of 1 GiB: mapped, a word of each page read, unmapped; instructions and page faults. */
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <x86intrin.h>
#include "bench.h"

enum {
	BAR = 2,
	ROUNDS = 5,
};

static const size_t size = 1024UL * MIB;

struct bar {
	struct ours *ours; /* NULL: of another side */
	int fd;
	uint64_t at; /* where the file has the BAR */
};

static struct bar *bar_new(void)
{
	struct bar *bar = calloc(1, sizeof(*bar));

	need(bar != NULL, "memory");
	return bar;
}

static void *ours_begin(const char *address)
{
	struct bar *bar = bar_new();

	bar->ours = ours_open(address);
	return bar;
}

static void *vfio_begin(const char *address)
{
	struct bar *bar = bar_new();
	struct vfio *vfio = vfio_open(address);

	vfio_command(vfio, PCI_COMMAND_MEMORY);
	bar->fd = vfio->device;
	bar->at = vfio_region(vfio, BAR);
	return bar;
}

static void *bar_map(struct bar *bar)
{
	void *at;

	if (bar->ours) {
		ours_need(bar->ours, uldf_region_map(bar->ours->device, BAR, 0, size, &at), "map");
		return at;
	}
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bar->fd, bar->at);
	need(at != MAP_FAILED, "map");
	return at;
}

static void bar_see(struct bar *bar)
{
	volatile uint8_t *at = bar_map(bar);

	for (size_t i = 0; i < size; i += PAGE)
		(void)*(volatile uint32_t *)(at + i);
	if (bar->ours)
		uldf_region_unmap(bar->ours->device, (void *)at, size);
	else
		munmap((void *)at, size);
}

static void instructions_measure(void *state, struct bench_count *out)
{
	uint64_t took[ROUNDS];

	bar_see(state);
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t before = __rdtsc();

		bar_see(state);
		took[i] = __rdtsc() - before;
	}
	count_samples(took, ROUNDS, out);
}

static uint64_t faults(void)
{
	struct rusage usage;

	need(!getrusage(RUSAGE_SELF, &usage), "getrusage");
	return usage.ru_minflt + usage.ru_majflt;
}

static void faults_measure(void *state, struct bench_count *out)
{
	uint64_t took[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t before = faults();

		bar_see(state);
		took[i] = faults() - before;
	}
	count_samples(took, ROUNDS, out);
}

const struct bench_case bar_cases[] = {
	{"bar-1g", "kmod", "bigbar", ours_begin, NULL, NULL, instructions_measure},
	{"bar-1g", "vfio", "bigbar", vfio_begin, NULL, NULL, instructions_measure},
	{"bar-1g-faults", "kmod", "bigbar", ours_begin, NULL, NULL, faults_measure},
	{"bar-1g-faults", "vfio", "bigbar", vfio_begin, NULL, NULL, faults_measure},
	{0},
};
