// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include "stats.h"

void stats_print(FILE *to, const struct uldf_e1000e_stats *card, const struct bridge_counts *counts)
{
	fprintf(to,
		"uldf-net: sent %" PRIu64 " frames, received %" PRIu64 "; missed %" PRIu64
		", damaged %" PRIu64 ", dropped %" PRIu64 " (refused by the interface %" PRIu64
		", of unfit size %" PRIu64 ", in %" PRIu64 " resets %" PRIu64 ")\n",
		card->sent, card->received, card->missed, card->errors,
		counts->refused + counts->unfit + counts->lost, counts->refused, counts->unfit,
		counts->resets, counts->lost);
}
