/* SPDX-License-Identifier: GPL-2.0-only */
/* Statistics in /sys/class/uldf. */
#ifndef ULDF_STATS_H
#define ULDF_STATS_H

#include <linux/sysfs.h>

extern const struct attribute_group *uldf_stats_groups[];

int uldf_stats_init(void);
void uldf_stats_fini(void);

#endif
