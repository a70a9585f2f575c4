// SPDX-License-Identifier: GPL-2.0-only
/*
 * INTx is level-triggered, so the handler masks it until the holder has dealt with the device and unmasks
 * it: by INTX_DISABLE in the command register, or, for a device without that bit, at the interrupt
 * controller, whose line no other device may share then.
 *
 * Takes lines_lock; and uldf_command.lock, with no lock of ours under it; fires the vector after dropping it.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>

#include "device/command.h"
#include "irq/intx.h"
#include "irq/signal.h"
#include "irq/unmasker.h"

/*
 * Held while a device that may have an interrupt pending is enabled, with INTX_DISABLE clear for a moment, and
 * while a handler of ours is added to a line or taken from it: the first one of a line lets its interrupts
 * through, and QEMU's I/O APIC holds on to a level that comes and goes while the last one goes.
 */
static DEFINE_MUTEX(lines_lock);

static irqreturn_t intx_interrupt(int line, void *data)
{
	struct uldf_vector *vector = data;
	struct uldf_device *udev = vector->owner;
	struct uldf_irq *irq = &udev->irq;
	unsigned long flags;
	bool ours = false;

	spin_lock_irqsave(&udev->command.lock, flags);
	/* the line may be shared: while INTx is masked or suspended, another device asserts it */
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

/* Requests the interrupt of the one vector; the device's lock is held. */
int uldf_intx_request(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;
	struct uldf_vector *vector = irq->vector;
	int ret;

	irq->maskable = pci_intx_mask_supported(udev->pdev);
	/* a shared line can fire at once: the handler ignores it until INTx is on, below */
	irq->masked = irq->maskable;
	irq->suspended = false;
	irq->unmask_wanted = false;
	vector->line = udev->pdev->irq;
	mutex_lock(&lines_lock);
	ret = request_irq(vector->line, intx_interrupt, irq->maskable ? IRQF_SHARED : 0,
			  vector->name, vector);
	mutex_unlock(&lines_lock);
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
 * Masks INTx for good. First ends whatever could unmask it: the unmasker, which schedules the work, then
 * the work. The device's lock is held.
 */
void uldf_intx_quiet(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;

	uldf_unmasker_destroy(irq->unmasker);
	irq->unmasker = NULL;
	cancel_work_sync(&irq->unmask_work);
	uldf_intx_mask(udev);
}

/* Masks INTx for good and frees its interrupt; the device's lock is held. */
void uldf_intx_free(struct uldf_device *udev)
{
	uldf_intx_quiet(udev);
	mutex_lock(&lines_lock);
	free_irq(udev->irq.vector->line, udev->irq.vector);
	mutex_unlock(&lines_lock);
	udev->irq.vector->line = 0;
}

/*
 * Unmasks INTx; uldf_command.lock is held. An interrupt that is pending stays masked: returns whether the
 * caller has to fire the vector for it, after dropping the lock.
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
 * Unmasks INTx from within an eventfd's wake-up. There it cannot signal another eventfd or enable a line,
 * and leaves both to unmask_work().
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
	/* the holder may have masked INTx since the work was scheduled */
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
 * uldf_intx_bind_unmasker - let an eventfd unmask INTx, in place of the previous one
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
 * Masks INTx before a reset or sleep, whether or not the holder has it masked. Until uldf_intx_resume() the
 * handler ignores the line, because the command register cannot be trusted; unmasked, the device could
 * assert the line for ever. The device's lock is held.
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

/* Masks a device that was left with an interrupt pending, which only INTX_DISABLE kept off its line. */
static irqreturn_t silence_interrupt(int line, void *data)
{
	struct uldf_device *udev = data;

	return pci_check_and_mask_intx(udev->pdev) ? IRQ_HANDLED : IRQ_NONE;
}

/* Does another driver handle the line? A number that is stale may be that of a message by now. */
static bool is_shared_line(unsigned int line)
{
	struct irq_data *data = irq_get_irq_data(line);

	return data && irqd_is_level_type(data) && irq_has_action(line);
}

/**
 * uldf_intx_silence - handle the line of a device that is about to be enabled
 * @udev: the device, without vectors
 *
 * pci_enable_device() clears INTX_DISABLE. A device whose interrupt is pending then asserts its line for
 * ever: no handler of a device that shares the line clears it, and the processor that serves the line
 * does nothing else. A driver has set INTX_DISABLE before, so pdev->irq is the line that the other
 * devices use. A line without a handler lets no interrupt through, and gets none of ours meanwhile:
 * uldf_intx_end_silence() unlocks lines_lock. Another driver's device may still get the first one.
 *
 * Return: the line, for uldf_intx_end_silence() once INTX_DISABLE is set, or 0 if no line needs a handler
 */
int uldf_intx_silence(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;

	mutex_lock(&lines_lock);
	if (udev->found_intx || !pdev->pin || !is_shared_line(pdev->irq))
		return 0;
	/* the request fails where a handler does not share the line, or all its work is threaded (IRQF_ONESHOT) */
	return request_irq(pdev->irq, silence_interrupt, IRQF_SHARED, "uldf", udev) ? 0 : pdev->irq;
}

void uldf_intx_end_silence(struct uldf_device *udev, int line)
{
	if (line) {
		/* an interrupt that is on its way still finds its handler */
		synchronize_irq(line);
		free_irq(line, udev);
	}
	mutex_unlock(&lines_lock);
}
