/* SPDX-License-Identifier: GPL-2.0-only */
/* Tells KVM which interrupts signal the eventfds that a guest listens to. */
#ifndef ULDF_BYPASS_H
#define ULDF_BYPASS_H

#include "irq/signal.h"

void uldf_bypass_register(struct uldf_vector *vector);
void uldf_bypass_unregister(struct uldf_vector *vector);

#endif
