/* SPDX-License-Identifier: MIT */
/* The check decorator: a list of all that the driver has made, with the calls that made it. */
#ifndef ULDF_SRC_CHECK_CHECKER_H
#define ULDF_SRC_CHECK_CHECKER_H

#include <uldf/check.h>
#include <uldf/dma_fault.h>
#include "check/source.h"
#include "decorator.h"

/* How many mappings that were ended are remembered. */
#define CHECK_ENDED 256

struct check_trace {
	void *frame[ULDF_CHECK_DEPTH];
	unsigned int depth;
};

enum check_key {
	CHECK_BY_ADDRESS,
	CHECK_BY_SEGMENTS,
	CHECK_BY_COHERENT,
};

struct check_mapping {
	LIST_ENTRY(check_mapping) entry;
	const struct uldf_space *space;
	enum check_key by;
	uint64_t key; /* bus address or handle */
	uint64_t size;
	unsigned int access;
	const struct uldf_memory *memory; /* NULL for coherent buffers */
	struct check_trace trace;
};

struct check_ended {
	const struct uldf_space *space;
	uint64_t address;
	uint64_t size;
	struct check_trace trace; /* of the call that ended it */
};

struct check_memory {
	LIST_ENTRY(check_memory) entry;
	const struct uldf_memory *memory;
	bool freed; /* told already */
	struct check_trace trace;
};

struct check_region {
	LIST_ENTRY(check_region) entry;
	unsigned int index;
	void *address;
	size_t size;
	struct check_trace trace;
};

/* Of a vector. */
struct check_binding {
	bool bound;
	struct check_trace trace;
};

struct checker {
	struct decorator decorator;
	struct uldf_ctx *ctx;
	char address[64]; /* the device's, for what outlives it */
	struct uldf_address where;
	pthread_mutex_t lock;	 /* protects all that follows */
	unsigned int references; /* the device and its spaces */
	void (*fn)(const struct uldf_check_finding *finding, void *arg);
	void *arg;
	int fd;				/* of the file; -1 for none */
	struct uldf_dma_faults *faults; /* NULL: they are not for this process */
	struct uldf_device *teller;	/* device inside whose backend tells of faults, or NULL */
	struct source *source;		/* names of code; NULL without libdw */
	uint64_t found;
	const struct uldf_space *attached;
	LIST_HEAD(, check_mapping) mappings;
	LIST_HEAD(, check_memory) memories;
	LIST_HEAD(, check_region) regions;
	struct check_ended ended[CHECK_ENDED];
	unsigned int ended_next;
	unsigned int vectors;
	struct check_binding *binding; /* of each vector */
	bool messages;		       /* vectors of MSI or MSI-X are enabled */
	bool masters;		       /* bus mastering is on */
	bool awaits_master; /* messages, but no mastering since they were enabled, a reset or an attach */
	bool watched;	    /* @thread runs; constant */
	bool closing;	    /* it is to end */
	pthread_t thread;
	pthread_cond_t wake; /* of it */
	uint64_t called;     /* when the driver last did, by CLOCK_MONOTONIC, ns; atomic */
};

/* Behind a checked space. */
struct check_space {
	struct decorator_space decorated;
	struct checker *checker;
	/*
	 * The space was revoked, or the IOMMU failed to end mappings: the driver may unmap what
	 * is not mapped. Protected by the checker's lock.
	 */
	bool unsure;
	/*
	 * The IOMMU failed to end mappings: the driver may be unable to unregister memory.
	 * Protected by the checker's lock.
	 */
	bool failed;
};

static inline struct checker *checker_of(const struct uldf_space *space)
{
	return ((const struct check_space *)space->priv)->checker;
}

/**
 * check_trace_take() - remember who calls
 * @trace: filled
 */
void check_trace_take(struct check_trace *trace);

/**
 * checker_called() - note that the driver calls
 * @checker: checker
 */
void checker_called(struct checker *checker);

