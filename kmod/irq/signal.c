// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signalling: counts an interrupt in the shared page and signals the eventfd of its vector. Remembers an
 * interrupt that comes before its vector has an eventfd, as the pending bit does for a masked MSI-X vector.
 *
 * Takes uldf_vector.lock.
 */
#include <linux/eventfd.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/timex.h>

#include "core/compat.h"
#include "core/trace.h"
#include "irq/signal.h"

/* Writes the time first: a reader that finds a new count finds the time of that count or a later one. */
static void count(struct uldf_ioc_vector_count *count)
{
	WRITE_ONCE(count->tsc, get_cycles());
	smp_store_release(&count->count, count->count + 1);
}

/* Fires a vector from any context. */
void uldf_signal_fire(struct uldf_vector *vector)
{
	unsigned long flags;

	if (trace_uldf_vector_enabled())
		trace_uldf_vector(vector->owner->pdev, vector - vector->owner->irq.vector);
	spin_lock_irqsave(&vector->lock, flags);
	vector->fired++;
	count(vector->count);
	if (vector->event)
		uldf_eventfd_signal(vector->event);
	else
		vector->missed = true;
	spin_unlock_irqrestore(&vector->lock, flags);
}

/* Handles an edge-triggered interrupt, without a lock if it has an eventfd: nothing else fires it then. */
static irqreturn_t edge_interrupt(int line, void *data)
{
	struct uldf_vector *vector = data;
	struct eventfd_ctx *event = READ_ONCE(vector->event);

	if (likely(event)) {
		if (trace_uldf_vector_enabled())
			trace_uldf_vector(vector->owner->pdev, vector - vector->owner->irq.vector);
		vector->fired++;
		count(vector->count);
		uldf_eventfd_signal(event);
	} else {
		uldf_signal_fire(vector);
	}
	return IRQ_HANDLED;
}

/* Remembers that a vector without an eventfd may have fired. */
void uldf_signal_remember(struct uldf_vector *vector)
{
	spin_lock_irq(&vector->lock);
	if (!vector->event)
		vector->missed = true;
	spin_unlock_irq(&vector->lock);
}

/**
 * uldf_signal_request - let an edge-triggered interrupt fire its vector
 * @vector: the vector
 * @line: Linux interrupt number, or a negative errno, which is returned
 *
 * Return: 0 or negative errno
 */
int uldf_signal_request(struct uldf_vector *vector, int line)
{
	int ret;

	if (line < 0)
		return line;
	ret = request_irq(line, edge_interrupt, 0, vector->name, vector);
	if (ret)
		return ret;
	vector->line = line;
	/* makes disable_irq() mask the vector in the device at once; free_irq() clears the flag */
	irq_set_status_flags(line, IRQ_DISABLE_UNLAZY);
	return 0;
}

/* Undoes uldf_signal_request(); waits for a running handler. */
void uldf_signal_free(struct uldf_vector *vector)
{
	free_irq(vector->line, vector);
	vector->line = 0;
}

/**
 * uldf_signal_connect - connect an eventfd to a vector
 * @vector: the vector
 * @event: the eventfd, or NULL
 *
 * Waits for a handler that may still signal the previous eventfd.
 *
 * Return: the previous eventfd, which nothing signals any more, or NULL
 */
struct eventfd_ctx *uldf_signal_connect(struct uldf_vector *vector, struct eventfd_ctx *event)
{
	struct eventfd_ctx *before;

	spin_lock_irq(&vector->lock);
	before = vector->event;
	WRITE_ONCE(vector->event, event);
	if (event && vector->missed) {
		vector->missed = false;
		uldf_eventfd_signal(event);
	}
	spin_unlock_irq(&vector->lock);
	if (before && vector->line)
		synchronize_irq(vector->line);
	return before;
}
