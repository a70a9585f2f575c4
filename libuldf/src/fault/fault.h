/* SPDX-License-Identifier: MIT */
/* The fault decorator: the device as before, but for what its plan makes fail. */
#ifndef ULDF_SRC_FAULT_FAULT_H
#define ULDF_SRC_FAULT_FAULT_H

#include "decorator.h"
#include "fault/plan.h"
#include "relay.h"

/* Accesses that a device which is gone still answers, with all ones: until it is noticed. */
#define FAULT_ONES 16

struct fault {
	struct decorator decorator;
	pthread_mutex_t lock;	 /* protects all that follows */
	unsigned int references; /* the device and its spaces */
	struct fault_plan plan;
	struct relay *relay;
	unsigned int event_line; /* of the relay; those before it are the vectors' */
	bool gone;
	unsigned int ones; /* accesses that were answered with all ones */
	bool told;	   /* event_read told that it is gone */
};

/* Behind a space. */
struct fault_space {
	struct decorator_space decorated;
	struct fault *fault;
};

/**
 * fault_wrap() - decorate a device
 * @outer: handle to fill
 * @inner: device inside
 * @plan: "SEED[,WHAT[=NUMBER]]..."
 *
 * Return: 0, -EINVAL the plan, -ENOMEM, -EMFILE, -EAGAIN; @inner is then the caller's still.
 */
int fault_wrap(struct uldf_device *outer, struct uldf_device *inner, const char *plan);

/**
 * fault_put() - drop a reference
 * @fault: fault, not locked
 */
void fault_put(struct fault *fault);

int fault_space_create(struct uldf_device *device, struct uldf_space *space);
void fault_space_destroy(struct uldf_space *space);
int fault_memory_register(struct uldf_space *space, struct uldf_memory *memory);
int fault_memory_share(struct uldf_space *space, struct uldf_memory *memory,
		       const struct uldf_memory *from);
int fault_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count);
int fault_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count);
int fault_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
		       struct uldf_segment *list, size_t *count, uint64_t *handle);
int fault_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t *handle);

#endif
