// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vectors: enables the interrupts of one type and connects them to eventfds.
 *
 * Enabling requests all interrupts of the type, so that connecting an eventfd later cannot fail for lack of
 * one; with ULDF_VECTORS_LAZY those of MSI-X are requested when they are bound (irq/message.c).
 *
 * Takes uldf_device.lock, then memory_lock while the device is programmed, and uldf_vector.lock.
 */
#include <linux/eventfd.h>
#include <linux/interrupt.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "device/command.h"
#include "irq/bypass.h"
#include "irq/intx.h"
#include "irq/message.h"
#include "irq/shared.h"
#include "irq/signal.h"
#include "irq/unmasker.h"
#include "irq/vector.h"

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

/* Returns how many vectors of a type the device has; the type comes from user space and was checked. */
static u32 vectors_most(const struct uldf_device *udev, u32 type)
{
	return udev->vectors[array_index_nospec(type, ULDF_VECTOR_TYPES)];
}

/* Returns the vector at an index that comes from user space and was checked. */
static struct uldf_vector *vector_at(const struct uldf_irq *irq, u32 index)
{
	return &irq->vector[array_index_nospec(index, irq->count)];
}

void uldf_vectors_init(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;

	udev->vectors[ULDF_VECTOR_INTX] = intx_count(pdev);
	udev->vectors[ULDF_VECTOR_MSI] = max(pci_msi_vec_count(pdev), 0);
	udev->vectors[ULDF_VECTOR_MSIX] = max(pci_msix_vec_count(pdev), 0);
	udev->vectors[ULDF_VECTOR_ISA] = isa_count(pdev);
	uldf_intx_init(udev);
}

/* ---- enabling and freeing ---------------------------------------------------------------------- */

static void isa_free(struct uldf_irq *irq)
{
	u32 i;

	for (i = 0; i < irq->count; i++)
		if (irq->vector[i].line)
			uldf_signal_free(&irq->vector[i]);
}

static int isa_request(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;
	u32 i;
	int ret;

	for (i = 0; i < irq->count; i++) {
		ret = uldf_signal_request(&irq->vector[i], ISA_LINE + (int)i);
		if (ret) {
			isa_free(irq);
			return ret;
		}
	}
	/* in compatibility mode INTX_DISABLE gates these lines too (ICH) */
	uldf_command_switch_intx(udev, true);
	return 0;
}

/*
 * With @lazy takes only the first of the host's vectors for MSI-X, the others when they are bound. The PCI
 * core enables MSI-X for no fewer than one, and only with MSI-X enabled does the device hold interrupts back.
 */
