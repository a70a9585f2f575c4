// SPDX-License-Identifier: MIT
/*
 * Batches that make, split and join rows of mappings, in an order that a seed decides, and beside them a model
 * of what has to be mapped: each call does what the model says, and nothing is left at the end. What the
 * IOMMU is told wrongly its driver complains about in the kernel's log.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

#define BOTH  (ULDF_MAP_READ | ULDF_MAP_WRITE)
#define SIZE  (64 * PAGE)
#define PAGES 700 /* of bus addresses, from 0 on */
#define MOST  150 /* pieces in a batch */
#define STEPS 3000

struct model {
	int device, space;
	uint32_t id[2];
	uint8_t *memory;
	uint64_t seed;
	/* by page of the bus addresses: 0 free, else how many pages were mapped at it, or -1 behind the first */
	int size[PAGES];
	uint64_t offset[PAGES]; /* of the memory */
};

static unsigned int below(struct model *model, unsigned int bound)
{
	model->seed = model->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)(model->seed >> 33) % bound;
}

static bool is_free(const struct model *model, unsigned int page, unsigned int count)
{
	for (unsigned int i = page; i < page + count; i++)
		if (i >= PAGES || model->size[i])
			return false;
	return true;
}

static void enter(struct model *model, const struct uldf_ioc_mapping *piece)
{
	unsigned int page = piece->address / PAGE, count = piece->size / PAGE;

	for (unsigned int i = 0; i < count; i++) {
		model->size[page + i] = i ? -1 : (int)count;
		model->offset[page + i] = piece->offset + i * PAGE;
	}
}

static void leave(struct model *model, const struct uldf_ioc_mapping *piece)
{
	memset(&model->size[piece->address / PAGE], 0, piece->size / PAGE * sizeof(int));
}

/* Pieces that mostly follow each other. Returns how many, and in @good whether all can be mapped. */
static uint32_t pieces_make(struct model *model, struct uldf_ioc_mapping *pieces, bool *good)
{
	uint32_t count = below(model, 3) ? 1 + below(model, 8) : 1 + below(model, MOST);
	unsigned int page = 1 + below(model, PAGES - 1);

	*good = true;
	for (uint32_t i = 0; i < count; i++) {
		unsigned int size = 1 + below(model, 3);

		if (page + size > PAGES)
			return i;
		pieces[i] = (struct uldf_ioc_mapping){
			.address = page * PAGE,
			.size = size * PAGE,
			.offset = below(model, 64 - 3) * PAGE,
			.memory = model->id[!below(model, 8)],
			.flags = BOTH,
		};
		*good &= is_free(model, page, size);
		page += size + !below(model, 16);
	}
	return count;
}

static bool map_some(struct model *model)
{
	struct uldf_ioc_mapping pieces[MOST];
	bool good;
	uint32_t count = pieces_make(model, pieces, &good), done = 77;
	int ret;

	if (!count)
		return true;
	/* backwards, they are rows of one */
	for (uint32_t i = 0; !below(model, 8) && i < count / 2; i++) {
		struct uldf_ioc_mapping swap = pieces[i];

		pieces[i] = pieces[count - 1 - i];
		pieces[count - 1 - i] = swap;
	}
	ret = batch(model->space, ULDF_SPACE_MAP, pieces, count, &done);
	for (uint32_t i = 0; good && i < count; i++)
		enter(model, &pieces[i]);
	return good ? !ret && done == count : ret == -EEXIST && !done;
}

static bool map_anywhere(struct model *model)
{
	struct uldf_ioc_mapping pieces[MOST];
	struct uldf_ioc_map arg = {.argsz = sizeof(arg),
				   .flags = ULDF_MAP_ANYWHERE,
				   .mappings = (uintptr_t)pieces,
				   .limit = PAGES * PAGE - 1};
	unsigned int all = 0;
	bool good;
	int ret;

	arg.count = pieces_make(model, pieces, &good);
	if (!arg.count)
		return true;
	for (uint32_t i = 0; i < arg.count; i++)
		all += pieces[i].size / PAGE;
	ret = call(model->space, ULDF_SPACE_MAP, &arg);
	if (ret == -ENOSPC) {
		good = true;
		for (unsigned int i = 1; i < PAGES; i++)
			good &= !is_free(model, i, all);
		return good && !arg.done;
	}
	good = !ret && arg.done == arg.count;
	for (uint32_t i = 0; good && i < arg.count; i++) {
		good = pieces[i].address &&
		       is_free(model, pieces[i].address / PAGE, pieces[i].size / PAGE);
		if (good)
			enter(model, &pieces[i]);
	}
	return good;
}

