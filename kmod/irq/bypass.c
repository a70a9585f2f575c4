// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers vectors as producers with the kernel's irq-bypass manager, which tells KVM which interrupt
 * signals an eventfd. KVM then has the interrupt delivered to the guest without the host, where the
 * processor and the IOMMU can do that, and knows that its guest has a device.
 *
 * irq/vector.c and irq/message.c call this with uldf_device.lock held. symbol_get() finds the
 * manager's module instead of linking against it: without KVM the module need not be loaded.
 */
#include <linux/module.h>

#include "core/compat.h"
#include "irq/bypass.h"

/* Tells KVM of a vector that is taken and has an eventfd; does nothing without KVM or if KVM refuses. */
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
		/* symbol_get()'s reference keeps the manager loaded until uldf_bypass_unregister() */
		vector->produces = true;
		return;
	}
	memset(&vector->producer, 0, sizeof(vector->producer));
	symbol_put(irq_bypass_register_producer);
	dev_dbg(&vector->owner->pdev->dev, "%s: not told to KVM, error %d\n", vector->name, ret);
}

/* Undoes uldf_bypass_register(); callers put the eventfd and free the interrupt only afterwards. */
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
