// SPDX-License-Identifier: MIT
/* From the register write that lets edu raise an interrupt to the program that learns of it. */
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include "bench.h"

struct interrupt {
	struct ours *ours;
	struct vfio *vfio;
	struct uio *uio;
	volatile uint32_t *registers;
	const volatile struct uldf_irq_count *counts;
	int event;
};

static struct interrupt *interrupt_new(void)
{
	struct interrupt *it = calloc(1, sizeof(*it));

	need(it != NULL, "memory");
	it->event = eventfd(0, EFD_CLOEXEC);
	need(it->event >= 0, "eventfd");
	return it;
}

static void raise_interrupt(struct interrupt *it)
{
	it->registers[EDU_RAISE / 4] = 1;
}

static void acknowledge(void *state)
{
	struct interrupt *it = state;

	it->registers[EDU_ACK / 4] = 1;
}

static struct interrupt *ours_begin(const char *address, enum uldf_irq_type type)
{
	struct interrupt *it = interrupt_new();
	void *registers;

	it->ours = ours_open(address);
	ours_need(it->ours, uldf_region_map(it->ours->device, ULDF_BAR0, 0, PAGE, &registers),
		  "map the registers");
	it->registers = registers;
	ours_need(it->ours, uldf_irq_enable(it->ours->device, type, 1), "enable an interrupt");
	return it;
}

static void *ours_event_begin(const char *address, enum uldf_irq_type type)
{
	struct interrupt *it = ours_begin(address, type);

	ours_need(it->ours, uldf_irq_bind(it->ours->device, 0, 1, &it->event), "bind an eventfd");
	return it;
}

static void *ours_msi_begin(const char *address)
{
	return ours_event_begin(address, ULDF_IRQ_MSI);
}

static void *ours_intx_begin(const char *address)
{
	return ours_event_begin(address, ULDF_IRQ_INTX);
}

static void *ours_page_begin(const char *address)
{
	struct interrupt *it = ours_begin(address, ULDF_IRQ_MSI);

	ours_need(it->ours, uldf_irq_counts(it->ours->device, &it->counts), "get the counts");
	return it;
}

static struct interrupt *vfio_begin(const char *address, unsigned int index)
{
	struct interrupt *it = interrupt_new();

	it->vfio = vfio_open(address);
	vfio_command(it->vfio, PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY);
	it->registers = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, it->vfio->device,
			     vfio_region(it->vfio, VFIO_PCI_BAR0_REGION_INDEX));
	need(it->registers != MAP_FAILED, "map the registers");
	vfio_irq(it->vfio, index, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		 it->event);
	return it;
}

static void *vfio_msi_begin(const char *address)
{
	return vfio_begin(address, VFIO_PCI_MSI_IRQ_INDEX);
}

static void *vfio_intx_begin(const char *address)
{
	return vfio_begin(address, VFIO_PCI_INTX_IRQ_INDEX);
}

static void *uio_intx_begin(const char *address)
{
	struct interrupt *it = interrupt_new();

	it->uio = uio_open(address);
	need(it->uio->fd >= 0, "uio_pci_generic has the device");
	uio_command(it->uio, PCI_COMMAND_MEMORY, PCI_COMMAND_INTX_DISABLE);
	it->registers =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, uio_resource(it->uio, 0), 0);
	need(it->registers != MAP_FAILED, "map the registers");
	return it;
}

static void event_step(void *state)
{
	struct interrupt *it = state;
	uint64_t fired;

	raise_interrupt(it);
	need(read(it->event, &fired, sizeof(fired)) == sizeof(fired), "read the eventfd");
}

static void page_step(void *state)
{
	struct interrupt *it = state;
	uint64_t before = it->counts[0].count;

	raise_interrupt(it);
	while (it->counts[0].count == before)
		;
}

/* A line is masked when it was delivered, so that a round ends with letting the next one come. */
static void ours_intx_step(void *state)
{
	struct interrupt *it = state;

	event_step(it);
	acknowledge(it);
	ours_need(it->ours, uldf_irq_unmask(it->ours->device), "unmask");
}

static void vfio_intx_step(void *state)
{
	struct interrupt *it = state;

	event_step(it);
	acknowledge(it);
	vfio_irq(it->vfio, VFIO_PCI_INTX_IRQ_INDEX,
		 VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK, -1);
}

static void uio_intx_step(void *state)
{
	struct interrupt *it = state;
	uint32_t fired;

	raise_interrupt(it);
	need(read(it->uio->fd, &fired, sizeof(fired)) == sizeof(fired), "read the interrupt");
	acknowledge(it);
	uio_command(it->uio, 0, PCI_COMMAND_INTX_DISABLE);
}

const struct bench_case interrupt_cases[] = {
	{"irq-eventfd", "kmod", "edu", ours_msi_begin, event_step, acknowledge, NULL},
	{"irq-eventfd", "vfio", "edu", vfio_msi_begin, event_step, acknowledge, NULL},
	{"irq-page", "kmod", "edu", ours_page_begin, page_step, acknowledge, NULL},
	{"intx-eventfd", "kmod", "edu", ours_intx_begin, ours_intx_step, NULL, NULL},
	{"intx-eventfd", "vfio", "edu", vfio_intx_begin, vfio_intx_step, NULL, NULL},
	{"intx-eventfd", "uio", "edu", uio_intx_begin, uio_intx_step, NULL, NULL},
	{0},
};