/**
 * checker_watch() - begin to look for a driver that waits for messages with bus mastering off
 * @checker: checker, all but complete
 *
 * Return: 0, -EAGAIN no more threads.
 */
int checker_watch(struct checker *checker);

/**
 * checker_unwatch() - end checker_watch()
 * @checker: checker, not locked
 */
void checker_unwatch(struct checker *checker);

/**
 * checker_vectors() - note that vectors were enabled
 * @checker: checker, locked
 * @type: of which type, or %ULDF_IRQ_TYPES for none any more
 */
void checker_vectors(struct checker *checker, enum uldf_irq_type type);

/**
 * checker_masters() - note that bus mastering is on or off for another reason than a write of the driver
 * @checker: checker, locked
 * @on: which
 */
void checker_masters(struct checker *checker, bool on);

/**
 * checker_find() - tell of a mistake
 * @checker: checker, locked
 * @kind: which
 * @made: the call that made what it is about, or NULL
 * @fmt: what is wrong, as for printf
 */
__attribute__((format(printf, 4, 5))) void checker_find(struct checker *checker,
							enum uldf_check_kind kind,
							const struct check_trace *made,
							const char *fmt, ...);

/**
 * checker_put() - drop a reference
 * @checker: checker, not locked
 */
void checker_put(struct checker *checker);

/**
 * checker_look() - look whether registered memory is still there, and for refused accesses
 * @checker: checker, locked
 */
void checker_look(struct checker *checker);

/**
 * checker_open_faults() - begin to look for refused accesses
 * @checker: checker, with its file
 * @inner: device inside
 */
void checker_open_faults(struct checker *checker, struct uldf_device *inner);

/**
 * checker_look_faults() - tell of accesses of the device that the IOMMU refused
 * @checker: checker, locked
 */
void checker_look_faults(struct checker *checker);

/**
 * checker_find_fault() - tell of one
 * @checker: checker, locked
 * @fault: it
 */
void checker_find_fault(struct checker *checker, const struct uldf_dma_fault *fault);

/**
 * checker_forget() - forget the mappings of registers, which have ended
 * @checker: checker, locked
 * @memory: the registers
 */
void checker_forget(struct checker *checker, const struct uldf_memory *memory);

/**
 * checker_leaks_mapping() - tell of mappings that are left
 * @checker: checker, locked
 * @space: of this space
 * @forget: they are gone
 * @when: "at close"
 */
void checker_leaks_mapping(struct checker *checker, const struct uldf_space *space, bool forget,
			   const char *when);

/**
 * check_wrap() - decorate a device
 * @outer: handle to fill
 * @inner: device inside
 * @path: file that findings are appended to, or NULL
 *
 * Return: 0, -ENOMEM, and what open answers; @inner is then the caller's still.
 */
int check_wrap(struct uldf_device *outer, struct uldf_device *inner, const char *path);

int check_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		      unsigned int width, uint64_t *out);
int check_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		       unsigned int width, uint64_t value);
int check_io_batch(struct uldf_device *device, struct uldf_io *list, size_t count, size_t *done);
int check_space_create(struct uldf_device *device, struct uldf_space *space);
void check_space_destroy(struct uldf_space *space);
int check_memory_register(struct uldf_space *space, struct uldf_memory *memory);
int check_memory_region(struct uldf_space *space, struct uldf_memory *memory,
			struct uldf_device *device, unsigned int index, uint64_t offset);
int check_memory_share(struct uldf_space *space, struct uldf_memory *memory,
		       const struct uldf_memory *from);
int check_memory_unregister(struct uldf_space *space, struct uldf_memory *memory);
int check_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int check_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count);
int check_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int check_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
		      struct uldf_unmapped *out);
int check_revoke(struct uldf_space *space);
int check_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
		       struct uldf_segment *list, size_t *count, uint64_t *handle);
void check_segments_unmap(struct uldf_space *space, uint64_t handle);
int check_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t *handle);
void check_coherent_free(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t handle);

#endif
