// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors that the bus reports (AER), and resets by others. The PCI core calls these with the device's lock
 * held; they take uldf_device.lock.
 *
 * What the device was doing is lost. Its holder gets -ENODEV from its registers until it closes the
 * device, which stops and resets it, and opens it anew. The device is taken from the bus first: where
 * recovery fails, nothing resets it, and newer kernels drop every later write of its configuration.
 *
 * The PCI core asks all functions below the port. After a fatal error it resets the link, as the link may be
 * broken. After one that is not fatal it does that only if a driver wants it (from 6.17 or so on; before, it
 * tells drivers of a reset that was not made), and then all other functions lose what they were doing: so we
 * never want it. The close resets the function that had the error.
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
		uldf_events_note(udev, ULDF_EVENTS_ERROR);
		uldf_gate_shut(udev);
		if (pci_device_is_present(pdev))
			uldf_command_stop_master(udev);
		uldf_events_tell(udev, ULDF_EVENTS_ERROR);
		mutex_unlock(&udev->lock);
	}
	switch (state) {
	case pci_channel_io_normal:
		return PCI_ERS_RESULT_CAN_RECOVER;
	case pci_channel_io_perm_failure:
		return PCI_ERS_RESULT_DISCONNECT;
	default:
		return PCI_ERS_RESULT_NEED_RESET;
	}
}

/*
 * Was the function reset? The PCI core says so where it was not, too, if another driver wanted a reset. A reset
 * clears BARs (PCI 3.0 section 6.2.5.1); those of a virtual function are in the physical one. A function without
 * BARs is taken for one that was reset.
 */
static bool is_reset(struct pci_dev *function)
{
	struct pci_dev *pdev = pci_physfn(function);
	u32 bar, i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		if (!pci_resource_start(pdev, i) ||
		    pci_resource_flags(pdev, i) & IORESOURCE_PCI_FIXED)
			continue;
		pci_read_config_dword(pdev, PCI_BASE_ADDRESS_0 + 4 * i, &bar);
		if (pci_resource_flags(pdev, i) & IORESOURCE_IO)
			return !(bar & PCI_BASE_ADDRESS_IO_MASK);
		if (lower_32_bits(pci_resource_start(pdev, i)))
			return !(bar & PCI_BASE_ADDRESS_MEM_MASK);
	}
	return true;
}

/* Brings back what a reset by the PCI core took; the device's lock is held. */
static void note_reset(struct uldf_device *udev)
{
	/* opened anew before the reset, of which it must know */
	if (udev->gate) {
		uldf_events_note(udev, ULDF_EVENTS_ERROR);
		uldf_gate_shut(udev);
		uldf_events_tell(udev, ULDF_EVENTS_ERROR);
	}
	uldf_power_forget(udev);
	uldf_config_restore(udev);
	uldf_events_tell(udev, ULDF_EVENTS_RESET);
}

static pci_ers_result_t slot_reset(struct pci_dev *pdev)
{
	struct uldf_device *udev = pci_get_drvdata(pdev);

	if (udev) {
		mutex_lock(&udev->lock);
		if (is_reset(pdev))
			note_reset(udev);
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
