// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include "decorator.h"

/* Batches up to this many pieces need no heap. */
#define BATCH_ON_STACK 64

static struct uldf_space *inside(const struct uldf_space *space)
{
	return ((const struct decorator_space *)space->priv)->inner;
}

static struct uldf_memory *memory_inside(const struct uldf_memory *memory)
{
	return memory ? (struct uldf_memory *)(uintptr_t)memory->handle : NULL;
}

int decorator_space_init(struct decorator_space *decorated, struct uldf_device *device,
			 struct uldf_space *space)
{
	const struct decorator *decorator = device->priv;
	int err;

	if (space->bare)
		err = uldf_space_create_bare(decorator->inner, space->mask, &decorated->inner);
	else
		err = uldf_space_create_masked(decorator->inner, space->mask, &decorated->inner);
	if (err)
		return err;
	space->priv = decorated;
	return 0;
}

void decorator_space_fini(struct decorator_space *decorated)
{
	uldf_space_destroy(decorated->inner);
}

int decorator_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			     size_t *count)
{
	return uldf_space_reserved(inside(space), list, room, count);
}

int decorator_memory_register(struct uldf_space *space, struct uldf_memory *memory)
{
	struct uldf_memory *inner;
	int err = uldf_memory_register(inside(space), memory->address, memory->size, memory->access,
				       &inner);

	if (!err)
		memory->handle = (uintptr_t)inner;
	return err;
}

int decorator_memory_region(struct uldf_space *space, struct uldf_memory *memory,
			    struct uldf_device *device, unsigned int index, uint64_t offset)
{
	const struct decorator *decorator = device->priv;
	struct uldf_memory *inner;
	int err = uldf_memory_register_region(inside(space), decorator->inner, index, offset,
					      memory->size, &inner);

	if (!err)
		memory->handle = (uintptr_t)inner;
	return err;
}

int decorator_memory_share(struct uldf_space *space, struct uldf_memory *memory,
			   const struct uldf_memory *from)
{
	struct uldf_memory *inner;
	int err = uldf_memory_share(memory_inside(from), inside(space), &inner);

	if (!err)
		memory->handle = (uintptr_t)inner;
	return err;
}

int decorator_memory_unregister(struct uldf_space *space, struct uldf_memory *memory)
{
	return uldf_memory_unregister(memory_inside(memory));
}

/* The same pieces with the memories inside, at @few or allocated; NULL for want of memory. */
static struct uldf_mapping *pieces_inside(struct uldf_space *space, const struct uldf_mapping *list,
					  size_t count, struct uldf_mapping few[BATCH_ON_STACK])
{
	struct uldf_mapping *pieces = few;

	if (count > BATCH_ON_STACK) {
		pieces = malloc(count * sizeof(*pieces));
		if (!pieces) {
			ctx_fail(space->ctx, -ENOMEM, "out of memory");
			return NULL;
		}
	}
	for (size_t i = 0; i < count; i++) {
		pieces[i] = list[i];
		pieces[i].memory = memory_inside(list[i].memory);
	}
	return pieces;
}

int decorator_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	struct uldf_mapping few[BATCH_ON_STACK];
	struct uldf_mapping *pieces = pieces_inside(space, list, count, few);
	int err;

	if (!pieces)
		return -ENOMEM;
	err = uldf_space_map(inside(space), pieces, count);
	if (pieces != few)
		free(pieces);
	return err;
}

int decorator_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	struct uldf_mapping few[BATCH_ON_STACK];
	struct uldf_mapping *pieces = pieces_inside(space, list, count, few);
	int err;

	if (!pieces)
		return -ENOMEM;
	err = uldf_space_map_anywhere(inside(space), pieces, count);
	for (size_t i = 0; !err && i < count; i++)
		list[i].address = pieces[i].address;
	if (pieces != few)
		free(pieces);
	return err;
}

int decorator_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	return uldf_space_unmap(inside(space), list, count);
}

int decorator_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
			  struct uldf_unmapped *out)
{
	return uldf_space_unmap_range(inside(space), first, last, out);
}

int decorator_revoke(struct uldf_space *space)
{
	return uldf_space_revoke(inside(space));
}

int decorator_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
			   struct uldf_segment *list, size_t *count, uint64_t *handle)
{
	struct uldf_space *inner = inside(space);
	struct uldf_mapping mapping = *piece;

	if (!inner->ops->segments_map)
		return ctx_fail(space->ctx, -ENOTSUP, "the backend %s has no bare spaces",
				inner->ops->name);
	mapping.memory = memory_inside(piece->memory);
	return inner->ops->segments_map(inner, &mapping, list, count, handle);
}

void decorator_segments_unmap(struct uldf_space *space, uint64_t handle)
{
	struct uldf_space *inner = inside(space);

	inner->ops->segments_unmap(inner, handle);
}

int decorator_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t *handle)
{
	struct uldf_space *inner = inside(space);

	if (!inner->ops->coherent_alloc)
		return ctx_fail(space->ctx, -ENOTSUP, "the backend %s has no coherent buffers",
				inner->ops->name);
	return inner->ops->coherent_alloc(inner, buffer, handle);
}

void decorator_coherent_free(struct uldf_space *space, struct uldf_buffer *buffer, uint64_t handle)
{
	struct uldf_space *inner = inside(space);

	inner->ops->coherent_free(inner, buffer, handle);
}
