// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration space. Reads pass to the device, except those of vital product data (pci/vpd.c). A write
 * changes only the bits that pci/filter.c lets the holder write, and the size of read requests; it leaves
 * other bits as if they were read-only. The holder controls bus mastering while the device is attached to a
 * space.
 *
 * Takes uldf_device.lock, memory_lock.
 */
#include <linux/bitfield.h>

#include "device/command.h"
#include "device/gate.h"
#include "pci/config.h"
#include "pci/vpd.h"

/* ---- access ------------------------------------------------------------------------------------ */

/*
 * Fills in the vendor and device id of a virtual function, which reads as all ones there. The physical
 * function tells these ids (PCIe 6.0 section 9.3.4.1.1), and the PCI core has noted them.
 */
static void virtual_ids(struct pci_dev *pdev, u64 offset, size_t width, u64 *value)
{
	u32 ids = pdev->vendor | (u32)pdev->device << 16;

	*value = ids >> 8 * offset & GENMASK(8 * width - 1, 0);
}

/* Reads @width bytes, 1, 2 or 4, into the low bytes of @value: the host has the byte order of the bus. */
int uldf_config_read(struct uldf_device *udev, u64 offset, size_t width, u64 *value)
{
	struct pci_dev *pdev = udev->pdev;
	int ret = 0;

	*value = 0;
	uldf_access_begin(udev);
	if (unlikely(!udev->gate))
		ret = -ENODEV;
	else if (width == 2)
		pci_bus_read_config_word(pdev->bus, pdev->devfn, offset, (u16 *)value);
	else if (width == 4)
		pci_bus_read_config_dword(pdev->bus, pdev->devfn, offset, (u32 *)value);
	else
		pci_bus_read_config_byte(pdev->bus, pdev->devfn, offset, (u8 *)value);
	if (unlikely(offset < PCI_COMMAND && pdev->is_virtfn) && !ret)
		virtual_ids(pdev, offset, width, value);
	/* a virtual function lacks this bit and decodes memory as long as it exists (section 9.3.4.1.3) */
	else if (offset == PCI_COMMAND && pdev->no_command_memory)
		*value |= PCI_COMMAND_MEMORY;
	else if (unlikely(uldf_vpd_has(udev, offset)))
		*value = uldf_vpd_show(udev, offset, width, *value);
	uldf_access_end(udev);
	return ret;
}

static void command_write(struct uldf_device *udev, u16 value, u16 free)
{
	if (!udev->space)
		free &= ~PCI_COMMAND_MASTER;
	/* a device without an I/O BAR that decodes I/O would do so at legacy addresses */
	free &= uldf_command_decoders(udev) | ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
	if (free & PCI_COMMAND_MEMORY && !(value & PCI_COMMAND_MEMORY))
		uldf_gate_zap(udev);
	uldf_command_change(udev, free, value & free);
}

/*
 * Sets the size of read requests in the device control register (PCIe 6.0 section 7.5.3.4); @mask has the
 * bits of the register that are written. The size is at least that of payloads, and at most 4096 bytes
 * and what the kernel allows behind a bridge that does not split requests.
 */
static void read_request_write(struct uldf_device *udev, u16 value, u16 mask)
{
	struct pci_dev *pdev = udev->pdev;
	int size = 128 << FIELD_GET(PCI_EXP_DEVCTL_READRQ, value);

	if (!(mask & PCI_EXP_DEVCTL_READRQ))
		return;
	size = max(size, pcie_get_mps(pdev));
	if (size != pcie_get_readrq(pdev))
		pcie_set_readrq(pdev, size);
}

static bool is_device_control(const struct pci_dev *pdev, int offset)
{
	return pdev->pcie_cap && offset == pdev->pcie_cap + PCI_EXP_DEVCTL;
}

/* Writes one or two bytes of one register, changing only the bits that the holder may write. */
static void write_part(struct uldf_device *udev, int offset, size_t width, u16 value)
{
	u16 free = udev->config_free[offset], clear = udev->config_clear[offset], before = 0;
	int shift = 8 * (offset & 1);
	u8 byte;

	if (is_device_control(udev->pdev, offset & ~1))
		read_request_write(udev, value << shift, (width == 2 ? 0xffff : 0xff) << shift);
	if (width == 2) {
		free |= udev->config_free[offset + 1] << 8;
		clear |= udev->config_clear[offset + 1] << 8;
	}
	if (!(free | clear))
		return;
	if ((offset & ~1) == PCI_COMMAND) {
		command_write(udev, value << shift, free << shift);
	} else if (width == 2) {
		pci_read_config_word(udev->pdev, offset, &before);
		before &= ~(free | clear);
		pci_write_config_word(udev->pdev, offset, before | (value & (free | clear)));
	} else {
		pci_read_config_byte(udev->pdev, offset, &byte);
		byte &= ~(free | clear);
		pci_write_config_byte(udev->pdev, offset, byte | (value & (free | clear)));
	}
}

