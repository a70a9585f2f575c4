// SPDX-License-Identifier: MIT
/*
 * A device that its holder loses while using it: pulled, or failed by an error that the bus reports. It
 * may be any device. "ready" is printed when it may happen; whatever hangs then ends in SIGALRM.
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <unistd.h>
#include "conform.h"

#define WARNING 40 /* s until the holder is told: a slot blinks for 5 before it is powered off */
#define HANG	10 /* s that the calls afterwards may take together */

struct held {
	struct uldf_space *space; /* none without an IOMMU */
	unsigned int bar;	  /* one in memory */
	int event;
	int vector;
};

static int interrupt_type(const struct conform *c)
{
	const unsigned int *vectors = uldf_device_info(c->device)->vectors;

	if (!c->able->msi)
		return ULDF_IRQ_INTX;
	return vectors[ULDF_IRQ_MSIX] ? ULDF_IRQ_MSIX : ULDF_IRQ_MSI;
}

static void hold(struct conform *c, struct held *held)
{
	held->event = eventfd_new();
	held->vector = eventfd_new();
	while (held->bar < ULDF_ROM && (!uldf_region_get(c->device, held->bar)->size ||
					uldf_region_get(c->device, held->bar)->ports))
		held->bar++;
	require("it has a region in memory", held->bar < ULDF_ROM);
	if (conform_masters(c)) {
		expect(c, "a space", uldf_space_create(c->device, &held->space), 0);
		expect(c, "attach", uldf_device_attach(c->device, held->space), 0);
		config_command(c, PCI_COMMAND_MASTER, 0);
	}
	config_command(c, PCI_COMMAND_MEMORY, 0);
	expect(c, "enable interrupts", uldf_irq_enable(c->device, interrupt_type(c), 1), 0);
	expect(c, "bind one", uldf_irq_bind(c->device, 0, 1, &held->vector), 0);
	expect(c, "bind its events", uldf_event_bind(c->device, held->event), 0);
}

/* Goes on using it until it is told; what the accesses answer meanwhile is anybody's guess. */
static void use(struct conform *c, const struct held *held, unsigned int event)
{
	unsigned int events = 0;
	uint64_t value;
	uint32_t word;

	while (!eventfd_count(held->event, 1)) {
		uldf_region_read(c->device, held->bar, 0, 4, &value);
		uldf_config_read(c->device, PCI_COMMAND, 2, &word);
	}
	expect(c, "read what happened", uldf_event_read(c->device, &events), 0);
	printf("   told: 0x%x\n", events);
	require("what happened is told", events & event);
}

/* Some devices are gone at once; others are asked back, and go on working until they are closed. */
static void calls_end(struct conform *c, struct held *held, unsigned int event)
{
	const struct uldf_region *bar = uldf_region_get(c->device, held->bar);
	int wanted = c->able->lost_at_once ? -ENODEV : 0;
	/* What is still there after an error can be given back. */
	int undo = event == ULDF_EVENT_REMOVED ? wanted : 0;
	struct uldf_io io = {.width = 4, .region = (uint16_t)held->bar};
	uint64_t value;
	uint32_t word;
	void *page;

	expect(c, "read a register", uldf_region_read(c->device, held->bar, 0, 4, &value), wanted);
	expect(c, "a batch", uldf_io_batch(c->device, &io, 1, NULL), wanted);
	expect(c, "read configuration", uldf_config_read(c->device, PCI_COMMAND, 2, &word), wanted);
	expect(c, "write configuration",
	       uldf_config_write(c->device, PCI_COMMAND, 2, PCI_COMMAND_MEMORY), wanted);
	if (bar->areas && !uldf_region_map(c->device, held->bar, bar->area[0].offset, PAGE, &page))
		uldf_region_unmap(c->device, page, PAGE);
	expect(c, "disable interrupts", uldf_irq_disable(c->device), undo);
	if (!held->space)
		return;
	expect(c, "detach", uldf_device_detach(c->device), undo);
	uldf_space_destroy(held->space);
}

void check_lost(struct conform *c, unsigned int event)
{
	struct held held = {.event = -1};

	hold(c, &held);
	printf("ready\n");
	alarm((unsigned int)(WARNING * slow()));
	use(c, &held, event);
	alarm((unsigned int)(HANG * slow()));
	calls_end(c, &held, event);
	close(held.event);
	close(held.vector);
	conform_close(c);
	alarm(0);
}
