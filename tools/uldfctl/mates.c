// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include "mates.h"
#include "verbs.h"

static bool mates_listed(const struct uldf_address *list, size_t count,
			 const struct uldf_address *address)
{
	for (size_t i = 0; i < count; i++)
		if (address_equal(&list[i], address))
			return true;
	return false;
}

int mates_add(struct uldf_ctx *ctx, const struct uldf_address *addresses, size_t count,
	      struct uldf_address **out, size_t *out_count)
{
	struct uldf_host_device *all, one;
	struct uldf_address *list;
	size_t all_count, filled = 0;
	int err;

	err = uldf_discover(ctx, &all, &all_count);
	if (err)
		return err;
	list = calloc(count + all_count, sizeof(*list));
	if (!list)
		err = -ENOMEM;
	for (size_t i = 0; i < count && !err; i++) {
		if (mates_listed(list, filled, &addresses[i]))
			continue;
		list[filled++] = addresses[i];
		err = uldf_discover_one(ctx, &addresses[i], &one);
		for (size_t j = 0; j < all_count && !err && one.group >= 0; j++)
			if (all[j].group == one.group && !all[j].bridge && !all[j].claimed &&
			    !mates_listed(list, filled, &all[j].address))
				list[filled++] = all[j].address;
	}
	uldf_discover_free(all);
	if (err) {
		free(list);
		return err;
	}
	*out = list;
	*out_count = filled;
	return 0;
}
