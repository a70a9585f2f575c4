// SPDX-License-Identifier: MIT
/* Opening, copying and closing descriptors of all kinds. */
#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "storm.h"

static long kept(struct worker *w, enum kind kind, int fd)
{
	if (fd < 0)
		return -errno;
	slot_keep(w, kind, fd);
	return 0;
}

static long open_device(struct worker *w)
{
	static const int modes[] = {O_RDONLY, O_WRONLY, O_PATH, O_RDWR | O_NONBLOCK | O_TRUNC};
	int mode = w->mood == PLAUSIBLE ? O_RDWR : modes[draw_below(w, COUNT(modes))];
	char path[64];

	snprintf(path, sizeof(path), "/dev/uldf/%s", w->device->text);
	return kept(w, mode == O_PATH ? OTHER : DEVICE, open(path, mode | O_CLOEXEC));
}

static long open_control(struct worker *w)
{
	return kept(w, CONTROL, open("/dev/uldf/control", O_RDWR | O_CLOEXEC));
}

static long open_event(struct worker *w)
{
	int flags = EFD_CLOEXEC | EFD_NONBLOCK | (draw_percent(w, 10) ? EFD_SEMAPHORE : 0);

	return kept(w, EVENT, eventfd(draw_percent(w, 90) ? 0 : UINT32_MAX, flags));
}

/* Opens anew what a descriptor stands for: its file, not its description. */
static long open_again(struct worker *w)
{
	enum kind kind = draw_below(w, OTHER);
	int fd = slot_use(w, kind);
	char path[32];

	if (fd < 0)
		return IDLE;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return kept(w, kind, open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK));
}

static long copy(struct worker *w)
{
	enum kind kind = draw_below(w, OTHER);
	int fd = slot_use(w, kind);

	return fd < 0 ? IDLE : kept(w, kind, fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

/* Devices most often: their close is what stops all the rest. */
static long close_one(struct worker *w)
{
	enum kind kind = draw_percent(w, 25) ? DEVICE : draw_below(w, KINDS);
	int fd = slot_take(w, kind).fd;

	if (fd < 0)
		return IDLE;
	return close(fd) ? -errno : 0;
}

/* How much memory this process may pin from now on, where it has no privilege. */
static long limit(struct worker *w)
{
	rlim_t most = PAGE * draw_below(w, 4096);
	struct rlimit limit = {most, RLIM_INFINITY};

	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return -errno;
	limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
	return setrlimit(RLIMIT_MEMLOCK, &limit) ? -errno : 0;
}

static const struct act acts[] = {
	ACT("open-device", 80, open_device),
	ACT("open-control", 10, open_control),
	ACT("open-event", 15, open_event),
	ACT("open-again", 4, open_again),
	ACT("copy", 10, copy),
	ACT("close", 25, close_one),
	ACT("limit", 2, limit),
};

const struct acts open_acts = {acts, COUNT(acts)};