static int vectors_request(struct uldf_device *udev, bool lazy)
{
	struct uldf_irq *irq = &udev->irq;

	switch (irq->type) {
	case ULDF_VECTOR_INTX:
		return uldf_intx_request(udev);
	case ULDF_VECTOR_ISA:
		return isa_request(udev);
	default:
		lazy = lazy && irq->type == ULDF_VECTOR_MSIX;
		return uldf_message_enable(udev, lazy ? 1 : irq->count);
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

static int vectors_enable(void *object, void *arg)
{
	struct uldf_ioc_vectors *vectors = arg;
	struct uldf_device *udev = object;
	struct uldf_irq *irq = &udev->irq;
	int ret;

	if (vectors->flags & ~ULDF_VECTORS_LAZY || vectors->pad || vectors->first ||
	    !vectors->count || vectors->type >= ULDF_VECTOR_TYPES ||
	    vectors->count > vectors_most(udev, vectors->type))
		return -EINVAL;
	ret = uldf_device_enter_awake(udev);
	if (ret)
		return ret;
	ret = irq->enabled ? -EBUSY : vectors_alloc(udev, vectors->count);
	if (ret)
		goto out;
	irq->type = vectors->type;
	irq->count = vectors->count;
	ret = vectors_request(udev, vectors->flags & ULDF_VECTORS_LAZY);
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

/* Masks all vectors, so that no interrupt is delivered any more; the device's lock is held. */
void uldf_vectors_quiet(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;
	u16 before;
	u32 i;

	if (irq->enabled && irq->type == ULDF_VECTOR_INTX) {
		uldf_intx_quiet(udev);
	} else if (irq->enabled) {
		before = uldf_command_decode_begin(udev);
		for (i = 0; i < irq->count; i++) {
			uldf_bypass_unregister(&irq->vector[i]);
			if (irq->vector[i].line)
				disable_irq(irq->vector[i].line);
		}
		uldf_command_decode_end(udev, before);
	}
	uldf_command_switch_intx(udev, false);
}

/* Returns how often the vectors fired since the claim; the device's lock is held. */
u64 uldf_vectors_fired(struct uldf_device *udev)
{
	u64 fired = udev->interrupts;
	u32 i;

	for (i = 0; udev->irq.enabled && i < udev->irq.count; i++)
		fired += READ_ONCE(udev->irq.vector[i].fired);
	return fired;
}

/* Frees the vectors if any are enabled; the device's lock is held. */
void uldf_vectors_free(struct uldf_device *udev)
{
	struct uldf_irq *irq = &udev->irq;
	struct eventfd_ctx *event;
	u32 i;

	if (!irq->enabled)
		return;
	irq->enabled = false;
	if (irq->type == ULDF_VECTOR_INTX)
		uldf_intx_free(udev);
	else if (irq->type == ULDF_VECTOR_ISA)
		isa_free(irq);
	else
		uldf_message_disable(udev);
	uldf_command_switch_intx(udev, false);
	for (i = 0; i < irq->count; i++) {
		event = uldf_signal_connect(&irq->vector[i], NULL);
		if (event)
			eventfd_ctx_put(event);
		udev->interrupts += irq->vector[i].fired;
	}
	kvfree(irq->vector);
	irq->vector = NULL;
}

static int vectors_disable(void *object, void *arg)
{
	struct uldf_ioc_vectors *vectors = arg;
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

/* ---- masking and unmasking INTx by a call ------------------------------------------------------ */

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

static int vectors_mask(void *object, void *arg)
{
	return intx_by_hand(object, arg, uldf_intx_mask);
}

static int vectors_unmask(void *object, void *arg)
{
	return intx_by_hand(object, arg, uldf_intx_unmask);
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

/* Takes the host's vectors for those that a call gives an eventfd and that have none yet; all or none. */
static int bind_take(struct uldf_device *udev, const struct uldf_ioc_vectors_bind *bind,
		     struct eventfd_ctx *const *events)
{
	u32 *wanted = NULL, count = 0, i;
	int ret;

	for (i = 0; i < bind->count; i++) {
		if (!events[i] || vector_at(&udev->irq, bind->first + i)->line)
			continue;
		wanted = wanted ?: kvmalloc_array(bind->count, sizeof(*wanted), GFP_KERNEL);
		if (!wanted)
			return -ENOMEM;
		wanted[count++] = bind->first + i;
	}
	if (!count)
		return 0;
	ret = udev->asleep ? -EIO : uldf_message_take(udev, wanted, count);
	kvfree(wanted);
	return ret;
}

/* Connects an eventfd, or none if NULL, to a vector. Returns the previous eventfd or NULL. */
static struct eventfd_ctx *bind_one(struct uldf_vector *vector, struct eventfd_ctx *event)
{
	struct eventfd_ctx *before;
	u32 type = vector->owner->irq.type;

	uldf_bypass_unregister(vector);
	before = uldf_signal_connect(vector, event);
	if (type == ULDF_VECTOR_MSI || type == ULDF_VECTOR_MSIX)
		uldf_bypass_register(vector);
	return before;
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
		ret = bind_take(udev, bind, events);
	for (i = 0; !ret && i < bind->count; i++)
		events[i] = bind_one(vector_at(irq, bind->first + i), events[i]);
	uldf_device_leave(udev);
out:
	events_put(events, bind->count);
	return ret;
}

static int bind_unmasker(struct uldf_device *udev, const struct uldf_ioc_vectors_bind *bind, int fd)
{
	struct uldf_irq *irq = &udev->irq;
	int ret;

	if (bind->type != ULDF_VECTOR_INTX || bind->first || bind->count != 1)
		return -EINVAL;
	ret = uldf_device_enter(udev);
	if (ret)
		return ret;
	if (!irq->enabled || irq->type != bind->type)
		ret = -EINVAL;
	else
		ret = uldf_intx_bind_unmasker(udev, fd);
	uldf_device_leave(udev);
	return ret;
}

static int vectors_bind(void *object, void *arg)
{
	struct uldf_ioc_vectors_bind *bind = arg;
	struct uldf_device *udev = object;
	s32 *fds;
	int ret;

	if (bind->flags & ~ULDF_BIND_UNMASK || bind->pad || bind->type >= ULDF_VECTOR_TYPES ||
	    !bind->count || bind->count > vectors_most(udev, bind->type))
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

/* ---- the host's interrupt of a vector ----------------------------------------------------------- */

static int vectors_info(void *object, void *arg)
{
	struct uldf_ioc_vectors_info *info = arg;
	struct uldf_device *udev = object;
	struct uldf_irq *irq = &udev->irq;
	int ret;

	if (info->flags || info->pad || info->type >= ULDF_VECTOR_TYPES)
		return -EINVAL;
	ret = uldf_device_enter(udev);
	if (ret)
		return ret;
	if (!irq->enabled || irq->type != info->type || info->index >= irq->count) {
		ret = -EINVAL;
	} else {
		info->irq = vector_at(irq, info->index)->line;
		if (info->irq)
			info->flags |= ULDF_VECTOR_TAKEN;
	}
	uldf_device_leave(udev);
	return ret;
}

#define SIZE(type, last) offsetofend(struct uldf_ioc_##type, last)

const struct uldf_call uldf_vector_calls[] = {
	{ULDF_VECTORS_ENABLE, SIZE(vectors, pad), .run = vectors_enable},
	{ULDF_VECTORS_DISABLE, SIZE(vectors, pad), .run = vectors_disable},
	{ULDF_VECTORS_MASK, SIZE(vectors, pad), .run = vectors_mask},
	{ULDF_VECTORS_UNMASK, SIZE(vectors, pad), .run = vectors_unmask},
	{ULDF_VECTORS_BIND, SIZE(vectors_bind, fds), .run = vectors_bind},
	{ULDF_VECTORS_INFO, SIZE(vectors_info, pad), .run = vectors_info},
	{},
};
