// SPDX-License-Identifier: MIT
/*
 * Mappings of devices, parts of regions and spaces, each in a window of addresses that is reserved: where one
 * was, nothing of this program ever is, so threads may use what others unmapped.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "storm.h"

#define WINDOWS	     6
#define WINDOW_PAGES 1024
#define WINDOW_SIZE  (WINDOW_PAGES * PAGE)

/* What a window holds: device and region of registers, or neither. */
struct content {
	int16_t device, region;
};

static struct {
	uint8_t *at;
	_Atomic(struct content) content;
	_Atomic bool lost; /* its addresses may be another's */
} windows[WINDOWS];

static const struct content nothing = {-1, -1};

void windows_init(void)
{
	for (int i = 0; i < WINDOWS; i++) {
		windows[i].at =
			mmap(NULL, WINDOW_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		need(windows[i].at != MAP_FAILED, "memory");
		windows[i].content = nothing;
	}
}

/* Index of a window that can be used, or -1. */
static int window_any(struct worker *w)
{
	int i = draw_below(w, WINDOWS);

	return windows[i].lost ? -1 : i;
}

/* One that holds something, or -1. */
static int window_filled(struct worker *w)
{
	uint64_t first = draw_below(w, WINDOWS);

	for (int i = 0; i < WINDOWS; i++) {
		int one = (first + i) % WINDOWS;

		if (!windows[one].lost && ((struct content)windows[one].content).device >= 0)
			return one;
	}
	return -1;
}

/* Only of devices that mind no write. */
uint8_t *window_pick(struct worker *w)
{
	int i = window_filled(w);
	struct content content = i < 0 ? nothing : (struct content)windows[i].content;

	if (content.device < 0 || storm->device[content.device].id != EDU_ID)
		return NULL;
	return windows[i].at;
}

static enum kind file_kind(struct worker *w)
{
	uint64_t how = draw_below(w, 100);

	return how < 70 ? DEVICE : how < 95 ? PART : SPACE;
}

struct wish {
	uint64_t offset, size;
	int region;
};

static struct wish wish_pick(struct worker *w, enum kind kind)
{
	struct wish wish = {.size = PAGE * (draw_percent(w, 50) ? 1 : draw_count(w, 16))};
	uint64_t drawn = draw_below(w, 100);

	if (kind == DEVICE && drawn < 15) {
		/* the shared pages */
		wish.region = ULDF_REGIONS;
		wish.size = PAGE * draw_count(w, 8);
	} else {
		wish.region = drawn < 75 ? 0 : draw_below(w, ULDF_REGIONS);
		if (kind == DEVICE && draw_percent(w, 30))
			wish.size = w->device->size[wish.region] & -PAGE;
		if (draw_percent(w, 20))
			wish.offset = PAGE * draw_below(w, 8);
	}
	if (kind == DEVICE)
		wish.offset += REGION_AT(wish.region);
	if (w->mood == NOISE)
		wish.offset = draw_odd(w, wish.offset, 0) & -PAGE;
	if (w->mood == ONE_ODD && draw_percent(w, 50))
		wish.size = draw_odd(w, wish.size, w->device->size[0]);
	if (!wish.size || wish.size > WINDOW_SIZE)
		wish.size = PAGE;
	return wish;
}

static long map_file(struct worker *w)
{
	static const int protections[] = {PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ,
					  PROT_READ | PROT_EXEC, PROT_NONE};
	enum kind kind = file_kind(w);
	int fd = slot_use(w, kind), i = window_any(w);
	struct wish wish = wish_pick(w, kind);
	int protection = wish.region == ULDF_REGIONS && draw_percent(w, 80)
				 ? PROT_READ
				 : protections[draw_below(w, COUNT(protections))];
	int flags = draw_percent(w, 95) ? MAP_SHARED : MAP_PRIVATE;

	if (draw_percent(w, 10))
		flags |= MAP_POPULATE;
	if (draw_percent(w, 3))
		flags |= MAP_LOCKED;
	if (i < 0 || fd < 0)
		return IDLE;
	windows[i].content = nothing;
	if (mmap(windows[i].at, wish.size, protection, MAP_FIXED | flags, fd, wish.offset) ==
	    MAP_FAILED)
		return -errno;
	windows[i].content = (struct content){
		w->device - storm->device,
		wish.region == ULDF_REGIONS || kind == SPACE ? -1 : wish.region,
	};
	return 0;
}

/* Unmaps all or part. */
static long map_drop(struct worker *w)
{
	int i = window_any(w);
	size_t first = draw_percent(w, 60) ? 0 : PAGE * draw_below(w, 16);
	size_t size = first ? PAGE : WINDOW_SIZE;

	if (i < 0)
		return IDLE;
	if (!first)
		windows[i].content = nothing;
	if (mmap(windows[i].at + first, size, PROT_NONE,
		 MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED)
		return -errno;
	return 0;
}

static long map_protect(struct worker *w)
{
	static const int protections[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE};
	int i = window_filled(w), protection = protections[draw_below(w, 3)];

	if (i < 0)
		return IDLE;
	return mprotect(windows[i].at + PAGE * draw_below(w, 4), PAGE * draw_count(w, 16),
			protection)
		       ? -errno
		       : 0;
}

static long map_advise(struct worker *w)
{
	static const int advices[] = {MADV_DONTNEED, MADV_WILLNEED,	 MADV_PAGEOUT,
				      MADV_REMOVE,   MADV_POPULATE_READ, MADV_FREE};
	int i = window_filled(w), advice = advices[draw_below(w, COUNT(advices))];

	if (i < 0)
		return IDLE;
	return madvise(windows[i].at, PAGE * draw_count(w, 64), advice) ? -errno : 0;
}

/* Moves what is in one window to another. What it leaves behind may be taken by any thread at once. */
static long map_move(struct worker *w)
{
	int from = window_filled(w), to = window_any(w);
	size_t size = PAGE * draw_count(w, 16), grown = PAGE * draw_count(w, 16);
	void *at;

	if (from < 0 || to < 0 || from == to)
		return IDLE;
	if (mremap(windows[from].at, size, grown, MREMAP_MAYMOVE | MREMAP_FIXED, windows[to].at) ==
	    MAP_FAILED)
		return -errno;
	windows[to].content = windows[from].content;
	at = mmap(windows[from].at, size, PROT_NONE,
		  MAP_FIXED_NOREPLACE | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at != windows[from].at)
		windows[from].lost = true;
	return 0;
}

/* Reads what is mapped, and writes registers that bear it. */
static long map_touch(struct worker *w)
{
	int i = window_filled(w);
	struct content content = i < 0 ? nothing : (struct content)windows[i].content;
	uint64_t rounds = 1 + draw_below(w, 32), value;
	struct access access;
	bool well = true;

	if (i < 0)
		return IDLE;
	if (content.device >= 0)
		w->device = &storm->device[content.device];
	while (rounds-- && well) {
		well = guard_copy(&value, windows[i].at + 8 * draw_below(w, 512), 4);
		if (content.region >= 0 && register_write(w, w->device, &access) &&
		    access.region == (unsigned int)content.region && access.width == 4)
			well &= guard_copy(windows[i].at + access.offset, &access.value, 4);
	}
	return well ? 0 : -EFAULT;
}

/* What is mapped, as the kernel reads it for a debugger: registers it cannot. */
static long map_peek(struct worker *w)
{
	uint8_t bytes[64];
	int i = window_filled(w);
	struct iovec here = {bytes, sizeof(bytes)};
	struct iovec there = {i < 0 ? NULL : windows[i].at + PAGE * draw_below(w, 4),
			      sizeof(bytes)};

	if (i < 0)
		return IDLE;
	return process_vm_readv(getpid(), &here, 1, &there, 1, 0) < 0 ? -errno : 0;
}

static const struct act acts[] = {
	ACT("map", 60, map_file),
	ACT("map-drop", 15, map_drop),
	ACT("map-protect", 8, map_protect),
	ACT("map-advise", 8, map_advise),
	ACT("map-move", 4, map_move),
	ACT("map-touch", 40, map_touch),
	{"map-peek", 4, map_peek, .rare = true},
};

const struct acts map_acts = {acts, COUNT(acts)};
