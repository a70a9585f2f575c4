// SPDX-License-Identifier: MIT
/* Accesses to regions, in the thread of who makes them. */
#include <errno.h>
#include <inttypes.h>
#include <linux/pci_regs.h>
#include "model/model.h"

#define MSIX_ENTRY 16 /* bytes */

/* Does the device answer accesses to a BAR now? */
static bool bar_answers(const struct model *model, unsigned int bar)
{
	uint32_t wanted =
		model->ops->identity->bars[bar].ports ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;

	return model_config_get(model, PCI_COMMAND, 2) & wanted;
}

/* The table of MSI-X and the pending bits are the library's, as the kernel's on a host. */
static bool is_msix(const struct model *model, unsigned int bar, uint64_t offset)
{
	const struct model_identity *identity = model->ops->identity;
	uint64_t table = identity->msix_table, pending = identity->msix_pending;

	if (!identity->msix || identity->msix_bar != bar)
		return false;
	return (offset >= table && offset - table < (uint64_t)identity->msix * MSIX_ENTRY) ||
	       (offset >= pending && offset - pending < (identity->msix + 63) / 64 * 8);
}

static int region_fail(struct uldf_device *device, const char *access, unsigned int index,
		       uint64_t offset)
{
	return uldf_device_fail(device, -EIO,
				"%s of region %u at 0x%" PRIx64 ": the device does not decode it",
				access, index, offset);
}

static uint64_t width_mask(unsigned int width)
{
	return width == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * width) - 1;
}

static int read_locked(struct model *model, unsigned int index, uint64_t offset, unsigned int width,
		       uint64_t *out)
{
	if (model->gone)
		return -ENODEV;
	if (index == ULDF_CONFIG) {
		*out = model_config_get(model, (unsigned int)offset, width);
		return 0;
	}
	if (!bar_answers(model, index))
		return -EIO;
	if (is_msix(model, index, offset))
		*out = 0;
	else
		*out = model->ops->read(model, index, offset, width) & width_mask(width);
	return 0;
}

int model_region_read(struct uldf_device *device, unsigned int index, uint64_t offset,
		      unsigned int width, uint64_t *out)
{
	struct model *model = model_of(device);
	int err;

	if (index == ULDF_CONFIG && width > 4)
		return uldf_device_fail(device, -EINVAL,
					"config: an access cannot be %u bytes wide", width);
	model_lock(model);
	err = read_locked(model, index, offset, width, out);
	model_unlock(model);
	if (err == -ENODEV)
		return model_fail_gone(device);
	return err ? region_fail(device, "read", index, offset) : 0;
}

static int write_locked(struct model *model, unsigned int index, uint64_t offset,
			unsigned int width, uint64_t value)
{
	if (model->gone)
		return -ENODEV;
	if (index == ULDF_CONFIG) {
		model_config_write(model, (unsigned int)offset, width, (uint32_t)value);
		return 0;
	}
	if (!bar_answers(model, index))
		return -EIO;
	if (!is_msix(model, index, offset))
		model->ops->write(model, index, offset, width, value & width_mask(width));
	return 0;
}

int model_region_write(struct uldf_device *device, unsigned int index, uint64_t offset,
		       unsigned int width, uint64_t value)
{
	struct model *model = model_of(device);
	int err;

	if (index == ULDF_CONFIG && width > 4)
		return uldf_device_fail(device, -EINVAL,
					"config: an access cannot be %u bytes wide", width);
	model_lock(model);
	err = write_locked(model, index, offset, width, value);
	model_unlock(model);
	if (err == -ENODEV)
		return model_fail_gone(device);
	return err ? region_fail(device, "write", index, offset) : 0;
}

/* Regions have no areas: the library refuses before. A model would not see accesses by a mapping. */
int model_region_map(struct uldf_device *device, unsigned int index, uint64_t offset, size_t size,
		     void **out)
{
	return uldf_device_fail(device, -ENOTSUP, "region %u of a model cannot be mapped", index);
}

void model_region_unmap(struct uldf_device *device, void *address, size_t size)
{
}
