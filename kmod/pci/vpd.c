// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vital product data: a small memory of the device behind two registers, address and data (PCI 3.0
 * appendix I). The kernel uses these registers as well, so the holder sees registers that this file keeps in
 * memory, and the kernel makes the transfers that the holder asks for, in turn with its own.
 *
 * Takes uldf_vpd.lock, then memory_lock for reading. A transfer waits while the device is reset, so it runs
 * under no lock of ours but uldf_vpd.lock. uldf_gate_shut() waits for a transfer to end.
 */
#include "device/gate.h"
#include "pci/vpd.h"

#define ID_AND_NEXT GENMASK_ULL(8 * PCI_VPD_ADDR - 1, 0) /* bytes that are read from the device */
#define FLAG_BYTE   (PCI_VPD_ADDR + 1)			 /* has the bit that starts a transfer */

void uldf_vpd_init(struct uldf_device *udev)
{
	udev->vpd.at = udev->pdev->vpd.cap ?: PCI_CFG_SPACE_EXP_SIZE;
}

/* Returns what the holder reads from the capability at @offset, where the device has @value. */
u64 uldf_vpd_show(struct uldf_device *udev, u64 offset, size_t width, u64 value)
{
	unsigned int shift = 8 * (offset - udev->vpd.at);
	u64 own = ID_AND_NEXT >> shift;
	u64 shown = READ_ONCE(udev->vpd.shown) >> shift;

	return (value & own) | (shown & ~own & GENMASK_ULL(8 * width - 1, 0));
}

/*
 * Transfers 4 bytes, or as many as the device has left, and toggles the flag when that succeeds. Returns the
 * registers' new value.
 */
static u64 transfer(struct pci_dev *pdev, u64 shown)
{
	u16 address = shown >> 8 * PCI_VPD_ADDR;
	loff_t at = address & PCI_VPD_ADDR_MASK & ~3;
	__le32 data = 0;
	ssize_t done;

	if (address & PCI_VPD_ADDR_F) {
		data = cpu_to_le32(shown >> 8 * PCI_VPD_DATA);
		done = pci_write_vpd(pdev, at, sizeof(data), &data);
	} else {
		done = pci_read_vpd(pdev, at, sizeof(data), &data);
	}
	if (done <= 0)
		return shown;
	address ^= PCI_VPD_ADDR_F;
	return (u64)address << 8 * PCI_VPD_ADDR | (u64)le32_to_cpu(data) << 8 * PCI_VPD_DATA;
}

static int answers(struct uldf_device *udev)
{
	int ret = 0;

	uldf_access_begin(udev);
	if (!udev->gate)
		ret = -ENODEV;
	else if (udev->asleep)
		ret = -EIO;
	uldf_access_end(udev);
	return ret;
}

/**
 * uldf_vpd_write - write to the capability
 * @udev: the device
 * @offset: in configuration space, in the capability
 * @width: 1, 2 or 4 bytes
 * @value: what is written
 *
 * A write of the upper byte of the address starts a transfer and returns when the transfer ends. The flag
 * stays as it was written if the transfer fails.
 *
 * Return: 0; -ENODEV gone; -EIO asleep; -EINTR the caller was killed
 */
int uldf_vpd_write(struct uldf_device *udev, u64 offset, size_t width, u32 value)
{
	unsigned int at = offset - udev->vpd.at;
	u64 mask = GENMASK_ULL(8 * (at + width) - 1, 8 * at) & ~ID_AND_NEXT, shown;
	int ret;

	if (mutex_lock_killable(&udev->vpd.lock))
		return -EINTR;
	ret = answers(udev);
	if (!ret) {
		shown = (udev->vpd.shown & ~mask) | ((u64)value << 8 * at & mask);
		if (at <= FLAG_BYTE && FLAG_BYTE < at + width)
			shown = transfer(udev->pdev, shown);
		WRITE_ONCE(udev->vpd.shown, shown);
	}
	mutex_unlock(&udev->vpd.lock);
	return ret;
}
