/* SPDX-License-Identifier: MIT */
/*
 * bench: counts what a path costs, on our side and on its peers'. A case is a step done many times on
 * one side; the clock of a lab run with --icount ticks once for each instruction.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <uldf.h>

enum {
	PAGE = 4096,
	LIST = 64,
	MIB = 1 << 20,
};

/* edu's registers (QEMU docs/specs/edu) */
enum {
	EDU_RAISE = 0x60,
	EDU_ACK = 0x64,
};

/* The task file of an ATA channel in compatibility mode (PCI IDE Controller Specification 1.0 section 2.4). */
enum {
	ATA_FEATURES = 1,
	ATA_STATUS = 7,
	ATA_COMMAND = 7,
	ATA_BUSY = 0x80,
	ATA_CHECK_POWER_MODE = 0xe5, /* changes nothing, moves no data */
	ATA_CONTROL = 0,	     /* in BAR 1, which is this register alone */
	ATA_NO_INTERRUPT = 2,
};

/**
 * struct bench_count - instructions of a case's steps, the counting's own taken off
 * @median: half of the steps took fewer; the timer's interrupts do not show here
 * @mean: of all steps
 * @least: the fewest
 * @rounds: how many steps were counted
 */
struct bench_count {
	uint64_t median;
	uint64_t mean;
	uint64_t least;
	unsigned int rounds;
};

/**
 * struct bench_case - something whose instructions are counted, on one side
 * @name: what is done
 * @side: who does it: kmod (libuldf on uldf.ko), vfio, uio (bare system calls), kernel (its own driver)
 * @device: what it is done with: edu, ide, nvme or bigbar
 * @begin: prepares it for the device at an address; answers what the others get as @state
 * @step: what is counted
 * @rest: what has to be done between two steps, uncounted; may be NULL
 * @measure: counts by itself where a step alone does not show what is wanted; NULL with @step
 *
 * A process does one case and ends: nothing is undone.
 */
struct bench_case {
	const char *name;
	const char *side;
	const char *device;
	void *(*begin)(const char *address);
	void (*step)(void *state);
	void (*rest)(void *state);
	void (*measure)(void *state, struct bench_count *out);
};

/* Each ends with an entry without a name. */
extern const struct bench_case bar_cases[];
extern const struct bench_case config_cases[];
extern const struct bench_case dma_cases[];
extern const struct bench_case ide_cases[];
extern const struct bench_case interrupt_cases[];
extern const struct bench_case nvme_cases[];
extern const struct bench_case space_cases[];
extern const struct bench_case uring_cases[];

/* All figures are @rounds samples'; the samples end up in order. */
void count_samples(uint64_t *samples, unsigned int rounds, struct bench_count *out);
void count(const struct bench_case *it, void *state, struct bench_count *out);

/* Ends the program when @good does not hold, with errno's or the library's reason. */
void need(int good, const char *what);

/* ours.c: the device through libuldf, attached to a space. */
struct ours {
	struct uldf_ctx *ctx;
	struct uldf_device *device;
	struct uldf_space *space;
};
struct ours *ours_open(const char *address);
void ours_need(struct ours *ours, int err, const char *what);
void ours_command(struct ours *ours, uint32_t set);

/* vfio.c: the device through VFIO's group and container, type 1. */
struct vfio {
	int container;
	int device;
};
struct vfio *vfio_open(const char *address);
uint64_t vfio_region(struct vfio *vfio, unsigned int index);
void vfio_command(struct vfio *vfio, uint16_t set);
void vfio_irq(struct vfio *vfio, unsigned int index, uint32_t flags, int fd);

/* uio.c: the device through uio_pci_generic and sysfs. */
struct uio {
	int fd; /* of the interrupt; -1 where there is none */
	int config;
	char folder[64];
};
struct uio *uio_open(const char *address);
int uio_resource(struct uio *uio, unsigned int index);
void uio_command(struct uio *uio, uint16_t set, uint16_t clear);

/*
 * idle.c: a process that runs only when nothing else wants to, and counts how long. begin() before what is
 * measured; end() answers the clock's ticks since then in which there was something to do.
 */
struct idle;
struct idle *idle_new(void);
void idle_begin(struct idle *idle);
uint64_t idle_end(struct idle *idle);

/* pages.c: memory of a known physical layout. */
void *pages_scattered(size_t size);
void *pages_contiguous(size_t size);

#endif
