// SPDX-License-Identifier: MIT
#include "ide-prd.h"

#include <endian.h>
#include <errno.h>

#define BOUNDARY UINT64_C(0x10000) /* that no entry may cross */
#define LIMIT	 UINT64_C(0x100000000)

static int segment_fill(struct ide_prd *table, size_t room, struct uldf_segment segment,
			size_t *used)
{
	uint64_t end;

	if ((segment.address | segment.length) & 1 || !segment.length)
		return -EINVAL;
	if (__builtin_add_overflow(segment.address, segment.length, &end) || end > LIMIT)
		return -ERANGE;
	while (segment.length) {
		uint64_t size = BOUNDARY - segment.address % BOUNDARY;

		if (size > segment.length)
			size = segment.length;
		if (*used == room)
			return -E2BIG;
		table[(*used)++] = (struct ide_prd){
			.address = htole32((uint32_t)segment.address),
			.size = htole16((uint16_t)size),
		};
		segment.address += size;
		segment.length -= size;
	}
	return 0;
}

int ide_prd_fill(struct ide_prd *table, size_t room, const struct uldf_segment *list, size_t count,
		 size_t *used)
{
	size_t filled = 0;

	if (!count)
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		int err = segment_fill(table, room, list[i], &filled);

		if (err)
			return err;
	}
	table[filled - 1].flags = htole16(IDE_PRD_LAST);
	*used = filled;
	return 0;
}
