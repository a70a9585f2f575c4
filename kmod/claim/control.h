/* SPDX-License-Identifier: GPL-2.0-only */
/* The control node, /dev/uldf/control. */
#ifndef ULDF_CONTROL_H
#define ULDF_CONTROL_H

int uldf_control_init(void);
void uldf_control_fini(void);

#endif
