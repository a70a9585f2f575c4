/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is pinned for devices, by the user who is charged for it. */
#ifndef UCTL_PINNED_H
#define UCTL_PINNED_H

#include <stdio.h>

#define PINNED_BY_USER "/sys/class/uldf/pinned_by_user"

/*
 * Prints a line for each user. @from: what PINNED_BY_USER says, "<uid> <bytes>" in each line. Passes over lines of
 * another form.
 */
void pinned_print(FILE *from, FILE *to);

#endif
