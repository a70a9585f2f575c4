// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI and MSI-X: takes vectors of the host for vectors of a device, and gives them back.
 *
 * Vectors of MSI-X can be taken later than MSI-X is enabled. Until then the device holds an interrupt
 * back in its Pending Bit Array (PCIe 6.0 section 7.7.2). Kernels before 6.2 have to disable MSI-X for it.
 * What the device sends meanwhile is lost, so every vector is signalled once as if it had fired.
 *
 * uldf_device.lock is held. Takes memory_lock round what programs the device, which must decode for it.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "core/compat.h"
#include "device/command.h"
#include "irq/bypass.h"
#include "irq/message.h"
#include "irq/signal.h"

/* Callers need to know whether to ask for fewer. */
static int shortage(int ret)
{
	return !ret || ret == -ENOMEM ? ret : -ENOSPC;
}

/* The PCI core switches INTx on, which nobody handles: off before anyone can use the device. */
static void messages_free(struct uldf_device *udev)
{
	pci_free_irq_vectors(udev->pdev);
	uldf_command_switch_intx(udev, false);
}

static void lines_free(struct uldf_irq *irq)
{
	u32 i;

	for (i = 0; i < irq->count; i++) {
		uldf_bypass_unregister(&irq->vector[i]);
		if (irq->vector[i].line)
			uldf_signal_free(&irq->vector[i]);
	}
}

static int lines_request(struct uldf_device *udev, u32 count)
{
	struct uldf_irq *irq = &udev->irq;
	u32 i;
	int ret;

	for (i = 0; i < count; i++) {
		ret = uldf_signal_request(&irq->vector[i], pci_irq_vector(udev->pdev, i));
		if (ret) {
			lines_free(irq);
			return ret;
		}
	}
	return 0;
}

/**
 * uldf_message_enable - switch MSI or MSI-X on and take the first vectors
 * @udev: the device, its uldf_irq filled but for @dynamic
 * @count: how many; all of MSI's
 *
 * Return: 0; -ENOSPC the host has too few; -ENOMEM
 */
int uldf_message_enable(struct uldf_device *udev, u32 count)
{
	bool msix = udev->irq.type == ULDF_VECTOR_MSIX;
	u16 before = uldf_command_decode_begin(udev);
	int ret;

	ret = pci_alloc_irq_vectors(udev->pdev, count, count, msix ? PCI_IRQ_MSIX : PCI_IRQ_MSI);
	if (ret >= 0) {
		ret = lines_request(udev, count);
		if (ret)
			messages_free(udev);
	}
	udev->irq.dynamic = msix && !ret && uldf_msix_can_alloc(udev->pdev);
	uldf_command_decode_end(udev, before);
	return shortage(ret);
}

/* ---- one by one ---------------------------------------------------------------------------------- */

static int take_one(struct uldf_device *udev, u32 index)
{
	int line = uldf_msix_alloc(udev->pdev, index);
	int ret = uldf_signal_request(&udev->irq.vector[index], line);

	if (ret && line >= 0)
		uldf_msix_free(udev->pdev, index, line);
	return ret;
}

static void untake_one(struct uldf_device *udev, u32 index)
{
	struct uldf_vector *vector = &udev->irq.vector[index];
	int line = vector->line;

	uldf_signal_free(vector);
	uldf_msix_free(udev->pdev, index, line);
}

static int take_singly(struct uldf_device *udev, const u32 *wanted, u32 count)
{
	u32 i;
	int ret;

	for (i = 0; i < count; i++) {
		ret = take_one(udev, wanted[i]);
		if (ret)
			goto err_untake;
	}
	return 0;

err_untake:
	while (i--)
		untake_one(udev, wanted[i]);
	return ret;
}

/* ---- all anew -------------------------------------------------------------------------------------- */

/* The vectors that were in use come first in @entry. */
struct anew {
	struct msix_entry *entry;
	u32 used;
	u32 count;
};

static bool is_used(const struct uldf_vector *vector)
{
	return vector->line || vector->event;
}

/* Between MSI-X enabled and the first request nothing else fires these vectors, so none is lost. */
static void signal_all(struct uldf_irq *irq, const struct anew *anew)
{
	u32 i;

	for (i = 0; i < anew->used; i++)
		uldf_signal_fire(&irq->vector[anew->entry[i].entry]);
	for (i = 0; i < irq->count; i++)
		uldf_signal_remember(&irq->vector[i]);
}

static int anew_enable(struct uldf_device *udev, const struct anew *anew, u32 count)
{
	struct uldf_irq *irq = &udev->irq;
	u32 i, index;
	int ret;

	ret = pci_enable_msix_range(udev->pdev, anew->entry, count, count);
	if (ret < 0)
		return ret;
	signal_all(irq, anew);
	for (i = 0; i < count; i++) {
		index = anew->entry[i].entry;
		/* the numbers in the list are in the order of the table, whatever the list's */
		ret = uldf_signal_request(&irq->vector[index], pci_irq_vector(udev->pdev, index));
		if (ret)
			goto err_free;
	}
	for (i = 0; i < anew->used; i++)
		uldf_bypass_register(&irq->vector[anew->entry[i].entry]);
	return 0;

err_free:
	lines_free(irq);
	messages_free(udev);
	return ret;
}

static void anew_list(struct anew *anew, const struct uldf_irq *irq, const u32 *wanted, u32 count)
{
	u32 i;

	anew->count = 0;
	for (i = 0; i < irq->count; i++)
		if (is_used(&irq->vector[i]))
			anew->entry[anew->count++].entry = i;
	anew->used = anew->count;
	for (i = 0; i < count; i++)
		if (!is_used(&irq->vector[wanted[i]]))
			anew->entry[anew->count++].entry = wanted[i];
}

static int take_anew(struct uldf_device *udev, const u32 *wanted, u32 count)
{
	struct uldf_irq *irq = &udev->irq;
	struct anew anew;
	int ret;

	anew.entry = kvcalloc(irq->count, sizeof(*anew.entry), GFP_KERNEL);
	if (!anew.entry)
		return -ENOMEM;
	anew_list(&anew, irq, wanted, count);
	lines_free(irq);
	messages_free(udev);
	ret = anew_enable(udev, &anew, anew.count);
	/* those that were just given back are there, unless another driver was faster: then they are
	 * untaken, and the next call tries again, as they have their eventfds
	 */
	if (ret && anew.used && anew_enable(udev, &anew, anew.used))
		dev_warn(&udev->pdev->dev, "other drivers took its interrupts\n");
	kvfree(anew.entry);
	return ret;
}

/**
 * uldf_message_take - take vectors of the host for vectors of MSI-X that have none
 * @udev: the device, MSI-X enabled
 * @wanted: indices of the vectors, each once, none of them taken
 * @count: how many
 *
 * Return: 0; -ENOSPC the host has too few, -ENOMEM: none of them is taken
 */
int uldf_message_take(struct uldf_device *udev, const u32 *wanted, u32 count)
{
	u16 before = uldf_command_decode_begin(udev);
	int ret;

	if (udev->irq.dynamic)
		ret = take_singly(udev, wanted, count);
	else
		ret = take_anew(udev, wanted, count);
	uldf_command_decode_end(udev, before);
	return shortage(ret);
}

/* Gives all vectors back and switches MSI or MSI-X off. */
void uldf_message_disable(struct uldf_device *udev)
{
	u16 before = uldf_command_decode_begin(udev);

	lines_free(&udev->irq);
	messages_free(udev);
	uldf_command_decode_end(udev, before);
}
