// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate: an access reaches a device only under memory_lock held for reading, with the gate open and
 * decoding on. Whoever changes either holds memory_lock for writing and zaps all mappings first; they
 * fault in again page by page. All mappings of a device belong to its one inode.
 */
#include <linux/fs.h>
#include <linux/mm.h>

#include "device/command.h"
#include "device/gate.h"

/* Takes away all mappings of registers; memory_lock is held for writing. */
void uldf_gate_zap(struct uldf_device *udev)
{
	if (udev->mapping)
		unmap_mapping_range(udev->mapping, 0, ULDF_SHARED_AT, true);
}

/* Opens the gate for the holder of a new file. */
void uldf_gate_open(struct uldf_device *udev)
{
	down_write(&udev->memory_lock);
	udev->mapping = udev->inode->i_mapping;
	udev->opening++;
	udev->vpd.shown = 0;
	uldf_command_read(udev);
	udev->gate = true;
	up_write(&udev->memory_lock);
}

/* Closes the gate until the device is opened anew: nothing that its holder does reaches it any more. */
void uldf_gate_shut(struct uldf_device *udev)
{
	down_write(&udev->memory_lock);
	udev->gate = false;
	uldf_gate_zap(udev);
	up_write(&udev->memory_lock);
	/* a transfer of vital product data that passed the gate ends first */
	mutex_lock(&udev->vpd.lock);
	mutex_unlock(&udev->vpd.lock);
}

/* The same at the end of an opening: no page comes any more. */
void uldf_gate_close(struct uldf_device *udev)
{
	uldf_gate_shut(udev);
	down_write(&udev->memory_lock);
	udev->mapping = NULL;
	up_write(&udev->memory_lock);
}
