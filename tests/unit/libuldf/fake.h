/* SPDX-License-Identifier: MIT */
/* A backend without a device: keeps what it was asked, answers what it is told to. */
#ifndef TESTS_UNIT_LIBULDF_FAKE_H
#define TESTS_UNIT_LIBULDF_FAKE_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include "backend.h"

/* Criterion runs each test in a process of its own: one fake is enough, and begins zeroed. */
struct fake {
	int answer;	    /* what every fallible op answers */
	unsigned int calls; /* of any op but open */
	bool opened;
	bool closed;
	char rest[64]; /* given to open */
	uint8_t config[4096];
	uint64_t value;	    /* read from other regions, last written to any */
	unsigned int width; /* of the last access */
	unsigned int pages; /* mapped now */
	int fds[64];	    /* bound to vectors; 0 for never touched */
	int unmask_fd;
	bool masked;
	unsigned int memories;	   /* registered now */
	unsigned int spaces;	   /* created and not destroyed */
	size_t pieces;		   /* in the last batch */
	struct uldf_mapping piece; /* the first of it */
	unsigned int mapped;	   /* pieces, segment lists and coherent buffers there are now */
	int map_answer;		   /* of map_anywhere */
	void (*during_map)(struct uldf_space *space); /* called by map_anywhere that has mapped */
	int unmap_answer;			      /* of unmap */
	unsigned int unmaps;			      /* calls of unmap that ended something */
	const struct uldf_space *moved;		      /* where the last move goes */
	unsigned int region;			      /* of the last memory_region */
	uint64_t offset;			      /* likewise */
	const struct uldf_memory *from;		      /* of the last memory_share */
	bool share_twice;	 /* another thread is to be ahead in the next memory_share */
	struct uldf_range range; /* of the last unmap_range */
	size_t segments;	 /* how many a bare mapping has */
};

/* Where map_anywhere puts things; segments begin at it, each one byte behind the one before. */
#define FAKE_ADDRESS 0x7000000

extern struct fake fake;
extern const struct uldf_backend_ops fake_ops;
/* The same, but of another name. */
extern const struct uldf_backend_ops fake_other_ops;

/* A context and an open device with BAR 0 (memory, mappable), BAR 4 (ports) and 4 KiB of config. */
struct fixture {
	struct uldf_ctx *ctx;
	struct uldf_device *device;
};

void fixture_init(struct fixture *f);
void fixture_fini(struct fixture *f);

/* An open device and a space of it with one memory. */
struct spacious {
	struct fixture f;
	struct uldf_space *space;
	struct uldf_memory *memory;
};

void spacious_init(struct spacious *s);
void spacious_fini(struct spacious *s);

/* Fails the test unless the context's reason contains @text. */
void fixture_expect_reason(struct uldf_ctx *ctx, const char *text);

/* The .fini of every suite: LeakSanitizer never reports from Criterion's workers by itself. */
void fixture_check_leaks(void);

#endif
