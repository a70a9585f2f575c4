// SPDX-License-Identifier: MIT
#include "conform.h"

void check_opened(struct conform *c, const char *second)
{
	check_device(c);
	check_config(c);
	check_regions(c);
	check_part(c);
	check_io(c);
	check_irq(c);
	check_irq_delivery(c);
	check_counts(c);
	check_spaces(c);
	check_bare(c);
	check_choice(c);
	check_range(c);
	check_share(c);
	check_dma(c);
	check_threads(c);
	check_reset(c);
	check_events(c);
	check_power(c);
	check_no_functions(c);
	if (second) {
		check_shared(c, second);
		check_peer(c, second);
	}
}

void check_all(struct conform *c, const char *second)
{
	check_errors(c);
	check_opened(c, second);
}
