// SPDX-License-Identifier: MIT
/* Shared pages: how often each vector fired, and when last, read without a call. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <unistd.h>
#include <x86intrin.h>
#include "conform.h"

#define TIMES 5

typedef const volatile struct uldf_irq_count *counts_t;

static void check_type(struct conform *c, const struct area *area, enum uldf_irq_type type,
		       counts_t counts)
{
	bool repeats = c->model->repeats && type != ULDF_IRQ_INTX;
	uint64_t signalled = 0, before, last = 0;
	int fd = eventfd_new();

	expect(c, "enable", uldf_irq_enable(c->device, type, 1), 0);
	require("counts begin at nothing", !counts[0].count && !counts[0].tsc);
	expect(c, "bind", uldf_irq_bind(c->device, 0, 1, &fd), 0);
	if (area)
		c->model->start(c, area);
	for (unsigned int i = 0; i < TIMES; i++) {
		before = __rdtsc();
		c->model->raise(c, area);
		signalled += eventfd_count(fd, PATIENCE);
		require("the count is in step with the eventfd", counts[0].count >= last + 1);
		require("with the time of it", counts[0].tsc > before && counts[0].tsc < __rdtsc());
		c->model->quiet(c);
		signalled += eventfd_count(fd, repeats ? QUIET / 5 : 0);
		last = counts[0].count;
		if (type == ULDF_IRQ_INTX)
			expect(c, "unmask", uldf_irq_unmask(c->device), 0);
	}
	signalled += eventfd_count(fd, QUIET);
	require("each signal is counted once",
		counts[0].count == signalled && (repeats || signalled == TIMES));
	expect(c, "disable", uldf_irq_disable(c->device), 0);
	require("counts stay when vectors are disabled", counts[0].count == signalled);
	close(fd);
}

static bool has(struct conform *c, enum uldf_irq_type type)
{
	/* QEMU's e1000e has its MSI-X vectors assigned by registers of its own */
	return uldf_device_info(c->device)->vectors[type] &&
	       (type != ULDF_IRQ_MSIX || c->model != &e1000e_model);
}

void check_counts(struct conform *c)
{
	counts_t counts = (counts_t)0x1234, again;
	struct fixture f;

	printf("== counts of interrupts\n");
	if (!c->able->counts) {
		expect(c, "counts", uldf_irq_counts(c->device, &counts), -ENOTSUP);
		require("which leaves out alone", counts == (counts_t)0x1234);
		return;
	}
	expect(c, "counts", uldf_irq_counts(c->device, &counts), 0);
	expect(c, "counts again", uldf_irq_counts(c->device, &again), 0);
	require("they are the same", again == counts);
	config_command(c, c->model->decode, 0);
	if (c->model->raises_alone)
		check_type(c, NULL, c->model->line, counts);
	if (!conform_masters(c))
		return;
	fixture_init(c, &f);
	fixture_attach(c, &f);
	for (int type = ULDF_IRQ_MSI; type < ULDF_IRQ_TYPES; type++)
		if (has(c, (enum uldf_irq_type)type))
			check_type(c, &f.area, (enum uldf_irq_type)type, counts);
	fixture_fini(c, &f);
}
