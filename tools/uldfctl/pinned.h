/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is pinned for devices, by the user who is charged for it. */
#ifndef TOOLS_ULDFCTL_PINNED_H
#define TOOLS_ULDFCTL_PINNED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define PINNED_BY_USER "/sys/class/uldf/pinned_by_user"

/*
 * Prints a line for each user. @from: what PINNED_BY_USER says, "<uid> <bytes>" in each line. Passes over lines of
 * another form.
 */
void pinned_print(FILE *from, FILE *to);

/* Finds how many bytes are pinned for one user. @from: as above. False where there is no line for the user. */
bool pinned_of(FILE *from, int64_t uid, uint64_t *out);

#endif
