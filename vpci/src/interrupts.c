// SPDX-License-Identifier: MIT
/*
 * A device has vectors of one type at a time, so switching means stopping one and starting the
 * other. Nothing is lost on the way but what the guest gave up by switching.
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdlib.h>
#include "assigned_function.h"
#include "msi.h"

/* The ISA lines of an IDE controller in compatibility mode (PCI IDE Controller 1.0 section 2.2). */
#define INTERRUPTS_ISA_FIRST 14
#define INTERRUPTS_ISA_LINES 2

static uint16_t interrupts_msix_flags(const struct vpci_assigned *assigned)
{
	return (uint16_t)vpci_config_read(&assigned->function.config,
					  assigned->shown.msix + PCI_MSIX_FLAGS, 2);
}

static int interrupts_choice(const struct vpci_assigned *assigned, unsigned int *count)
{
	const struct uldf_device_info *info = uldf_device_info(assigned->device);
	const struct vpci_config *config = &assigned->function.config;
	uint32_t command = vpci_config_read(config, PCI_COMMAND, 2);

	*count = 1;
	if (assigned->shown.msix && (interrupts_msix_flags(assigned) & PCI_MSIX_FLAGS_ENABLE)) {
		*count = assigned->msix.count;
		return ULDF_IRQ_MSIX;
	}
	if (assigned->shown.msi && vpci_msi_enabled(config, assigned->shown.msi)) {
		*count = vpci_msi_count(config, assigned->shown.msi);
		return ULDF_IRQ_MSI;
	}
	if (info->vectors[ULDF_IRQ_ISA]) {
		*count = INTERRUPTS_ISA_LINES;
		return ULDF_IRQ_ISA;
	}
	if (config->value[PCI_INTERRUPT_PIN] && !(command & PCI_COMMAND_INTX_DISABLE))
		return ULDF_IRQ_INTX;
	return VPCI_INTERRUPTS_NONE;
}

/* Takes the vector from the host, when the guest opens it first. */
static int interrupts_take(struct vpci_assigned *assigned, unsigned int n)
{
	struct vpci_vector *vector = &assigned->interrupts.vectors[n];
	int err;

	if (vector->fd >= 0)
		return 0;
	err = vpci_vector_init(vector);
	if (err)
		return err;
	err = vpci_assigned_note(assigned, uldf_irq_bind(assigned->device, n, 1, &vector->fd));
	if (err)
		vpci_vector_fini(vector, vpci_function_host(&assigned->function));
	return err;
}

static void interrupts_follow(struct vpci_assigned *assigned, unsigned int n)
{
	const struct vpci_host *host = vpci_function_host(&assigned->function);
	struct vpci_interrupts *interrupts = &assigned->interrupts;
	struct vpci_msi msi = {.requester = vpci_function_requester(&assigned->function)};
	bool open;
	int err;

	if (interrupts->type == ULDF_IRQ_MSIX)
		open = vpci_msix_message(&assigned->msix, interrupts_msix_flags(assigned), n, &msi);
	else
		open = vpci_msi_message(&assigned->function.config, assigned->shown.msi, n, &msi);
	if (!open) {
		vpci_vector_hold(&interrupts->vectors[n], host);
		return;
	}
	err = interrupts_take(assigned, n);
	if (err) {
		vpci_assigned_report_vector(assigned, n, err);
		return;
	}
	err = vpci_vector_route(&interrupts->vectors[n], host, &msi);
	if (err)
		vpci_assigned_report_route(assigned, n, err);
}

/*
 * Takes all vectors of MSI. Those of MSI-X are taken as the guest opens them: its table may have
 * thousands, of which a driver uses a few. Until then the device itself holds their interrupts back.
 */
static int interrupts_take_all(struct vpci_assigned *assigned)
{
	int err = 0;

	if (assigned->interrupts.type == ULDF_IRQ_MSIX)
		return 0;
	for (unsigned int i = 0; !err && i < assigned->interrupts.count; i++)
		err = interrupts_take(assigned, i);
	return err;
}

/* Vectors that the host has no room for never fire; the guest cannot be told, so the VMM is. */
static int interrupts_start_vectors(struct vpci_assigned *assigned)
{
	const struct uldf_device_info *info = uldf_device_info(assigned->device);
	const struct vpci_host *host = vpci_function_host(&assigned->function);
	struct vpci_interrupts *interrupts = &assigned->interrupts;
	unsigned int count = interrupts->wanted;
	int err;

	if (count > info->vectors[interrupts->type])
		count = info->vectors[interrupts->type];
	interrupts->vectors = calloc(count, sizeof(*interrupts->vectors));
	if (!interrupts->vectors)
		return -ENOMEM;
	for (unsigned int i = 0; i < count; i++)
		interrupts->vectors[i] = VPCI_VECTOR_NONE;
	for (err = -ENOSPC; count; count /= 2) {
		err = uldf_irq_reserve(assigned->device, interrupts->type, count);
		if (err != -ENOSPC)
			break;
	}
	if (err)
		goto err_free_vectors;
	interrupts->count = count;
	err = interrupts_take_all(assigned);
	if (err)
		goto err_disable;
	if (count < interrupts->wanted && count < info->vectors[interrupts->type])
		vpci_assigned_report_vector(assigned, count, -ENOSPC);
	return 0;
err_disable:
	uldf_irq_disable(assigned->device);
	for (unsigned int i = 0; i < count; i++)
		vpci_vector_fini(&interrupts->vectors[i], host);
err_free_vectors:
	free(interrupts->vectors);
	interrupts->vectors = NULL;
	interrupts->count = 0;
	return err;
}

