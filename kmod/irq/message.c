// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI and MSI-X: takes vectors of the host for vectors of a device, and gives them back.
 *
 * A vector of MSI-X can be taken after MSI-X was enabled; until then the device holds its interrupt back in
 * the Pending Bit Array (PCIe 6.0 section 7.7.2). Kernels before 6.2 have to disable MSI-X to add a vector.
 * Interrupts that the device sends meanwhile are lost, so this file signals every vector once afterwards.
 *
 * Callers hold uldf_device.lock. Takes memory_lock and switches decoding on while the PCI core programs the
 * device.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "core/compat.h"
#include "device/command.h"
#include "irq/bypass.h"
#include "irq/message.h"
#include "irq/signal.h"

/* Makes -ENOSPC of all errors but -ENOMEM: it tells callers to ask for fewer vectors. */
static int shortage(int ret)
{
	return !ret || ret == -ENOMEM ? ret : -ENOSPC;
}

/* Some devices send no message while INTx is disabled. While messages are enabled they do not pull the line. */
static bool needs_intx(const struct uldf_device *udev)
{
	return udev->pdev->dev_flags & PCI_DEV_FLAGS_MSI_INTX_DISABLE_BUG;
}

static void messages_enabled(struct uldf_device *udev)
{
	if (needs_intx(udev))
		uldf_command_switch_intx(udev, true);
}

/*
 * Frees the vectors. The PCI core would switch INTx on first, and a device whose interrupt is pending would pull
 * its line, which nobody handles, until all vectors are freed. It leaves INTx alone where this flag is set.
 */
static void messages_free(struct uldf_device *udev)
{
	pci_dev_flags_t before = udev->pdev->dev_flags;

	if (needs_intx(udev))
		uldf_command_switch_intx(udev, false);
	udev->pdev->dev_flags |= PCI_DEV_FLAGS_MSI_INTX_DISABLE_BUG;
	pci_free_irq_vectors(udev->pdev);
	udev->pdev->dev_flags = before;
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
 * @udev: the device, its uldf_irq filled in except @dynamic
 * @count: how many vectors; MSI takes all of them here
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
		messages_enabled(udev);
		ret = lines_request(udev, count);
		if (ret)
			messages_free(udev);
	}
	udev->irq.dynamic = msix && !ret && uldf_msix_can_alloc(udev->pdev);
	uldf_command_decode_end(udev, before);
	return shortage(ret);
}

/* ---- adding vectors one by one ------------------------------------------------------------------- */

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

/* ---- adding vectors by enabling MSI-X anew ----------------------------------------------------------- */

/* A list of vectors to enable MSI-X with; in @entry the @used ones that were in use come first. */
struct anew {
	struct msix_entry *entry;
	u32 used;
	u32 count;
};

static bool is_used(const struct uldf_vector *vector)
{
	return vector->line || vector->event;
}

/* Called with MSI-X on and no handler requested, so nothing else fires these vectors and none is lost. */
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
	messages_enabled(udev);
	signal_all(irq, anew);
	for (i = 0; i < count; i++) {
		index = anew->entry[i].entry;
		/* entry[i].vector is no use: the PCI core fills the list in the order of the table */
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
	/* takes again the vectors that were just given back. If another driver was faster, they stay
	 * untaken and keep their eventfds, so that the next call tries again
	 */
	if (ret && anew.used && anew_enable(udev, &anew, anew.used))
		dev_warn(&udev->pdev->dev, "other drivers took its interrupts\n");
	kvfree(anew.entry);
	return ret;
}

/**
 * uldf_message_take - take vectors of the host for vectors of MSI-X that have none
 * @udev: the device, MSI-X enabled
 * @wanted: indices of the vectors, all different, none of them taken
 * @count: how many
 *
 * Return: 0; -ENOSPC the host has too few, -ENOMEM: none of @wanted is taken
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
