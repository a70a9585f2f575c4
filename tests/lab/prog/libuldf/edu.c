// SPDX-License-Identifier: MIT
#include <event2/event.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "edu.h"

void edu_expect(struct edu *edu, const char *what, int err, int wanted)
{
	char reason[256];

	if (err == wanted && !err) {
		printf("   %s\n", what);
		return;
	}
	uldf_reason(edu->ctx, reason, sizeof(reason));
	if (err == wanted) {
		printf("   %s: refused: %s\n", what, reason);
		edu_require("a refusal has a reason", reason[0]);
		return;
	}
	printf("FAIL %s: answered %d (%s), expected %d: %s\n", what, err, strerror(-err), wanted,
	       reason);
	exit(1);
}

void edu_require(const char *what, bool good)
{
	if (good)
		return;
	printf("FAIL %s\n", what);
	exit(1);
}

static unsigned int register_width(unsigned int offset)
{
	return offset < EDU_DMA_SOURCE ? 4 : 8;
}

uint64_t edu_read(struct edu *edu, unsigned int offset)
{
	uint64_t value;

	if (uldf_region_read(edu->device, ULDF_BAR0, offset, register_width(offset), &value))
		edu_expect(edu, "register read", -1, 0);
	return value;
}

void edu_write(struct edu *edu, unsigned int offset, uint64_t value)
{
	if (uldf_region_write(edu->device, ULDF_BAR0, offset, register_width(offset), value))
		edu_expect(edu, "register write", -1, 0);
}

struct waiting {
	struct event_base *base;
	uint64_t count;
};

static void fired(uint64_t count, void *arg)
{
	struct waiting *waiting = arg;

	waiting->count += count;
	event_base_loopbreak(waiting->base);
}

uint64_t edu_write_and_wait(struct edu *edu, unsigned int offset, uint64_t value)
{
	const struct timeval limit = {.tv_sec = 5};
	struct waiting waiting = {.base = event_base_new()};
	struct uldf_irq_event *event;
	int err;

	err = uldf_irq_event_new(waiting.base, edu->device, 0, fired, &waiting, &event);
	if (err)
		edu_expect(edu, "event of vector 0", err, 0);
	edu_write(edu, offset, value);
	event_base_loopexit(waiting.base, &limit);
	event_base_dispatch(waiting.base);
	uldf_irq_event_free(event);
	event_base_free(waiting.base);
	return waiting.count;
}

void edu_command(struct edu *edu, uint32_t set, uint32_t clear)
{
	uint32_t command;

	if (uldf_config_read(edu->device, PCI_COMMAND, 2, &command) ||
	    uldf_config_write(edu->device, PCI_COMMAND, 2, (command | set) & ~clear))
		edu_expect(edu, "command register", -1, 0);
}
