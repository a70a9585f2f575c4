// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vectors: enabling the interrupts of one kind, and the eventfds they signal.
 *
 * All interrupts of a kind are requested when they are enabled, so that connecting an eventfd cannot
 * fail for want of anything. One that fires before it has an eventfd is remembered and signalled
 * when it gets one, as the pending bit of a masked MSI-X vector would.
 *
 * Takes uldf_device.lock, then memory_lock round what programs the device, and uldf_vector.lock.
 */
#include <linux/eventfd.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "trace.h"
#include "uldf.h"

#define ISA_LINE	14 /* of the first IDE channel in compatibility mode; the second is next */
#define IDE_NATIVE_MODE 5  /* programming interface: channel 0 or 1 is in native mode */

static u32 intx_count(struct pci_dev *pdev)
{
	return pdev->pin && pdev->irq && pdev->irq != IRQ_NOTCONNECTED;
}

static u32 isa_count(struct pci_dev *pdev)
{
	bool ide = pdev->class >> 8 == PCI_CLASS_STORAGE_IDE;

	return ide && !(pdev->class & IDE_NATIVE_MODE) ? 2 : 0;
}

void uldf_vectors_init(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;

	udev->vectors[ULDF_VECTOR_INTX] = intx_count(pdev);
	udev->vectors[ULDF_VECTOR_MSI] = max(pci_msi_vec_count(pdev), 0);
	udev->vectors[ULDF_VECTOR_MSIX] = max(pci_msix_vec_count(pdev), 0);
	udev->vectors[ULDF_VECTOR_ISA] = isa_count(pdev);
	spin_lock_init(&udev->irq.mask_lock);
	INIT_WORK(&udev->irq.unmask_work, uldf_intx_unmask_work);
}

/* ---- delivery ---------------------------------------------------------------------------------- */

/* For a vector that several contexts fire, and one that has no event. */
void uldf_vector_fire(struct uldf_vector *vector)
{
	unsigned long flags;

	if (trace_uldf_vector_enabled())
		trace_uldf_vector(vector->owner->pdev, vector - vector->owner->irq.vector);
	spin_lock_irqsave(&vector->lock, flags);
	vector->fired++;
	uldf_shared_count(vector->count);
	if (vector->event)
		uldf_eventfd_signal(vector->event);
	else
		vector->missed = true;
	spin_unlock_irqrestore(&vector->lock, flags);
}

static irqreturn_t vector_interrupt(int line, void *data)
{
	struct uldf_vector *vector = data;
	struct eventfd_ctx *event = READ_ONCE(vector->event);

	if (likely(event)) {
		if (trace_uldf_vector_enabled())
			trace_uldf_vector(vector->owner->pdev, vector - vector->owner->irq.vector);
		vector->fired++;
		uldf_shared_count(vector->count);
		uldf_eventfd_signal(event);
	} else {
		uldf_vector_fire(vector);
	}
	return IRQ_HANDLED;
}

/*
 * Connects @event, or nothing. Returns what was connected before, which nothing signals any more: a handler
 * that has read it may still be at it, and is waited for.
 */
static struct eventfd_ctx *vector_connect(struct uldf_vector *vector, struct eventfd_ctx *event)
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
	if (before && vector->owner->irq.enabled)
		synchronize_irq(vector->line);
	return before;
}

/* ---- enabling and freeing ---------------------------------------------------------------------- */

static int vector_request(struct uldf_vector *vector, int line)
{
	int ret;

	if (line < 0)
		return line;
	ret = request_irq(line, vector_interrupt, 0, vector->name, vector);
	if (ret)
		return ret;
	vector->line = line;
	/* disable_irq() is to mask it in the device at once; free_irq() takes this back */
	irq_set_status_flags(line, IRQ_DISABLE_UNLAZY);
	return 0;
}

static int edges_request(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;
	bool isa = irq->type == ULDF_VECTOR_ISA;
	u32 i;
	int ret;

	for (i = 0; i < irq->count; i++) {
		ret = vector_request(&irq->vector[i],
				     isa ? ISA_LINE + (int)i : pci_irq_vector(udev->pdev, i));
		if (ret)
			goto err_free;
	}
	return 0;

err_free:
	while (i--)
		free_irq(irq->vector[i].line, &irq->vector[i]);
	return ret;
}

/* Freeing messages switches INTx on, which nobody handles: off before anyone can use the device. */
static void messages_free(struct uldf_device *udev)
{
	pci_free_irq_vectors(udev->pdev);
	uldf_intx_switch(udev, false);
}

