/* SPDX-License-Identifier: MIT */
#ifndef VMM_IRQ_LINE_H
#define VMM_IRQ_LINE_H

#include <stdbool.h>

/**
 * struct vmm_irq_line - the interrupt line of a device model
 * @set: drives a GSI
 * @host: its first argument
 * @gsi: which
 */
struct vmm_irq_line {
	void (*set)(void *host, unsigned int gsi, bool level);
	void *host;
	unsigned int gsi;
};

static inline void vmm_irq_line_set(const struct vmm_irq_line *line, bool level)
{
	line->set(line->host, line->gsi, level);
}

#endif
