// SPDX-License-Identifier: MIT
/* I/O commands (section 6). */
#include "model/nvme/nvme.h"

enum {
	FLUSH = 0x00,
	WRITE = 0x01,
	READ = 0x02,
	WRITE_ZEROES = 0x08,
	DATASET_MANAGEMENT = 0x09,
};

#define FORCE_UNIT_ACCESS (UINT32_C(1) << 30) /* of dword 12 */
#define DEALLOCATE	  (UINT32_C(1) << 2)  /* of dword 11 */
#define ALL_NAMESPACES	  UINT32_MAX

struct range {
	uint32_t attributes;
	uint32_t blocks;
	uint64_t block;
};

static uint64_t block_of(const struct nvme_command *command)
{
	return le32toh(command->dword[0]) | (uint64_t)le32toh(command->dword[1]) << 32;
}

static uint32_t blocks_of(const struct nvme_command *command)
{
	return (le32toh(command->dword[2]) & 0xffff) + 1;
}

static unsigned int check_range(const struct nvme_model *nvme, uint64_t block, uint64_t blocks)
{
	if (block >= nvme->disk.blocks || blocks > nvme->disk.blocks - block)
		return STATUS_RANGE;
	return STATUS_SUCCESS;
}

static unsigned int do_flush(struct nvme_model *nvme)
{
	return model_disk_flush(&nvme->disk) ? STATUS_WRITE_FAULT : STATUS_SUCCESS;
}

/* What was written lasts at once where the command says so, or where there is no write cache. */
static unsigned int end_write(struct nvme_model *nvme, const struct nvme_command *command)
{
	if (nvme->features[FEATURE_CACHE] & 1 && !(le32toh(command->dword[2]) & FORCE_UNIT_ACCESS))
		return STATUS_SUCCESS;
	return do_flush(nvme);
}

static unsigned int do_read(struct model *model, const struct nvme_command *command)
{
	struct nvme_model *nvme = nvme_of(model);
	size_t size = (size_t)blocks_of(command) << MODEL_BLOCK_SHIFT;
	unsigned int status = check_range(nvme, block_of(command), blocks_of(command));

	if (size > MOST)
		return STATUS_FIELD;
	if (status)
		return status;
	if (model_disk_read(&nvme->disk, block_of(command), nvme->data, size))
		return STATUS_READ_ERROR;
	return model_nvme_transfer(model, command, size, true);
}

static unsigned int do_write(struct model *model, const struct nvme_command *command)
{
	struct nvme_model *nvme = nvme_of(model);
	size_t size = (size_t)blocks_of(command) << MODEL_BLOCK_SHIFT;
	unsigned int status = check_range(nvme, block_of(command), blocks_of(command));

	if (size > MOST)
		return STATUS_FIELD;
	if (!status)
		status = model_nvme_transfer(model, command, size, false);
	if (status)
		return status;
	if (model_disk_write(&nvme->disk, block_of(command), nvme->data, size))
		return STATUS_WRITE_FAULT;
	return end_write(nvme, command);
}

static unsigned int do_zero(struct model *model, const struct nvme_command *command)
{
	struct nvme_model *nvme = nvme_of(model);
	unsigned int status = check_range(nvme, block_of(command), blocks_of(command));

	if (status)
		return status;
	if (model_disk_zero(&nvme->disk, block_of(command), blocks_of(command)))
		return STATUS_WRITE_FAULT;
	return end_write(nvme, command);
}

/* All ranges are looked at before the first one is deallocated. */
static unsigned int do_dataset(struct model *model, const struct nvme_command *command)
{
	struct nvme_model *nvme = nvme_of(model);
	const struct range *ranges = (const struct range *)(const void *)nvme->data;
	unsigned int count = (le32toh(command->dword[0]) & 0xff) + 1;
	unsigned int status = model_nvme_transfer(model, command, count * sizeof(*ranges), false);

	for (unsigned int i = 0; !status && i < count; i++)
		status = check_range(nvme, le64toh(ranges[i].block), le32toh(ranges[i].blocks));
	if (status || !(le32toh(command->dword[1]) & DEALLOCATE))
		return status;
	for (unsigned int i = 0; i < count; i++)
		if (model_disk_zero(&nvme->disk, le64toh(ranges[i].block),
				    le32toh(ranges[i].blocks)))
			return STATUS_WRITE_FAULT;
	return STATUS_SUCCESS;
}

unsigned int model_nvme_io(struct model *model, const struct nvme_command *command)
{
	uint32_t nsid = le32toh(command->nsid);

	if (nsid != 1 && !(command->opcode == FLUSH && nsid == ALL_NAMESPACES))
		return STATUS_NAMESPACE;
	switch (command->opcode) {
	case FLUSH:
		return do_flush(nvme_of(model));
	case WRITE:
		return do_write(model, command);
	case READ:
		return do_read(model, command);
	case WRITE_ZEROES:
		return do_zero(model, command);
	case DATASET_MANAGEMENT:
		return do_dataset(model, command);
	default:
		return STATUS_OPCODE;
	}
}