static int messages_request(struct uldf_device *udev)
{
	unsigned int kind = udev->irq.type == ULDF_VECTOR_MSI ? PCI_IRQ_MSI : PCI_IRQ_MSIX;
	u16 before = uldf_config_decode_begin(udev);
	int ret;

	ret = pci_alloc_irq_vectors(udev->pdev, udev->irq.count, udev->irq.count, kind);
	if (ret >= 0) {
		ret = edges_request(udev);
		if (ret)
			messages_free(udev);
	}
	uldf_config_decode_end(udev, before);
	return ret;
}

static int vectors_request(struct uldf_device *udev)
{
	int ret;

	switch (udev->irq.type) {
	case ULDF_VECTOR_INTX:
		return uldf_intx_request(udev);
	case ULDF_VECTOR_ISA:
		ret = edges_request(udev);
		/* in compatibility mode the bit gates these lines also (ICH) */
		if (!ret)
			uldf_intx_switch(udev, true);
		return ret;
	default:
		ret = messages_request(udev);
		return ret == -ENOMEM ? ret : ret ? -ENOSPC : 0;
	}
}

static int vectors_alloc(struct uldf_device *udev, u32 count)
{
	struct uldf_vector *vector;
	u32 i;

	vector = kvcalloc(count, sizeof(*vector), GFP_KERNEL_ACCOUNT);
	if (!vector)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		spin_lock_init(&vector[i].lock);
		vector[i].owner = udev;
		vector[i].count = &udev->shared[i];
		snprintf(vector[i].name, sizeof(vector[i].name), "uldf %s %u", pci_name(udev->pdev),
			 i);
	}
	udev->irq.vector = vector;
	uldf_shared_clear(udev);
	return 0;
}

int uldf_vectors_enable(void *object, union uldf_args *args)
{
	struct uldf_ioc_vectors *vectors = &args->vectors;
	struct uldf_device *udev = object;
	struct uldf_irq *irq = &udev->irq;
	int ret;

	if (vectors->flags || vectors->pad || vectors->first || !vectors->count ||
	    vectors->type >= ULDF_VECTOR_TYPES || vectors->count > udev->vectors[vectors->type])
		return -EINVAL;
	ret = uldf_device_enter_awake(udev);
	if (ret)
		return ret;
	ret = irq->enabled ? -EBUSY : vectors_alloc(udev, vectors->count);
	if (ret)
		goto out;
	irq->type = vectors->type;
	irq->count = vectors->count;
	ret = vectors_request(udev);
	if (ret) {
		kvfree(irq->vector);
		irq->vector = NULL;
	} else {
		irq->enabled = true;
	}
out:
	uldf_device_leave(udev);
	return ret;
}

static bool is_messages(struct uldf_irq *irq)
{
	return irq->type == ULDF_VECTOR_MSI || irq->type == ULDF_VECTOR_MSIX;
}

/* Masks all vectors, so that none is delivered any more; the device's lock is held. */
void uldf_vectors_quiet(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;
	u16 before;
	u32 i;

	if (irq->enabled && irq->type == ULDF_VECTOR_INTX) {
		uldf_intx_quiet(udev);
	} else if (irq->enabled) {
		before = uldf_config_decode_begin(udev);
		for (i = 0; i < irq->count; i++)
			disable_irq(irq->vector[i].line);
		uldf_config_decode_end(udev, before);
	}
	uldf_intx_switch(udev, false);
}

/* Frees what is enabled, if anything; the device's lock is held. */
void uldf_vectors_free(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;
	struct eventfd_ctx *event;
	u16 before;
	u32 i;

	if (!irq->enabled)
		return;
	irq->enabled = false;
	if (irq->type == ULDF_VECTOR_INTX) {
		uldf_intx_free(udev);
	} else {
		before = uldf_config_decode_begin(udev);
		for (i = 0; i < irq->count; i++)
			free_irq(irq->vector[i].line, &irq->vector[i]);
		if (is_messages(irq))
			messages_free(udev);
		uldf_config_decode_end(udev, before);
	}
	uldf_intx_switch(udev, false);
	for (i = 0; i < irq->count; i++) {
		event = vector_connect(&irq->vector[i], NULL);
		if (event)
			eventfd_ctx_put(event);
		udev->interrupts += irq->vector[i].fired;
	}
	kvfree(irq->vector);
	irq->vector = NULL;
}

int uldf_vectors_disable(void *object, union uldf_args *args)
{
	struct uldf_ioc_vectors *vectors = &args->vectors;
	struct uldf_device *udev = object;
	int ret;

	if (vectors->flags || vectors->pad || vectors->first || vectors->type >= ULDF_VECTOR_TYPES)
		return -EINVAL;
	ret = uldf_device_enter_awake(udev);
	if (ret)
		return ret;
	if (udev->irq.enabled && udev->irq.type == vectors->type)
		uldf_vectors_free(udev);
	else
		ret = -EINVAL;
	uldf_device_leave(udev);
	return ret;
}

