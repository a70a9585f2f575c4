/* SPDX-License-Identifier: MIT */
/* What the control socket's requests do with a running machine. */
#ifndef VMM_MACHINE_REQUESTS_H
#define VMM_MACHINE_REQUESTS_H

#include "machine.h"
#include "requests.h"

/* First argument of each: the struct vmm_machine. */
extern const struct vmm_request_ops vmm_machine_requests;

#endif
