// SPDX-License-Identifier: MIT
/* Making memory visible to a device, and taking it away again. */
#include <linux/vfio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include "bench.h"

#define ADDRESS 0x10000000ULL

struct dma {
	struct ours *ours;
	struct vfio *vfio;
	struct uldf_memory *memory;
	unsigned char *at;
	size_t size;
	unsigned int count;
	struct uldf_mapping list[LIST];
};

static struct dma *dma_new(void *at, size_t size, unsigned int count)
{
	struct dma *dma = calloc(1, sizeof(*dma));

	need(dma != NULL, "memory");
	dma->at = at;
	dma->size = size;
	dma->count = count;
	for (unsigned int i = 0; i < count; i++) {
		size_t piece = size / count;

		dma->list[i] = (struct uldf_mapping){
			.offset = i * piece,
			.address = ADDRESS + i * piece,
			.size = piece,
			.access = ULDF_DMA_BOTH,
		};
	}
	return dma;
}

static void memory_register(struct dma *dma)
{
	ours_need(dma->ours,
		  uldf_memory_register(dma->ours->space, dma->at, dma->size, ULDF_DMA_BOTH,
				       &dma->memory),
		  "register");
	for (unsigned int i = 0; i < dma->count; i++)
		dma->list[i].memory = dma->memory;
}

/* Without their memory, pieces say what to unmap. */
static void registered_step(void *state)
{
	struct dma *dma = state;
	struct uldf_mapping undo[LIST];

	for (unsigned int i = 0; i < dma->count; i++)
		undo[i] = (struct uldf_mapping){.address = dma->list[i].address,
						.size = dma->list[i].size};
	ours_need(dma->ours, uldf_space_map(dma->ours->space, dma->list, dma->count), "map");
	ours_need(dma->ours, uldf_space_unmap(dma->ours->space, undo, dma->count), "unmap");
}

static void unregistered_step(void *state)
{
	struct dma *dma = state;

	memory_register(dma);
	registered_step(dma);
	ours_need(dma->ours, uldf_memory_unregister(dma->memory), "unregister");
}

static void vfio_step(void *state)
{
	struct dma *dma = state;

	for (unsigned int i = 0; i < dma->count; i++) {
		struct vfio_iommu_type1_dma_map map = {
			.argsz = sizeof(map),
			.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
			.vaddr = (uintptr_t)dma->at + dma->list[i].offset,
			.iova = dma->list[i].address,
			.size = dma->list[i].size,
		};

		need(!ioctl(dma->vfio->container, VFIO_IOMMU_MAP_DMA, &map), "map");
	}
	for (unsigned int i = 0; i < dma->count; i++) {
		struct vfio_iommu_type1_dma_unmap unmap = {
			.argsz = sizeof(unmap),
			.iova = dma->list[i].address,
			.size = dma->list[i].size,
		};

		need(!ioctl(dma->vfio->container, VFIO_IOMMU_UNMAP_DMA, &unmap), "unmap");
	}
}

static struct dma *page_new(void)
{
	return dma_new(pages_contiguous(PAGE), PAGE, 1);
}

static struct dma *list_new(void)
{
	return dma_new(pages_scattered(LIST * PAGE), LIST * PAGE, LIST);
}

static struct dma *scattered_new(void)
{
	return dma_new(pages_scattered(MIB), MIB, 1);
}

static struct dma *contiguous_new(void)
{
	return dma_new(pages_contiguous(MIB), MIB, 1);
}

/* The three ways each layout begins: registered once, registered each time, by VFIO. */
#define WAYS(layout)                                              \
	static void *layout##_unregistered(const char *address)   \
	{                                                         \
		struct dma *dma = layout##_new();                 \
                                                                  \
		dma->ours = ours_open(address);                   \
		return dma;                                       \
	}                                                         \
	static void *layout##_registered(const char *address)     \
	{                                                         \
		struct dma *dma = layout##_unregistered(address); \
                                                                  \
		memory_register(dma);                             \
		return dma;                                       \
	}                                                         \
	static void *layout##_vfio(const char *address)           \
	{                                                         \
		struct dma *dma = layout##_new();                 \
                                                                  \
		dma->vfio = vfio_open(address);                   \
		return dma;                                       \
	}

WAYS(page)
WAYS(list)
WAYS(scattered)
WAYS(contiguous)

/* VFIO knows no registered memory: what it does is the peer of both. */
#define CASES(name, layout)                                                               \
	{name, "kmod", "edu", layout##_registered, registered_step, NULL, NULL},          \
		{name, "vfio", "edu", layout##_vfio, vfio_step, NULL, NULL},              \
		{name "-unregistered", "kmod", "edu", layout##_unregistered,              \
		 unregistered_step,    NULL,   NULL},                                     \
	{                                                                                 \
		name "-unregistered", "vfio", "edu", layout##_vfio, vfio_step, NULL, NULL \
	}

const struct bench_case dma_cases[] = {
	CASES("map-page", page),
	CASES("map-list-64", list),
	CASES("map-1m-scattered", scattered),
	CASES("map-1m-contiguous", contiguous),
	{0},
};
