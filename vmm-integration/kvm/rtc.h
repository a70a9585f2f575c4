/* SPDX-License-Identifier: MIT */
/*
 * The clock of an MC146818 that shows the host's time in UTC, and its 128 bytes of CMOS memory. It
 * raises no interrupt: a guest that wants alarms has the local APIC's timer.
 */
#ifndef VMM_RTC_H
#define VMM_RTC_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

#include "ports.h"

#define VMM_RTC_PORTS	2
#define VMM_RTC_BYTES	128
#define VMM_RTC_CENTURY 0x32

/**
 * struct vmm_rtc - a clock; thread-safe
 * @lock: protects the rest
 * @now: tells the time, in seconds since 1970
 * @index: selected byte
 * @bytes: what the guest wrote
 */
struct vmm_rtc {
	pthread_mutex_t lock;
	time_t (*now)(void);
	uint8_t index;
	uint8_t bytes[VMM_RTC_BYTES];
};

extern const struct vmm_port_ops vmm_rtc_port_ops;

/**
 * vmm_rtc_init() - a running clock
 * @rtc: uninitialised memory
 * @now: tells the time
 */
void vmm_rtc_init(struct vmm_rtc *rtc, time_t (*now)(void));

/**
 * vmm_rtc_fini() - end vmm_rtc_init()
 * @rtc: clock that no vCPU uses
 */
void vmm_rtc_fini(struct vmm_rtc *rtc);

#endif
