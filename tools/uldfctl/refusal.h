/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host uses a device for, in the words of a refusal. Pure. */
#ifndef TOOLS_ULDFCTL_REFUSAL_H
#define TOOLS_ULDFCTL_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <uldf/usage.h>

/*
 * Should the device be left to the host? Of one that no driver holds, only a use that was seen counts.
 * @held: a driver holds it.
 */
bool refusal_due(const struct uldf_finding *list, size_t count, bool held);

/* The uses, then what cannot be told: "eth0 is up, unknown: ...". To be freed; NULL for want of memory. */
char *refusal_what(const struct uldf_finding *list, size_t count);

/* What to do, in order: "umount /mnt; vgchange -an vg". To be freed; NULL for want of memory. */
char *refusal_next(const struct uldf_finding *list, size_t count);

#endif