static int interrupts_start_intx(struct vpci_assigned *assigned)
{
	const struct vpci_host *host = vpci_function_host(&assigned->function);
	struct vpci_wire *wire = &assigned->interrupts.wires[0];
	int err;

	err = vpci_wire_init(wire, host, vpci_function_gsi(&assigned->function), true);
	if (err)
		return err;
	err = uldf_irq_enable(assigned->device, ULDF_IRQ_INTX, 1);
	if (err)
		goto err_fini_wire;
	err = uldf_irq_bind_unmask(assigned->device, wire->resample);
	if (err)
		goto err_disable;
	err = uldf_irq_bind(assigned->device, 0, 1, &wire->fd);
	if (err)
		goto err_disable;
	/* Had it fired before it was bound, it would be masked now, with nobody to unmask it. */
	err = uldf_irq_unmask(assigned->device);
	if (err)
		goto err_disable;
	return 0;
err_disable:
	uldf_irq_disable(assigned->device);
err_fini_wire:
	vpci_wire_fini(wire, host);
	return err;
}

static int interrupts_start_isa(struct vpci_assigned *assigned)
{
	const struct vpci_host *host = vpci_function_host(&assigned->function);
	struct vpci_wire *wires = assigned->interrupts.wires;
	int fds[INTERRUPTS_ISA_LINES] = {-1, -1}, err;

	for (unsigned int i = 0; i < INTERRUPTS_ISA_LINES; i++) {
		err = vpci_wire_init(&wires[i], host, INTERRUPTS_ISA_FIRST + i, false);
		if (err)
			goto err_fini_wires;
		fds[i] = wires[i].fd;
	}
	err = uldf_irq_enable(assigned->device, ULDF_IRQ_ISA, INTERRUPTS_ISA_LINES);
	if (err)
		goto err_fini_wires;
	err = uldf_irq_bind(assigned->device, 0, INTERRUPTS_ISA_LINES, fds);
	if (err)
		goto err_disable;
	return 0;
err_disable:
	uldf_irq_disable(assigned->device);
err_fini_wires:
	for (unsigned int i = 0; i < INTERRUPTS_ISA_LINES; i++)
		vpci_wire_fini(&wires[i], host);
	return err;
}

static int interrupts_start(struct vpci_assigned *assigned)
{
	switch (assigned->interrupts.type) {
	case ULDF_IRQ_INTX:
		return interrupts_start_intx(assigned);
	case ULDF_IRQ_ISA:
		return interrupts_start_isa(assigned);
	case VPCI_INTERRUPTS_NONE:
		return 0;
	}
	return interrupts_start_vectors(assigned);
}

void vpci_interrupts_init(struct vpci_interrupts *interrupts)
{
	*interrupts = (struct vpci_interrupts){
		.type = VPCI_INTERRUPTS_NONE,
		.wires = {{.fd = -1, .resample = -1}, {.fd = -1, .resample = -1}},
	};
}

void vpci_interrupts_stop(struct vpci_assigned *assigned)
{
	const struct vpci_host *host = vpci_function_host(&assigned->function);
	struct vpci_interrupts *interrupts = &assigned->interrupts;

	if (interrupts->type == VPCI_INTERRUPTS_NONE)
		return;
	vpci_assigned_note(assigned, uldf_irq_disable(assigned->device));
	for (unsigned int i = 0; i < interrupts->count; i++)
		vpci_vector_fini(&interrupts->vectors[i], host);
	free(interrupts->vectors);
	for (unsigned int i = 0; i < INTERRUPTS_ISA_LINES; i++)
		vpci_wire_fini(&interrupts->wires[i], host);
	vpci_interrupts_init(interrupts);
}

int vpci_interrupts_update(struct vpci_assigned *assigned)
{
	struct vpci_interrupts *interrupts = &assigned->interrupts;
	unsigned int wanted;
	int type = interrupts_choice(assigned, &wanted), err = 0;

	if (type != interrupts->type || wanted != interrupts->wanted) {
		vpci_interrupts_stop(assigned);
		interrupts->type = type;
		interrupts->wanted = wanted;
		err = vpci_assigned_note(assigned, interrupts_start(assigned));
	}
	for (unsigned int i = 0; i < interrupts->count; i++)
		interrupts_follow(assigned, i);
	return err;
}

void vpci_interrupts_update_vector(struct vpci_assigned *assigned, unsigned int vector)
{
	struct vpci_interrupts *interrupts = &assigned->interrupts;

	if (interrupts->type == ULDF_IRQ_MSIX && vector < interrupts->count)
		interrupts_follow(assigned, vector);
}

uint64_t vpci_interrupts_pending(struct vpci_assigned *assigned, unsigned int first,
				 unsigned int count)
{
	struct vpci_interrupts *interrupts = &assigned->interrupts;
	uint64_t bits = 0;

	for (unsigned int i = 0; i < count && first + i < interrupts->count; i++)
		if (vpci_vector_pending(&interrupts->vectors[first + i]))
			bits |= 1ull << i;
	return bits;
}

uint64_t vpci_interrupts_held(const struct vpci_assigned *assigned, unsigned int first,
			      unsigned int count)
{
	const struct vpci_interrupts *interrupts = &assigned->interrupts;
	uint64_t bits = 0;

	for (unsigned int i = 0; i < count && first + i < interrupts->count; i++)
		if (interrupts->vectors[first + i].fd < 0)
			bits |= 1ull << i;
	return bits;
}