static bool all_free(struct uldf_device *udev, u64 offset, size_t width)
{
	return !memchr_inv(udev->config_free + offset, 0xff, width);
}

static void write_parts(struct uldf_device *udev, u64 offset, size_t width, u32 value)
{
	if (offset >= ULDF_CONFIG_FILTERED)
		return;
	if (width == 4 && all_free(udev, offset, width)) {
		pci_write_config_dword(udev->pdev, offset, value);
	} else if (width == 4) {
		write_part(udev, offset, 2, value);
		write_part(udev, offset + 2, 2, value >> 16);
	} else {
		write_part(udev, offset, width, value);
	}
}

int uldf_config_write(struct uldf_device *udev, u64 offset, size_t width, u64 value)
{
	int ret;

	if (uldf_vpd_has(udev, offset))
		return uldf_vpd_write(udev, offset, width, value);
	ret = uldf_device_enter_awake(udev);
	if (ret)
		return ret;
	down_write(&udev->memory_lock);
	if (udev->gate)
		write_parts(udev, offset, width, value);
	else
		ret = -ENODEV;
	up_write(&udev->memory_lock);
	uldf_device_leave(udev);
	return ret;
}

/* ---- saving and restoring ------------------------------------------------------------------------ */

static void no_snoop_off(struct uldf_device *udev)
{
	if (pci_is_pcie(udev->pdev))
		pcie_capability_clear_word(udev->pdev, PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_NOSNOOP_EN);
}

/* Notes whether INTx and No Snoop are on, which the claim switches off; runs before pci_enable_device(). */
void uldf_config_find(struct uldf_device *udev)
{
	u16 command, control = 0;

	pci_read_config_word(udev->pdev, PCI_COMMAND, &command);
	if (pci_is_pcie(udev->pdev))
		pcie_capability_read_word(udev->pdev, PCI_EXP_DEVCTL, &control);
	udev->found_intx = !(command & PCI_COMMAND_INTX_DISABLE);
	udev->found_no_snoop = control & PCI_EXP_DEVCTL_NOSNOOP_EN;
}

/* Was the device reset by a method of PCI, so that no interrupt of it is pending? */
static bool was_reset(const struct uldf_device *udev)
{
	return udev->reset != ULDF_RESET_NONE && udev->reset != ULDF_RESET_QUIESCED;
}

/*
 * Switches No Snoop and INTx on again where they were on before the claim; no vector is enabled.
 *
 * INTx of a device that was not reset stays off: the device could assert its line at any time, and nobody
 * would handle that until a driver is bound. pci_enable_device() then switches INTx on, but only if the
 * device has an interrupt pin; without a pin the bit gates edges of ISA lines, which harm nobody.
 */
void uldf_config_give_back(struct uldf_device *udev)
{
	if (udev->found_no_snoop)
		pcie_capability_set_word(udev->pdev, PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_NOSNOOP_EN);
	if (udev->found_intx && (was_reset(udev) || !udev->pdev->pin))
		pci_check_and_unmask_intx(udev->pdev);
}

/* Can the device assert its line after it was given back, with no driver to handle the interrupt? */
bool uldf_config_can_interrupt(struct uldf_device *udev)
{
	return udev->pdev->pin && !was_reset(udev) && !pci_intx_mask_supported(udev->pdev);
}

/*
 * Saves the configuration as it is at the claim, but with bus mastering and INTx off. The caller undoes this
 * by uldf_config_give_back(), also on failure.
 */
int uldf_config_save(struct uldf_device *udev)
{
	struct pci_dev *pdev = udev->pdev;

	pci_intx(pdev, 0);
	pci_save_state(pdev);
	udev->saved = pci_store_saved_state(pdev);
	uldf_command_read(udev);
	no_snoop_off(udev);
	return udev->saved ? 0 : -ENOMEM;
}

/* Restores the configuration that uldf_config_save() saved; no vector is enabled. */
void uldf_config_restore(struct uldf_device *udev)
{
	down_write(&udev->memory_lock);
	pci_load_saved_state(udev->pdev, udev->saved);
	pci_restore_state(udev->pdev);
	no_snoop_off(udev);
	uldf_command_read(udev);
	up_write(&udev->memory_lock);
}
