// SPDX-License-Identifier: MIT
#include "nvme-identify.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include "disk-text.h"
#include "nvme-prp.h"

/* Bytes of the controller's data structure (figure 247). */
enum {
	SERIAL = 4,
	MODEL = 24,
	MDTS = 77,
	SQES = 512,
	CQES = 513,
	NN = 516,
	ONCS = 520,
	VWC = 525,
};

/* Bytes of the namespace's (figure 245). */
enum {
	NSZE = 0,
	FLBAS = 26,
	NSATTR = 99,
	LBAF0 = 128,
};

#define SQES_WANTED	 6 /* 64 bytes */
#define CQES_WANTED	 4 /* 16 bytes */
#define MDTS_MOST	 20
#define ONCS_DATASET	 (1 << 2)
#define ONCS_ZEROES	 (1 << 3)
#define VWC_PRESENT	 1
#define NSATTR_PROTECTED 1

static uint32_t read32(const uint8_t *data)
{
	uint32_t value;

	memcpy(&value, data, sizeof(value));
	return le32toh(value);
}

/* The lower half is what it must have, the upper what it can have. */
static bool size_allowed(uint8_t sizes, unsigned int wanted)
{
	return (sizes & 0xfu) <= wanted && sizes >> 4 >= wanted;
}

int nvme_identify_controller(const uint8_t *data, struct nvme_controller *out)
{
	uint8_t shift = data[MDTS];

	if (!size_allowed(data[SQES], SQES_WANTED) || !size_allowed(data[CQES], CQES_WANTED))
		return -ENOTSUP;
	disk_text(out->serial, data + SERIAL, 20, 0);
	disk_text(out->model, data + MODEL, 40, 0);
	out->namespaces = read32(data + NN);
	out->most_bytes = shift && shift <= MDTS_MOST ? (uint64_t)NVME_PAGE << shift : 0;
	out->cached = data[VWC] & VWC_PRESENT;
	out->discards = data[ONCS] & ONCS_DATASET;
	out->zeroes = data[ONCS] & ONCS_ZEROES;
	return 0;
}

int nvme_identify_namespace(const uint8_t *data, struct nvme_namespace *out)
{
	uint32_t format = read32(data + LBAF0 + 4 * (data[FLBAS] & 0xf));
	unsigned int shift = format >> 16 & 0xff;
	uint64_t blocks = read32(data + NSZE) | (uint64_t)read32(data + NSZE + 4) << 32;

	if (!blocks)
		return -ENXIO;
	if (format & 0xffff)
		return -ENOTSUP;
	if (shift < 9 || shift > 16 || blocks > UINT64_MAX >> shift)
		return -EPROTO;
	out->blocks = blocks;
	out->block_size = UINT32_C(1) << shift;
	out->read_only = data[NSATTR] & NSATTR_PROTECTED;
	return 0;
}
