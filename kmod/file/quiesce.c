// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stopping a device for good, whatever state its holder left it in, in an order in which no step
 * needs the device to behave after the one before:
 *
 *	close the gate, zap BARs and unmap them from spaces, mask vectors, bus mastering off and read back, drain,
 *	stop by class or model, reset, free vectors, detach from the space
 *
 * Bus mastering goes off before vectors are freed, or an MSI in flight would hit a freed one. The
 * space unmaps, flushes and unpins after that, with its last reference.
 *
 * Takes device_lock, uldf_device.lock (both held by the caller), memory_lock.
 */
#include "core/trace.h"
#include "device/command.h"
#include "device/gate.h"
#include "device/guest.h"
#include "dma/attach.h"
#include "dma/group.h"
#include "dma/peer.h"
#include "file/quiesce.h"
#include "irq/vector.h"
#include "pci/config.h"
#include "pci/power.h"
#include "pci/reset.h"
#include "pci/stop.h"

/*
 * Ends what the device does, by the registers of its class and by a reset; bus mastering is off. Says in
 * udev->reset what did it. Returns what uldf_reset() returns.
 */
static int stop_and_reset(struct uldf_device *udev)
{
	int ret;

	udev->reset = ULDF_RESET_NONE;
	pci_wait_for_pending_transaction(udev->pdev);
	trace_uldf_step(udev->pdev, ULDF_STEP_DRAINED);
	if (uldf_stop(udev))
		udev->reset = ULDF_RESET_QUIESCED;
	if (udev->reset_since_open) {
		udev->reset = ULDF_RESET_BUS;
		ret = 0;
	} else {
		ret = uldf_reset(udev, &udev->reset);
	}
	trace_uldf_step(udev->pdev, ULDF_STEP_STOPPED);
	return ret;
}

/**
 * uldf_quiesce_new - stop what a device does before it has a first holder
 * @udev: the device, just claimed; its pdev's lock is held, bus mastering is off
 *
 * The firmware, or a driver that went, may have left memory in it, DMA that goes on as soon as it masters
 * the bus, and a pending interrupt.
 *
 * Return: 0, also where nothing resets it; -EIO it does not come back from its reset
 */
int uldf_quiesce_new(struct uldf_device *udev)
{
	int ret;

	mutex_lock(&udev->lock);
	ret = stop_and_reset(udev);
	uldf_config_restore(udev);
	mutex_unlock(&udev->lock);
	return !ret || ret == -EOPNOTSUPP ? 0 : -EIO;
}

/**
 * uldf_quiesce - stop a device and take it from its holder
 * @udev: the device; its pdev's lock and its own are held
 *
 * Return: the space that the device was attached to, to be put without locks, or NULL
 */
struct uldf_space *uldf_quiesce(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;
	bool present = pci_device_is_present(pdev);
	struct uldf_space *space;

	uldf_gate_close(udev);
	/* spaces of others are registers' way past the gate */
	uldf_peers_end(udev);
	trace_uldf_step(pdev, ULDF_STEP_GATE);
	if (!present || uldf_power_up(udev))
		uldf_power_forget(udev);
	uldf_vectors_quiet(udev);
	trace_uldf_step(pdev, ULDF_STEP_MASKED);
	uldf_command_stop_master(udev);
	trace_uldf_step(pdev, ULDF_STEP_MASTER);
	udev->reset = ULDF_RESET_NONE;
	if (present)
		stop_and_reset(udev);
	uldf_vectors_free(udev);
	trace_uldf_step(pdev, ULDF_STEP_FREED);
	uldf_guest_end(udev);
	space = uldf_attach_end(udev);
	uldf_group_close(udev);
	trace_uldf_step(pdev, ULDF_STEP_DETACHED);
	if (present)
		uldf_config_restore(udev);
	return space;
}
