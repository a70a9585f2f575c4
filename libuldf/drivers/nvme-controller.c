// SPDX-License-Identifier: MIT
/* The controller as a whole: on, off, and what it can do (NVMe 1.4 sections 3.1 and 7.6). */
#include <errno.h>
#include <uldf/io.h>
#include "nvme.h"

#define CC_ENABLE      0x00000001
#define CC_SHN_NORMAL  0x00004000
#define CC_QUEUES      0x00460000 /* entries of 64 and 16 bytes */
#define SHUTDOWN_LIMIT 30000	  /* milliseconds */
#define POLL_SLICE     500000	  /* microseconds that a poll waits in the kernel */

int nvme_read(struct nvme *nvme, unsigned int offset, uint32_t *out)
{
	uint64_t value;
	int err = uldf_region_read(nvme->disk.device, ULDF_BAR0, offset, 4, &value);

	if (err)
		return err;
	/* What nobody answers reads as all ones, and no register that is read here can be that. */
	if (value == UINT32_MAX)
		return -ENODEV;
	*out = (uint32_t)value;
	return 0;
}

static int write_register(struct nvme *nvme, unsigned int offset, uint32_t value)
{
	return uldf_region_write(nvme->disk.device, ULDF_BAR0, offset, 4, value);
}

static int write_address(struct nvme *nvme, unsigned int offset, uint64_t address)
{
	int err = write_register(nvme, offset, (uint32_t)address);

	return err ? err : write_register(nvme, offset + 4, (uint32_t)(address >> 32));
}

/* Until the bits of @mask in the status are as in @value. */
static int wait_status(struct nvme *nvme, uint32_t mask, uint32_t value, unsigned int milliseconds)
{
	uint64_t left = UINT64_C(1000) * milliseconds;
	int err;

	do {
		uint32_t slice = left < POLL_SLICE ? (uint32_t)left : POLL_SLICE;
		struct uldf_io io = {
			.kind = ULDF_IO_POLL,
			.width = 4,
			.region = ULDF_BAR0,
			.offset = NVME_CSTS,
			.count = slice,
			.value = value,
			.mask = mask,
		};

		err = uldf_io_batch(nvme->disk.device, &io, 1, NULL);
		/* All ones would be ready, too. */
		if (!err && io.value == UINT32_MAX)
			return -ENODEV;
		if (err == -ETIMEDOUT && io.value & NVME_CSTS_CFS && value)
			return -EIO;
		left -= slice;
	} while (err == -ETIMEDOUT && left);
	return err;
}

int nvme_capabilities(struct nvme *nvme, uint32_t *most)
{
	uint32_t low, high;
	int err = nvme_read(nvme, NVME_CAP, &low);

	if (!err)
		err = nvme_read(nvme, NVME_CAP_HIGH, &high);
	if (err)
		return err;
	/* Figure 68. */
	if (high >> 16 & 0xf)
		return uldf_device_fail(nvme->disk.device, -ENOTSUP,
					"the controller has no pages of 4 KiB");
	if (!(high >> 5 & 1))
		return uldf_device_fail(nvme->disk.device, -ENOTSUP,
					"the controller has no NVM command set: it is no disk");
	*most = (low & 0xffff) + 1;
	nvme->ready = (low >> 24) / 2 + 1;
	nvme->stride = 4u << (high & 0xf);
	return 0;
}

int nvme_disable_begin(struct nvme *nvme)
{
	uint32_t cc;
	int err = nvme_read(nvme, NVME_CC, &cc);

	if (!err && cc & CC_ENABLE)
		err = write_register(nvme, NVME_CC, cc & ~CC_ENABLE);
	return err;
}

int nvme_disable_end(struct nvme *nvme, unsigned int milliseconds)
{
	return wait_status(nvme, NVME_CSTS_RDY, 0, milliseconds);
}

int nvme_enable_begin(struct nvme *nvme)
{
	struct nvme_queue *admin = &nvme->admin;
	uint32_t size = admin->size - 1;
	int err;

	err = write_register(nvme, NVME_AQA, size << 16 | size);
	if (!err)
		err = write_address(nvme, NVME_ASQ, admin->sq_bus);
	if (!err)
		err = write_address(nvme, NVME_ACQ, admin->cq_bus);
	if (!err)
		err = write_register(nvme, NVME_CC, CC_QUEUES | CC_ENABLE);
	return err;
}

int nvme_enable_end(struct nvme *nvme, unsigned int milliseconds)
{
	int err = wait_status(nvme, NVME_CSTS_RDY, NVME_CSTS_RDY, milliseconds);

	/* Its pin is nobody's then; with MSI-X this register is not to be touched (section 3.1.3). */
	if (!err && !nvme->interrupts)
		err = write_register(nvme, NVME_INTMS, UINT32_MAX);
	return err;
}

void nvme_shutdown(struct nvme *nvme)
{
	uint32_t cc;

	if (nvme_read(nvme, NVME_CC, &cc) || !(cc & CC_ENABLE))
		return;
	if (write_register(nvme, NVME_CC, cc | CC_SHN_NORMAL))
		return;
	if (!wait_status(nvme, NVME_CSTS_SHST, NVME_CSTS_SHST_DONE, SHUTDOWN_LIMIT) &&
	    !nvme_disable_begin(nvme))
		nvme_disable_end(nvme, nvme->ready * 1000);
}
