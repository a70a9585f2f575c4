// SPDX-License-Identifier: MIT
/*
 * The vectors of a model. INTx follows a pin: it is masked when it is delivered, and fires again when
 * it is unmasked while the pin is asserted. Messages are lost unless the device masters the bus. An ISA
 * line fires when it rises.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "eventfds.h"
#include "watcher.h"
#include "model/model.h"

static void vector_fire(struct model *model, unsigned int vector)
{
	model->counts[vector].count++;
	model->counts[vector].tsc = __builtin_ia32_rdtsc();
	eventfds_signal(model->fds[vector]);
}

unsigned int model_messages(const struct model *model)
{
	return model->type == ULDF_IRQ_MSI || model->type == ULDF_IRQ_MSIX ? model->enabled : 0;
}

void model_message(struct model *model, unsigned int vector)
{
	if (vector < model_messages(model) && model_masters(model) && !model->gone)
		vector_fire(model, vector);
}

static void intx_follow(struct model *model)
{
	if (!model->line || model->masked || model->type != ULDF_IRQ_INTX || !model->enabled ||
	    model->gone)
		return;
	model->masked = true;
	model->missed = model->fds[0] < 0;
	vector_fire(model, 0);
}

void model_line(struct model *model, bool level)
{
	model->line = level;
	intx_follow(model);
}

void model_isa(struct model *model, unsigned int line, bool level)
{
	unsigned int before = model->isa, bit = 1u << line;

	model->isa = level ? before | bit : before & ~bit;
	if (model->isa & ~before && model->type == ULDF_IRQ_ISA && line < model->enabled &&
	    !model->gone)
		vector_fire(model, line);
}

/* Enables or disables messages of a type in the configuration space, as the host does. */
static void messages_switch(struct model *model, enum uldf_irq_type type, bool on)
{
	const bool msix = type == ULDF_IRQ_MSIX;
	const uint32_t enable = msix ? PCI_MSIX_FLAGS_ENABLE : PCI_MSI_FLAGS_ENABLE;
	unsigned int at =
		model_config_find(model, msix ? PCI_CAP_ID_MSIX : PCI_CAP_ID_MSI) + PCI_MSI_FLAGS;
	uint32_t flags = model_config_get(model, at, 2);

	model_config_set(model, at, 2, on ? flags | enable : flags & ~enable);
}

static void pin_switch(struct model *model, bool on)
{
	uint32_t command = model_config_get(model, PCI_COMMAND, 2);

	model_config_set(model, PCI_COMMAND, 2,
			 on ? command & ~(uint32_t)PCI_COMMAND_INTX_DISABLE
			    : command | PCI_COMMAND_INTX_DISABLE);
}

/* ISA lines have no switch in the configuration space. */
static void vectors_switch(struct model *model, enum uldf_irq_type type, bool on)
{
	if (type == ULDF_IRQ_INTX)
		pin_switch(model, on);
	else if (type != ULDF_IRQ_ISA)
		messages_switch(model, type, on);
}

int model_irq_init(struct model *model)
{
	const struct model_identity *identity = model->ops->identity;
	uint32_t *vectors = model->device->info.vectors;

	vectors[ULDF_IRQ_INTX] = identity->intx;
	vectors[ULDF_IRQ_MSI] = identity->msi;
	vectors[ULDF_IRQ_MSIX] = identity->msix;
	vectors[ULDF_IRQ_ISA] = identity->isa;
	for (unsigned int i = 0; i < ULDF_IRQ_TYPES; i++)
		if (model->most < vectors[i])
			model->most = vectors[i];
	model->counts = calloc(model->most + 1, sizeof(*model->counts));
	model->fds = malloc((model->most + 1) * sizeof(*model->fds));
	if (!model->counts || !model->fds) {
		free(model->counts);
		free(model->fds);
		return -ENOMEM;
	}
	memset(model->fds, -1, (model->most + 1) * sizeof(*model->fds));
	model->unmask = -1;
	return 0;
}

static void vectors_close(struct model *model)
{
	for (unsigned int i = 0; i < model->most; i++) {
		if (model->fds[i] >= 0)
			close(model->fds[i]);
		model->fds[i] = -1;
	}
}

/* The unlocked model has no other thread but the watcher's any more. */
void model_irq_fini(struct model *model)
{
	watcher_destroy(model->watcher);
	if (model->unmask >= 0)
		close(model->unmask);
	vectors_close(model);
	free(model->fds);
	free(model->counts);
}

static int irq_end(struct uldf_device *device, int err, const char *doing)
{
	if (err == -ENODEV)
		return model_fail_gone(device);
	return err ? uldf_device_fail(device, err, "cannot %s: %s", doing, ctx_strerror(err)) : 0;
}

int model_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	struct model *model = model_of(device);
	int err = 0;

	if (device->irq_count)
		return uldf_device_fail(device, -EBUSY, "interrupts of a type are enabled already");
	model_lock(model);
	if (model->gone)
		err = -ENODEV;
	if (!err) {
		memset(model->counts, 0, model->most * sizeof(*model->counts));
		model->type = type;
		model->enabled = count;
		model->masked = model->missed = false;
		vectors_switch(model, type, true);
		intx_follow(model);
	}
	model_unlock(model);
	return irq_end(device, err, "enable interrupts");
}

