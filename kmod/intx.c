// SPDX-License-Identifier: GPL-2.0-only
/*
 * INTx: level-triggered, so masked when it is delivered and until its holder has dealt with the
 * device. Masked by INTX_DISABLE in the command register, or, where a device lacks that, at the
 * interrupt controller, which then must not be shared.
 *
 * Takes uldf_irq.mask_lock, under which nothing else is taken; a vector fires outside of it.
 */
#include <linux/interrupt.h>

#include "uldf.h"

static void config_mask(struct uldf_device *udev, bool on)
{
	u16 command;

	pci_read_config_word(udev->pdev, PCI_COMMAND, &command);
	command = on ? command | PCI_COMMAND_INTX_DISABLE : command & ~PCI_COMMAND_INTX_DISABLE;
	pci_write_config_word(udev->pdev, PCI_COMMAND, command);
}

/* Switches INTx of the device on or off, whatever kind of vector is enabled. */
void uldf_intx_switch(struct uldf_device *udev, bool on)
{
	spin_lock_irq(&udev->irq.mask_lock);
	config_mask(udev, !on);
	spin_unlock_irq(&udev->irq.mask_lock);
}

static irqreturn_t intx_interrupt(int line, void *data)
{
	struct uldf_vector *vector = data;
	struct uldf_device *udev = vector->owner;
	struct uldf_irq *irq = &udev->irq;
	unsigned long flags;
	bool ours = false;

	spin_lock_irqsave(&irq->mask_lock, flags);
	/* the line may be shared; while masked or in reset it is not us who pulls it */
	if (!irq->masked && !irq->suspended) {
		if (!irq->maskable) {
			disable_irq_nosync(line);
			ours = true;
		} else {
			ours = pci_check_and_mask_intx(udev->pdev);
		}
		irq->masked = ours;
	}
	spin_unlock_irqrestore(&irq->mask_lock, flags);
	if (!ours)
		return IRQ_NONE;
	uldf_vector_fire(vector);
	return IRQ_HANDLED;
}

/* Requests the one vector; the device's lock is held. */
int uldf_intx_request(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;
	struct uldf_vector *vector = irq->vector;
	int ret;

	irq->maskable = pci_intx_mask_supported(udev->pdev);
	/* a shared line can call at once: not ours, until the device and this say otherwise as one */
	irq->masked = irq->maskable;
	irq->suspended = false;
	irq->unmask_wanted = false;
	vector->line = udev->pdev->irq;
	ret = request_irq(vector->line, intx_interrupt, irq->maskable ? IRQF_SHARED : 0,
			  vector->name, vector);
	if (ret)
		return ret;
	spin_lock_irq(&irq->mask_lock);
	config_mask(udev, false);
	if (irq->maskable)
		irq->masked = false;
	spin_unlock_irq(&irq->mask_lock);
	return 0;
}

void uldf_intx_mask(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;

	spin_lock_irq(&irq->mask_lock);
	if (!irq->masked) {
		if (irq->maskable)
			config_mask(udev, true);
		else
			disable_irq_nosync(irq->vector->line);
		irq->masked = true;
	}
	irq->unmask_wanted = false;
	spin_unlock_irq(&irq->mask_lock);
}

/*
 * Masks for good: what could unmask ends first, the unmasker, which starts the work, then the work.
 * The device's lock is held.
 */
void uldf_intx_quiet(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;

	uldf_unmasker_destroy(irq->unmasker);
	irq->unmasker = NULL;
	cancel_work_sync(&irq->unmask_work);
	uldf_intx_mask(udev);
}

/* The device's lock is held. */
void uldf_intx_free(struct uldf_device *udev)
{
	uldf_intx_quiet(udev);
	free_irq(udev->irq.vector->line, udev->irq.vector);
}

/*
 * Lets the vector be delivered again; mask_lock is held. One that is pending stays masked: returns
 * whether to fire it, outside of the lock, instead.
 */
static bool unmask(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;

	irq->unmask_wanted = irq->suspended;
	if (irq->suspended || !irq->masked)
		return false;
	if (irq->maskable) {
		irq->masked = !pci_check_and_unmask_intx(udev->pdev);
	} else {
		irq->masked = false;
		enable_irq(irq->vector->line);
	}
	return irq->masked;
}

void uldf_intx_unmask(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;
	bool fire;

	spin_lock_irq(&irq->mask_lock);
	fire = unmask(udev);
	spin_unlock_irq(&irq->mask_lock);
	if (fire)
		uldf_vector_fire(irq->vector);
}

/*
 * Unmasks from within an eventfd's wake-up, where no other eventfd can be signalled and a line
 * cannot be enabled: both are left to the work.
 */
void uldf_intx_unmask_event(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;
	unsigned long flags;

	spin_lock_irqsave(&irq->mask_lock, flags);
	if (irq->masked && irq->maskable && !irq->suspended)
		irq->masked = !pci_check_and_unmask_intx(udev->pdev);
	irq->unmask_wanted = irq->masked || irq->suspended;
	if (irq->unmask_wanted && !irq->suspended)
		schedule_work(&irq->unmask_work);
	spin_unlock_irqrestore(&irq->mask_lock, flags);
}

void uldf_intx_unmask_work(struct work_struct *work)
{
	struct uldf_irq *irq = container_of(work, struct uldf_irq, unmask_work);
	bool fire = false;

	spin_lock_irq(&irq->mask_lock);
	/* the holder may have masked it since */
	if (irq->unmask_wanted)
		fire = unmask(container_of(irq, struct uldf_device, irq));
	spin_unlock_irq(&irq->mask_lock);
	if (fire)
		uldf_vector_fire(irq->vector);
}

/*
 * Round a reset the command register cannot be trusted, and the vector is not ours to handle: so that
 * the line is not pulled for ever, it is masked first, also where the holder has it unmasked. The
 * device's lock is held.
 */
void uldf_intx_suspend(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;

	if (!irq->enabled || irq->type != ULDF_VECTOR_INTX)
		return;
	if (!irq->maskable)
		disable_irq(irq->vector->line);
	spin_lock_irq(&irq->mask_lock);
	irq->suspended = true;
	if (irq->maskable)
		config_mask(udev, true);
	spin_unlock_irq(&irq->mask_lock);
}

void uldf_intx_resume(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;

	if (!irq->enabled || irq->type != ULDF_VECTOR_INTX)
		return;
	spin_lock_irq(&irq->mask_lock);
	irq->suspended = false;
	if (irq->maskable && !irq->masked)
		config_mask(udev, false);
	if (irq->unmask_wanted)
		schedule_work(&irq->unmask_work);
	spin_unlock_irq(&irq->mask_lock);
	if (!irq->maskable)
		enable_irq(irq->vector->line);
}