/* ---- INTx by hand ------------------------------------------------------------------------------ */

static int intx_by_hand(struct uldf_device *udev, const struct uldf_ioc_vectors *vectors,
			void (*change)(struct uldf_device *udev))
{
	int ret;

	if (vectors->flags || vectors->pad || vectors->type >= ULDF_VECTOR_TYPES)
		return -EINVAL;
	if (vectors->type != ULDF_VECTOR_INTX)
		return -EOPNOTSUPP;
	if (vectors->first || vectors->count != 1)
		return -EINVAL;
	ret = uldf_device_enter_awake(udev);
	if (ret)
		return ret;
	if (udev->irq.enabled && udev->irq.type == ULDF_VECTOR_INTX)
		change(udev);
	else
		ret = -EINVAL;
	uldf_device_leave(udev);
	return ret;
}

int uldf_vectors_mask(void *object, union uldf_args *args)
{
	return intx_by_hand(object, &args->vectors, uldf_intx_mask);
}

int uldf_vectors_unmask(void *object, union uldf_args *args)
{
	return intx_by_hand(object, &args->vectors, uldf_intx_unmask);
}

/* ---- connecting eventfds ----------------------------------------------------------------------- */

static void events_put(struct eventfd_ctx **events, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (events[i])
			eventfd_ctx_put(events[i]);
	kvfree(events);
}

static int events_get(const s32 *fds, u32 count, struct eventfd_ctx ***out)
{
	struct eventfd_ctx **events;
	u32 i;
	int ret;

	events = kvcalloc(count, sizeof(*events), GFP_KERNEL_ACCOUNT);
	if (!events)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		if (fds[i] == -1)
			continue;
		events[i] = eventfd_ctx_fdget(fds[i]);
		if (IS_ERR(events[i])) {
			ret = PTR_ERR(events[i]);
			events[i] = NULL;
			events_put(events, i);
			return ret;
		}
	}
	*out = events;
	return 0;
}

static int bind_events(struct uldf_device *udev, const struct uldf_ioc_vectors_bind *bind,
		       const s32 *fds)
{
	struct uldf_irq *irq = &udev->irq;
	struct eventfd_ctx **events;
	u32 i;
	int ret;

	ret = events_get(fds, bind->count, &events);
	if (ret)
		return ret;
	ret = uldf_device_enter(udev);
	if (ret)
		goto out;
	if (!irq->enabled || irq->type != bind->type || bind->first >= irq->count ||
	    bind->count > irq->count - bind->first ||
	    uldf_unmasker_listens(irq->unmasker, events[0]))
		ret = -EINVAL;
	else
		for (i = 0; i < bind->count; i++)
			events[i] = vector_connect(&irq->vector[bind->first + i], events[i]);
	uldf_device_leave(udev);
out:
	events_put(events, bind->count);
	return ret;
}

static int bind_unmasker(struct uldf_device *udev, const struct uldf_ioc_vectors_bind *bind, int fd)
{
	struct uldf_unmasker *unmasker = NULL;
	struct uldf_irq *irq = &udev->irq;
	int ret;

	if (bind->type != ULDF_VECTOR_INTX || bind->first || bind->count != 1)
		return -EINVAL;
	ret = uldf_device_enter(udev);
	if (ret)
		return ret;
	if (!irq->enabled || irq->type != bind->type)
		ret = -EINVAL;
	else if (fd != -1)
		ret = uldf_unmasker_create(udev, fd, &unmasker);
	if (!ret) {
		uldf_unmasker_destroy(irq->unmasker);
		irq->unmasker = unmasker;
	}
	uldf_device_leave(udev);
	return ret;
}

int uldf_vectors_bind(void *object, union uldf_args *args)
{
	struct uldf_ioc_vectors_bind *bind = &args->bind;
	struct uldf_device *udev = object;
	s32 *fds;
	int ret;

	if (bind->flags & ~ULDF_BIND_UNMASK || bind->pad || bind->type >= ULDF_VECTOR_TYPES ||
	    !bind->count || bind->count > udev->vectors[bind->type])
		return -EINVAL;
	fds = vmemdup_user(u64_to_user_ptr(bind->fds), bind->count * sizeof(*fds));
	if (IS_ERR(fds))
		return PTR_ERR(fds);
	if (bind->flags & ULDF_BIND_UNMASK)
		ret = bind_unmasker(udev, bind, fds[0]);
	else
		ret = bind_events(udev, bind, fds);
	kvfree(fds);
	return ret;
}