/* Has another eventfd, or -1, unmask INTx; the descriptor becomes the model's. */
static void unmask_replace(struct model *model, int fd)
{
	int old;

	if (!model->watcher)
		return;
	watcher_lock(model->watcher);
	old = model->unmask;
	model->unmask = fd;
	watcher_watch(model->watcher, 0, fd);
	watcher_unlock(model->watcher);
	if (old >= 0)
		close(old);
}

int model_irq_disable(struct uldf_device *device)
{
	struct model *model = model_of(device);
	int err;

	unmask_replace(model, -1);
	model_lock(model);
	err = model->gone ? -ENODEV : 0;
	vectors_switch(model, model->type, false);
	model->enabled = 0;
	model->type = ULDF_IRQ_INTX;
	vectors_close(model);
	model_unlock(model);
	return irq_end(device, err, "disable interrupts");
}

/* Duplicates descriptors; -1 stays. All or none. */
static int fds_duplicate(const int *fds, unsigned int count, int *out)
{
	int err;

	for (unsigned int i = 0; i < count; i++) {
		out[i] = fds[i] < 0 ? -1 : fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
		if (out[i] >= 0 || fds[i] < 0)
			continue;
		err = -errno;
		while (i--)
			if (out[i] >= 0)
				close(out[i]);
		return err;
	}
	return 0;
}

/* Exchanges the eventfds of vectors. INTx that nobody heard of is told now: it is masked since. */
static int vectors_exchange(struct model *model, unsigned int first, unsigned int count, int *fds)
{
	model_lock(model);
	if (model->gone) {
		model_unlock(model);
		return -ENODEV;
	}
	for (unsigned int i = 0; i < count; i++) {
		int old = model->fds[first + i];

		model->fds[first + i] = fds[i];
		fds[i] = old;
	}
	if (model->missed && model->fds[0] >= 0) {
		model->missed = false;
		eventfds_signal(model->fds[0]);
	}
	model_unlock(model);
	return 0;
}

int model_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
		   const int *fds)
{
	struct model *model = model_of(device);
	int *list, err;

	if (eventfds_check(fds, count))
		return uldf_device_fail(device, -EINVAL,
					"cannot bind vectors: not all are eventfds");
	list = malloc(count * sizeof(*list));
	if (!list)
		return uldf_device_fail(device, -ENOMEM, "out of memory");
	err = fds_duplicate(fds, count, list);
	if (!err) {
		err = vectors_exchange(model, first, count, list);
		/* those that were bound before, or that are not needed */
		for (unsigned int i = 0; i < count; i++)
			if (list[i] >= 0)
				close(list[i]);
	}
	free(list);
	return irq_end(device, err, "bind eventfds to its vectors");
}

/* Masks or unmasks INTx. Returns -EINVAL when it is not enabled (any more). */
static int intx_mask(struct model *model, bool mask)
{
	int err = 0;

	model_lock(model);
	if (model->gone)
		err = -ENODEV;
	else if (!model->enabled || model->type != ULDF_IRQ_INTX)
		err = -EINVAL;
	else
		model->masked = mask;
	if (!err && !mask) {
		model->missed = false;
		intx_follow(model);
	}
	model_unlock(model);
	return err;
}

int model_irq_mask(struct uldf_device *device)
{
	return irq_end(device, intx_mask(model_of(device), true), "mask INTx");
}

int model_irq_unmask(struct uldf_device *device)
{
	return irq_end(device, intx_mask(model_of(device), false), "unmask INTx");
}

static bool unmask_signalled(void *arg, unsigned int index, int fd)
{
	eventfds_drain(fd);
	intx_mask(arg, false);
	return true;
}

static bool is_gone(struct model *model)
{
	bool gone;

	model_lock(model);
	gone = model->gone;
	model_unlock(model);
	return gone;
}

int model_irq_bind_unmask(struct uldf_device *device, int fd)
{
	struct model *model = model_of(device);
	int copy, err = 0;

	if (eventfds_check(&fd, 1))
		return uldf_device_fail(device, -EINVAL, "cannot bind INTx: not an eventfd");
	if (is_gone(model))
		return model_fail_gone(device);
	err = fds_duplicate(&fd, 1, &copy);
	if (!err && copy >= 0 && !model->watcher)
		err = watcher_create(unmask_signalled, model, &model->watcher);
	if (err) {
		if (copy >= 0)
			close(copy);
		return irq_end(device, err, "have INTx unmasked by an eventfd");
	}
	unmask_replace(model, copy);
	return 0;
}

int model_irq_counts(struct uldf_device *device, const volatile struct uldf_irq_count **out)
{
	if (is_gone(model_of(device)))
		return model_fail_gone(device);
	*out = model_of(device)->counts;
	return 0;
}
