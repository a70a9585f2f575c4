// SPDX-License-Identifier: GPL-2.0-only
/*
 * Producers of the kernel's irq-bypass manager: they tell KVM which interrupt signals an eventfd. Where
 * the processor and the IOMMU can, KVM then has the interrupt delivered to the guest without the host;
 * and KVM knows that its guest has a device.
 *
 * irq/vector.c and irq/message.c call this with uldf_device.lock held. The manager's module is looked up
 * and not linked against: without KVM it need not be there.
 */
#include <linux/module.h>

#include "core/compat.h"
#include "irq/bypass.h"

/* Tells KVM of a vector that is taken and has an eventfd; without KVM, or when it refuses, does nothing. */
void uldf_bypass_register(struct uldf_vector *vector)
{
	typeof(&irq_bypass_register_producer) call;
	int ret;

	if (vector->produces || !vector->line || !vector->event)
		return;
	call = symbol_get(irq_bypass_register_producer);
	if (!call)
		return;
	ret = uldf_producer_register(call, &vector->producer, vector->event, vector->line);
	if (!ret) {
		/* the reference keeps the manager until uldf_bypass_unregister() */
		vector->produces = true;
		return;
	}
	memset(&vector->producer, 0, sizeof(vector->producer));
	symbol_put(irq_bypass_register_producer);
	dev_dbg(&vector->owner->pdev->dev, "%s: not told to KVM, error %d\n", vector->name, ret);
}

/* Undoes uldf_bypass_register(), before the eventfd is put or the interrupt is freed. */
void uldf_bypass_unregister(struct uldf_vector *vector)
{
	typeof(&irq_bypass_unregister_producer) call;

	if (!vector->produces)
		return;
	call = symbol_get(irq_bypass_unregister_producer);
	if (!WARN_ON_ONCE(!call)) {
		call(&vector->producer);
		symbol_put(irq_bypass_unregister_producer);
	}
	symbol_put(irq_bypass_register_producer);
	memset(&vector->producer, 0, sizeof(vector->producer));
	vector->produces = false;
}
