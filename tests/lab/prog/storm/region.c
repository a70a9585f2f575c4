// SPDX-License-Identifier: MIT
/* Reads and writes of regions and of configuration space, interrupts and DMA that a device is told to make. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "storm.h"

#define EDU_DMA	      0x80
#define EDU_BUFFER    0x40000
#define EDU_DMA_START 1
#define EDU_DMA_MOST \
	32 /* bytes: of another edu's registers it ends before the status (register.c) */
#define EDU_DMA_WRITE  2 /* to memory */
#define COMMAND_MEMORY 2
#define COMMAND_MASTER 4

static long result(ssize_t ret)
{
	return ret < 0 ? -errno : ret;
}

static long region_read(struct worker *w)
{
	int fd = slot_use(w, DEVICE);
	struct access access = register_read(w, w->device);
	uint64_t offset = REGION_AT(access.region) + access.offset;
	size_t width = access.width;
	uint8_t *at;

	if (fd < 0)
		return IDLE;
	if (w->mood == NOISE)
		offset = draw_odd(w, offset, 0);
	if (w->mood == ONE_ODD && draw_percent(w, 50))
		width = draw_odd(w, width, 8) % DATA_ROOM;
	at = place(w, w->data, DATA_ROOM, width, w->mood != PLAUSIBLE && draw_percent(w, 30));
	return result(draw_percent(w, 98) ? pread(fd, at, width, offset) : read(fd, at, width));
}

static long region_write(struct worker *w)
{
	int fd = slot_use(w, DEVICE);
	struct access access;
	uint8_t *at;

	if (fd < 0 || !register_write(w, w->device, &access))
		return IDLE;
	memcpy(w->data, &access.value, sizeof(access.value));
	at = place(w, w->data, DATA_ROOM, access.width, w->mood == ONE_ODD && draw_percent(w, 50));
	return result(pwrite(fd, at, access.width, REGION_AT(access.region) + access.offset));
}

/* Several at once, each of its own width. */
static long region_vector(struct worker *w)
{
	int fd = slot_use(w, DEVICE);
	struct access access = register_read(w, w->device);
	struct iovec parts[4];

	if (fd < 0)
		return IDLE;
	for (size_t i = 0; i < COUNT(parts); i++)
		parts[i] = (struct iovec){place(w, w->data, DATA_ROOM, 8, false), access.width};
	return result(preadv(fd, parts, 1 + draw_below(w, COUNT(parts)),
			     REGION_AT(access.region) + access.offset));
}

/* Any write: what of it reaches the device is the kernel's to judge. */
static long config_write(struct worker *w)
{
	uint64_t value = draw_percent(w, 50) ? draw(w) : draw_odd(w, 0, 256);
	int fd = slot_use(w, DEVICE);
	size_t width = 1 << draw_below(w, 3);
	uint64_t offset = draw_below(w, draw_percent(w, 70) ? 256 : 4096) & -width;

	if (fd < 0)
		return IDLE;
	return result(pwrite(fd, &value, width, REGION_AT(ULDF_REGION_CONFIG) + offset));
}

/* Decoding on, mostly, and bus mastering. */
static long command_write(struct worker *w)
{
	int fd = slot_use(w, DEVICE);
	uint16_t command = COMMAND_MEMORY | 1 | COMMAND_MASTER;

	if (fd < 0)
		return IDLE;
	if (draw_percent(w, 30))
		command = draw(w);
	return result(pwrite(fd, &command, sizeof(command), COMMAND_AT));
}

/* To where something may be mapped; where no IOMMU judges it, none. The device's end is within its buffer. */
static long dma_start(struct worker *w)
{
	int fd = slot_use(w, DEVICE);
	uint64_t memory = 0x100000 + PAGE * draw_below(w, 48), buffer = EDU_BUFFER;
	bool to_memory = draw_percent(w, 50);
	uint64_t words[4] = {to_memory ? buffer : memory, to_memory ? memory : buffer,
			     1 + draw_below(w, EDU_DMA_MOST),
			     EDU_DMA_START | (to_memory ? EDU_DMA_WRITE : 0)};
	long ret = 0;

	if (fd < 0 || w->device->id != EDU_ID || !w->device->translated)
		return IDLE;
	for (size_t i = 0; i < COUNT(words) && ret >= 0; i++)
		ret = result(pwrite(fd, &words[i], 8, EDU_DMA + 8 * i));
	return ret;
}

/* ---- waiting for what is signalled ------------------------------------------------------------------ */

static long events_poll(struct worker *w)
{
	struct pollfd list[4];

	for (size_t i = 0; i < COUNT(list); i++)
		list[i] = (struct pollfd){
			.fd = slot_argument(w, draw_percent(w, 70) ? EVENT : draw_below(w, KINDS)),
			.events = draw(w) & (POLLIN | POLLOUT | POLLPRI | POLLRDHUP),
		};
	return result(poll(list, 1 + draw_below(w, COUNT(list)), draw_ms(w, 100)));
}

/* One that keeps watching what others close. */
static long events_watch(struct worker *w)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	int fd = slot_argument(w, draw_percent(w, 70) ? EVENT : draw_below(w, KINDS));
	int watcher = draw_percent(w, 60) ? slot_use(w, OTHER) : -1;
	long ret;

	if (watcher < 0) {
		watcher = epoll_create1(EPOLL_CLOEXEC);
		slot_keep(w, OTHER, watcher);
	}
	ret = epoll_ctl(watcher, EPOLL_CTL_ADD, fd, &event);
	if (ret)
		return -errno;
	return result(epoll_wait(watcher, &event, 1, draw_ms(w, 20)));
}

static long event_write(struct worker *w)
{
	uint64_t value = draw_percent(w, 90) ? 1 : draw_odd(w, 1, UINT64_MAX);
	int fd = slot_use(w, EVENT);

	return fd < 0 ? IDLE : result(write(fd, &value, sizeof(value)));
}

static long event_read(struct worker *w)
{
	int fd = slot_use(w, EVENT);
	uint64_t value;

	return fd < 0 ? IDLE : result(read(fd, &value, sizeof(value)));
}

static const struct act acts[] = {
	ACT("region-read", 80, region_read),	 ACT("region-write", 80, region_write),
	ACT("region-vector", 10, region_vector), ACT("config-write", 40, config_write),
	ACT("command-write", 40, command_write), ACT("dma-start", 30, dma_start),
	ACT("events-poll", 20, events_poll),	 ACT("events-watch", 10, events_watch),
	ACT("event-write", 30, event_write),	 ACT("event-read", 20, event_read),
};

const struct acts region_acts = {acts, COUNT(acts)};
