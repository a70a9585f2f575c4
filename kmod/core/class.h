/* SPDX-License-Identifier: GPL-2.0-only */
/* The class of our nodes, /sys/class/uldf, and their device numbers. */
#ifndef ULDF_CLASS_H
#define ULDF_CLASS_H

#include <linux/device.h>

extern struct class uldf_class;

int uldf_class_init(void);
void uldf_class_fini(void);
int uldf_class_minor_get(dev_t *out);
void uldf_class_minor_put(dev_t number);
dev_t uldf_class_control(void);

#endif
