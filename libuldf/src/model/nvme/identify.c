// SPDX-License-Identifier: MIT
/* Admin commands that are answered by data: Identify (section 5.15) and Get Log Page (section 5.14). */
#include <stdio.h>
#include <string.h>
#include "model/nvme/nvme.h"

enum {
	CNS_NAMESPACE = 0x00,
	CNS_CONTROLLER = 0x01,
	CNS_LIST = 0x02,
	CNS_DESCRIPTORS = 0x03,
};

enum {
	LOG_ERRORS = 0x01,
	LOG_HEALTH = 0x02,
	LOG_FIRMWARE = 0x03,
};

#define FIRMWARE       "1.0     "
#define UUID	       3
#define UUID_SIZE      16
#define RETAIN	       0x8000 /* of dword 10: the event stays masked */
#define KELVIN	       300
#define WARNING_KELVIN 343

static void put16(uint8_t *data, unsigned int at, uint16_t value)
{
	value = htole16(value);
	memcpy(data + at, &value, sizeof(value));
}

static void put32(uint8_t *data, unsigned int at, uint32_t value)
{
	value = htole32(value);
	memcpy(data + at, &value, sizeof(value));
}

static void put64(uint8_t *data, unsigned int at, uint64_t value)
{
	value = htole64(value);
	memcpy(data + at, &value, sizeof(value));
}

/* ASCII, filled up with spaces. */
static void put_text(uint8_t *data, unsigned int at, size_t size, const char *text)
{
	memset(data + at, ' ', size);
	memcpy(data + at, text, strlen(text));
}

/* Figure 247. */
static void fill_controller(const struct nvme_model *nvme, uint8_t *data)
{
	put16(data, 0, 0x1b36); /* VID, SSVID */
	put16(data, 2, 0x1af4);
	put_text(data, 4, 20, nvme->serial);
	put_text(data, 24, 40, "uldf model");
	put_text(data, 64, 8, FIRMWARE);
	data[77] = MDTS;
	put32(data, 80, 0x00010400); /* VER */
	data[111] = 1;		     /* CNTRLTYPE: I/O */
	data[258] = 3;		     /* ACL */
	data[259] = EVENTS - 1;	     /* AERL */
	data[260] = 1 | 1 << 1;	     /* FRMW: one slot, which is read-only */
	put16(data, 266, WARNING_KELVIN);
	put16(data, 268, WARNING_KELVIN + 20);
	data[512] = 0x66; /* SQES, CQES */
	data[513] = 0x44;
	put32(data, 516, 1);		   /* NN */
	put16(data, 520, 1 << 2 | 1 << 3); /* ONCS: dataset management, write zeroes */
	data[525] = 1 | 3 << 1;		   /* VWC: there; a flush of all namespaces, too */
	snprintf((char *)data + 768, 256, "nqn.2014-08.org.nvmexpress:uldf:model:%s", nvme->serial);
	put16(data, 2048, 1000); /* PSD 0: 10 W */
}

/* Figure 245. */
static void fill_namespace(const struct nvme_model *nvme, uint8_t *data)
{
	put64(data, 0, nvme->disk.blocks);  /* NSZE */
	put64(data, 8, nvme->disk.blocks);  /* NCAP */
	put64(data, 16, nvme->disk.blocks); /* NUSE */
	data[33] = 1 | 1 << 3; /* DLFEAT: what is deallocated reads as zeros, by either command */
	put32(data, 128, MODEL_BLOCK_SHIFT << 16); /* LBAF0 */
}

/* Figure 249: the namespace by a UUID made of the serial number. */
static void fill_descriptors(const struct nvme_model *nvme, uint8_t *data)
{
	data[0] = UUID;
	data[1] = UUID_SIZE;
	memcpy(data + 4, nvme->serial, UUID_SIZE);
}

unsigned int model_nvme_identify(struct model *model, const struct nvme_command *command)
{
	struct nvme_model *nvme = nvme_of(model);
	uint32_t nsid = le32toh(command->nsid);

	memset(nvme->data, 0, PAGE);
	switch (le32toh(command->dword[0]) & 0xff) {
	case CNS_NAMESPACE:
		if (nsid != 1)
			return STATUS_NAMESPACE;
		fill_namespace(nvme, nvme->data);
		break;
	case CNS_CONTROLLER:
		fill_controller(nvme, nvme->data);
		break;
	case CNS_LIST:
		if (nsid >= UINT32_MAX - 1)
			return STATUS_NAMESPACE;
		put32(nvme->data, 0, nsid < 1);
		break;
	case CNS_DESCRIPTORS:
		if (nsid != 1)
			return STATUS_NAMESPACE;
		fill_descriptors(nvme, nvme->data);
		break;
	default:
		return STATUS_FIELD;
	}
	return model_nvme_transfer(model, command, PAGE, true);
}

/* Fills a log page; answers its size, 0 for one that there is not. */
static size_t fill_log(uint8_t *data, unsigned int page)
{
	memset(data, 0, 512);
	switch (page) {
	case LOG_ERRORS: /* one entry, which holds none */
		return 64;
	case LOG_HEALTH:
		put16(data, 1, KELVIN);
		data[3] = 100; /* percent of spares that are left, and that are to be */
		data[4] = 10;
		return 512;
	case LOG_FIRMWARE:
		data[0] = 1;
		put_text(data, 8, 8, FIRMWARE);
		return 512;
	default:
		return 0;
	}
}

unsigned int model_nvme_log(struct model *model, const struct nvme_command *command)
{
	struct nvme_model *nvme = nvme_of(model);
	uint32_t dword = le32toh(command->dword[0]);
	uint32_t high = le32toh(command->dword[1]) & 0xffff;
	uint64_t size = ((uint64_t)(high << 16 | dword >> 16) + 1) * 4;
	uint64_t offset = le32toh(command->dword[2]) | (uint64_t)le32toh(command->dword[3]) << 32;
	size_t whole = fill_log(nvme->data, dword & 0xff);
	unsigned int status;

	if (!whole)
		return STATUS_LOG_PAGE;
	if (offset % 4 || offset > whole || size > MOST)
		return STATUS_FIELD;
	memmove(nvme->data, nvme->data + offset, whole - offset);
	/* What lies beyond the page is nobody's to rely on (figure 193); here it is zeros. */
	if (size > whole - offset)
		memset(nvme->data + (whole - offset), 0, size - (whole - offset));
	status = model_nvme_transfer(model, command, size, true);
	if (!status && (dword & 0xff) == LOG_ERRORS && !(dword & RETAIN)) {
		nvme->event_masked = false;
		model_wake(model);
	}
	return status;
}
