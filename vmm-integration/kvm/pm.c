// SPDX-License-Identifier: MIT
#include "pm.h"

#define STATUS	VMM_PM_EVENT
#define CONTROL VMM_PM_CONTROL

/* ACPI 6.5 tables 4.12 to 4.14. */
#define PWRBTN		 (1u << 8)
#define EVENTS		 (PWRBTN | GBL | RTC)
#define GBL		 (1u << 5)
#define RTC		 (1u << 10)
#define CONTROL_SCI_EN	 (1u << 0)
#define CONTROL_SLP_TYP	 10
#define CONTROL_SLP_EN	 (1u << 13)
#define CONTROL_WRITABLE (7u << CONTROL_SLP_TYP)

#define TIMER_HZ    3579545ULL
#define NANOSECONDS 1000000000ULL
#define TIMER_MASK  0xffffffu /* 24 bits */

/* With the lock held. */
static void update_line(const struct vmm_pm *pm)
{
	vmm_irq_line_set(&pm->sci, pm->status & pm->enable);
}

void vmm_pm_init(struct vmm_pm *pm, const struct vmm_irq_line *sci, struct vmm_stop *stop,
		 uint64_t (*now)(void))
{
	*pm = (struct vmm_pm){.sci = *sci, .stop = stop, .now = now, .start = now()};
	pthread_mutex_init(&pm->lock, NULL);
}

void vmm_pm_fini(struct vmm_pm *pm)
{
	pthread_mutex_destroy(&pm->lock);
}

void vmm_pm_press(struct vmm_pm *pm)
{
	pthread_mutex_lock(&pm->lock);
	pm->status |= PWRBTN;
	update_line(pm);
	pthread_mutex_unlock(&pm->lock);
}

static uint32_t timer(const struct vmm_pm *pm)
{
	uint64_t elapsed = pm->now() - pm->start;
	uint64_t ticks =
		elapsed / NANOSECONDS * TIMER_HZ + elapsed % NANOSECONDS * TIMER_HZ / NANOSECONDS;

	return (uint32_t)ticks & TIMER_MASK;
}

/* The 32 bits that begin at @offset, a multiple of four. */
static uint32_t read_block(const struct vmm_pm *pm, uint16_t offset)
{
	switch (offset) {
	case STATUS:
		return (uint32_t)pm->enable << 16 | pm->status;
	case CONTROL:
		/* There is no legacy mode to leave: SCI_EN always reads as one. */
		return pm->control | CONTROL_SCI_EN;
	default:
		return timer(pm);
	}
}

static void write_control(struct vmm_pm *pm, uint16_t value)
{
	pm->control = value & CONTROL_WRITABLE;
	if (value & CONTROL_SLP_EN && pm->control >> CONTROL_SLP_TYP == VMM_PM_S5_TYPE)
		vmm_stop_request(pm->stop, VMM_POWERED_OFF);
}

/* A write of the bits in @mask of the 32-bit block at @offset. */
static void write_block(struct vmm_pm *pm, uint16_t offset, uint32_t value, uint32_t mask)
{
	uint16_t low = mask & 0xffff, high = mask >> 16;

	if (offset == STATUS) {
		pm->status &= ~(value & low); /* written ones clear */
		pm->enable = (pm->enable & ~high) | (value >> 16 & high & EVENTS);
		update_line(pm);
	} else if (offset == CONTROL && low) {
		write_control(pm, (pm->control & ~low) | (value & low));
	}
}

static uint32_t pm_read(void *device, uint16_t offset, unsigned int width)
{
	struct vmm_pm *pm = device;
	uint32_t value;

	pthread_mutex_lock(&pm->lock);
	value = read_block(pm, offset & ~3) >> 8 * (offset & 3);
	pthread_mutex_unlock(&pm->lock);
	return value;
}

static void pm_write(void *device, uint16_t offset, unsigned int width, uint32_t value)
{
	struct vmm_pm *pm = device;
	unsigned int shift = 8 * (offset & 3);
	uint32_t mask = (width < 4 ? (1u << 8 * width) - 1 : ~0u) << shift;

	pthread_mutex_lock(&pm->lock);
	write_block(pm, offset & ~3, value << shift, mask);
	pthread_mutex_unlock(&pm->lock);
}

const struct vmm_port_ops vmm_pm_port_ops = {
	.width = 4,
	.read = pm_read,
	.write = pm_write,
};
