// SPDX-License-Identifier: GPL-2.0-only
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/timer.h>
#include "device.h"
#include "lazy.h"

/* Whole ticks: the first one may come at once. */
#define LAZY_TICKS (GUEST_LAZY_MS * HZ / 1000 ?: 1)

static bool lazy;
module_param(lazy, bool, 0444);
MODULE_PARM_DESC(lazy, "let unmaps wait for the next map, at most 10 ms or 256 of them (default: "
		       "strict); 'N' when the host demands strict");

static void lazy_expire(struct timer_list *timer)
{
	guest_queue_flush(&guest_device()->queue);
}

static DEFINE_TIMER(lazy_timer, lazy_expire);

const char *guest_lazy_settle(bool strict)
{
	const char *wish = lazy ? "lazy, by lazy=1" : "strict, by default";

	lazy = lazy && !strict;
	return strict ? "strict, as the host demands" : wish;
}

bool guest_lazy_may_wait(const struct iommu_domain *domain)
{
	return lazy && domain->type & __IOMMU_DOMAIN_DMA_API;
}

void guest_lazy_wait(void)
{
	/* A timer that is pending finds the caller's requests, too. */
	if (!timer_pending(&lazy_timer))
		timer_reduce(&lazy_timer, jiffies + LAZY_TICKS);
}
