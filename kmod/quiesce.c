// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stopping a device for good, whatever state its holder left it in, in an order in which no step
 * needs the device to behave after the one before:
 *
 *	close the gate and zap BARs, mask vectors, bus mastering off and read back, drain,
 *	stop by class or model, reset, free vectors, detach from the space
 *
 * Bus mastering goes off before vectors are freed, or an MSI in flight would hit a freed one. The
 * space unmaps, flushes and unpins after that, with its last reference.
 *
 * Takes device_lock, uldf_device.lock (both held by the caller), memory_lock.
 */
#include "trace.h"
#include "uldf.h"

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

	uldf_region_close(udev);
	trace_uldf_step(pdev, ULDF_STEP_GATE);
	if (!present || uldf_power_up(udev))
		uldf_power_forget(udev);
	uldf_vectors_quiet(udev);
	trace_uldf_step(pdev, ULDF_STEP_MASKED);
	uldf_config_stop_master(udev);
	trace_uldf_step(pdev, ULDF_STEP_MASTER);
	udev->reset = ULDF_RESET_NONE;
	if (present) {
		pci_wait_for_pending_transaction(pdev);
		trace_uldf_step(pdev, ULDF_STEP_DRAINED);
		if (uldf_stop(udev))
			udev->reset = ULDF_RESET_QUIESCED;
		if (uldf_reset(udev, &udev->reset) == -EOPNOTSUPP && udev->fresh)
			udev->reset = ULDF_RESET_BUS;
		trace_uldf_step(pdev, ULDF_STEP_STOPPED);
	}
	uldf_vectors_free(udev);
	trace_uldf_step(pdev, ULDF_STEP_FREED);
	space = uldf_space_detach(udev);
	trace_uldf_step(pdev, ULDF_STEP_DETACHED);
	if (present)
		uldf_config_restore(udev);
	return space;
}

/*
 * ---- errors that the bus reports (AER), under device_lock ------------------------------------------
 *
 * What the device was doing is lost. Its holder gets -ENODEV from its registers until it closes the
 * device, which stops and resets it, and opens it anew. The device is taken from the bus first: where
 * recovery fails, nothing resets it, and newer kernels drop every later write of its configuration.
 */

static pci_ers_result_t error_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	struct uldf_device *udev = pci_get_drvdata(pdev);

	if (udev) {
		mutex_lock(&udev->lock);
		uldf_region_shut(udev);
		if (pci_device_is_present(pdev))
			uldf_config_stop_master(udev);
		uldf_events_tell(udev, ULDF_EVENTS_ERROR);
		mutex_unlock(&udev->lock);
	}
	return state == pci_channel_io_perm_failure ? PCI_ERS_RESULT_DISCONNECT
						    : PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t slot_reset(struct pci_dev *pdev)
{
	struct uldf_device *udev = pci_get_drvdata(pdev);

	if (udev) {
		mutex_lock(&udev->lock);
		/* opened anew before the reset, of which it must know */
		if (udev->gate) {
			uldf_region_shut(udev);
			uldf_events_tell(udev, ULDF_EVENTS_ERROR);
		}
		uldf_power_forget(udev);
		uldf_config_restore(udev);
		uldf_events_tell(udev, ULDF_EVENTS_RESET);
		mutex_unlock(&udev->lock);
	}
	return PCI_ERS_RESULT_RECOVERED;
}

const struct pci_error_handlers uldf_error_handlers = {
	.error_detected = error_detected,
	.slot_reset = slot_reset,
	.reset_prepare = uldf_reset_prepare,
	.reset_done = uldf_reset_done,
};
