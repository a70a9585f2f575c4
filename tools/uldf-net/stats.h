/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames carried and lost, for people. The interface's own counters have what its TAP saw: frames that waited too
 * long in its queue (TX dropped), frames that came while it was down (RX dropped). The kernel has no call that
 * adds to a TAP's counters, so that frames which the card lost are counted here only.
 */
#ifndef TOOLS_ULDF_NET_STATS_H
#define TOOLS_ULDF_NET_STATS_H

#include <stdio.h>
#include "bridge.h"

/* Prints one line. */
void stats_print(FILE *to, const struct uldf_e1000e_stats *card,
		 const struct bridge_counts *counts);

#endif
