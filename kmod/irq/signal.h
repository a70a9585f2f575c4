/* SPDX-License-Identifier: GPL-2.0-only */
/* One vector: how its interrupt reaches its eventfd and the shared page. */
#ifndef ULDF_SIGNAL_H
#define ULDF_SIGNAL_H

#include <linux/irqbypass.h>

#include "device/device.h"

/*
 * Owned by uldf_irq.vector. The lock guards event, missed and fired, and is held while the event is
 * signalled. The handler of an edge-triggered interrupt does not take it while there is an event:
 * uldf_signal_connect() waits for the handler before its caller puts the event.
 */
struct uldf_vector {
	spinlock_t lock;
	struct eventfd_ctx *event;
	struct uldf_ioc_vector_count *count;
	bool missed; /* fired while it had no event */
	u64 fired;   /* interrupts since the vector was enabled */
	int line;    /* Linux interrupt number; 0 while the host's vector is not taken */
	struct uldf_device *owner;
	char name[32];
	struct irq_bypass_producer producer; /* irq/bypass.c */
	bool produces;			     /* the producer is registered */
};

int uldf_signal_request(struct uldf_vector *vector, int line);
void uldf_signal_free(struct uldf_vector *vector);
void uldf_signal_fire(struct uldf_vector *vector);
void uldf_signal_remember(struct uldf_vector *vector);
struct eventfd_ctx *uldf_signal_connect(struct uldf_vector *vector, struct eventfd_ctx *event);

#endif
