// SPDX-License-Identifier: GPL-2.0-only
/*
 * INTx: level-triggered, so masked when it is delivered and until its holder has dealt with the
 * device. Masked by INTX_DISABLE in the command register, or, where a device lacks that, at the
 * interrupt controller, which then must not be shared.
 *
 * Takes uldf_command.lock, under which nothing else is taken; a vector fires outside of it.
 */
#include <linux/interrupt.h>

#include "device/command.h"
#include "irq/intx.h"
#include "irq/signal.h"
#include "irq/unmasker.h"

static irqreturn_t intx_interrupt(int line, void *data)
{
	struct uldf_vector *vector = data;
	struct uldf_device *udev = vector->owner;
	struct uldf_irq *irq = &udev->irq;
	unsigned long flags;
	bool ours = false;

	spin_lock_irqsave(&udev->command.lock, flags);
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
	spin_unlock_irqrestore(&udev->command.lock, flags);
	if (!ours)
		return IRQ_NONE;
	uldf_signal_fire(vector);
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
	spin_lock_irq(&udev->command.lock);
	uldf_command_set_intx(udev, true);
	if (irq->maskable)
		irq->masked = false;
	spin_unlock_irq(&udev->command.lock);
	return 0;
}

void uldf_intx_mask(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;

	spin_lock_irq(&udev->command.lock);
	if (!irq->masked) {
		if (irq->maskable)
			uldf_command_set_intx(udev, false);
		else
			disable_irq_nosync(irq->vector->line);
		irq->masked = true;
	}
	irq->unmask_wanted = false;
	spin_unlock_irq(&udev->command.lock);
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
	udev->irq.vector->line = 0;
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

	spin_lock_irq(&udev->command.lock);
	fire = unmask(udev);
	spin_unlock_irq(&udev->command.lock);
	if (fire)
		uldf_signal_fire(irq->vector);
}

/*
 * Unmasks from within an eventfd's wake-up, where no other eventfd can be signalled and a line
 * cannot be enabled: both are left to the work.
 */
static void unmask_by_event(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;
	unsigned long flags;

	spin_lock_irqsave(&udev->command.lock, flags);
	if (irq->masked && irq->maskable && !irq->suspended)
		irq->masked = !pci_check_and_unmask_intx(udev->pdev);
	irq->unmask_wanted = irq->masked || irq->suspended;
	if (irq->unmask_wanted && !irq->suspended)
		schedule_work(&irq->unmask_work);
	spin_unlock_irqrestore(&udev->command.lock, flags);
}

static void unmask_work(struct work_struct *work)
{
	struct uldf_irq *irq = container_of(work, struct uldf_irq, unmask_work);
	struct uldf_device *udev = container_of(irq, struct uldf_device, irq);
	bool fire = false;

	spin_lock_irq(&udev->command.lock);
	/* the holder may have masked it since */
	if (irq->unmask_wanted)
		fire = unmask(udev);
	spin_unlock_irq(&udev->command.lock);
	if (fire)
		uldf_signal_fire(irq->vector);
}

void uldf_intx_init(struct uldf_device *udev)
{
	INIT_WORK(&udev->irq.unmask_work, unmask_work);
}

/**
 * uldf_intx_bind_unmasker - let an eventfd unmask INTx, in place of the one before
 * @udev: the device, INTx enabled, its lock held
 * @fd: descriptor of the eventfd, or -1 for none
 *
 * Return: 0 or what uldf_unmasker_create() returns
 */
int uldf_intx_bind_unmasker(struct uldf_device *udev, int fd)
{
	struct uldf_unmasker *unmasker = NULL;
	int ret = 0;

	if (fd != -1)
		ret = uldf_unmasker_create(udev, fd, udev->irq.vector->event, unmask_by_event,
					   &unmasker);
	if (ret)
		return ret;
	uldf_unmasker_destroy(udev->irq.unmasker);
	udev->irq.unmasker = unmasker;
	return 0;
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
	spin_lock_irq(&udev->command.lock);
	irq->suspended = true;
	if (irq->maskable)
		uldf_command_set_intx(udev, false);
	spin_unlock_irq(&udev->command.lock);
}

void uldf_intx_resume(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;

	if (!irq->enabled || irq->type != ULDF_VECTOR_INTX)
		return;
	spin_lock_irq(&udev->command.lock);
	irq->suspended = false;
	if (irq->maskable && !irq->masked)
		uldf_command_set_intx(udev, true);
	if (irq->unmask_wanted)
		schedule_work(&irq->unmask_work);
	spin_unlock_irq(&udev->command.lock);
	if (!irq->maskable)
		enable_irq(irq->vector->line);
}

/* The device may have been left with its interrupt pending, kept off its line by INTX_DISABLE only. */
static irqreturn_t silence_interrupt(int line, void *data)
{
	struct uldf_device *udev = data;

	return pci_check_and_mask_intx(udev->pdev) ? IRQ_HANDLED : IRQ_NONE;
}

/**
 * uldf_intx_silence - answer the line of a device that is about to be enabled
 * @udev: the device, without vectors
 *
 * pci_enable_device() clears INTX_DISABLE. A device whose interrupt is pending then pulls a line that others may
 * share, for ever, as no handler of theirs ends it, and the processor that serves the line does nothing else.
 * Whoever set the bit before was a driver, so that pdev->irq is the line that the others have.
 *
 * Return: the line, for uldf_intx_end_silence() once INTX_DISABLE is set, or 0 where there is nothing to answer
 */
int uldf_intx_silence(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;

	if (udev->found_intx || !pdev->pin || !pdev->irq || pdev->irq == IRQ_NOTCONNECTED)
		return 0;
	/* if it is not to be had, nobody shares it */
	return request_irq(pdev->irq, silence_interrupt, IRQF_SHARED, "uldf", udev) ? 0 : pdev->irq;
}

void uldf_intx_end_silence(struct uldf_device *udev, int line)
{
	if (line)
		free_irq(line, udev);
}