/* Mappings from somewhere on: one, several, or all; now and then one of them is told wrongly. */
static bool unmap_some(struct model *model, uint32_t most)
{
	struct uldf_ioc_mapping pieces[MOST];
	uint32_t count = 0, wrong = MOST, done = 77;
	unsigned int page = below(model, PAGES);
	int ret;

	for (unsigned int i = 0; i < PAGES && count < most; i++, page = (page + 1) % PAGES)
		if (model->size[page] > 0 && below(model, 10))
			pieces[count++] = (struct uldf_ioc_mapping){
				.address = page * PAGE, .size = model->size[page] * PAGE};
	if (!count)
		return true;
	if (!below(model, 6)) {
		wrong = below(model, count);
		if (below(model, 2))
			pieces[wrong].size += PAGE;
		else
			pieces[wrong].flags = 1;
	}
	ret = batch(model->space, ULDF_SPACE_UNMAP, pieces, count, &done);
	for (uint32_t i = 0; i < count && i < wrong; i++)
		leave(model, &pieces[i]);
	if (wrong == MOST)
		return !ret && done == count;
	return ret == (pieces[wrong].flags ? -EINVAL : -ENOENT) && done == wrong;
}

/* Does the device reach the memory through a mapping? */
static bool is_reached(struct model *model)
{
	unsigned int page = below(model, PAGES);

	for (unsigned int i = 0; i < PAGES; i++, page = (page + 1) % PAGES) {
		if (!model->size[page])
			continue;
		memset(model->memory, 0, SIZE);
		return edu_dma(model->device, page * PAGE, 64, true) &&
		       model->memory[model->offset[page]] == 0x5a;
	}
	return true;
}

static bool step(struct model *model)
{
	switch (below(model, 8)) {
	case 0:
	case 1:
	case 2:
		return map_some(model);
	case 3:
		return map_anywhere(model);
	case 4:
		return unmap_some(model, MOST);
	case 5:
		return unmap_some(model, 1);
	default:
		return unmap_some(model, 1 + below(model, 20));
	}
}

void suite_rows(const struct address *device)
{
	static struct model model = {.seed = 20};
	unsigned int done = 0, reached = 0, i;

	model.device = device_take(device);
	model.space = space_create(model.device);
	model.memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(model.space >= 0 && model.memory != MAP_FAILED && !attach(model.device, model.space),
	     "a space");
	config_write(model.device, 4, 2, config_read(model.device, 4, 2) | 4);
	for (i = 0; i < 2; i++)
		need(!memory_register(model.space, model.memory, SIZE, 0, &model.id[i]),
		     "register");
	memset(model.memory, 0x5a, 64);
	need(!map(model.space, model.id[0], 0, PAGE, PAGE, BOTH) &&
		     edu_dma(model.device, PAGE, 64, false) && !unmap(model.space, PAGE, PAGE),
	     "give the device something to write");
	while (done < STEPS && step(&model)) {
		done++;
		if (!(done % 200))
			reached += is_reached(&model);
	}
	check(done == STEPS, "batches did what they had to: %u", done);
	check(reached == STEPS / 200, "mappings led to their memory: %u", reached);
	while (!is_free(&model, 0, PAGES))
		need(unmap_some(&model, MOST), "unmap what is left");
	for (i = 0; i < 2; i++)
		check_equal(0, memory_unregister(model.space, model.id[i]), "nothing is mapped");
	close(model.space);
	close(model.device);
	check(pinned_becomes(0), "nothing is pinned");
	check_equal(0, release(device, 0, NULL), "release");
}
