/* SPDX-License-Identifier: MIT */
/*
 * The two ways in which PC software resets the machine: the reset control register at 0xcf9, which the
 * FADT names too, and command 0xfe of a keyboard controller that has nothing else.
 */
#ifndef VMM_RESET_H
#define VMM_RESET_H

#include "ports.h"

#define VMM_RESET_VALUE 0x06 /* what the FADT says to write to 0xcf9 */

/* The device of both is a struct vmm_stop. */
extern const struct vmm_port_ops vmm_reset_port_ops;
extern const struct vmm_port_ops vmm_i8042_port_ops;

#endif
