/* SPDX-License-Identifier: MIT */
/* ACPI's fixed hardware (ACPI 6.5 §4.8.3): PM1a event and control blocks, PM timer, power button. */
#ifndef VMM_PM_H
#define VMM_PM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "irq-line.h"
#include "ports.h"
#include "stop.h"

/* Ports, from VMM_PORT_PM on. */
#define VMM_PM_EVENT   0
#define VMM_PM_CONTROL 4
#define VMM_PM_TIMER   8
#define VMM_PM_PORTS   12

#define VMM_PM_S5_TYPE 5

/**
 * struct vmm_pm - the fixed hardware; thread-safe
 * @lock: protects @status, @enable, @control
 * @sci: the system control interrupt
 * @stop: told of a power-off
 * @now: nanoseconds of a clock that never jumps
 * @start: its reading when the timer was 0
 * @status: PM1 status register
 * @enable: PM1 enable register
 * @control: PM1 control register, without SCI_EN
 */
struct vmm_pm {
	pthread_mutex_t lock;
	struct vmm_irq_line sci;
	struct vmm_stop *stop;
	uint64_t (*now)(void);
	uint64_t start;
	uint16_t status;
	uint16_t enable;
	uint16_t control;
};

extern const struct vmm_port_ops vmm_pm_port_ops;

/**
 * vmm_pm_init() - fixed hardware as after power-on
 * @pm: uninitialised memory
 * @sci: the system control interrupt; copied
 * @stop: told of a power-off
 * @now: nanoseconds of a clock that never jumps
 */
void vmm_pm_init(struct vmm_pm *pm, const struct vmm_irq_line *sci, struct vmm_stop *stop,
		 uint64_t (*now)(void));

/**
 * vmm_pm_fini() - end vmm_pm_init()
 * @pm: fixed hardware that no vCPU uses
 */
void vmm_pm_fini(struct vmm_pm *pm);

/**
 * vmm_pm_press() - press the power button
 * @pm: fixed hardware
 */
void vmm_pm_press(struct vmm_pm *pm);

#endif
