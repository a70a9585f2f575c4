// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors that the bus reports (AER), and resets by others. The PCI core calls these with the device's lock
 * held; they take uldf_device.lock.
 *
 * What the device was doing is lost. Its holder gets -ENODEV from its registers until it closes the
 * device, which stops and resets it, and opens it anew. The device is taken from the bus first: where
 * recovery fails, nothing resets it, and newer kernels drop every later write of its configuration.
 */
#include "device/command.h"
#include "device/gate.h"
#include "file/error.h"
#include "irq/event.h"
#include "pci/config.h"
#include "pci/power.h"
#include "pci/reset.h"

static pci_ers_result_t error_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	struct uldf_device *udev = pci_get_drvdata(pdev);

	if (udev) {
		mutex_lock(&udev->lock);
		uldf_gate_shut(udev);
		if (pci_device_is_present(pdev))
			uldf_command_stop_master(udev);
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
			uldf_gate_shut(udev);
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
