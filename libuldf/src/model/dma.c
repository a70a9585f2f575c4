// SPDX-License-Identifier: MIT
/*
 * What a device reads and writes of memory: what is mapped in the space that it is attached to, for
 * the access that it was mapped for. An access that the space refuses is noted, once.
 */
#include <errno.h>
#include <string.h>
#include "model/model.h"

#define PAGE 4096

static void fault_note(struct model *model, uint64_t address, bool write)
{
	unsigned int at = (model->fault_first + model->fault_count) % MODEL_FAULTS;

	/* The first ones say more than the last. */
	if (model->fault_count == MODEL_FAULTS)
		return;
	model->faults[at] = (struct uldf_dma_fault){.write = write, .address = address};
	model->fault_count++;
}

int model_dma_fault(struct uldf_device *device, struct uldf_dma_fault *out)
{
	struct model *model = model_of(device);
	int found = 0;

	model_lock(model);
	if (model->fault_count) {
		*out = model->faults[model->fault_first];
		model->fault_first = (model->fault_first + 1) % MODEL_FAULTS;
		model->fault_count--;
		found = 1;
	}
	model_unlock(model);
	return found;
}

/*
 * Where the first of @size bytes are, for an access that the mapping allows, and how many of them lie
 * there; NULL for those up to the end of a page that nothing maps so. The space is locked.
 */
static char *bytes_at(const struct model_space *space, uint64_t address, size_t size,
		      unsigned int access, size_t *here)
{
	const struct uldf_mapping *mapping = table_over(&space->table, address);
	uint64_t left = PAGE - address % PAGE;
	char *bytes = NULL;

	if (mapping && mapping->access & access) {
		uint64_t within = address - mapping->address;

		bytes = (char *)mapping->memory->address + mapping->offset + within;
		left = mapping->size - within;
	}
	*here = left < size ? (size_t)left : size;
	return bytes;
}

int model_dma_read(struct model *model, uint64_t address, void *to, size_t size)
{
	struct model_space *space;
	char *next = to;
	int err = 0;

	if (!model_masters(model))
		return -EACCES;
	space = model->space->priv;
	pthread_mutex_lock(&space->lock);
	while (size) {
		size_t here;
		const char *bytes = bytes_at(space, address, size, ULDF_DMA_READ, &here);

		if (bytes) {
			memcpy(next, bytes, here);
		} else {
			memset(next, 0xff, here);
			if (!err)
				fault_note(model, address, false);
			err = -EFAULT;
		}
		next += here;
		address += here;
		size -= here;
	}
	pthread_mutex_unlock(&space->lock);
	return err;
}

int model_dma_write(struct model *model, uint64_t address, const void *from, size_t size)
{
	struct model_space *space;
	const char *next = from;
	int err = 0;

	if (!model_masters(model))
		return -EACCES;
	space = model->space->priv;
	pthread_mutex_lock(&space->lock);
	while (size) {
		size_t here;
		char *bytes = bytes_at(space, address, size, ULDF_DMA_WRITE, &here);

		if (bytes) {
			memcpy(bytes, next, here);
		} else {
			if (!err)
				fault_note(model, address, true);
			err = -EFAULT;
		}
		next += here;
		address += here;
		size -= here;
	}
	pthread_mutex_unlock(&space->lock);
	return err;
}

int model_dma_post(struct model *model, uint64_t address, const void *from, size_t size)
{
	struct model_space *space;
	char *bytes;
	size_t here;
	uint32_t last;

	if (!model_masters(model))
		return -EACCES;
	space = model->space->priv;
	pthread_mutex_lock(&space->lock);
	bytes = bytes_at(space, address, size, ULDF_DMA_WRITE, &here);
	if (bytes) {
		memcpy(bytes, from, size - sizeof(last));
		memcpy(&last, (const char *)from + size - sizeof(last), sizeof(last));
		__atomic_store_n((uint32_t *)(bytes + size - sizeof(last)), last, __ATOMIC_RELEASE);
	} else {
		fault_note(model, address, true);
	}
	pthread_mutex_unlock(&space->lock);
	return bytes ? 0 : -EFAULT;
}
