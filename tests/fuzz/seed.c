// SPDX-License-Identifier: MIT
#include "seed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include "careless.h"
#include "record/recorder.h"

#define BUS 0x100000

/* What was mapped or allocated last is what the device reaches. */
static struct {
	uint8_t *bytes;
	size_t size;
	int vector;
} seed = {.vector = -1};

static int seed_open(struct uldf_device *device, const char *rest)
{
	snprintf(device->info.address, sizeof(device->info.address), "seed");
	device->info.vectors[ULDF_IRQ_MSI] = 1;
	device->regions[ULDF_BAR0] = (struct uldf_region){.size = 4096, .writable = true};
	device->regions[ULDF_CONFIG] = (struct uldf_region){.size = 256, .writable = true};
	return 0;
}

static void seed_close(struct uldf_device *device)
{
	if (seed.vector >= 0)
		close(seed.vector);
	seed.vector = -1;
}

static int seed_reset(struct uldf_device *device, enum uldf_reset *how)
{
	*how = ULDF_RESET_BY_FLR;
	return 0;
}

static int seed_attach(struct uldf_device *device, struct uldf_space *space)
{
	return 0;
}

static int seed_detach(struct uldf_device *device)
{
	return 0;
}

static int seed_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
			    unsigned int width, uint64_t *out)
{
	*out = offset;
	return 0;
}

static int seed_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
			     unsigned int width, uint64_t value)
{
	if (offset != 0x18 || !seed.bytes)
		return 0;
	for (size_t i = 0; i < 100; i++)
		seed.bytes[i] += (uint8_t)(i + 1);
	return seed.vector >= 0 ? eventfd_write(seed.vector, 1) : 0;
}

static int seed_irq_enable(struct uldf_device *device, enum uldf_irq_type type, unsigned int count)
{
	return 0;
}

static int seed_irq_disable(struct uldf_device *device)
{
	return 0;
}

static int seed_irq_bind(struct uldf_device *device, unsigned int first, unsigned int count,
			 const int *fds)
{
	seed_close(device);
	seed.vector = fds[0] >= 0 ? dup(fds[0]) : -1;
	return 0;
}

static int seed_space_create(struct uldf_device *device, struct uldf_space *space)
{
	return 0;
}

static void seed_space_destroy(struct uldf_space *space)
{
	seed.bytes = NULL;
}

static int seed_space_reserved(struct uldf_space *space, struct uldf_range *list, size_t room,
			       size_t *count)
{
	list[0] = (struct uldf_range){0xfee00000, 0xfeefffff};
	*count = 1;
	return 0;
}

static int seed_memory(struct uldf_space *space, struct uldf_memory *memory)
{
	return 0;
}

static int seed_map_anywhere(struct uldf_space *space, struct uldf_mapping *list, size_t count)
{
	list[0].address = BUS;
	seed.bytes = (uint8_t *)list[0].memory->address + list[0].offset;
	return 0;
}

static int seed_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	return -ENOSPC;
}

static int seed_unmap(struct uldf_space *space, const struct uldf_mapping *list, size_t count)
{
	seed.bytes = NULL;
	return 0;
}

static int seed_memory_share(struct uldf_space *space, struct uldf_memory *memory,
			     const struct uldf_memory *from)
{
	return 0;
}

static int seed_unmap_range(struct uldf_space *space, uint64_t first, uint64_t last,
			    struct uldf_unmapped *out)
{
	*out = (struct uldf_unmapped){1, 4096};
	seed.bytes = NULL;
	return 0;
}

static int seed_revoke(struct uldf_space *space)
{
	seed.bytes = NULL;
	return 0;
}

static int seed_segments_map(struct uldf_space *space, const struct uldf_mapping *piece,
			     struct uldf_segment *list, size_t *count, uint64_t *handle)
{
	if (!*count)
		return -ENOSPC;
	seed.bytes = (uint8_t *)piece->memory->address + piece->offset;
	list[0] = (struct uldf_segment){BUS, piece->size};
	*count = 1;
	*handle = 1;
	return 0;
}

static void seed_segments_unmap(struct uldf_space *space, uint64_t handle)
{
	seed.bytes = NULL;
}

static int seed_coherent_alloc(struct uldf_space *space, struct uldf_buffer *buffer,
			       uint64_t *handle)
{
	buffer->address = calloc(1, buffer->size);
	if (!buffer->address)
		return -ENOMEM;
	buffer->bus = BUS;
	seed.bytes = buffer->address;
	*handle = 2;
	return 0;
}

static void seed_coherent_free(struct uldf_space *space, struct uldf_buffer *buffer,
			       uint64_t handle)
{
	free(buffer->address);
	seed.bytes = NULL;
}

static const struct uldf_backend_ops seed_ops = {
	.name = "seed",
	.open = seed_open,
	.close = seed_close,
	.reset = seed_reset,
	.attach = seed_attach,
	.move = seed_attach,
	.detach = seed_detach,
	.region_read = seed_region_read,
	.region_write = seed_region_write,
	.irq_enable = seed_irq_enable,
	.irq_disable = seed_irq_disable,
	.irq_bind = seed_irq_bind,
	.space_create = seed_space_create,
	.space_destroy = seed_space_destroy,
	.space_reserved = seed_space_reserved,
	.memory_register = seed_memory,
	.memory_share = seed_memory_share,
	.memory_unregister = seed_memory,
	.map = seed_map,
	.map_anywhere = seed_map_anywhere,
	.unmap = seed_unmap,
	.unmap_range = seed_unmap_range,
	.revoke = seed_revoke,
	.segments_map = seed_segments_map,
	.segments_unmap = seed_segments_unmap,
	.coherent_alloc = seed_coherent_alloc,
	.coherent_free = seed_coherent_free,
};

/* The record decorator's table, around such a device. */
static struct uldf_backend_ops recording;

static int recording_open(struct uldf_device *device, const char *path)
{
	struct uldf_device *inner;
	int err = device_open_backend(device->ctx, &seed_ops, "", &inner);

	return err ? err : record_wrap(device, inner, path);
}

int seed_record(const char *path)
{
	struct uldf_device *device;
	struct uldf_ctx *ctx;
	int err = uldf_ctx_create(&ctx);

	if (err)
		return err;
	memcpy(&recording, &record_backend, sizeof(recording));
	recording.open = recording_open;
	err = device_open_backend(ctx, &recording, path, &device);
	if (!err)
		careless_drive(device);
	uldf_ctx_destroy(ctx);
	return err;
}
