// SPDX-License-Identifier: MIT
/* The controller's life and its registers (section 3.1). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model/nvme/nvme.h"

enum {
	REG_CAP = 0x00,
	REG_VS = 0x08,
	REG_INTMS = 0x0c,
	REG_INTMC = 0x10,
	REG_CC = 0x14,
	REG_CSTS = 0x1c,
	REG_AQA = 0x24,
	REG_ASQ = 0x28,
	REG_ACQ = 0x30,
};

#define CAP_CONTIGUOUS (UINT64_C(1) << 16)
#define CAP_SECOND     (UINT64_C(2) << 24) /* ready within one */
#define CAP_NVM	       (UINT64_C(1) << 37)
#define CAP	       ((ENTRIES - 1) | CAP_CONTIGUOUS | CAP_SECOND | CAP_NVM)
#define VS	       0x00010400

#define CC_SETS	    0x00003ff0 /* command set, page size, arbitration: 0 alone is supported */
#define CC_SHUTDOWN 0x0000c000
#define CC_ALL	    0x00fffff1
#define PAGE_BITS   (~UINT64_C(0xfff))

static int nvme_create(struct model *model, const struct model_options *options)
{
	struct nvme_model *nvme = calloc(1, sizeof(*nvme));
	const char *serial = model_option_text(options, "serial");
	int err;

	if (!nvme)
		return uldf_device_fail(model->device, -ENOMEM, "out of memory");
	if (!serial)
		serial = "model";
	if (strlen(serial) > SERIAL) {
		free(nvme);
		return uldf_device_fail(model->device, -EINVAL,
					"option serial has more than %d characters", SERIAL);
	}
	memcpy(nvme->serial, serial, strlen(serial));
	err = model_disk_open(&nvme->disk, options, "file", "size");
	if (err) {
		free(nvme);
		return err;
	}
	model_nvme_features_clear(nvme);
	model->priv = nvme;
	return 0;
}

static void nvme_destroy(struct model *model)
{
	struct nvme_model *nvme = nvme_of(model);

	model_disk_close(&nvme->disk);
	free(nvme);
}

/* The admin queue's registers outlive this reset (section 7.3.2). */
static void controller_reset(struct model *model)
{
	struct nvme_model *nvme = nvme_of(model);

	nvme->csts = 0;
	nvme->masked = 0;
	model_nvme_queues_clear(nvme);
	model_nvme_features_clear(nvme);
	nvme->event_count = nvme->happened = 0;
	nvme->event_masked = false;
	model_line(model, false);
}

static void nvme_reset(struct model *model)
{
	struct nvme_model *nvme = nvme_of(model);

	nvme->cc = nvme->aqa = 0;
	nvme->asq = nvme->acq = 0;
	controller_reset(model);
}

static void controller_enable(struct model *model)
{
	struct nvme_model *nvme = nvme_of(model);
	uint32_t sq = (nvme->aqa & 0xfff) + 1, cq = (nvme->aqa >> 16 & 0xfff) + 1;

	if (nvme->cc & CC_SETS || sq < 2 || cq < 2) {
		model_nvme_fail(model);
		return;
	}
	nvme->sq[0] = (struct nvme_sq){.exists = true, .bus = nvme->asq, .size = sq};
	nvme->cq[0] = (struct nvme_cq){
		.exists = true, .interrupts = true, .bus = nvme->acq, .size = cq, .phase = 1};
	nvme->csts |= CSTS_READY;
}

static void write_cc(struct model *model, uint32_t value)
{
	struct nvme_model *nvme = nvme_of(model);
	uint32_t before = nvme->cc;

	nvme->cc = value & CC_ALL;
	if (value & CC_SHUTDOWN && !(before & CC_SHUTDOWN)) {
		/* What cannot be kept is told by nobody: the status has no code for it. */
		model_disk_flush(&nvme->disk);
		nvme->csts |= CSTS_SHUTDOWN;
	}
	if (before & ~value & CC_ENABLE)
		controller_reset(model);
	else if (value & ~before & CC_ENABLE)
		controller_enable(model);
}

static uint64_t read_whole(const struct nvme_model *nvme, uint64_t offset)
{
	switch (offset) {
	case REG_CAP:
		return CAP;
	case REG_VS:
		return VS | (uint64_t)nvme->masked << 32;
	case REG_INTMC:
		return nvme->masked | (uint64_t)nvme->cc << 32;
	case REG_CSTS - 4:
		return (uint64_t)nvme->csts << 32;
	case REG_AQA - 4:
		return (uint64_t)nvme->aqa << 32;
	case REG_ASQ:
		return nvme->asq;
	case REG_ACQ:
		return nvme->acq;
	default:
		return 0;
	}
}

static uint64_t nvme_read(struct model *model, unsigned int bar, uint64_t offset,
			  unsigned int width)
{
	/* Reserved registers and doorbells read as zero; parts of registers are read like whole ones. */
	return read_whole(nvme_of(model), offset & ~UINT64_C(7)) >> 8 * (offset & 7);
}

static void write_half(uint64_t *whole, bool high, uint32_t value)
{
	*whole = high ? (*whole & UINT32_MAX) | (uint64_t)value << 32
		      : (*whole & ~(uint64_t)UINT32_MAX) | value;
	*whole &= PAGE_BITS;
}

static void write_register(struct model *model, uint64_t offset, uint32_t value)
{
	struct nvme_model *nvme = nvme_of(model);

	switch (offset) {
	case REG_INTMS:
		nvme->masked |= value;
		model_nvme_pin(model);
		break;
	case REG_INTMC:
		nvme->masked &= ~value;
		model_nvme_pin(model);
		break;
	case REG_CC:
		write_cc(model, value);
		break;
	case REG_AQA:
		nvme->aqa = value & 0x0fff0fff;
		break;
	case REG_ASQ:
	case REG_ASQ + 4:
		write_half(&nvme->asq, offset & 4, value);
		break;
	case REG_ACQ:
	case REG_ACQ + 4:
		write_half(&nvme->acq, offset & 4, value);
		break;
	default:
		if (offset >= DOORBELLS)
			model_nvme_ring(model, offset, value);
		break;
	}
}

/* Registers are written whole, or by halves of 4 bytes (section 3.1); other writes are dropped. */
static void nvme_write(struct model *model, unsigned int bar, uint64_t offset, unsigned int width,
		       uint64_t value)
{
	if (width < 4)
		return;
	write_register(model, offset, (uint32_t)value);
	if (width == 8)
		write_register(model, offset + 4, (uint32_t)(value >> 32));
}

/* QEMU's ids, by which drivers know what quirks to expect: none. */
static const struct model_identity identity = {
	.vendor = 0x1b36,
	.device = 0x0010,
	.subvendor = 0x1af4,
	.subdevice = 0x1100,
	.class_code = 0x010802,
	.revision = 0x02,
	.express = true,
	.intx = true,
	.msix = VECTORS,
	.msix_table = MSIX_TABLE,
	.msix_pending = MSIX_PENDING,
	.bars = {{.size = 0x4000, .is64 = true}},
};

static const char *const options[] = {"file", "size", "serial", NULL};

const struct model_ops model_nvme = {
	.name = "nvme",
	.options = options,
	.identity = &identity,
	.create = nvme_create,
	.destroy = nvme_destroy,
	.read = nvme_read,
	.write = nvme_write,
	.reset = nvme_reset,
	.work = model_nvme_work,
};
