/* SPDX-License-Identifier: MIT */
/* A device model with a DMA engine and one vector, as a backend: what decorators are tried on. */
#ifndef TESTS_UNIT_LIBULDF_ENGINE_H
#define TESTS_UNIT_LIBULDF_ENGINE_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include "backend.h"

#define PAGE 4096

/* What stands for the descriptor of a part of a region. */
#define ENGINE_FD 12345

/* Registers of BAR 0, 8 bytes each but for the last. */
enum {
	ENGINE_COUNT = 0x00,   /* read: counts up by one */
	ENGINE_ADDRESS = 0x08, /* of the bus */
	ENGINE_LENGTH = 0x10,
	ENGINE_COMMAND = 0x18,
	ENGINE_FIFO = 0x20, /* 4 bytes wide: reads are 1, 2, 3, ... */
};

enum {
	ENGINE_FILL = 1,      /* write the memory: each byte one more than the one before */
	ENGINE_INTERRUPT = 2, /* raise vector 0 */
	ENGINE_EVENT = 4,     /* signal the device's events */
};

struct engine_mapping {
	const struct uldf_space *space;
	uint64_t address, size;
	uint8_t *bytes;
	unsigned int access;
	const struct uldf_memory *memory;
};

/* One for each test: Criterion runs them in processes of their own. */
struct engine {
	unsigned int calls;
	unsigned int opened;
	uint64_t count, address, length;
	uint32_t fifo;
	uint8_t next; /* byte to fill with */
	int vector;   /* eventfd, -1 for none */
	int events;
	struct uldf_space *attached;
	const struct uldf_space *revoked; /* the last one */
	bool ever_attached;
	struct engine_mapping mapping[16];
	int move_answer;	/* of a move to another space: 0 or -EIO */
	int detach_answer;	/* of detach, which detaches all the same */
	int unmap_answer;	/* of unmap, which then ends nothing */
	int end_answer;		/* of unmap_range and revoke, after one mapping has ended */
	unsigned int functions; /* virtual ones that it was told to make */
	unsigned int spaces, memories, buffers, lists;
};

extern struct engine engine;
extern const struct uldf_backend_ops engine_ops;

/* A context and an engine in a decorator, which @wrap puts around it. */
struct wrapped {
	struct uldf_ctx *ctx;
	struct uldf_device *device;
};

void wrapped_init(struct wrapped *w, const struct uldf_backend_ops *decorator,
		  int (*wrap)(struct uldf_device *outer, struct uldf_device *inner,
			      const char *value),
		  const char *value);
void wrapped_fini(struct wrapped *w);

/* Fills @length bytes at @address by the device, with an interrupt or without. */
void engine_fill(struct uldf_device *device, uint64_t address, uint64_t length, uint64_t command);

/* The memory that the device reaches, the first mapping there is; NULL where there is none. */
volatile uint8_t *engine_reach(void);

/* Waits for an eventfd; answers its count, 0 if none came. */
uint64_t engine_wait(int fd);

/* Fails the test unless the context's reason contains @text. */
void engine_expect_reason(struct uldf_ctx *ctx, const char *text);

/* Shared pages. */
uint8_t *engine_pages(size_t count);

#endif
