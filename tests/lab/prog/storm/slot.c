// SPDX-License-Identifier: MIT
/*
 * The descriptors of a process. All of its threads use, replace and close them without a lock: each is
 * closed once, by who took it out, and others may still be using its number.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "storm.h"

#define EMPTY (-1LL)

static _Atomic int64_t slots[KINDS][SLOTS];

static int64_t pack(int fd, int device)
{
	return (int64_t)device << 32 | fd;
}

static struct slot unpack(int64_t packed)
{
	if (packed == EMPTY)
		return (struct slot){-1, 0};
	return (struct slot){(int)packed, packed >> 32};
}

void slots_init(void)
{
	for (int kind = 0; kind < KINDS; kind++)
		for (int i = 0; i < SLOTS; i++)
			slots[kind][i] = EMPTY;
}

static struct slot pick_of(enum kind kind, unsigned int first)
{
	int64_t packed = EMPTY;

	for (unsigned int i = 0; i < SLOTS && packed == EMPTY; i++)
		packed = slots[kind][(first + i) % SLOTS];
	return unpack(packed);
}

static struct slot slot_odd(struct worker *w, enum kind kind)
{
	uint64_t first = draw_below(w, SLOTS), how = draw_below(w, 100),
		 other = draw_below(w, KINDS);

	if (how == 0)
		return (struct slot){draw_odd(w, 0, 1024), 0};
	return pick_of(how < 4 ? other : kind, first);
}

static int about(struct worker *w, enum kind kind, struct slot slot)
{
	if (slot.fd >= 0 && kind != CONTROL)
		w->device = &storm->device[slot.device];
	return slot.fd;
}

int slot_use(struct worker *w, enum kind kind)
{
	return about(w, kind, pick_of(kind, draw_below(w, SLOTS)));
}

int slot_call(struct worker *w, enum kind kind)
{
	return about(w, kind, slot_odd(w, kind));
}

int slot_argument(struct worker *w, enum kind kind)
{
	return slot_odd(w, kind).fd;
}

void slot_keep(struct worker *w, enum kind kind, int fd)
{
	struct slot old;

	if (fd <= STDERR_FILENO)
		return;
	old = unpack(atomic_exchange(&slots[kind][draw_below(w, SLOTS)],
				     pack(fd, w->device - storm->device)));
	if (old.fd >= 0)
		close(old.fd);
}

struct slot slot_take(struct worker *w, enum kind kind)
{
	return unpack(atomic_exchange(&slots[kind][draw_below(w, SLOTS)], EMPTY));
}

void slot_drop(enum kind kind, int fd)
{
	for (int i = 0; i < SLOTS; i++) {
		int64_t packed = slots[kind][i];

		if (packed != EMPTY && unpack(packed).fd == fd &&
		    atomic_compare_exchange_strong(&slots[kind][i], &packed, EMPTY)) {
			close(fd);
			return;
		}
	}
}

int slots_export(char texts[][32], int room)
{
	int count = 0;

	for (int kind = 0; kind < KINDS; kind++)
		for (int i = 0; i < SLOTS && count < room; i++) {
			struct slot slot = unpack(slots[kind][i]);
			/* the descriptor itself may be another thread's by now */
			int fd = slot.fd < 0 ? -1 : fcntl(slot.fd, F_DUPFD, 3);

			if (fd >= 0)
				snprintf(texts[count++], 32, "%d:%d:%d", kind, fd, slot.device);
		}
	return count;
}

void slot_import(const char *text)
{
	int fd, device;
	unsigned int kind;

	if (sscanf(text, "%u:%d:%d", &kind, &fd, &device) != 3 || kind >= KINDS)
		return;
	for (int i = 0; i < SLOTS; i++) {
		int64_t empty = EMPTY;

		if (atomic_compare_exchange_strong(&slots[kind][i], &empty, pack(fd, device)))
			return;
	}
	close(fd);
}
